"""What may help is offered: at triage, to a caller, while somebody types; never another customer's."""

import pytest

from incidents.models import Incident
from itsm import events
from problems import known_errors, suggestions
from tests import factories

SAID = "the printer at the counter is silent"


def titles(found) -> list[str]:
    return [each.known.title for each in found]


def test_at_triage(at_the_desk, reporter, team, agent) -> None:
    incident = factories.open_incident(reporter, text=SAID)
    other = factories.open_incident(reporter, text="Nobody can log in to the register")

    assert titles(suggestions.for_incident(incident, agent)) == [at_the_desk.title]
    assert suggestions.for_incident(other, agent) == []


def test_drafts_and_retired_ones_are_not_offered(known, reporter, team, agent) -> None:
    incident = factories.open_incident(reporter, text=SAID)
    assert suggestions.for_incident(incident, agent) == []

    known_errors.retire(known_errors.publish(known, by=agent), by=agent)

    assert suggestions.for_incident(incident, agent) == []


def test_another_customers_are_not(at_the_desk, stranger, other_agent, team, agent) -> None:
    team.customers.add(stranger.customer)  # the agent serves both, and still: each customer's own
    theirs = factories.open_incident(stranger, text=SAID)

    assert suggestions.for_incident(theirs, other_agent) == []
    assert suggestions.for_incident(theirs, agent) == []


def test_what_is_shared_is_offered_to_all(shared, stranger, other_agent) -> None:
    theirs = factories.open_incident(stranger, text=SAID)

    assert titles(suggestions.for_incident(theirs, other_agent)) == [shared.title]


def test_the_error_code_and_the_service_decide_the_order(town, agent, reporter, team, values, lead) -> None:
    mail = factories.ServiceFactory(customer=town, name="E-mail")
    for more in (
        {"title": "words"},
        {"title": "service", "service": mail},
        {"title": "code", "error_code": "0x80070035"},
    ):
        known_errors.publish(known_errors.draft(town, by=agent, values=values | more), by=agent)
    incident = factories.open_incident(reporter, text=f"{SAID}, it says 0x80070035", service=mail)

    assert titles(suggestions.for_incident(incident, agent)) == ["code", "service", "words"]


def test_while_somebody_types_from_the_third_word_on(for_customers, reporter) -> None:
    def offered(text: str) -> list[str]:
        return titles(suggestions.for_words(text, reporter, customer=reporter.customer_id))

    assert offered("printer silent") == []
    assert offered("the printer at the counter is sil") == [for_customers.title]
    assert offered("register does not open today") == []


def test_people_at_the_customer_are_offered_what_was_reviewed_for_them(at_the_desk, reporter, stranger, lead) -> None:
    assert suggestions.for_words(SAID, reporter, customer=reporter.customer_id) == []

    known_errors.review(at_the_desk, by=lead)

    assert suggestions.for_words(SAID, reporter, customer=reporter.customer_id)
    assert suggestions.for_words(SAID, stranger, customer=stranger.customer_id) == []


def test_for_a_caller_nobody_knows_yet_only_what_is_shared(at_the_desk, agent) -> None:
    assert suggestions.for_words(SAID, agent, customer=None) == []
    assert suggestions.for_words(SAID, agent, customer=at_the_desk.customer_id)


@pytest.mark.parametrize("text", ["' | \\ & ! : * ( )", "🙂 🙂 🙂 🙂", "a" * 50_000, "\x00 b c d", "x & | ! y z"])
def test_whatever_is_typed_is_no_error(for_customers, reporter, text) -> None:
    assert isinstance(suggestions.for_words(text, reporter, customer=reporter.customer_id), list)


@pytest.mark.parametrize("number", [1, 30])
def test_a_fixed_number_of_questions(town, agent, values, reporter, team, django_assert_num_queries, number) -> None:
    for count in range(number):
        known_errors.publish(known_errors.draft(town, by=agent, values=values | {"title": f"No {count}"}), by=agent)
    incident = factories.open_incident(reporter, text=SAID)
    events.relay()
    incident = Incident.objects.select_related("service").get(pk=incident.pk)

    with django_assert_num_queries(2):
        assert suggestions.for_incident(incident, agent)
    with django_assert_num_queries(1):
        assert suggestions.for_words(SAID, agent, customer=town.pk)

"""A known error's life: drafted from what helped, published with one click, reviewed for customers, retired."""

import pytest

from customers.models import User
from incidents import corrections, lifecycle
from incidents.models import IncidentEvent
from itsm import events
from itsm.refusal import Refused
from problems import known_errors, reactions
from problems.models import KnownError, Problem
from tests import factories


def sees(person, known) -> bool:
    return KnownError.objects.visible_to(person).filter(pk=known.pk).exists()


def test_a_workaround_leaves_a_draft_once(reporter, team, agent, town) -> None:
    printing = factories.ServiceFactory(customer=town, name="Printing")
    incident = factories.open_incident(reporter, text="Printing says HTTP 503. Since noon.", service=printing, impact=1)
    factories.restored(incident, agent)
    events.relay()
    for event in IncidentEvent.objects.filter(kind="restored"):
        reactions.consume(event)

    draft = KnownError.objects.get()
    assert (draft.status, draft.title, draft.workaround) == (
        "draft",
        incident.title,
        "Printing works over printer 2.",
    )
    assert (draft.symptom, draft.service, draft.error_code) == (
        "Printing says HTTP 503. Since noon.",
        printing,
        "http503",
    )
    assert (draft.problem, draft.written_by, draft.customer) == (Problem.objects.get(), agent, town)
    assert [event.kind for event in draft.events.all()] == ["drafted"]


def test_a_fix_leaves_none(incident, agent) -> None:
    factories.restored(incident, agent, "fix")
    events.relay()

    assert not KnownError.objects.exists()


def test_a_relapse_before_the_event_was_handed_on_leaves_none(incident, agent, reporter) -> None:
    factories.restored(incident, agent)
    lifecycle.still_broken(incident, by=reporter)
    events.relay()

    assert not KnownError.objects.exists()


def test_nobody_but_the_desk_reads_a_draft(known, agent, reporter, contact, other_agent) -> None:
    assert [sees(person, known) for person in (agent, reporter, contact, other_agent)] == [True, False, False, False]


def test_the_desk_first_then_customers(known, agent, lead, reporter) -> None:
    known = known_errors.publish(known, by=agent)
    assert known.is_published
    assert not sees(reporter, known)

    known = known_errors.review(known, by=lead)

    assert (known.status, known.reviewed_by) == ("customers", lead)
    assert sees(reporter, known)
    assert [event.kind for event in known.events.order_by("pk")] == ["drafted", "published", "reviewed"]


def test_who_wrote_it_does_not_review_it(at_the_desk, agent, team) -> None:
    with pytest.raises(Refused, match="Somebody else looks at it"):
        known_errors.review(at_the_desk, by=agent)

    colleague = factories.UserFactory(agent=True, member_of=team)
    assert known_errors.review(at_the_desk, by=colleague).status == "customers"


def test_another_customers_people_never_see_it(for_customers, stranger, other_agent) -> None:
    assert not sees(stranger, for_customers)
    assert not sees(other_agent, for_customers)


def test_what_is_shared_helps_everybody(shared, stranger, other_agent, reporter) -> None:
    assert shared.customer is None
    assert all(sees(person, shared) for person in (stranger, other_agent, reporter))
    assert not sees(factories.UserFactory(administrator=True), shared)


def test_whom_a_shared_one_came_from_stays_secret(shared, agent, other_agent) -> None:
    mine = shared.events.visible_to(agent).values_list("kind", flat=True)
    theirs = shared.events.visible_to(other_agent).values_list("kind", flat=True)

    assert set(mine) == {"drafted", "published", "reviewed", "shared"}
    assert set(theirs) == {"shared"}


def test_another_word_takes_it_back_from_customers_until_it_is_read_again(for_customers, agent, lead, reporter) -> None:
    changed = known_errors.edit(for_customers, by=agent, values={"risk": "None"})
    assert (changed.status, sees(reporter, changed)) == ("agents", False)

    known_errors.review(changed, by=lead)
    changed = known_errors.edit(changed, by=lead, values={"risk": "Jobs are lost"})

    assert changed.status == "customers"


def test_saying_the_same_changes_nothing(for_customers, agent, values) -> None:
    known = known_errors.edit(for_customers, by=agent, values=values)

    assert (known.status, known.version) == (for_customers.status, for_customers.version)


def test_two_who_edit_at_once_do_not_undo_each_other(known, agent, lead) -> None:
    known_errors.edit(known, by=lead, values={"risk": "None"}, expected_version=known.version)

    with pytest.raises(known_errors.Stale):
        known_errors.edit(known, by=agent, values={"risk": "Some"}, expected_version=known.version)


def test_retired_is_offered_to_nobody_and_can_come_back(for_customers, agent, reporter) -> None:
    retired = known_errors.retire(for_customers, by=agent)
    assert not sees(reporter, retired)
    with pytest.raises(Refused):
        known_errors.publish(retired, by=agent)

    assert known_errors.take_up(retired, by=agent).status == "agents"


@pytest.mark.parametrize("name", ["title", "workaround"])
def test_it_needs_a_title_and_what_helps(known, agent, name) -> None:
    with pytest.raises(Refused, match="title"):
        known_errors.edit(known, by=agent, values={name: "  "})


def test_what_belongs_to_others_is_refused(known, agent, stranger) -> None:
    service = factories.ServiceFactory(customer=stranger.customer)

    with pytest.raises(Refused, match="another customer"):
        known_errors.edit(known, by=agent, values={"service": service})


@pytest.mark.parametrize("role", [User.Role.REPORTER, User.Role.CONTACT])
def test_customers_only_read(at_the_desk, town, role) -> None:
    person = factories.UserFactory(customer=town, role=role)

    for verb in (known_errors.review, known_errors.retire, known_errors.share):
        with pytest.raises(Refused):
            verb(at_the_desk, by=person)


def test_a_draft_goes_along_to_the_right_customer(incident, agent, team, stranger) -> None:
    team.customers.add(stranger.customer)
    factories.restored(incident, agent)
    events.relay()

    corrections.correct_customer(incident, by=agent, reporter=stranger)
    events.relay()

    draft = KnownError.objects.get()
    assert draft.customer == stranger.customer
    assert draft.events.get().customer == stranger.customer

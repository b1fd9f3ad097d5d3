"""What is written down later: asked for once all is over, and never in anybody's way."""

import pytest

from incidents import later, lifecycle
from incidents.models import Incident, ProcessDebt
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def structured(town, team):
    """The town works at level 3: what was done, the outcome, the service and the cause are wanted."""
    town.level = 3
    town.save()
    return town


def owed(incident) -> dict[str, str]:
    return dict(incident.debts.order_by("pk").values_list("rule", "state"))


def test_nothing_is_owed_before_it_is_solved(structured, incident, agent) -> None:
    factories.restored(incident, agent)

    assert owed(incident) == {}


def test_what_is_wanted_and_empty_is_owed_in_two_business_days(structured, office, incident, agent) -> None:
    factories.resolved(incident, agent)

    assert owed(incident) == {"resolution_code": "open", "service": "open", "cause_category": "open"}
    assert {debt.due_at for debt in incident.debts.all()} == {at("Wed 10:00")}


def test_what_was_written_down_in_time_is_not_owed(structured, incident, agent) -> None:
    incident = factories.restored(incident, agent)
    later.complete(incident, by=agent, values={"resolution_code": "fixed", "cause_category": "hardware"})

    lifecycle.resolve(incident, by=agent)

    assert owed(incident) == {"service": "open"}


def test_writing_it_down_settles_what_is_owed_and_stands_in_the_history(structured, incident, agent) -> None:
    service = factories.ServiceFactory(customer=structured)
    incident = factories.resolved(incident, agent)

    incident = later.complete(incident, by=agent, values={"cause_category": "hardware", "service": service})

    assert owed(incident) == {"resolution_code": "open", "service": "done", "cause_category": "done"}
    assert (incident.cause_category, incident.service) == ("hardware", service)
    assert incident.events.get(kind="recorded").fields_written == "Why it happened, The service"


def test_written_off_is_not_asked_again(structured, incident, agent, reporter) -> None:
    incident = factories.resolved(incident, agent)
    debt = later.write_off(incident.debts.get(rule="cause_category"), by=agent, reason="not_knowable")

    lifecycle.still_broken(incident, by=reporter)
    factories.resolved(incident, agent)

    debt.refresh_from_db()
    assert (debt.state, debt.reason, debt.settled_by) == ("written_off", "not_knowable", agent)
    assert incident.events.get(kind="written_off").fields_written == "Why it happened"


def test_a_relapse_takes_it_off_the_list_and_solved_again_puts_it_back(incident, agent, reporter) -> None:
    incident = factories.resolved(incident, agent)
    assert ProcessDebt.objects.owed().count() == 1

    lifecycle.still_broken(incident, by=reporter)
    assert ProcessDebt.objects.owed().count() == 0

    with moment.travel(at("Thu 10:00")):
        factories.resolved(incident, agent)
    debt = ProcessDebt.objects.owed().get()
    assert debt.due_at > at("Fri 10:00")


def test_debt_delays_no_state(structured, incident, agent) -> None:
    incident = factories.resolved(incident, agent)

    closed = lifecycle.close(incident)

    assert closed.status == "closed"
    assert set(owed(incident).values()) == {"open"}


def test_debt_asks_no_customer(structured, incident, agent, reporter, contact) -> None:
    incident = factories.resolved(incident, agent)

    assert not ProcessDebt.objects.visible_to(reporter).exists()
    assert not ProcessDebt.objects.visible_to(contact).exists()
    with pytest.raises(lifecycle.MoveRefused):
        later.complete(incident, by=contact, values={"cause_category": "hardware"})


def test_the_record_waits_until_people_can_work(incident, agent) -> None:
    with pytest.raises(lifecycle.MoveRefused):
        later.complete(incident, by=agent, values={"cause_category": "hardware"})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cause_category": "ghosts"}, "“Why it happened” does not know “ghosts”."),
        ({"configuration_item": "x" * 121}, "“The part that failed” has 121 characters; at most 120 can be kept."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(incident, agent, values, sentence) -> None:
    incident = factories.restored(incident, agent)

    with pytest.raises(Refused, match=sentence):
        later.complete(incident, by=agent, values=values)

    assert not incident.events.filter(kind="recorded").exists()


def test_a_service_of_others_is_refused(incident, agent, stranger) -> None:
    theirs = factories.ServiceFactory(customer=stranger.customer)

    with pytest.raises(Refused, match="belongs to another customer"):
        later.complete(factories.restored(incident, agent), by=agent, values={"service": theirs})


def test_the_sentence_the_customer_was_given_is_not_taken_back(incident, agent) -> None:
    incident = later.complete(factories.restored(incident, agent), by=agent, values={"outcome": " "})

    assert incident.outcome == "Printing works over printer 2."


def test_two_who_write_at_once_do_not_undo_each_other(incident, agent) -> None:
    incident = factories.restored(incident, agent)
    later.complete(incident, by=agent, values={"change": "CHG-1"}, expected_version=incident.version)

    with pytest.raises(lifecycle.Stale):
        later.complete(incident, by=agent, values={"change": "CHG-2"}, expected_version=incident.version)


def test_what_is_done_is_not_written_off(incident, agent) -> None:
    incident = factories.resolved(incident, agent)
    debt = incident.debts.get()
    later.complete(incident, by=agent, values={"resolution_code": "fixed"})

    with pytest.raises(lifecycle.MoveRefused, match="Meanwhile somebody has written it down"):
        later.write_off(debt, by=agent, reason="no_value")
    with pytest.raises(Refused, match="say why"):
        later.write_off(debt, by=agent, reason="")


def test_from_new_to_restored_nothing_is_asked(structured, incident, agent) -> None:
    """Two clicks and one sentence, at each level."""
    lifecycle.take(incident, by=agent)
    lifecycle.restore(incident, by=agent, outcome="It prints again.", restored_by="fix")

    assert Incident.objects.get(pk=incident.pk).status == "restored"

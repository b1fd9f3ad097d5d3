"""Who does what in a major incident, who goes on after four hours, and who closes the parking lot."""

from datetime import timedelta

import pytest

from incidents import majors, parking, tasks
from incidents.models import MajorRole
from incidents.moves import MoveRefused
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at, history


def seats(major) -> dict[str, str]:
    return {seat.kind: seat.called for seat in major.major_roles.filter(until__isnull=True)}


def test_roles_go_to_people_and_to_names(major, agent, mate) -> None:
    majors.give_role(major, by=agent, role="technical", person=mate)
    majors.give_role(major, by=agent, role="safety", name=" Dr  Haas ")

    assert seats(major) == {"manager": agent.name, "technical": mate.name, "safety": "Dr Haas"}
    said = major.events.filter(kind="role").order_by("pk").values_list("data__role", "data__who", "data__person_id")
    assert list(said) == [("technical", mate.name, mate.pk), ("safety", "Dr Haas", None)]


def test_a_role_passes_on_and_the_past_stays(major, agent, mate) -> None:
    for person in (agent, mate, mate):
        majors.give_role(major, by=agent, role="scribe", person=person)

    assert seats(major)["scribe"] == mate.name
    assert major.major_roles.get(kind="scribe", person=agent).until == at("Mon 10:00")
    assert history(major).count("role") == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"role": "king", "name": "Haas"}, "choose one of the roles"),
        ({"role": "scribe"}, "say who takes it"),
        ({"role": "scribe", "name": "  "}, "say who takes it"),
        ({"role": "manager", "name": "Haas"}, "needs a log-in at the desk"),
        ({"role": "scribe", "name": "x" * 121}, "at most 120"),
        ({"role": "scribe", "name": "Haas", "note": "x" * 2001}, "at most 2000"),
    ],
)
def test_what_is_no_role_is_said(major, agent, values, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        majors.give_role(major, by=agent, **values)


def test_only_who_serves_the_customer_takes_one(major, agent, other_agent, stranger, contact) -> None:
    for person in (other_agent, stranger):
        with pytest.raises(Refused, match="does not serve this customer"):
            majors.give_role(major, by=agent, role="scribe", person=person)
    with pytest.raises(Refused, match="log-in at the desk"):
        majors.give_role(major, by=agent, role="manager", person=contact)

    assert majors.give_role(major, by=agent, role="liaison", person=contact).person == contact


def test_only_a_major_has_roles(incident, agent) -> None:
    for verb in (majors.give_role, majors.hand_over):
        values = {"to": agent, "note": "x"} if verb is majors.hand_over else {"role": "scribe", "person": agent}
        with pytest.raises(MoveRefused, match="is not major"):
            verb(incident, by=agent, **values)


def test_customers_give_no_roles(major, contact, agent) -> None:
    with pytest.raises(MoveRefused, match="people at the desk"):
        majors.give_role(major, by=contact, role="scribe", person=agent)


def test_one_person_who_decides_and_repairs_is_pointed_out(major, agent, mate) -> None:
    majors.give_role(major, by=agent, role="technical", person=agent)
    majors.give_role(major, by=agent, role="communications", person=mate)

    assert majors.warnings(major, at("Mon 10:15")) == []
    (said,) = majors.warnings(major, at("Mon 10:16"))
    assert "decides and repairs" in said


def test_that_nobody_has_the_updates_is_pointed_out(major) -> None:
    (said,) = majors.warnings(major, at("Mon 10:01"))

    assert "Nobody has the updates" in said


def test_after_four_hours_a_successor_is_asked_for_once(major) -> None:
    assert majors.ask_for_successors(at("Mon 13:59")) == 0
    assert [majors.ask_for_successors(at("Mon 14:00")), majors.ask_for_successors(at("Mon 14:05"))] == [1, 0]

    assert major.events.get(kind="handover_due").occurred_at == at("Mon 14:00")


def test_the_beat_asks(major) -> None:
    with moment.travel(at("Mon 14:30")):
        tasks.ask_for_successors()

    assert history(major)[-1] == "handover_due"


def test_nobody_is_asked_once_it_works_or_is_small(major, agent) -> None:
    factories.restored(major, agent)
    assert majors.ask_for_successors(at("Mon 15:00")) == 0


def test_handed_over_with_a_note_the_four_hours_begin_anew(major, agent, mate) -> None:
    majors.ask_for_successors(at("Mon 14:00"))
    with moment.travel(at("Mon 14:10")):
        majors.hand_over(major, by=agent, to=mate, note="Tried: relay 1.\nPromised: news 14:30.")

    before = MajorRole.objects.get(incident=major, kind="manager", until__isnull=False)
    assert (before.person, before.handover_note) == (agent, "Tried: relay 1.\nPromised: news 14:30.")
    assert seats(major)["manager"] == mate.name
    major.major.refresh_from_db()
    assert (major.major.handover_due_at, major.major.handover_asked_at) == (at("Mon 18:10"), None)
    assert majors.ask_for_successors(at("Mon 14:10") + timedelta(hours=4)) == 1


def test_nothing_is_handed_over_without_a_note(major, agent, mate) -> None:
    with pytest.raises(Refused, match="how it stands"):
        majors.hand_over(major, by=agent, to=mate, note=" ")

    assert seats(major)["manager"] == agent.name


def test_only_who_runs_it_closes_the_lot(major, agent, mate, lead) -> None:
    card = parking.park(major, by=mate, kind="hypothesis", text="the switch")
    search = parking.investigate(major, by=mate, aim="find a way to print")
    for person in (mate, lead):
        with pytest.raises(Refused, match=f"Only the incident manager closes this list: {agent.name}"):
            majors.close_lot(major, by=person)

    assert majors.close_lot(major, by=agent).lot_closed_at == at("Mon 10:00")
    with pytest.raises(MoveRefused, match="has closed the list"):
        parking.jot(major, by=mate, text="? the router")
    parking.judge(card, by=mate, status="ruled_out")
    parking.conclude(search, by=mate, found="The spare printer prints.")  # what was found is kept all the same

    assert majors.close_lot(major, by=agent, is_closed=False).lot_closed_at is None
    parking.park(major, by=mate, kind="hypothesis", text="the router")
    assert major.parked_notes.count() == 3


def test_without_a_major_nobody_closes_it(incident, agent) -> None:
    with pytest.raises(MoveRefused, match="is not major"):
        majors.close_lot(incident, by=agent)

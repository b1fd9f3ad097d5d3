"""The promise: nudged, late in its place, kept within a minute, moved by the customer, lengthened with a reason."""

from datetime import timedelta

import pytest

from incidents import clocks, conversation, lifecycle, measures, queries
from incidents.measures import Wanted
from incidents.models import IncidentEvent
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at, clock

P1, P3 = {"impact": 1, "urgency": 1}, {"impact": 3, "urgency": 2}
Kind = IncidentEvent.Kind


@pytest.fixture
def urgent(reporter, team, agent):
    """A P1 of Monday, 09:00, around the clock, answered at 09:05: the next update is due 09:35."""
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, **P1)
    return told(incident, agent, "Mon 09:05")


def told(incident, by, when, **more):
    with moment.travel(at(when) if isinstance(when, str) else when):
        return conversation.update(incident, by=by, text=f"It is {when}.", **more)


def warned(incident) -> list[tuple[str, list[str]]]:
    events = incident.events.filter(kind=Kind.CLOCK_WARNED, data__clock="update").order_by("pk")
    return [(f"{e.occurred_at.astimezone(at('Mon 00:00').tzinfo):%a %H:%M}", e.data["tell"]) for e in events]


def promise_shown(incident, agent, when):
    (row,) = [row for row in queries.queue(agent, "open", when) if row.incident == incident]
    return row.promise


@pytest.mark.parametrize(
    ("due", "nudge"),
    [("Mon 09:35", "Mon 09:29"), ("Mon 09:25", "Mon 09:21")],  # 30 min: a fifth is 6 min; 20 min: 4 min
)
def test_of_a_short_gap_the_last_fifth_nudges_the_owner(urgent, agent, due, nudge) -> None:
    told(urgent, agent, "Mon 09:05", next_update_at=at(due))

    clocks.sweep(now=at(nudge) - timedelta(seconds=1))
    assert warned(urgent) == []
    clocks.sweep(now=at(nudge))
    clocks.sweep(now=at(nudge) + timedelta(seconds=2))

    assert warned(urgent) == [(nudge, ["owner"])]


def test_of_a_long_gap_ten_minutes_of_working_time_nudge(office, reporter, team, agent) -> None:
    with moment.travel(at("Mon 10:00")):
        incident = factories.open_incident(reporter, **P3)
    told(incident, agent, "Mon 10:00", next_update_at=at("Tue 08:05"))

    clocks.sweep(now=at("Mon 17:55"))

    assert warned(incident) == [("Mon 17:55", ["owner"])], "while somebody works who can write"


def test_the_row_says_calmly_that_news_is_promised(urgent, agent, as_user) -> None:
    assert not promise_shown(urgent, agent, at("Mon 09:28")).nudges
    assert promise_shown(urgent, agent, at("Mon 09:30")).nudges
    assert not promise_shown(urgent, agent, at("Mon 09:36")).nudges, "then it is late, which the clock says"

    with moment.travel(at("Mon 09:30")):
        assert "news promised by" in as_user(agent).get("/desk/").content.decode()


def test_a_late_promise_is_on_top_of_its_class(reporter, team, agent) -> None:
    made = []
    for reported, due in (("Mon 08:00", "Mon 09:40"), ("Mon 08:10", "Mon 09:34")):
        with moment.travel(at(reported)):
            made.append(factories.open_incident(reporter, **P3))
        told(made[-1], agent, "Mon 09:05", next_update_at=at(due))

    def order(now):
        return [row.incident for row in queries.queue(agent, "open", now)]

    assert order(at("Mon 09:33")) == made, "both due within 15 minutes: by age"
    assert order(at("Mon 09:35")) == made[::-1]


@pytest.mark.parametrize(("seconds", "kept"), [(0, True), (1, True), (60, True), (61, False)])
def test_an_update_within_a_minute_has_kept_its_promise(urgent, agent, lead, seconds, kept) -> None:
    clocks.sweep(now=at("Mon 09:35") + timedelta(seconds=seconds))
    told(urgent, agent, at("Mon 09:35") + timedelta(seconds=seconds))

    share = measures.attainment(lead, Wanted(), at("Mon 10:00")).by_customer[0].shares["update"]

    assert (share.met, share.missed) == ((1, 0) if kept else (0, 1))
    listed = measures.clocks(lead, Wanted(kind="update", show="met"), at("Mon 10:00"))
    assert [measures.verdict(one) for one in listed] == (["met"] if kept else [])


def test_a_first_miss_by_seconds_brings_no_manager(urgent, agent) -> None:
    clocks.sweep(now=at("Mon 09:35") + timedelta(seconds=30))
    told(urgent, agent, at("Mon 09:35") + timedelta(seconds=40))
    clocks.sweep(now=at("Mon 10:06"))

    late = urgent.events.filter(kind=Kind.DEADLINE_MISSED, data__clock="update").order_by("pk")
    assert [event.data["tell"] for event in late] == [["owner"], ["owner"]]


@pytest.mark.parametrize("leads", [True, False])
def test_the_customer_reads_that_a_lead_was_told_only_when_it_is_so(urgent, agent, as_user, leads, request) -> None:
    if leads:
        request.getfixturevalue("lead")
    page, api = f"/incidents/{urgent.reference}/", f"/api/v1/incidents/{urgent.reference}/"
    client = as_user(urgent.reporter)

    def read(now):
        clocks.sweep(now=now)
        with moment.travel(now):
            return client.get(page).content.decode(), client.get(api).json()

    text, said = read(at("Mon 09:36"))
    assert "An update was due today 09:35" in text
    assert "a lead has been told" not in text
    assert (said["next_update_is_late"], said["lead_has_been_told"]) == (True, False)

    text, said = read(at("Mon 09:41"))
    assert ("We are late; a lead has been told." in text) is leads
    assert (said["next_update_is_late"], said["lead_has_been_told"]) == (True, leads)


def test_what_a_program_says_keeps_no_promise(urgent, agent) -> None:
    with moment.travel(at("Mon 09:20")):
        conversation.report_by_machine(urgent, by=agent, text="Still 34 % errors.")

    assert clock(urgent, "update").due_at == at("Mon 09:35")
    assert urgent.messages.filter(body="Still 34 % errors.", is_public=True).exists()
    assert urgent.events.last().next_update_at == at("Mon 09:35")


@pytest.mark.parametrize("who", ["reporter", "agent"])
def test_the_time_the_customer_chose_is_the_promise(urgent, agent, who) -> None:
    with moment.travel(at("Mon 09:10")):
        if who == "reporter":
            conversation.choose_time(urgent, by=urgent.reporter, contact_at=at("Mon 14:00"))
        else:
            conversation.update(
                urgent, by=agent, text="Until 14:00, then.", next_update_at=at("Mon 14:00"), customer_chose=True
            )

    clocks.sweep(now=at("Mon 13:00"))
    assert (clock(urgent, "update").due_at, clock(urgent, "update").breached_at) == (at("Mon 14:00"), None)
    told(urgent, agent, "Mon 10:00")
    assert clock(urgent, "update").due_at == at("Mon 14:00"), "an update before it promises no other time by itself"
    told(urgent, agent, "Mon 10:01", next_update_at=at("Mon 11:00"))
    assert clock(urgent, "update").due_at == at("Mon 11:00"), "sooner is the agent's to offer"
    told(urgent, agent, "Mon 14:00")
    assert clock(urgent, "update").due_at == at("Mon 14:30"), "afterwards the policy's gap counts again"


def test_a_chosen_time_outlives_a_change_of_priority_and_ends_with_a_relapse(urgent, agent) -> None:
    with moment.travel(at("Mon 09:10")):
        conversation.choose_time(urgent, by=urgent.reporter, contact_at=at("Mon 14:00"), text="I am in a meeting.")
        lifecycle.prioritise(urgent, by=agent, impact=2, urgency=2)
        lifecycle.prioritise(urgent, by=agent, impact=1, urgency=1)
    assert clock(urgent, "update").due_at == at("Mon 14:00")
    assert "I am in a meeting." in urgent.messages.last().body

    with moment.travel(at("Mon 09:20")):
        restored = factories.restored(urgent, agent)
    with moment.travel(at("Mon 09:30")):
        lifecycle.still_broken(restored, by=urgent.reporter)
    assert clock(urgent, "update").due_at == at("Mon 10:00")


@pytest.mark.parametrize("when", ["Mon 09:00", "2026-08-02 09:00", "9999-12-31 23:59"])
def test_an_odd_time_is_refused(urgent, when) -> None:
    with moment.travel(at("Mon 09:10")), pytest.raises(Refused, match="choose"):
        conversation.choose_time(urgent, by=urgent.reporter, contact_at=at(when))


def test_the_customer_chooses_on_their_page(urgent, as_user) -> None:
    client, page = as_user(urgent.reporter), f"/incidents/{urgent.reference}/"
    with moment.travel(at("Mon 09:10")):
        refused = client.post(page + "choose-time/", {"contact_at": "soon", "text": "At my desk then."})
        client.post(page + "choose-time/", {"contact_at": "2026-03-02T14:00"})
        text = client.get(page).content.decode()

    assert refused.status_code == 422
    assert "At my desk then." in refused.content.decode()
    assert "We contact you today 14:00, as you wished" in text
    assert clock(urgent, "update").due_at == at("Mon 14:00")


@pytest.mark.parametrize(
    ("who", "because", "due"),
    [("lead", "Overnight: the spare part comes at seven.", "Tue 07:30"), ("lead", " ", "Mon 09:36"),
     ("agent", "Overnight.", "Mon 09:36")],
)  # fmt: skip
def test_longer_than_the_policy_only_by_a_lead_with_a_reason_the_customer_reads(
    urgent, agent, lead, who, because, due
) -> None:
    by = {"agent": agent, "lead": lead}[who]

    incident = told(urgent, by, "Mon 09:06", next_update_at=at("Tue 07:30"), longer_because=because)

    assert clock(incident, "update").due_at == at(due)
    assert ("Overnight" in incident.messages.last().body) is (due == "Tue 07:30")

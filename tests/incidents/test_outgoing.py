"""Words on their way: taken back in time, said exactly once, never lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from incidents import conversation, lifecycle, outgoing, queries
from incidents.models import Incident, Outgoing
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at, clock, history

State = Outgoing.State


@pytest.fixture(autouse=True)
def _ten_seconds(settings):
    settings.UNDO_SECONDS = 10


@pytest.fixture
def send(incident, agent):
    """send("Mon 10:00", text=...) -> sent off then by the agent, against the incident as it is."""

    def off(when, verb="update", by=agent, **said):
        incident.refresh_from_db()
        with moment.travel(at(when)):
            return outgoing.send(
                incident, by=by, verb=verb, said=said, typed={"text": ["x"]}, expected_version=incident.version,
                client_token=uuid.uuid4(),
            )  # fmt: skip

    return off


def state(row) -> str:
    row.refresh_from_db()
    return row.state


def said_by(when, seconds=0) -> int:
    then = at(when) + timedelta(seconds=seconds)
    with moment.travel(then):
        return outgoing.say_due(then)


def test_nothing_is_said_before_its_time_and_then_once(incident, send) -> None:
    row = send("Mon 10:00", text="We look.")
    assert history(incident) == ["opened"]

    assert said_by("Mon 10:00", 9) == 0
    assert said_by("Mon 10:00", 10) == 1
    assert said_by("Mon 10:00", 11) == 0

    assert state(row) == State.SAID
    assert history(incident) == ["opened", "updated"]
    assert incident.messages.last().said_at == at("Mon 10:00") + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("verb", "said", "kind"),
    [
        ("update", {"text": "We look.", "next_update_at": at("Mon 16:00")}, "updated"),
        ("ask", {"question": "Which one?", "next_update_at": at("Mon 16:00")}, "asked"),
        ("restore", {"outcome": "It prints.", "restored_by": "fix"}, "restored"),
        ("resolve", {"note": "A new driver."}, "resolved"),
    ],
)
def test_each_verb_waits_and_then_does_what_it_does(incident, agent, send, verb, said, kind) -> None:
    with moment.travel(at("Mon 09:50")):
        factories.taken(incident, agent)
    send("Mon 10:00", verb, **said)
    said_by("Mon 10:01")

    assert history(incident)[-1] == kind
    if "next_update_at" in said:
        assert clock(incident, "update").due_at == at("Mon 16:00")


def test_what_was_taken_back_is_never_said(incident, agent, send) -> None:
    row = send("Mon 10:00", text="We look.")

    outgoing.take_back(row, by=agent)
    outgoing.take_back(row, by=agent)

    assert said_by("Mon 10:01") == 0
    assert history(incident) == ["opened"]


def test_what_has_been_said_cannot_be_taken_back(agent, send) -> None:
    row = send("Mon 10:00", text="We look.")
    said_by("Mon 10:01")

    with pytest.raises(Refused, match="gone out"):
        outgoing.take_back(row, by=agent)


def test_only_the_writer_decides(mate_of, send) -> None:
    row = send("Mon 10:00", text="We look.")

    for verb in (outgoing.take_back, outgoing.say_now):
        with pytest.raises(Refused, match="whoever wrote"):
            verb(row, by=mate_of)


@pytest.fixture
def mate_of(team):
    return factories.UserFactory(agent=True, member_of=team)


def test_what_would_be_refused_is_refused_at_once_and_leaves_nothing(incident, send) -> None:
    for wrong in ({"text": " "}, {"text": "Hm.", "next_update_at": at("Mon 09:00")}):
        with pytest.raises(Refused):
            send("Mon 10:00", **wrong)

    assert not Outgoing.objects.exists()
    assert history(incident) == ["opened"]


def test_what_came_in_between_is_found_and_the_words_stay_as_a_draft(incident, agent, mate_of, send) -> None:
    row = send("Mon 10:00", text="We look.")
    with moment.travel(at("Mon 10:00")):
        conversation.update(incident, by=mate_of, text="I was faster.")
    said_by("Mon 10:01")

    assert state(row) == State.REFUSED
    assert "somebody else changed" in row.refusal
    assert queries.drafts(agent) == [row]
    assert queries.drafts(mate_of) == []

    again = send("Mon 10:02", text="We look, too.")
    said_by("Mon 10:03")
    assert (state(again), queries.drafts(agent)) == (State.SAID, [])


def test_a_double_click_is_one(incident, agent) -> None:
    token = uuid.uuid4()
    rows = [
        outgoing.send(incident, by=agent, verb="update", said={"text": "Once."}, typed={}, expected_version=None,
                      client_token=token)
        for _ in range(2)
    ]  # fmt: skip

    assert rows[0] == rows[1]


def test_whoever_goes_on_says_the_first_words_first(incident, agent, send) -> None:
    row = send("Mon 10:00", text="We look.")
    opened_at = Incident.objects.get(pk=incident.pk).version
    with moment.travel(at("Mon 10:00")):
        version = outgoing.hurry(incident, by=agent, version=opened_at)
        lifecycle.restore(incident, by=agent, outcome="It prints.", restored_by="fix", expected_version=version)

    assert state(row) == State.SAID
    assert history(incident) == ["opened", "updated", "restored"]


def test_one_that_fails_holds_up_no_other(incident, reporter, agent, send, caplog) -> None:
    bad, good = send("Mon 10:00", text="We look."), send("Mon 10:00", text="And look.")
    Outgoing.objects.filter(pk=bad.pk).update(values={"said": {"no": "such"}, "version": None})

    said_by("Mon 10:01")

    assert (state(bad), state(good)) == (State.REFUSED, State.SAID)


def test_what_was_said_is_forgotten_after_a_week_and_drafts_are_not(incident, mate_of, send) -> None:
    send("Mon 10:00", text="We look.")
    said_by("Mon 10:01")
    draft = send("Mon 10:02", text="We look on.")
    conversation.update(incident, by=mate_of, text="I was faster.")
    said_by("Mon 10:03")

    assert outgoing.tidy(at("Mon 10:03") + timedelta(days=6)) == 0
    assert outgoing.tidy(at("Mon 10:03") + timedelta(days=8)) == 1
    assert list(Outgoing.objects.all()) == [draft]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_say_it_once(reporter, team, agent) -> None:
    incidents = [factories.open_incident(reporter, f"Report {n}") for n in range(20)]
    for one in incidents:
        outgoing.send(one, by=agent, verb="update", said={"text": "We look."}, typed={}, expected_version=one.version,
                      client_token=None)  # fmt: skip
    then = moment.now() + timedelta(seconds=11)

    def sweep(_n: int) -> int:
        try:
            return outgoing.say_due(then)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        said = sum(pool.map(sweep, range(8)))
    said += outgoing.say_due(then)

    assert said == 20
    assert [history(one) for one in incidents] == [["opened", "updated"]] * 20

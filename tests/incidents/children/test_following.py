"""What happens to the parent happens to its children: by its instants, however late a worker is."""

import pytest

from customers import policy
from incidents import children, clocks, conversation, family, keeping_up, lifecycle
from incidents.models import Incident, MajorIncident
from incidents.sla import ledger
from itsm import events, moment
from tests import factories
from tests.incidents.moments import at, clock, history, misses, states


def fresh(incident):
    return Incident.objects.get(pk=incident.pk)


@pytest.fixture
def early(monday, report, major, agent, colleague):
    """Joined on Monday at ten, before anybody has said a word."""
    return children.attach(report(colleague), to=major, by=agent)


def test_the_parents_first_word_answers_its_children_when_it_was_said(early, major, agent, follow):
    with moment.travel(at("Mon 10:09")):
        conversation.update(major, by=agent, text="The server is down.")
    with moment.travel(at("Mon 11:00")):
        follow()

    assert clock(early, "response").stopped_at == at("Mon 10:09")
    assert clock(early, "response").breached_at is None
    assert history(early) == ["opened", "attached_to"]


def test_what_a_program_says_answers_nobody(early, major, agent, follow):
    conversation.report_by_machine(major, by=agent, text="Probe failed.")
    follow()

    assert states(early)["response"] == "running"


def test_a_late_worker_makes_nobody_late(early, major, agent, follow):
    due = clock(early, "response").due_at
    with moment.travel(at("Mon 10:09")):
        conversation.update(major, by=agent, text="The server is down.")

    clocks.sweep(now=at("Wed 12:00"))
    assert clock(early, "response").due_at == due
    assert clock(early, "response").breached_at is None
    follow()
    clocks.sweep(now=at("Wed 12:00"))

    assert clock(early, "response").breached_at is None


def test_a_miss_of_a_child_is_written_down_and_wakes_nobody(early, major):
    clocks.sweep(now=at("Tue 12:00"))

    assert clock(early, "response").breached_at == clock(early, "response").due_at
    [missed] = early.events.filter(kind="deadline_missed", data__clock="response")
    assert missed.data["tell"] == []
    assert major.events.filter(kind="deadline_missed", data__clock="response").get().data["tell"]


def test_it_works_again_with_the_parent(early, major, agent, follow):
    with moment.travel(at("Mon 10:20")):
        lifecycle.restore(major, by=agent, outcome="The server is up.", restored_by="fix")
    with moment.travel(at("Mon 11:40")):
        follow()
        follow()

    early = fresh(early)
    assert (early.status, early.restored_at, early.restored_by) == ("restored", at("Mon 10:20"), "fix")
    assert early.outcome == "The server is up."
    assert clock(early, "restore").stopped_at == at("Mon 10:20")
    assert clock(early, "response").stopped_at == at("Mon 10:20")
    assert history(early) == ["opened", "attached_to", "restored"]
    assert early.events.last().occurred_at == at("Mon 10:20")
    assert early.events.last().data["with_parent"] == major.reference
    assert not MajorIncident.objects.filter(behind_since__isnull=False).exists()


def test_solved_and_closed_with_the_parent(early, major, agent, follow):
    with moment.travel(at("Mon 10:20")):
        factories.restored(major, agent)
        follow()
    with moment.travel(at("Mon 11:00")):
        lifecycle.resolve(major, by=agent, note="A new disk.")
    with moment.travel(at("Mon 12:00")):
        lifecycle.close(major)
        follow()

    early = fresh(early)
    assert (early.status, early.resolved_at, early.closed_at) == ("closed", at("Mon 11:00"), at("Mon 12:00"))
    assert history(early) == ["opened", "attached_to", "restored", "resolved", "closed"]
    assert set(states(early).values()) <= {"stopped", "cancelled"}


def test_down_again_with_the_parent_and_the_time_goes_on(early, major, agent, reporter, follow):
    with moment.travel(at("Mon 10:20")):
        factories.restored(major, agent)
        follow()
    with moment.travel(at("Mon 10:50")):
        lifecycle.still_broken(major, by=agent, text="It is back.")
    with moment.travel(at("Mon 11:30")):
        follow()

    early = fresh(early)
    assert (early.status, early.restored_at, early.reopened) == ("new", None, 1)
    assert early.is_joined
    assert states(early)["restore"] == "running"
    book = ledger.from_json(clock(early, "restore").ledger)
    assert [segment.state.value for segment in book.segments] == ["running", "stopped", "running"]
    assert book.segments[-1].start == at("Mon 10:50")
    assert history(early)[-1] == "relapsed"
    assert early.events.last().occurred_at == at("Mon 10:50")


def test_many_follow_in_batches_and_each_once(report, major, agent, monkeypatch, follow):
    monkeypatch.setattr(keeping_up, "BATCH", 2)
    flock = [children.attach(report(), to=major, by=agent) for _ in range(5)]
    factories.restored(major, agent)
    events.relay()

    assert [keeping_up.keep_up(major.pk, 2) for _ in range(4)] == [2, 2, 1, 0]
    follow()

    assert [history(each).count("restored") for each in flock] == [1] * 5


def test_who_was_killed_in_between_left_nothing_half_done(report, major, agent, monkeypatch, follow):
    flock = [children.attach(report(), to=major, by=agent) for _ in range(4)]
    factories.restored(major, agent)
    events.relay()
    with monkeypatch.context() as broken:
        broken.setattr(keeping_up, "record_all", lambda _events: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keeping_up.keep_up(major.pk)
    assert {fresh(each).status for each in flock} == {"new"}

    follow()

    assert {fresh(each).status for each in flock} == {"restored"}


def test_a_batch_costs_the_same_however_many_they_are(report, major, agent, django_assert_max_num_queries):
    for _ in range(12):
        children.attach(report(), to=major, by=agent)
    factories.restored(major, agent)
    with django_assert_max_num_queries(24):
        assert keeping_up.keep_up(major.pk) == 12


def test_who_joins_while_it_is_restored_catches_up(report, major, agent, follow):
    mine = report()
    factories.restored(major, agent)
    follow()
    children.attach(mine, to=major, by=agent)
    follow()

    assert fresh(mine).status == "restored"


def test_still_not_working_for_one_leaves_the_parent_as_it_is(early, major, agent, colleague, follow):
    with moment.travel(at("Mon 10:20")):
        factories.restored(major, agent)
        follow()
    promised = clock(major, "update").due_at
    with moment.travel(at("Mon 10:40")):
        lifecycle.still_broken(early, by=colleague, text="Not here.")
        follow()

    early = fresh(early)
    assert (early.is_dissent, early.is_joined, early.status, early.parent) == (True, False, "new", major)
    assert history(early)[-2:] == ["relapsed", "dissented"]
    assert states(early) | {"response": ""} == {
        "response": "", "restore": "running", "update": "running",
    }  # fmt: skip
    assert clock(early, "update").due_at <= promised
    assert fresh(major).status == "restored"
    assert history(major)[-1] == "dissented"
    assert major.events.last().data["child"] == early.reference
    assert family.counts(major) == family.Counts(joined=0, restored=0, dissenting=1)

    with moment.travel(at("Mon 11:00")):
        lifecycle.resolve(fresh(major), by=agent, note="Done.")
        follow()
    assert fresh(early).status == "new"


def test_the_desk_says_it_for_a_caller_and_only_of_a_child(early, major, agent, report, follow):
    factories.restored(major, agent)
    follow()

    assert children.dissent(early, by=agent, text="Carl called: not here.").is_dissent
    with pytest.raises(Exception, match="has joined no other incident"):
        children.dissent(report(), by=agent)


def test_who_went_on_alone_may_join_again(early, major, agent, colleague, follow):
    factories.restored(major, agent)
    follow()
    lifecycle.still_broken(early, by=colleague)
    lifecycle.still_broken(fresh(major), by=agent, text="Several say no.")

    again = children.attach(fresh(early), to=major, by=agent)

    assert again.is_joined
    assert states(again)["update"] == "cancelled"


def test_a_cancelled_parent_lets_its_children_go(early, major, follow):
    Incident.objects.filter(pk=major.pk).update(status="cancelled")  # somebody joined in the same instant
    MajorIncident.objects.filter(incident=major).update(behind_since=moment.database_now())

    follow()

    assert fresh(early).parent is None
    assert history(early)[-1] == "detached"


def test_no_miss_is_recorded_twice_for_one_promise(early, major, agent):
    conversation.update(major, by=agent, text="The server is down.")
    children_clock = early.clocks.filter(kind="update")
    clocks.sweep(now=at("next Wed 12:00"))

    assert [kind for kind, _due in misses(major)].count("update") == 1
    assert not children_clock.filter(state="running").exists()
    assert policy.terms(early.policy).level == 1

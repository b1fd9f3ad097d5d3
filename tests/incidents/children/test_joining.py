"""Who may join what: one level, one customer, majors only; and what joining does to clocks."""

import pytest

from incidents import children, conversation, corrections, lifecycle, majors
from incidents.models import CallTask, Incident
from incidents.moves import MoveRefused
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at, clock, history, states


def fresh(incident):
    return Incident.objects.get(pk=incident.pk)


def test_a_report_joins_and_its_own_promises_end(child, major):
    assert (child.parent, child.is_joined, child.joined_at is not None) == (major, True, True)
    assert history(child) == ["opened", "attached_to"]
    assert child.events.last().data["parent"] == major.reference
    assert states(child) == {"response": "running", "restore": "running"}  # nobody has said a word on the parent yet


def test_joining_an_answered_major_answers_the_report_at_that_instant(report, major, agent, colleague, monday):
    conversation.update(major, by=agent, text="The mail server is down.")
    mine = report(colleague)
    with moment.travel(at("Mon 10:07")):
        mine = children.attach(mine, to=major, by=agent)

    assert states(mine)["response"] == "stopped"
    assert clock(mine, "response").stopped_at == at("Mon 10:07")
    assert mine.events.last().next_update_at == clock(major, "update").due_at


def test_a_report_with_a_promise_of_its_own_leaves_it_to_the_parent(report, major, agent):
    mine = factories.answered(report(), agent)

    mine = children.attach(mine, to=major, by=agent)

    assert states(mine)["update"] == "cancelled"
    assert clock(mine, "update").breached_at is None


def test_joining_twice_is_joining_once(child, major, agent):
    again = children.attach(child, to=major, by=agent)

    assert again.version == child.version
    assert history(child) == ["opened", "attached_to"]


def test_what_was_asked_is_not_waited_for_any_more(report, major, agent):
    mine = lifecycle.ask(report(), by=agent, question="Which mailbox?")

    mine = children.attach(mine, to=major, by=agent)

    assert (mine.status, mine.question) == ("in_progress", "")
    assert states(mine)["restore"] == "running"


def test_the_contact_is_called_about_the_major_only(report, major, agent, contact):
    mine = report(impact=1, urgency=1)
    assert CallTask.objects.to_make().filter(incident=mine).exists()

    children.attach(mine, to=major, by=agent)

    assert not CallTask.objects.to_make().filter(incident=mine).exists()


def test_it_cannot_join_itself(major, agent):
    with pytest.raises(Refused, match="cannot join itself"):
        children.attach(major, to=major, by=agent)


def test_only_majors_are_joined(report, agent):
    one, other = report(), report()

    with pytest.raises(MoveRefused, match=f"declare {other.reference} first"):
        children.attach(one, to=other, by=agent)


def test_a_major_joins_nothing(report, major, agent):
    other = report()
    majors.declare(other, by=agent)

    with pytest.raises(MoveRefused, match="is a major incident itself"):
        children.attach(other, to=major, by=agent)


def test_there_is_one_level_and_no_cycle(child, major, report, agent):
    with pytest.raises(MoveRefused, match="is a major incident itself"):
        children.attach(major, to=child, by=agent)

    majors.downgrade(major, by=agent, reason="It was less than we thought.")
    with pytest.raises(MoveRefused, match="1 report has joined"):
        children.attach(fresh(major), to=child, by=agent)

    second = report()
    majors.declare(second, by=agent)
    with pytest.raises(MoveRefused, match="1 report has joined"):
        children.attach(fresh(major), to=second, by=agent)
    with pytest.raises(MoveRefused, match=f"belongs to {major.reference} already"):
        children.attach(child, to=second, by=agent)
    with pytest.raises(MoveRefused, match="belongs to"):
        majors.declare(child, by=agent)


def test_nothing_joins_a_child(child, report, agent):
    with pytest.raises(MoveRefused, match="has joined another incident itself"):
        children.attach(report(), to=child, by=agent)


def test_reports_of_another_customer_stay_apart(major, stranger, agent):
    theirs = factories.open_incident(stranger)

    with pytest.raises(Refused, match="same customer"):
        children.attach(theirs, to=major, by=agent)


def test_what_is_over_is_not_joined(report, major, agent):
    mine, late = report(), report()
    with pytest.raises(MoveRefused, match="Not possible now"):
        children.attach(lifecycle.cancel(late, by=late.reporter, reason="My cable."), to=major, by=agent)

    lifecycle.resolve(factories.restored(major, agent), by=agent, note="Done.")

    with pytest.raises(MoveRefused, match="is over"):
        children.attach(mine, to=major, by=agent)


def test_what_was_reported_after_it_worked_again_is_something_else(report, major, agent, monday):
    before = report()
    with moment.travel(at("Mon 10:30")):
        factories.restored(major, agent)
    with moment.travel(at("Mon 10:40")):
        after = report()
        with pytest.raises(MoveRefused, match="worked again before"):
            children.attach(after, to=major, by=agent)
        assert children.attach(before, to=major, by=agent).is_joined


def test_what_the_parent_does_is_not_done_on_the_child(child, major, agent, colleague):
    for refused in (
        lambda: factories.restored(child, agent),
        lambda: lifecycle.resolve(factories.taken(child, agent), by=agent),
        lambda: lifecycle.ask(child, by=agent, question="Which?"),
        lambda: lifecycle.wait_for_supplier(child, by=agent, text="Waiting."),
        lambda: corrections.merge(child, by=agent, into=major),
    ):
        with pytest.raises(MoveRefused, match=f"has joined {major.reference}"):
            refused()


def test_a_word_to_one_person_promises_nothing_besides_the_parents_promise(child, major, agent):
    conversation.update(major, by=agent, text="The server is down.")

    conversation.update(child, by=agent, text="Carl, you can use the web mail.")

    assert "update" not in states(child)
    assert states(child)["response"] == "stopped"
    assert child.events.last().next_update_at == clock(major, "update").due_at


def test_a_parent_does_not_go_away_below_its_children(child, major, report, agent, reporter):
    for gone in (
        lambda: lifecycle.cancel(major, by=reporter, reason="Never mind."),
        lambda: corrections.merge(major, by=agent, into=report()),
        lambda: corrections.correct_customer(major, by=agent, reporter=reporter),
    ):
        with pytest.raises(MoveRefused, match="1 report has joined"):
            gone()


def test_taken_off_it_owes_the_word_that_was_promised(child, major, agent, monday):
    with moment.travel(at("Mon 10:05")):
        conversation.update(major, by=agent, text="The server is down.")
    promised = clock(major, "update").due_at
    with moment.travel(at("Mon 10:10")):
        keep = children.detach(child, by=agent)

    assert (keep.parent, keep.joined_at, keep.is_dissent) == (None, None, False)
    assert history(child)[-1] == "detached"
    assert states(child)["response"] == "running"  # it was taken off before the word came to it
    assert keep.events.last().next_update_at == clock(child, "response").due_at

    answered = children.attach(child, to=major, by=agent)
    with moment.travel(at("Mon 10:12")):
        children.detach(answered, by=agent)
    assert clock(child, "update").due_at == promised


def test_a_promise_the_parent_has_not_kept_is_owed_at_once(report, major, agent, monday):
    with moment.travel(at("Mon 10:00")):
        conversation.update(major, by=agent, text="The server is down.")
        mine = children.attach(report(), to=major, by=agent)
    late = clock(major, "update").due_at
    with moment.travel(at("next Tue 12:00")):
        children.detach(mine, by=agent)

    owed = clock(mine, "update")
    assert owed.due_at == late
    assert owed.breached_at == at("next Tue 12:00")


def test_people_join_only_what_is_theirs(report, major, colleague, contact):
    theirs = report()
    with pytest.raises(Refused, match="for their own reports"):
        children.attach(theirs, to=major, by=colleague)
    mine = report(colleague)
    assert children.attach(mine, to=major, by=colleague).is_joined


def test_i_have_this_too_is_a_report_of_ones_own(major, colleague):
    mine = children.report_too(major, by=colleague)
    again = children.report_too(major, by=colleague)

    assert mine == again
    assert (mine.reporter, mine.parent, mine.service) == (colleague, major, major.service)
    assert mine.title == "E-mail does not work for me either."
    assert history(mine) == ["opened", "attached_to"]


def test_whoever_reported_the_major_has_reported_it(major, reporter):
    assert children.report_too(major, by=reporter) == major


def test_a_major_of_others_or_a_suspected_attack_is_not_known(major, stranger, colleague):
    with pytest.raises(Refused):
        children.report_too(major, by=stranger)
    Incident.objects.filter(pk=major.pk).update(suspects_attack=True)
    with pytest.raises(Refused):
        children.report_too(major, by=colleague)


def test_a_burst_joins_at_once(report, major, agent, stranger):
    near = [report() for _ in range(3)]
    other_service = report(service=None)
    gone = lifecycle.cancel(report(), by=agent, reason="No.")

    assert children.join_burst(major, by=agent) == 3
    assert children.join_burst(major, by=agent) == 0

    assert {each.pk for each in major.children.all()} == {each.pk for each in near}
    assert fresh(other_service).parent is None
    assert fresh(gone).parent is None

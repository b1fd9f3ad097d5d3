"""Every verb: the state it leads to, the clocks it moves, the one event it records, and when it is refused."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers.models import Team, User
from incidents import (
    aftermath,
    calls,
    conversation,
    corrections,
    evidence,
    following,
    intake,
    later,
    lifecycle,
    moves,
    parking,
)
from incidents.models import CallTask, Incident, IncidentEvent, ProcessDebt
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at, clock, history, states

Status, Kind = Incident.Status, IncidentEvent.Kind
R, P, S, C = "running", "paused", "stopped", "cancelled"


def letter():
    return SimpleUploadedFile("what-I-saw.txt", b"Error 0x0000011b")


def other_team(incident):
    return factories.TeamFactory(customers=[incident.customer], own_target_min=60)


def another(incident):
    return factories.open_incident(incident.reporter, text="The same again")


def elsewhere(by):
    """Somebody at another customer that the agent serves."""
    customer = factories.CustomerFactory()
    for team in Team.objects.filter(memberships__user=by):
        team.customers.add(customer)
    return factories.UserFactory(customer=customer)


def name_service(i, by):
    return corrections.name_service(i, by=by, service=factories.ServiceFactory(customer=i.customer))


def agree_deadline(incident, by):
    due = moment.now() + timedelta(days=9)
    return corrections.agree_deadline(incident, by=by, kind="restore", due_at=due, reason="Birte wants it so.")


def write_off(incident, by):
    debt, _made = ProcessDebt.objects.get_or_create(
        incident=incident, rule="change",
        defaults={"customer": incident.customer, "due_at": moment.now(), "created_at": moment.now()},
    )  # fmt: skip
    later.write_off(debt, by=by, reason="no_value")


def investigate(incident, by):
    parking.investigate(incident, by=by, aim="find a way to print")


def capture(incident, by):
    evidence.before(incident, by=by, what="restart")


def join(incident, by):
    following.join(incident, by=by, person=factories.UserFactory(customer=incident.customer))


def leave(incident, by):
    person = factories.UserFactory(customer=incident.customer)
    incident.followers.create(
        customer=incident.customer, person=person, why="me_too", created_at=moment.now()
    )  # fmt: skip
    following.leave(incident, by=by, person=person)


def promise_call(incident, by):
    calls.promise_call(incident, by=by, due_at=moment.now() + timedelta(hours=1))


def call(incident, by):
    due = {"person": incident.reporter, "due_at": moment.now(), "created_at": moment.now()}
    task = CallTask.objects.create(incident=incident, customer=incident.customer, why="call_back", **due)
    calls.record_call(task, by=by, outcome="voicemail")


@dataclass(frozen=True)
class Move:
    before: str
    call: object  # (incident, by) -> None
    kind: str
    after: str
    clocks: dict


def in_an_hour():
    return moment.now() + timedelta(hours=1)


MOVES = {
    "take": Move(Status.NEW, lambda i, by: lifecycle.take(i, by=by), Kind.TAKEN, Status.ASSIGNED,
                 {"response": R, "restore": R}),
    "update": Move(Status.ASSIGNED, lambda i, by: conversation.update(i, by=by, text="We look at it."), Kind.UPDATED,
                   Status.IN_PROGRESS, {"response": S, "update": R, "restore": R}),
    "note": Move(Status.NEW, lambda i, by: conversation.note(i, by=by, text="Driver?"), Kind.NOTED, Status.NEW,
                 {"response": R, "restore": R}),
    "ask": Move(Status.IN_PROGRESS, lambda i, by: lifecycle.ask(i, by=by, question="Which one?"), Kind.ASKED,
                Status.PENDING, {"response": S, "update": R, "restore": P}),
    "add": Move(Status.PENDING, lambda i, by: conversation.add(i, by=by, text="The left one."), Kind.ADDED,
                Status.IN_PROGRESS, {"response": S, "update": R, "restore": R}),
    "attach": Move(Status.NEW, lambda i, by: conversation.attach(i, by=by, upload=letter()), Kind.ATTACHED,
                   Status.NEW, {"response": R, "restore": R}),
    "choose_time": Move(Status.NEW, lambda i, by: conversation.choose_time(i, by=by, contact_at=in_an_hour()),
                        Kind.ADDED, Status.NEW, {"response": R, "restore": R}),
    "prioritise": Move(Status.NEW, lambda i, by: lifecycle.prioritise(i, by=by, impact=1, urgency=1),
                       Kind.PRIORITISED, Status.NEW, {"response": R, "restore": R}),
    "hear": Move(Status.CLOSED, lambda i, by: conversation.hear(i, by=by, text="Thank you."), Kind.ADDED,
                 Status.CLOSED, {"response": S, "update": S, "restore": S, "close_out": S}),
    "restore": Move(Status.NEW, lambda i, by: lifecycle.restore(i, by=by, outcome="Works.", restored_by="fix"),
                    Kind.RESTORED, Status.RESTORED, {"response": S, "update": R, "restore": S, "close_out": R}),
    "resolve": Move(Status.RESTORED, lambda i, by: lifecycle.resolve(i, by=by), Kind.RESOLVED, Status.RESOLVED,
                    {"response": S, "update": C, "restore": S, "close_out": S}),
    "still_broken": Move(Status.RESOLVED, lambda i, by: lifecycle.still_broken(i, by=by), Kind.RELAPSED,
                         Status.IN_PROGRESS, {"response": S, "update": R, "restore": R, "close_out": S}),
    "close": Move(Status.RESOLVED, lambda i, by: lifecycle.close(i, by=by), Kind.CLOSED, Status.CLOSED,
                  {"response": S, "update": S, "restore": S, "close_out": S}),
    "wait": Move(Status.NEW, lambda i, by: lifecycle.wait_for_supplier(i, by=by, text="The part is ordered."),
                 Kind.WAITING, Status.PENDING, {"response": S, "update": R, "restore": R}),
    "go_on": Move(Status.PENDING, lambda i, by: lifecycle.go_on(i, by=by), Kind.WENT_ON, Status.IN_PROGRESS,
                  {"response": S, "update": R, "restore": R}),
    "hand_over": Move(Status.NEW, lambda i, by: corrections.hand_over(i, by=by, team=other_team(i)),
                      Kind.HANDED_OVER, Status.NEW, {"response": R, "restore": R, "team": R}),
    "merge": Move(Status.NEW, lambda i, by: corrections.merge(i, by=by, into=another(i)), Kind.MERGED,
                  Status.CANCELLED, {"response": C, "restore": C}),
    "correct_customer": Move(Status.NEW, lambda i, by: corrections.correct_customer(i, by=by, reporter=elsewhere(by)),
                             Kind.CUSTOMER_CORRECTED, Status.NEW, {"response": R, "restore": R}),
    "name_service": Move(Status.NEW, name_service, Kind.SERVICE_NAMED, Status.NEW, {"response": R, "restore": R}),
    "apply_agreement": Move(Status.NEW, lambda i, by: corrections.apply_agreement(i, by=by), Kind.POLICY_APPLIED,
                            Status.NEW, {"response": R, "restore": R}),
    "agree_deadline": Move(Status.NEW, agree_deadline, Kind.DEADLINE_SET, Status.NEW,
                           {"response": R, "restore": R}),
    "cancel": Move(Status.IN_PROGRESS, lambda i, by: lifecycle.cancel(i, by=by, reason="A double."), Kind.CANCELLED,
                   Status.CANCELLED, {"response": S, "update": C, "restore": C}),
    "tell": Move(Status.NEW, lambda i, by: intake.tell(i, by=by, details={"affected": 1}), Kind.PRIORITISED, Status.NEW,
                 {"response": R, "restore": R}),
    "revoke_links": Move(Status.NEW, lambda i, by: lifecycle.revoke_links(i, by=by), Kind.LINKS_REVOKED, Status.NEW,
                         {"response": R, "restore": R}),
    "complete": Move(Status.RESTORED, lambda i, by: later.complete(i, by=by, values={"change": "CHG-7"}), Kind.RECORDED,
                     Status.RESTORED, {"response": S, "update": R, "restore": S, "close_out": R}),
    "write_off": Move(Status.RESOLVED, write_off, Kind.WRITTEN_OFF, Status.RESOLVED,
                      {"response": S, "update": S, "restore": S, "close_out": S}),
    "promise_call": Move(Status.NEW, promise_call, Kind.CALL_PLANNED, Status.NEW, {"response": R, "restore": R}),
    "call": Move(Status.NEW, call, Kind.CALLED, Status.NEW, {"response": R, "restore": R}),
    "investigate": Move(Status.NEW, investigate, Kind.INVESTIGATION, Status.NEW, {"response": R, "restore": R}),
    "join": Move(Status.NEW, join, Kind.JOINED, Status.NEW, {"response": R, "restore": R}),
    "leave": Move(Status.NEW, leave, Kind.LEFT, Status.NEW, {"response": R, "restore": R}),
    "cause_gone": Move(Status.RESOLVED, lambda i, by: aftermath.cause_gone(i, by=by, text="The cause is gone."),
                       Kind.CAUSE_GONE, Status.RESOLVED, {"response": S, "update": S, "restore": S, "close_out": S}),
    "give_report": Move(Status.RESOLVED,
                        lambda i, by: aftermath.give_report(i, by=by, text="What happened.", report=1, title="Report"),
                        Kind.REPORTED, Status.RESOLVED,
                        {"response": S, "update": S, "restore": S, "close_out": S}),
    "capture": Move(Status.NEW, capture, Kind.CAPTURE, Status.NEW, {"response": R, "restore": R}),
}  # fmt: skip


UNSEEN = {"note", "revoke_links", "write_off", "promise_call", "call", "investigate", "capture", "join", "leave"}


# They take two incidents, or are the war room's: tests/incidents/children and tests/incidents/majors.
ELSEWHERE = {"attach_to", "detach", "dissent", "declare", "downgrade"}


def test_each_verb_is_tried_here():
    assert MOVES.keys() | ELSEWHERE == moves.MOVES.keys()


@pytest.mark.parametrize("verb", MOVES)
def test_verb_moves_state_and_clocks_and_records_one_event(verb, in_state, agent):
    move = MOVES[verb]
    incident = in_state(move.before)
    before = history(incident)

    move.call(incident, agent)

    incident.refresh_from_db()
    assert history(incident) == [*before, move.kind]
    assert incident.status == move.after
    assert states(incident) == move.clocks
    assert IncidentEvent.objects.filter(incident=incident).last().actor == agent


@pytest.mark.parametrize("verb", MOVES)
def test_verb_moves_the_version_except_for_what_stays_at_the_desk(verb, in_state, agent):
    incident = in_state(MOVES[verb].before)

    MOVES[verb].call(incident, agent)

    moved = Incident.objects.get(pk=incident.pk).version - incident.version
    assert moved == (0 if verb in UNSEEN else 1)


@pytest.mark.parametrize("status", Status)
def test_refused_moves_raise_a_sentence_and_change_nothing(status, in_state, agent):
    incident = in_state(status)
    before = Incident.objects.filter(pk=incident.pk).values().get(), states(incident), history(incident)

    for verb in (verb for verb in MOVES if status not in moves.MOVES[verb]):
        with pytest.raises(lifecycle.MoveRefused) as refused:
            # Somebody else takes it: who has it already is not refused but answered at once.
            MOVES[verb].call(incident, agent if verb != "take" else User.objects.create(name="X", email="x@x.example",
                                                                                          role="agent"))  # fmt: skip
        assert incident.reference in refused.value.sentence

    assert (Incident.objects.filter(pk=incident.pk).values().get(), states(incident), history(incident)) == before


def test_customers_are_refused_what_is_for_the_desk(in_state, reporter):
    for verb in MOVES.keys() - moves.CUSTOMER_SIDE:
        incident = in_state(MOVES[verb].before)

        with pytest.raises(lifecycle.MoveRefused, match="desk"):
            MOVES[verb].call(incident, reporter)


@pytest.mark.parametrize("status", Status)
def test_allowed_moves_are_those_the_verbs_allow(status, in_state, agent):
    incident = in_state(status)

    allowed = lifecycle.allowed_moves(incident, agent)

    assert {verb for verb, reason in allowed.items() if reason is None} == {
        verb for verb, states_of_verb in moves.MOVES.items() if status in states_of_verb
    }
    assert all(str(incident.get_status_display()) in reason for reason in allowed.values() if reason)


def test_opening_starts_both_clocks_at_the_report_and_promises_the_answer(reporter, team):
    with moment.travel(at("Mon 09:10")):
        incident = factories.open_incident(reporter, impact=2, urgency=1)

    assert (incident.status, incident.priority, incident.owner) == ("new", 2, None)
    assert clock(incident, "response").due_at == at("Mon 09:40")
    assert clock(incident, "restore").due_at == at("Mon 17:10")
    opened = incident.events.get()
    assert (opened.kind, opened.occurred_at, opened.next_update_at) == ("opened", at("Mon 09:10"), at("Mon 09:40"))


def test_opening_during_a_call_is_answered_at_once(reporter, agent):
    with moment.travel(at("Mon 09:10")):
        incident = lifecycle.open_incident(by=agent, reporter=reporter, text="No mail", origin="phone", impact=1,
                                           urgency=1)  # fmt: skip

    assert states(incident) == {"response": "stopped", "update": "running", "restore": "running"}
    assert clock(incident, "response").stopped_at == at("Mon 09:10")
    assert incident.events.get().next_update_at == at("Mon 09:40")


def test_opening_by_mail_or_for_somebody_in_writing_answers_nobody(reporter, agent):
    incident = lifecycle.open_incident(by=agent, reporter=reporter, text="No mail", origin="email")

    assert states(incident)["response"] == "running"


def test_opening_takes_the_title_from_the_first_sentence_and_keeps_every_word(reporter, team):
    incident = factories.open_incident(reporter, "Nothing prints\n\n" + "at counter 2 " * 200)

    assert incident.title == "Nothing prints"
    assert incident.messages.get().body.count("counter") == 200


@pytest.mark.parametrize("text", ["", "  \n ", "\0\0", "\ud800"])
def test_opening_without_a_word_is_refused(text, reporter, team):
    with pytest.raises(Refused):
        factories.open_incident(reporter, text)

    assert not Incident.objects.exists()


def test_opening_twice_with_one_token_is_one_incident(reporter, team):
    token = "3c9b3a51-6d57-4a4b-8f0c-3b7b4b7a9b1e"

    first, second = (factories.open_incident(reporter, client_token=token) for _ in range(2))

    assert first == second
    assert history(first) == ["opened"]


def test_opening_on_the_service_of_another_customer_is_refused(reporter, team):
    foreign = factories.ServiceFactory(customer=factories.CustomerFactory(served=True))

    with pytest.raises(Refused):
        factories.open_incident(reporter, service=foreign)


def test_opening_needs_a_team_that_serves_the_customer(reporter):
    with pytest.raises(Refused, match="serves"):
        lifecycle.open_incident(by=reporter, reporter=reporter, text="Help")


def test_opening_on_a_critical_service_counts_for_more(reporter, team):
    service = factories.ServiceFactory(customer=reporter.customer, is_critical=True)

    assert factories.open_incident(reporter, service=service).priority == 3
    assert factories.open_incident(reporter).priority == 4


@pytest.mark.parametrize(("impact", "urgency"), [(0, 1), (4, 1), (1, 0), (-1, 2), (1, 99)])
def test_unknown_impact_or_urgency_is_refused(impact, urgency, incident, agent):
    with pytest.raises(Refused):
        lifecycle.prioritise(incident, by=agent, impact=impact, urgency=urgency)

    assert history(incident) == ["opened"]


def test_restoring_takes_what_nobody_had_and_keeps_the_sentence(incident, agent):
    incident = lifecycle.restore(incident, by=agent, outcome="Use printer 2.", restored_by="workaround")

    assert (incident.owner, incident.outcome, incident.restored_by) == (agent, "Use printer 2.", "workaround")


def test_restoring_by_something_unknown_is_refused(incident, agent):
    with pytest.raises(Refused, match="workaround"):
        lifecycle.restore(incident, by=agent, outcome="It works.", restored_by="prayer")

    assert history(incident) == ["opened"]


def test_resolving_without_restoring_first_counts_as_both(in_state, agent, monday):
    incident = lifecycle.resolve(in_state(Status.IN_PROGRESS), by=agent, note="A new cable.", restored_by="fix")

    assert incident.restored_at == incident.resolved_at == at("Mon 10:00")
    assert (incident.restored_by, incident.outcome) == ("fix", "A new cable.")


def test_taking_over_says_who_had_it_before(in_state, agent, lead):
    incident = lifecycle.take(in_state(Status.ASSIGNED), by=lead)

    assert incident.owner == lead
    assert incident.events.last().data["before"] == agent.name


def test_taking_what_one_has_already_is_no_event(in_state, agent):
    incident = in_state(Status.ASSIGNED)

    lifecycle.take(incident, by=agent)

    assert history(incident) == ["opened", "taken"]


def test_a_stale_form_is_refused_and_says_so(incident, agent, lead):
    seen = incident.version
    conversation.update(incident, by=lead, text="We are on it.")

    with pytest.raises(lifecycle.Stale) as stale:
        lifecycle.restore(incident, by=agent, outcome="Works.", restored_by="fix", expected_version=seen)

    assert stale.value.incident.version == seen + 1
    assert history(incident) == ["opened", "updated"]


def test_still_broken_forgets_the_outcome_and_counts(in_state, reporter):
    incident = lifecycle.still_broken(in_state(Status.RESOLVED), by=reporter, text="It jams again.")

    assert (incident.restored_at, incident.resolved_at, incident.outcome, incident.restored_by) == (None, None, "", "")
    assert incident.reopened == 1


def test_cancelling_needs_a_reason(incident, reporter):
    with pytest.raises(Refused):
        lifecycle.cancel(incident, by=reporter, reason=" ")

    assert history(incident) == ["opened"]


def test_cancelling_while_we_wait_for_the_customer(in_state, reporter):
    incident = lifecycle.cancel(in_state(Status.PENDING), by=reporter, reason="It was the cable.")

    assert (incident.status, incident.pending_reason, incident.question) == ("cancelled", "", "")
    assert set(states(incident).values()) == {"stopped", "cancelled"}


def test_opening_for_somebody_at_no_customer_is_refused(agent):
    with pytest.raises(Refused, match="customer"):
        lifecycle.open_incident(by=agent, reporter=agent, text="My own screen is dark")


def test_question_and_veto_sent_twice_count_once(in_state, agent, reporter):
    token, other = "3c9b3a51-6d57-4a4b-8f0c-3b7b4b7a9b1e", "5d0f3c9e-90f6-4a3c-9f3a-2f1f2a1d7c55"
    asked, works = in_state(Status.IN_PROGRESS), in_state(Status.RESOLVED)

    for _ in range(2):
        lifecycle.ask(asked, by=agent, question="Which one?", client_token=token)
        works = lifecycle.still_broken(works, by=reporter, text="It jams.", client_token=other)

    assert history(asked).count("asked") == 1
    assert (history(works).count("relapsed"), works.reopened) == (1, 1)


def test_closing_passes_over_what_was_opened_again_meanwhile(office, in_state, reporter, monkeypatch):
    with moment.travel(at("2026-03-02 09:00")):
        gone, ripe = in_state(Status.RESOLVED), in_state(Status.RESOLVED)
    look = lifecycle.close_at

    def look_while_somebody_calls(incident):
        if incident == gone:
            lifecycle.still_broken(gone, by=reporter)
        return look(incident)

    monkeypatch.setattr(lifecycle, "close_at", look_while_somebody_calls)
    with moment.travel(at("2026-03-16 09:00")):
        assert lifecycle.close_overdue() == 1

    assert [Incident.objects.get(pk=incident.pk).status for incident in (gone, ripe)] == ["in_progress", "closed"]


def test_a_report_asks_one_question_for_its_agreement(
    reporter, team, django_capture_on_commit_callbacks, django_assert_max_num_queries
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        factories.open_incident(reporter)

    with django_assert_max_num_queries(13) as asked:
        factories.open_incident(reporter)

    assert sum("customers_leveltemplate" in query["sql"] for query in asked.captured_queries) == 1
    assert not any('FROM "customers_policy"' in query["sql"] for query in asked.captured_queries)

"""The Lindenfeld Hospital Group: a Tuesday on which nobody could send mail, from the first call to the report.

Each step is a function named after its time, which plays it and says what must be true then. While the mail is down
nothing asks for the cause; when it works again nothing that was noted about the cause is lost.
"""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import (
    bursts,
    calls,
    children,
    clocks,
    conversation,
    evidence,
    family,
    later,
    lifecycle,
    majors,
    parking,
    surveys,
)
from incidents.models import CallTask, Incident, IncidentEvent, ParkedNote, Survey
from itsm import events, moment
from notifications import fanning, held
from notifications.models import Delivery
from problems import reviews
from problems.models import KnownError, Problem
from tests.incidents.moments import at, clock, misses
from tests.stories.lindenfeld import Hospital, hospital

Why = CallTask.Why
P1 = {"impact": 1, "urgency": 1}


@pytest.fixture
def house(settings) -> Hospital:
    settings.SMS_URL = "http://127.0.0.1:9/sms"  # there is a gateway: text messages are a way
    return hospital()


def test_the_morning_on_which_nobody_could_send_mail(house) -> None:
    at_0742_a_nurse_phones(house)
    at_0743_she_is_told_when_she_hears_more(house)
    at_0744_others_have_it_too(house)
    at_0747_so_many_within_minutes_look_like_more(house)
    at_0749_the_desk_declares(house)
    at_0755_everybody_knows_that_we_know(house)
    at_0805_an_idea_about_the_cause_is_parked(house)
    at_0806_looking_for_it_serves_restoration(house)
    at_0810_evidence_first(house)
    at_0815_the_promise_is_called_to_mind(house)
    at_0824_they_hear_what_it_is(house)
    at_0852_it_works_over_another_way(house)
    at_0920_one_ward_says_no(house)
    at_0952_and_1050_it_is_watched(house)
    at_1115_the_cause_is_gone(house)
    at_1400_a_few_are_asked_how_it_went(house)
    on_thursday_it_is_written_down(house)
    nothing_was_late_and_nobody_was_passed_over(house)


def at_0742_a_nurse_phones(house: Hospital) -> None:
    with moment.travel(at("Tue 07:42")):
        house.parent = lifecycle.open_incident(
            by=house.desk, reporter=house.nurse, text="Mail doesn't work", service=house.mail, origin="phone", **P1
        )
        lifecycle.take(house.incident, by=house.desk)
        relay()

    assert (house.incident.priority, house.incident.owner) == (1, house.desk)
    assert clock(house.incident, "response").state == "stopped"
    assert clock(house.incident, "restore").due_at == at("Tue 11:42")


def at_0743_she_is_told_when_she_hears_more(house: Hospital) -> None:
    with moment.travel(at("Tue 07:43")):
        say(house, "We look into it and write again soon.", next_update_at=at("Tue 07:57"))

    assert house.incident.status == "in_progress"
    assert promised(house) == at("Tue 07:57")


def at_0744_others_have_it_too(house: Hospital) -> None:
    for number, person in enumerate(house.wards[:4]):
        with moment.travel(at(f"Tue 07:{44 + number}")):
            house.joined.append(report(house, person))
            relay()


def at_0747_so_many_within_minutes_look_like_more(house: Hospital) -> None:
    with moment.travel(at("Tue 07:47")):
        seen = bursts.suggestion(house.incident)

    assert seen is not None, "five people within a quarter of an hour, of 4,200"
    assert seen.reporters == 5
    assert told(house.lead, "burst")


def at_0749_the_desk_declares(house: Hospital) -> None:
    with moment.travel(at("Tue 07:49")):
        major = majors.declare(house.incident, by=house.desk, reason="Five wards within five minutes")
        for child in house.joined:
            children.attach(child, to=house.incident, by=house.desk)
        majors.give_role(house.incident, by=house.desk, role="technical", person=house.engineer)
        relay()

    assert major.declared_by == house.desk, "nobody had to approve it"
    assert house.incident.children.count() == 4
    assert promised(house) == at("Tue 07:57"), "an earlier promise stands"


def at_0755_everybody_knows_that_we_know(house: Hospital) -> None:
    with moment.travel(at("Tue 07:55")):
        text = "Nobody can send mail at the moment. Please phone lab and pharmacy."
        event = say(house, text, phase="acknowledged", next_update_at=at("Tue 08:25"))

    stakeholders = sent(event, house.stakeholders)
    assert set(stakeholders.values_list("recipient", flat=True)) == {person.pk for person in house.stakeholders}
    assert set(stakeholders.values_list("channel", flat=True)) == {"sms"}, "their mail is what is down"
    reporters = {house.nurse, *house.wards[:4]}
    told_by_text = Delivery.objects.filter(channel="sms", kind="update", recipient__in=reporters)
    assert {row.recipient for row in told_by_text.filter(created_at__gte=event.recorded_at)} == reporters
    assert not Delivery.objects.filter(channel="email", state__in=["queued", "sent"], recipient__in=reporters).exists()
    later_joiner_hears_at_once(house, text)


def later_joiner_hears_at_once(house: Hospital, text: str) -> None:
    with moment.travel(at("Tue 07:58")):
        late = report(house, house.wards[4])
        late = children.attach(late, to=house.incident, by=house.desk)
        house.joined.append(late)
        relay()

    assert Delivery.objects.filter(recipient=house.wards[4], channel="sms", kind="joined_major").count() == 1
    assert text in [event.message.body for event in family.told(late) if event.message]


def at_0805_an_idea_about_the_cause_is_parked(house: Hospital) -> None:
    before = Delivery.objects.count()
    with moment.travel(at("Tue 08:05")):
        parking.jot(house.incident, by=house.engineer, text="? certificate expired on relay 1")
        relay()

    card = house.incident.parked_notes.get()
    assert (card.kind, card.text, card.by) == ("hypothesis", "certificate expired on relay 1", house.engineer)
    assert Delivery.objects.count() == before, "it is the desk's own matter"


def at_0806_looking_for_it_serves_restoration(house: Hospital) -> None:
    with moment.travel(at("Tue 08:06")):
        search = parking.investigate(house.incident, by=house.engineer, aim="Find another way by 08:36")

    assert search.ends_at == at("Tue 08:36")
    assert not Problem.objects.exclude(status__in=["parked", "candidate"]).exists()


def at_0810_evidence_first(house: Hospital) -> None:
    with moment.travel(at("Tue 08:10")):
        action = evidence.before(house.incident, by=house.engineer, what="restart", on="relay 1")
        log = SimpleUploadedFile("relay.log", b"08:09 certificate has expired\n" * 40, "text/plain")
        parking.park(
            house.incident,
            by=house.engineer,
            kind="evidence",
            text="The relay's log",
            upload=log,
            is_lost_on_restart=True,
        )
        evidence.decide(action, by=house.engineer, decision="captured", done=[0])

    assert action.checklist[0]["item"] == "The relay's log of the last hour"
    kept = ParkedNote.objects.get(incident=house.incident, kind="evidence")
    assert kept.attachment.sha256
    assert kept.is_lost_on_restart


def at_0815_the_promise_is_called_to_mind(house: Hospital) -> None:
    clocks.sweep(now=at("Tue 08:14"))
    assert not nudges(house, at("Tue 08:00"))

    clocks.sweep(now=at("Tue 08:20"))
    assert nudges(house, at("Tue 08:00"))
    relay()


def at_0824_they_hear_what_it_is(house: Hospital) -> None:
    with moment.travel(at("Tue 08:24")):
        text = "A certificate on one relay has run out. We set up another way."
        say(house, text, phase="identified", next_update_at=at("Tue 08:54"))

    assert promised(house) == at("Tue 08:54")


def at_0852_it_works_over_another_way(house: Hospital) -> None:
    with moment.travel(at("Tue 08:52")):
        outcome = "Mail goes over another relay."
        lifecycle.restore(house.incident, by=house.desk, outcome=outcome, restored_by="workaround")
        relay()

    assert (house.incident.status, house.incident.restored_by) == ("restored", "workaround")
    assert used_minutes(clock(house.incident, "restore")) == 70
    assert promised(house) == at("Tue 09:52"), "the gap is doubled while it is watched"
    assert {child.status for child in house.incident.children.all()} == {"restored"}
    problem = Problem.objects.get()
    assert (problem.status, problem.owner) == ("open", house.engineer)
    assert problem.review_depth == "light"
    found = set(problem.findings.values_list("kind", "text"))
    assert found == {("hypothesis", "certificate expired on relay 1"), ("evidence", "The relay's log")}
    draft = KnownError.objects.get()
    assert (draft.status, draft.workaround, draft.problem) == ("draft", outcome, problem)
    mail_works_again(house)


def mail_works_again(house: Hospital) -> None:
    """What was kept goes out as one mail for each person, not as three."""
    with moment.travel(at("Tue 08:53")):
        held.take_up("email")
    going = Delivery.objects.filter(channel="email", state="queued", recipient__in=[house.nurse, *house.stakeholders])
    by_person = list(going.values_list("recipient", flat=True))
    assert len(by_person) == len(set(by_person))
    assert house.nurse.pk in by_person


def at_0920_one_ward_says_no(house: Hospital) -> None:
    dissenting = house.joined[0]
    with moment.travel(at("Tue 09:20")):
        lifecycle.still_broken(dissenting, by=dissenting.reporter, text="NO, not on ward 7")
        relay()

    dissenting.refresh_from_db()
    assert dissenting.is_dissent
    assert dissenting.is_down
    assert house.incident.status == "restored", "one of six does not bring it all back"
    with moment.travel(at("Tue 09:30")):
        conversation.update(dissenting, by=house.desk, text="We phoned: your mail program must be started again.")
        lifecycle.restore(dissenting, by=house.desk, outcome="Started again, it works.", restored_by="fix")
        relay()


def at_0952_and_1050_it_is_watched(house: Hospital) -> None:
    with moment.travel(at("Tue 09:52")):
        say(house, "All wards can send. We go on watching.", next_update_at=at("Tue 10:52"))
    with moment.travel(at("Tue 10:50")):
        say(house, "The new certificate arrives about 11.", next_update_at=at("Tue 11:50"))

    assert promised(house) == at("Tue 11:50")


def at_1115_the_cause_is_gone(house: Hospital) -> None:
    with moment.travel(at("Tue 11:15")):
        lifecycle.resolve(house.incident, by=house.desk, note="The certificate was renewed.")
        relay()
        for call in house.incident.calls.to_make().filter(why=Why.CONFIRM):
            calls.record_call(call, by=house.desk, outcome="reached")
        relay()

    assert house.incident.status == "resolved"
    went_on_alone, *others = house.joined
    assert {child.status for child in Incident.objects.filter(pk__in=[other.pk for other in others])} == {"resolved"}
    with moment.travel(at("Tue 11:20")):
        lifecycle.resolve(Incident.objects.get(pk=went_on_alone.pk), by=house.desk, note="It works on ward 7 too.")
        relay()
    assert house.incident.debts.filter(state="open").exists(), "written down later, asked now of nobody"


def at_1400_a_few_are_asked_how_it_went(house: Hospital) -> None:
    with moment.travel(at("Tue 14:00")):
        surveys.ask_due()

    asked = list(Survey.objects.values_list("person", flat=True))
    assert len(asked) == len(set(asked)), "nobody twice"
    assert house.nurse.pk in asked


def on_thursday_it_is_written_down(house: Hospital) -> None:
    problem = Problem.objects.get()
    assert problem.report_due_at <= at("Thu 18:00")
    with moment.travel(at("Thu 10:00")):
        review = reviews.begin(problem, by=house.engineer)
        assert "Mail goes over another relay." in " ".join(review.words.values())
        report = reviews.release(problem, by=house.engineer, text="This is what happened on Tuesday.")
        values = {"resolution_code": "workaround_applied"}
        later.complete(house.incident, by=house.desk, values=values)
        relay()

    assert Delivery.objects.filter(kind="report", recipient=house.stakeholders[0]).exists()
    assert report.content["incidents"] == [house.incident.reference]


def nothing_was_late_and_nobody_was_passed_over(house: Hospital) -> None:
    clocks.sweep(now=at("Thu 12:00"))
    assert misses(house.incident) == []
    kinds = list(house.incident.events.values_list("kind", flat=True))
    for kind in ("declared", "role", "parked", "investigation", "capture", "restored", "resolved", "reported"):
        assert kind in kinds, f"the history tells that it was {kind}"


# --- what is asked again and again


def relay() -> None:
    """What the workers do by themselves: hand on, and follow the major with all who joined it."""
    while events.relay():
        fanning.go_on()


def report(house: Hospital, person) -> Incident:
    return lifecycle.open_incident(
        by=person, reporter=person, text="I cannot send mail", service=house.mail, details={"affected": 1, "working": 1}
    )


def say(house: Hospital, text: str, **values) -> IncidentEvent:
    conversation.update(house.incident, by=house.desk, text=text, **values)
    event = house.incident.events.filter(kind="updated").latest("pk")
    relay()
    return event


def promised(house: Hospital):
    return clock(house.incident, "update").due_at


def told(person, kind: str) -> bool:
    return Delivery.objects.filter(recipient=person, kind=kind).exists()


def sent(event: IncidentEvent, people):
    return Delivery.objects.outside().filter(event=event, recipient__in=people).exclude(state="held")


def nudges(house: Hospital, since) -> bool:
    return house.incident.events.filter(kind="clock_warned", occurred_at__gte=since, data__clock="update").exists()


def used_minutes(found) -> int:
    spans = [segment for segment in found.ledger if segment["state"] == "running"]
    assert len(spans) == 1
    return round((found.stopped_at - found.started_at) / timedelta(minutes=1))

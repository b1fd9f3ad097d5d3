"""The question how it went, and the words to whom nobody reached by phone, as they arrive."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client

from incidents import calls, surveys
from incidents.models import Incident, Survey
from itsm import moment
from notifications.audience import BY_SMS
from notifications.models import Delivery
from tests import factories
from tests.notifications.test_letters import text, words


@pytest.fixture
def asked(reporter, agent, town):
    """asked(level=...) -> the question of an incident that was solved three hours ago."""

    def ask(level: int = 2, **values) -> Survey:
        town.level = level
        town.save()
        with moment.travel(moment.now() - timedelta(hours=3)):
            incident = factories.resolved(factories.open_incident(reporter, **values), agent)
        surveys.ask_due()
        return Survey.objects.get(incident=incident)

    return ask


def about(post, start: str) -> list:
    return [mail for mail in post.mails if str(mail["Subject"]).startswith(start)]


@pytest.mark.parametrize(("level", "numbers"), [(1, [5, 1]), (2, [5, 4, 3, 2, 1])])
def test_the_mail_has_a_link_for_each_answer_to_the_person_alone(
    post, hand_on, asked, reporter, contact, agent, level, numbers
) -> None:
    survey = asked(level)
    hand_on()

    (mail,) = about(post, "How did it go:")
    assert mail["To"] == reporter.email
    assert mail["Auto-Submitted"] == "auto-generated"
    for number in numbers:
        assert surveys.address(survey, number) in text(mail)
    assert text(mail).count("?answer=") == len(numbers)
    shown = Client().get(f"/s/{survey.token}/?answer={numbers[0]}")
    assert shown.status_code == 200


def test_it_speaks_the_persons_language(post, hand_on, asked, reporter) -> None:
    reporter.language = "de"
    reporter.save()
    asked()
    hand_on()

    (mail,) = about(post, "Wie ist es gelaufen:")
    assert "sehr zufrieden" in words(mail)


def test_answered_meanwhile_it_is_not_sent(post, hand_on, asked, reporter) -> None:
    survey = asked()
    surveys.answer(survey, by=reporter, satisfaction=5, by_way="page")
    hand_on()

    assert about(post, "How did it go:") == []
    assert "meanwhile it was answered" in Delivery.objects.outside().get(kind="how_did_it_go").last_error


def test_a_caller_gets_the_text_that_goes_by_sms_first(hand_on, asked, reporter) -> None:
    reporter.phone = "555 0177"
    reporter.save()
    asked(origin=Incident.Origin.PHONE)
    hand_on()

    assert (
        Delivery.objects.outside().filter(kind="how_did_it_go_phone", recipient=reporter, reason="surveyed").count()
        == 1
    )
    assert "how_did_it_go_phone" in BY_SMS


@pytest.mark.parametrize("kind", sorted(BY_SMS))
def test_an_sms_is_short_and_says_how_to_answer(kind) -> None:
    values = {"title": "Words " * 40, "reference": "INC-123456", "hotline": "+49 40 555 0142 99"}
    for is_short in (True, False):
        said = render_to_string(f"notifications/sms/{kind}.txt", values | {"is_short": is_short}).strip()
        assert len(said) <= 300
        assert "INC-123456" in said
        assert "reply" in said.lower()


def test_twice_not_reached_a_message_goes_out_by_itself_once(post, hand_on, incident, reporter, agent) -> None:
    calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(minutes=5))
    call = incident.calls.get()
    calls.record_call(call, by=agent, outcome="voicemail")
    hand_on()
    assert about(post, "We could not reach you by phone") == []

    for outcome in ("no_answer", "no_answer"):
        calls.record_call(call, by=agent, outcome=outcome)
    hand_on()

    (mail,) = about(post, "We could not reach you by phone")
    assert mail["To"] == reporter.email
    assert "555 0142" in words(mail)


def test_reached_in_the_end_nothing_goes_out(post, hand_on, incident, agent) -> None:
    calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(minutes=5))
    call = incident.calls.get()
    for outcome in ("voicemail", "no_answer", "reached"):
        calls.record_call(call, by=agent, outcome=outcome)
    hand_on()

    assert about(post, "We could not reach you by phone") == []


def test_who_has_no_log_in_cannot_be_written_to(post, hand_on, incident, agent) -> None:
    calls.promise_call(
        incident, by=agent, due_at=moment.now() + timedelta(minutes=5), name="The gatehouse", number="555 0166"
    )
    for outcome in ("voicemail", "no_answer"):
        calls.record_call(incident.calls.get(), by=agent, outcome=outcome)
    hand_on()

    assert about(post, "We could not reach you by phone") == []


def test_a_late_call_reaches_the_owner_and_then_the_lead(post, hand_on, incident, agent, lead) -> None:
    factories.taken(incident, agent)
    calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(minutes=5), name="The gatehouse")
    late = moment.now() + timedelta(minutes=6)
    calls.sweep_late(late)
    hand_on()
    assert [mail["To"] for mail in about(post, "A call is late")] == [agent.email]
    assert "The gatehouse was to be called by" in words(about(post, "A call is late")[0])

    calls.sweep_late(late + timedelta(minutes=5))
    hand_on()
    assert [mail["To"] for mail in about(post, "A call is late")] == [agent.email, lead.email]

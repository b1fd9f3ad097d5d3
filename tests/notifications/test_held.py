"""What was kept back goes out as one message, once."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from incidents import clocks, conversation
from itsm import events
from notifications import held, letters, sending
from notifications.models import Delivery
from tests import factories

State, Held = Delivery.State, Delivery.Held
PAST, FUTURE = Now() - timedelta(minutes=1), Now() + timedelta(hours=5)


@pytest.fixture
def kept(incident, agent, reporter):
    """Three pieces of news for the reporter on two incidents, kept for the morning, which has come."""
    other = factories.open_incident(reporter, text="The scanner hums")
    events.relay()
    factories.answered(incident, agent, text="We look at the printer.")
    while events.relay():
        pass
    rows = Delivery.objects.filter(recipient=reporter, channel="email", incident__in=[incident, other])
    keep(rows, Held.QUIET, PAST)
    return list(rows.order_by("pk"))


def keep(rows, reason: str, until) -> None:
    rows.update(state=State.HELD, held_for=reason, next_try_at=until)


def fresh(row: Delivery) -> Delivery:
    return Delivery.objects.get(pk=row.pk)


def body(mail, kind: str = "plain") -> str:
    return mail.get_body((kind,)).get_content()


def test_all_goes_out_in_the_newest_as_one(kept, post, reporter) -> None:
    sending.send_due()

    *others, newest = kept
    (mail,) = post.to(reporter.email)
    assert mail["Message-ID"] == letters.message_id(newest)
    assert {fresh(row).state for row in kept} == {State.SENT}
    assert [fresh(row).sent_with for row in kept] == [newest] * len(others) + [None]
    assert all(fresh(row).sent_at for row in kept)


def test_it_says_of_each_incident_what_was_said_and_by_whom_with_its_link(kept, post, reporter, incident) -> None:
    sending.send_due()

    (mail,) = post.to(reporter.email)
    for words in (body(mail), body(mail, "html")):
        assert "We look at the printer." in words
        assert "Ines Keller" in words
        assert incident.reference in words
        assert "The scanner hums" in words
        assert words.count("/t/") >= 2
    assert str(len(kept)) in mail["Subject"]
    assert body(mail).index(incident.reference) < body(mail).index("The scanner hums"), "the newest stands first"
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in mail.as_string()


def test_a_digest_is_automatic(kept, post, reporter) -> None:
    sending.send_due()

    (mail,) = post.to(reporter.email)
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "bulk")
    assert mail["In-Reply-To"] is None


def test_a_single_one_goes_out_as_itself(kept, post, reporter) -> None:
    keep(Delivery.objects.exclude(pk=kept[0].pk), Held.DIGEST, FUTURE)

    sending.send_due()

    (mail,) = post.to(reporter.email)
    assert "pieces of news" not in mail["Subject"]
    assert fresh(kept[0]).state == State.SENT
    assert fresh(kept[1]).state == State.HELD


def test_what_waits_for_the_same_reason_comes_along_before_its_time(kept, post) -> None:
    keep(Delivery.objects.filter(pk=kept[1].pk), Held.QUIET, FUTURE)

    sending.send_due()

    assert {fresh(row).state for row in kept} == {State.SENT}


def test_before_its_time_nothing_goes(kept, post) -> None:
    keep(Delivery.objects.all(), Held.QUIET, FUTURE)

    assert sending.send_due() == 0
    assert post.mails == []


def test_after_a_worker_died_over_it_it_is_the_same_message(kept, post, reporter) -> None:
    held.take_up("email")
    carrier = Delivery.objects.get(state=State.QUEUED)
    Delivery.objects.filter(pk=carrier.pk).update(state=State.LEASED, lease_until=PAST, attempts=1)
    late = Delivery.objects.get(pk=kept[0].pk)
    assert late.sent_with == carrier

    sending.send_due()
    sending.send_due()

    assert [mail["Message-ID"] for mail in post.to(reporter.email)] == [letters.message_id(carrier)]
    assert {fresh(row).state for row in kept} == {State.SENT}


def test_what_it_carries_shares_its_fate(kept, post, reporter) -> None:
    post.refuse[reporter.email] = "550 gone"

    sending.send_due()

    assert {fresh(row).state for row in kept} == {State.BOUNCED}


def test_a_carrier_that_nobody_needs_does_not_take_the_others_along(kept, post, reporter) -> None:
    Delivery.objects.filter(pk=kept[-1].pk).update(kind="late")  # of a clock that runs no more

    sending.send_due()
    sending.send_due()

    assert [fresh(row).state for row in kept] == [State.SENT] * (len(kept) - 1) + [State.SKIPPED]
    assert len(post.to(reporter.email)) == 1


def test_what_nobody_needs_is_carried_no_longer(kept, post, reporter) -> None:
    Delivery.objects.filter(pk=kept[0].pk).update(kind="late")

    sending.send_due()

    assert fresh(kept[0]).state == State.SKIPPED
    assert {fresh(row).state for row in kept[1:]} == {State.SENT}


def test_when_the_channel_works_again_what_was_kept_for_it_goes_out(kept, post, reporter) -> None:
    keep(Delivery.objects.all(), Held.DOWN, FUTURE)
    keep(Delivery.objects.filter(pk=kept[0].pk), Held.QUIET, FUTURE)

    assert sending.release(reporter.customer_id, "email") == len(kept) - 1
    sending.send_due()

    assert fresh(kept[0]).state == State.HELD
    assert len(post.to(reporter.email)) == 1


def test_text_messages_go_by_incident(kept) -> None:
    Delivery.objects.outside().update(channel="sms")

    held.take_up("sms")

    waiting = Delivery.objects.filter(state=State.QUEUED)
    assert waiting.count() == len({row.incident_id for row in kept})


def test_health_sees_what_is_kept_too_long(kept) -> None:
    assert sending.oldest_due() >= timedelta(minutes=1)


def writes(incident, text: str) -> None:
    conversation.add(incident, by=incident.reporter, text=text)
    while events.relay():
        pass


def test_what_an_agent_is_told_of_one_incident_within_two_minutes_is_one_more_mail(
    incident, agent, post, hand_on
) -> None:
    factories.taken(incident, agent)
    for words in ("It blinks.", "It smokes.", "It burns."):
        writes(incident, words)
        sending.send_due()
    to_agent = Delivery.objects.filter(recipient=agent, kind="customer_wrote", channel="email")
    assert len(post.to(agent.email)) == 1
    assert to_agent.filter(state=State.HELD, held_for=Held.OFTEN).count() == 2

    to_agent.filter(state=State.HELD).update(next_try_at=PAST)
    sending.send_due()

    first, second = post.to(agent.email)
    assert "It blinks." in body(first)
    assert "It smokes." in body(second)
    assert "It burns." in body(second)


def test_alarms_do_not_wait_for_that(incident, agent, lead, post, hand_on) -> None:
    factories.taken(incident, agent)
    writes(incident, "It blinks.")
    hand_on()
    clocks.sweep(incident.clocks.get(kind="response").due_at + timedelta(seconds=2))
    hand_on()

    assert len(post.to(agent.email)) == 2

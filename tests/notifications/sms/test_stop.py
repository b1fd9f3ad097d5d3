"""STOP ends text messages to a number, except about what is urgent; START begins them again."""

import pytest

from incidents.models import Incident
from itsm import events
from notifications import sending
from notifications.models import ChannelWish, Delivery
from tests.notifications.sms.writing import write


def told_by_text(incident, known, reason: str = "reporter") -> Delivery:
    """A text message that waits, and what the gateway's lane makes of it."""
    waiting = Delivery.objects.create(
        event=incident.events.latest("pk"), incident=incident, customer=incident.customer, recipient=known,
        channel="sms", kind="update", reason=reason, address=known.phone, state="queued",
    )  # fmt: skip
    sending.send_due("sms")
    waiting.refresh_from_db()
    return waiting


@pytest.mark.parametrize("stop", ["STOP", "stop.", "Stopp", "ARRÊT"])
def test_after_stop_a_number_gets_no_more_text_messages(known, incident, gateway, stop) -> None:
    known.refresh_from_db()

    kept = write(stop)

    assert (kept.state, kept.person, kept.why) == ("stopped", known, "they want no more text messages")
    told = told_by_text(incident, known)
    assert (told.state, told.last_error, gateway.messages) == ("skipped", "they want no more text messages", [])
    assert sending.given_up() == 0


def test_after_stop_what_is_urgent_still_comes(known, incident, gateway) -> None:
    known.refresh_from_db()
    write("STOP")
    Incident.objects.filter(pk=incident.pk).update(priority=1)
    incident.refresh_from_db()

    assert told_by_text(incident, known).state == "sent"
    assert len(gateway.messages) == 1


def test_after_stop_no_new_text_message_is_written_but_a_mail(known, incident, settings) -> None:
    settings.SMS_URL = "http://127.0.0.1:9/sms"
    ChannelWish.objects.create(person=known, customer=known.customer, about="own", channel="sms", is_wanted=True)
    ChannelWish.objects.create(person=known, customer=known.customer, about="own", channel="email", is_wanted=False)
    write("STOP")

    events.relay()

    assert list(Delivery.objects.outside().filter(recipient=known).values_list("channel", flat=True)) == ["email"]


def test_ones_own_page_says_so(known, incident, gateway, as_user) -> None:
    page = as_user(known).get("/account/notifications/").content.decode()
    assert "Send START" not in page

    write("STOP")

    page = as_user(known).get("/account/notifications/").content.decode()
    assert "By STOP you have ended text messages to 0049 (0)170 555-0142" in page


def test_start_begins_them_again(known, incident, gateway) -> None:
    known.refresh_from_db()
    write("STOP")

    assert write("START").state == "stopped"
    assert told_by_text(incident, known).state == "sent"
    assert write("START").state == "joined", "to who has ended nothing it is a word like another"

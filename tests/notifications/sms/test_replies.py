"""What people write back by SMS: through the gateway, to our hook, onto their incident."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from customers.models import ContactRole, User
from incidents import surveys
from incidents.models import Survey
from itsm import moment
from itsm.refusal import Refused
from notifications import sms_replies
from notifications.models import Delivery, InboundText
from tests import factories
from tests.notifications.sms.conftest import NUMBER
from tests.notifications.sms.writing import ADDRESS, hook, write


def words(incident) -> list[str]:
    return list(incident.messages.order_by("pk").values_list("body", flat=True))


def test_an_answer_is_the_customers_word_on_what_we_wrote_last(written, incident, known) -> None:
    text = write("It is the printer at counter 3 ✓")

    assert (text.state, text.person, text.incident) == ("joined", known, incident)
    message = incident.messages.latest("pk")
    assert (message.body, message.author, message.is_public) == ("It is the printer at counter 3 ✓", known, True)
    assert incident.events.latest("pk").kind == "added"


def test_who_names_an_incident_means_that_one(written, incident, known) -> None:
    other = factories.open_incident(known, text="The door is stuck")

    write(f"{other.reference.lower()}: it is open again")

    assert words(other)[-1] == f"{other.reference.lower()}: it is open again"
    assert len(words(incident)) == 1


@pytest.mark.parametrize("no", ["NO", "No.", "nein", "NEIN!", "Non", " no "])
def test_a_no_to_what_is_said_to_work_opens_it_again(written, incident, agent, no) -> None:
    factories.restored(incident, agent)

    text = write(no)

    incident.refresh_from_db()
    assert (text.state, incident.status, incident.reopened) == ("joined", "in_progress", 1)
    assert incident.events.latest("pk").kind == "relapsed"


def test_a_no_with_the_reference_opens_it_again(known, incident, agent) -> None:
    factories.restored(incident, agent)

    write(f"NO {incident.reference}")

    incident.refresh_from_db()
    assert incident.status == "in_progress"


def test_a_no_to_what_is_still_down_is_a_word_like_another(written, incident) -> None:
    write("NO")

    incident.refresh_from_db()
    assert (incident.status, words(incident)[-1]) == ("new", "NO")


def test_more_than_a_bare_no_is_a_word_like_another(written, incident, agent) -> None:
    factories.restored(incident, agent)

    write("no trouble any more, thanks")

    incident.refresh_from_db()
    assert incident.status == "restored"


def test_a_number_in_a_role_counts_too(incident, contact, town) -> None:
    ContactRole.objects.create(customer=town, kind="named_contact", person=contact, out_of_band="+49 170 5550199")

    text = write(f"{incident.reference} we call you", number="+491705550199")

    assert (text.state, text.person) == ("joined", contact)


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("hello", "+491705550000", "nobody with a log-in has this number"),
        ("hello", ADDRESS, "it names no incident"),
        ("INC-999999 hello", ADDRESS, "it names no incident"),
    ],
)
def test_what_belongs_nowhere_waits_in_the_tray(known, incident, text, number, why) -> None:
    kept = write(text, number=number)

    assert (kept.state, kept.incident) == ("tray", None)
    assert why in kept.why
    assert len(words(incident)) == 1


def test_a_strangers_incident_is_not_joined(known, stranger) -> None:
    theirs = factories.open_incident(stranger)

    text = write(f"{theirs.reference} hello")

    assert (text.state, text.incident, text.customer) == ("tray", None, known.customer)
    assert len(words(theirs)) == 1


def test_what_the_incident_does_not_take_any_more_waits_in_the_tray(written, incident, known) -> None:
    factories.lifecycle.cancel(incident, by=known, reason="A mistake.")

    text = write("It was none after all")

    assert (text.state, text.incident) == ("tray", incident)
    assert "Not possible now" in text.why


def test_of_several_with_one_number_it_is_whom_we_wrote_to(written, known, colleague, incident) -> None:
    User.objects.filter(pk=colleague.pk).update(phone=NUMBER)
    assert write("still here").person == known

    Delivery.objects.all().delete()
    assert write("who am I?").state == "tray"


def test_who_left_is_nobody(written, known) -> None:
    User.objects.filter(pk=known.pk).update(is_active=False)

    assert write("hello").state == "tray"


def test_a_number_at_home_is_known_by_its_country(known, written, settings) -> None:
    settings.SMS_COUNTRY = "+49"
    User.objects.filter(pk=known.pk).update(phone="0170 5550142")

    assert write("hello", number="0170 5550142").state == "joined"


def test_an_answer_to_a_survey_goes_there(written, incident, known, agent) -> None:
    with moment.travel(moment.now() - timedelta(hours=3)):
        factories.resolved(incident, agent)
    surveys.ask_due()

    assert write(f"{incident.reference} 5").state == "answered"
    assert write("5 people wait").state == "joined"
    assert Survey.objects.values_list("person", "satisfaction", "answered_by").get() == (known.pk, 5, "sms")


# --- the hook


def test_the_same_message_twice_is_kept_once(written, incident) -> None:
    for _ in range(2):
        write("hello", id="one")

    assert InboundText.objects.count() == 1
    assert words(incident)[1:] == ["hello"]


def test_a_form_will_do(written) -> None:
    answer = Client().post(hook(), {"From": ADDRESS, "Body": "hello", "MessageSid": "SM1"})

    assert (answer.status_code, InboundText.objects.get().text) == (202, "hello")


@pytest.mark.parametrize(
    "said",
    [{}, {"from": ADDRESS, "text": "x"}, {"from": "radio", "text": "x", "id": "1"}, {"from": ADDRESS, "id": "1"},
     {"from": [ADDRESS], "text": "x", "id": "1"}, {"from": ADDRESS, "text": "\0", "id": "1"},
     {"from": ADDRESS, "text": {"a": 1}, "id": "1"}, {"from": "+49" + "9" * 40, "text": "x", "id": "1"}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(said) -> None:
    answer = Client().post(hook(), json.dumps(said), content_type="application/json")

    assert (answer.status_code, answer.content.decode().startswith("Please send")) == (422, True)
    assert not InboundText.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "[]", "7", "{", "x" * 20_000, "[" * 10_000, '{"a": "\ud83d"}'.encode("utf-8", "replace")]
)
def test_what_is_no_message_is_refused(body) -> None:
    assert Client().post(hook(), body, content_type="application/json").status_code in {400, 422}


@pytest.mark.parametrize("token", ["sms", "sms:", "sms:AAAA", "x:y", signing.Signer(salt="other").sign("sms")])
def test_only_the_signed_address_is_a_hook(token) -> None:
    address = reverse("notifications:sms_hook", args=[token])

    assert Client().post(address, {"from": ADDRESS, "text": "x", "id": "1"}).status_code == 404


def test_it_is_posted_to() -> None:
    assert Client().get(hook()).status_code == 405


def test_one_number_does_not_flood_us(written, monkeypatch) -> None:
    monkeypatch.setattr(sms_replies, "A_NUMBERS_SHARE", 2)
    said = [{"from": ADDRESS, "text": "x", "id": str(number)} for number in range(3)]

    codes = [Client().post(hook(), each).status_code for each in said]

    assert codes == [202, 202, 429]
    assert Client().post(hook(), {"from": "+491705550001", "text": "x", "id": "1"}).status_code == 202


def test_one_that_cannot_be_read_does_not_hold_up_the_others(written, incident, monkeypatch) -> None:
    decide = sms_replies.decide

    def trip(text: InboundText) -> None:
        if text.text == "poison":
            raise ValueError("cannot")
        decide(text)

    monkeypatch.setattr(sms_replies, "decide", trip)
    write("poison")
    write("hello")
    for _ in range(sms_replies.MOST_TRIES):
        sms_replies.read_due()

    assert list(InboundText.objects.order_by("pk").values_list("state", flat=True)) == ["tray", "joined"]


def test_the_operator_is_told_the_address(capsys) -> None:
    call_command("sms_hook")

    assert capsys.readouterr().out.strip() == sms_replies.hook_url()


# --- the tray


@pytest.fixture
def lost(incident):
    return InboundText.objects.create(number=ADDRESS, text="Who am I?", gateway_id="1", state="tray", why="unknown")


def settle(client, text, **said):
    return client.post(reverse("notifications:text_settle", args=[text.pk]), said)


def test_an_agent_adds_it_to_an_incident(lost, agent, incident, as_user) -> None:
    assert "Who am I?" in as_user(agent).get(reverse("notifications:texts")).content.decode()

    answer = settle(as_user(agent), lost, reference=incident.reference.lower(), decision="join")

    lost.refresh_from_db()
    assert answer.status_code == 302
    assert (lost.state, lost.incident, lost.settled_by) == ("joined", incident, agent)
    assert words(incident)[-1] == f"SMS from {ADDRESS}:\nWho am I?"


def test_an_agent_puts_it_aside(lost, agent, as_user) -> None:
    settle(as_user(agent), lost, decision="dismiss")

    lost.refresh_from_db()
    assert (lost.state, lost.settled_by) == ("dismissed", agent)
    with pytest.raises(Refused):
        sms_replies.dismiss(lost, by=agent)


def test_an_incident_that_is_not_there_is_said(lost, agent, stranger, as_user) -> None:
    theirs = factories.open_incident(stranger)
    for reference in ("", "INC-0", theirs.reference, "<b>"):
        answer = settle(as_user(agent), lost, reference=reference, decision="join")
        assert answer.status_code == 422
        assert "There is no incident" in answer.content.decode()


def test_the_tray_is_the_desks(lost, reporter, contact, as_user) -> None:
    for person in (reporter, contact):
        assert as_user(person).get(reverse("notifications:texts")).status_code == 404

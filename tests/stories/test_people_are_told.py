"""People are told: three customers, each way that is pulled out of the wall, and nobody has to ask "any news?".

Real servers all the way: mail, text messages, webhooks and a room of a chat are taken by servers of their own. Time
is the story's, a Tuesday morning.
"""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from standardwebhooks import Webhook

from customers.models import Service, User
from incidents import conversation, following, lifecycle
from itsm import events, moment
from notifications import endpoints, sending
from notifications.inbound import store, work
from notifications.models import Address, Delivery
from tests import factories
from tests.incidents.moments import at
from tests.notifications import smtp
from tests.notifications.inbound.conftest import takes_mail
from tests.notifications.inbound.writing import answer
from tests.notifications.sms.conftest import gateway, gateway_process
from tests.receivers.running import closed_port, receiver, receiver_process

__all__ = ["gateway", "gateway_process", "receiver", "receiver_process", "takes_mail"]
WAYS = ("email", "sms", "webhook", "chat")


@pytest.fixture
def post(settings):
    with smtp.serving() as (post, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield post


class House:
    """Three customers as different as can be, and Ines, who serves them all."""

    def __init__(self, gateway, receiver, post) -> None:
        self.gateway, self.receiver, self.post = gateway, receiver, post
        self.town = factories.CustomerFactory(name="Town of Ostermoor", level=1, language="de")
        self.hospital = factories.CustomerFactory(name="Lindenfeld Hospital Group", level=2, language="en-gb")
        self.fintech = factories.CustomerFactory(name="Quillpay", level=4, language="fr", time_zone="Europe/London")
        team = factories.TeamFactory(name="Desk", customers=[self.town, self.hospital, self.fintech])
        self.ines = factories.UserFactory(name="Ines Keller", agent=True, member_of=team)
        self.rosa = self._person("Rosa Winter", self.town, phone="+49 170 5550101")
        self.lena = self._person("Lena Hartmann", self.hospital, phone="+49 170 5550102")
        self.adele = self._person("Adele Moreau", self.hospital, role=User.Role.CONTACT)
        self.zara = self._person("Zara Ahmed", self.fintech)
        self.oliver = self._person("Oliver Grant", self.fintech, role=User.Role.CONTACT, language="en-gb")
        self.programs = endpoints.add(
            self.fintech, by=self.oliver, kind="webhook", name="Tickets", url=receiver.url("/hook")
        )
        endpoints.add(self.fintech, by=self.oliver, kind="slack", name="Room", url=receiver.url("/room"))

    def _person(self, name: str, customer, **facts) -> User:
        return factories.UserFactory(
            name=name, email=f"{name.split()[0].lower()}@town.example", customer=customer, **facts
        )

    def reports(self, person: User, text: str, **how):
        return lifecycle.open_incident(by=person, reporter=person, text=text, **how)

    def hand_on(self) -> None:
        """What the workers do within seconds; waiting times are over at once."""
        for _round in range(2):
            events.relay()
            Delivery.objects.filter(state="queued").update(next_try_at=Now())
            for way in WAYS:
                sending.send_due(way)

    def mails_to(self, person: User) -> list[str]:
        return [mail.get_body(("plain",)).get_content() for mail in self.post.to(person.email)]

    def texts_to(self, person: User) -> list[str]:
        return [each["text"] for each in self.gateway.messages if each["to"] == person.phone.replace(" ", "")]

    def calls(self, path: str) -> list[dict]:
        return [call for call in self.receiver.requests if urlsplit(call["path"]).path == path]

    def state(self, incident, person: User, channel: str) -> list[str]:
        rows = Delivery.objects.filter(incident=incident, recipient=person, channel=channel).order_by("pk")
        return list(rows.values_list("state", flat=True))


@pytest.fixture
def house(gateway, receiver, post, settings) -> House:
    settings.SMS_COUNTRY = "+49"
    return House(gateway, receiver, post)


@pytest.fixture(autouse=True)
def _a_tuesday_morning():
    with moment.travel(at("Tue 09:00")):
        yield


def test_at_the_town_words_are_german_and_an_answer_by_mail_lands_where_it_belongs(house, as_user) -> None:
    trouble = house.reports(house.rosa, "Der Drucker am Schalter druckt nicht")
    lifecycle.take(trouble, by=house.ines)
    parts = {"notice": "Am Schalter druckt nichts.", "meanwhile": "Nehmen Sie Drucker 2.", "changed": "Wir prüfen ihn."}
    conversation.update(trouble, by=house.ines, said=parts | {"affected": "One person is affected."})
    house.hand_on()

    receipt, _taken, update = house.mails_to(house.rosa)
    assert "Ihre Meldung ist bei uns." in receipt
    for words in ("Wir prüfen ihn.", "Eine Person ist betroffen.", "Bis dahin: Nehmen Sie Drucker 2.", "Berlin"):
        assert words in update
    assert "One person" not in update

    lifecycle.ask(trouble, by=house.ines, question="Seit wann?")
    house.hand_on()
    question = Delivery.objects.get(incident=trouble, kind="question", channel="email")
    an_hour_ago = moment.database_now() - timedelta(hours=1)  # nobody answers three messages within seconds
    Delivery.objects.filter(state="sent").update(sent_at=an_hour_ago)
    store.keep(answer(question, "Seit acht Uhr.").as_bytes(), mailbox="lmtp")
    work.read_due()

    trouble.refresh_from_db()
    assert (trouble.status, trouble.messages.order_by("-pk")[0].body) == ("in_progress", "Seit acht Uhr.")
    panel = as_user(house.ines).get(reverse("notifications:incident_panel", args=[trouble.reference])).content.decode()
    for words in ("Rosa Winter", "because they reported it", "E-mail", "Portal", "question", "sent"):
        assert words in panel


def test_at_the_fintech_people_read_french_and_programs_are_told_in_order(house) -> None:
    trouble = house.reports(house.zara, "Les paiements sont refusés", impact=1, urgency=1)
    lifecycle.take(trouble, by=house.ines)
    conversation.update(trouble, by=house.ines, text="We check the gateway.")
    lifecycle.restore(trouble, by=house.ines, outcome="Cards work again.", restored_by="fix")
    lifecycle.resolve(trouble, by=house.ines)
    house.hand_on()
    house.hand_on()

    assert "Nous avons votre signalement" in house.mails_to(house.zara)[0]
    assert "We check the gateway." in "".join(house.mails_to(house.zara))
    assert any(
        "We check the gateway." in words and "named contact of" in words for words in house.mails_to(house.oliver)
    )
    told = [Webhook(house.programs.secret).verify(call["body"], call["headers"]) for call in house.calls("/hook")]
    types = [each["type"].removeprefix("incident.") for each in told]
    assert types == ["opened", "taken", "updated", "restored", "resolved"]
    assert len(house.calls("/room")) == 5
    assert trouble.reference in json.dumps(json.loads(house.calls("/room")[0]["body"]))


def test_while_the_hospitals_mail_is_down_urgent_words_come_by_text_and_the_rest_afterwards(house) -> None:
    """In the present: what is kept back waits by the database's clock."""
    with moment.travel(moment.database_now()):
        mail = Service.objects.create(customer=house.hospital, name="Mail", is_channel="email")
        outage = house.reports(house.lena, "No mail leaves the hospital", service=mail, impact=1, urgency=1)
        conversation.update(outage, by=house.ines, text="We fail over to the second relay.")
        house.hand_on()

        assert house.mails_to(house.lena) == []
        assert any("We fail over to the second relay." in text for text in house.texts_to(house.lena))
        assert set(house.state(outage, house.lena, "email")) == {"held"}

        lifecycle.restore(outage, by=house.ines, outcome="Mail works again.", restored_by="workaround")
        house.hand_on()

    (digest,) = house.mails_to(house.lena)  # one message for all that was kept
    for words in ("We fail over to the second relay.", "Mail works again."):
        assert words in digest
    assert outage.events.filter(kind="reached_again").exists()


def test_the_mail_server_is_unplugged_and_nothing_is_lost(house, settings) -> None:
    settings.EMAIL_PORT, there = closed_port(), settings.EMAIL_PORT
    urgent = house.reports(house.lena, "The ward system is down", impact=1, urgency=1)
    calm = house.reports(house.rosa, "Der Drucker klemmt")
    house.hand_on()

    assert (house.state(urgent, house.lena, "email"), house.state(calm, house.rosa, "email")) == (
        ["queued"],
        ["queued"],
    )
    assert any(urgent.reference in text for text in house.texts_to(house.lena)), "a P1 goes on by the next way"
    assert house.texts_to(house.rosa) == []

    settings.EMAIL_PORT = there
    house.hand_on()

    assert len(house.mails_to(house.lena)) == len(house.mails_to(house.rosa)) == 1


def test_the_text_gateway_is_unplugged_and_a_mail_takes_over(house, settings) -> None:
    there, settings.SMS_URL = settings.SMS_URL, f"http://127.0.0.1:{closed_port()}/"
    urgent = house.reports(house.rosa, "Niemand kann arbeiten", impact=1, urgency=1)
    house.hand_on()
    house.hand_on()

    assert house.state(urgent, house.rosa, "sms") == ["queued"], "Guided customers get urgent words by text first"
    assert "Ihre Meldung ist bei uns." in house.mails_to(house.rosa)[0]

    settings.SMS_URL = there
    house.hand_on()
    assert len(house.texts_to(house.rosa)) == 1


def test_programs_are_unplugged_and_hear_it_all_in_order_afterwards(house) -> None:
    house.receiver.answers({"code": 503})
    trouble = house.reports(house.zara, "Cards are declined", impact=1, urgency=1)
    lifecycle.take(trouble, by=house.ines)
    house.hand_on()
    assert len(house.mails_to(house.zara)) == 2, "people hear it all the same"

    house.receiver.forget()
    endpoints.Endpoint.objects.update(rest_until=None)
    for _ in range(3):
        house.hand_on()
        endpoints.Endpoint.objects.update(rest_until=None)

    told = [json.loads(call["body"])["type"] for call in house.calls("/hook")]
    assert told == ["incident.opened", "incident.taken"]
    assert len(house.calls("/room")) == 2
    assert sending.given_up() == 0


def test_whom_no_way_reaches_is_called(house, post, settings) -> None:
    post.refuse[house.adele.email] = "550 no such mailbox"
    settings.SMS_URL = ""
    trouble = house.reports(house.lena, "The ward system is down", impact=1, urgency=1)
    conversation.update(trouble, by=house.ines, text="We look.")
    house.hand_on()

    assert Address.objects.get().address == house.adele.email
    call = trouble.calls.get(why="unreached")
    assert (call.person, call.done_at) == (house.adele, None)
    assert house.mails_to(house.lena), "the others were reached"


def test_redis_is_away_and_the_worker_dies_and_still_each_mail_goes_out_once(house, settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    trouble = house.reports(house.lena, "The ward system is down")
    events.relay()
    # Somebody took the mail out of the line, and died before it was sent: its lease ends, the next one takes it up.
    Delivery.objects.filter(incident=trouble, channel="email").update(state="leased", attempts=1, lease_until=Now())
    house.hand_on()

    assert len(house.mails_to(house.lena)) == 1
    assert house.state(trouble, house.lena, "email") == ["sent"]


def test_who_follows_and_who_is_hit_too_hear_of_it_once_each_and_nobody_of_their_own_act(house) -> None:
    trouble = house.reports(house.lena, "The ward system is down", impact=1, urgency=1)
    following.join(trouble, by=house.adele)
    house.hand_on()
    house.post.mails.clear()
    with moment.travel(moment.now() + timedelta(minutes=11)):
        conversation.note(trouble, by=house.ines, text="internal: it is the switch")
        conversation.update(trouble, by=house.ines, text="We have it in hand.")
        house.hand_on()

    assert [len(house.mails_to(person)) for person in (house.lena, house.adele, house.ines)] == [1, 1, 0]
    assert "internal" not in "".join(house.mails_to(house.lena) + house.mails_to(house.adele))

"""What becomes of a mail: on which incident, in whose name, or in the tray."""

from datetime import timedelta

import pytest

from customers.models import User
from incidents import conversation, corrections, lifecycle
from incidents.models import Follow, Incident
from itsm import events, moment
from notifications.models import Delivery, InboundMail
from tests import factories
from tests.notifications.inbound.writing import answer, mail


@pytest.fixture
def receipt(incident):
    """What the reporter got for the report."""
    events.relay()
    Delivery.objects.update(state="sent", sent_at=moment.database_now() - timedelta(hours=2))
    return Delivery.objects.outside().get(recipient=incident.reporter)


def last_words(incident) -> str:
    return incident.messages.order_by("pk").last().body


def test_a_new_mail_of_somebody_known_opens_an_incident(reporter, team, receive) -> None:
    row = receive(mail(reporter, "It takes two pages at once.\n\nRosa", subject="Fwd: Scanner at counter 3"))

    opened = Incident.objects.get()
    assert (row.state, row.incident, row.person, row.customer) == ("opened", opened, reporter, reporter.customer)
    assert (opened.title, opened.origin, opened.reporter) == ("Scanner at counter 3", "email", reporter)
    assert row.message.body == "It takes two pages at once.\n\nRosa"
    assert opened.clocks.filter(state="running").exists()


def test_an_answer_to_the_signed_address_lands_on_its_incident_with_the_quoted_part_apart(receipt, receive) -> None:
    row = receive(answer(receipt, "It is the left printer.", In_Reply_To="", References=""))

    assert (row.state, row.incident, row.why) == ("joined", receipt.incident, "by the address it was sent to")
    assert row.message.body == "It is the left printer."
    assert row.message.quoted.startswith("On Mon, 4 Mar 2024")
    assert row.message.author == receipt.recipient


def test_an_answer_that_lost_its_address_is_found_by_our_own_id(receipt, receive) -> None:
    row = receive(answer(receipt, "It is the left printer.", signed=False))

    assert (row.state, row.incident, row.why) == ("joined", receipt.incident, "by the message it answers")


def test_references_are_read_from_the_newest(receipt, reporter, receive) -> None:
    newer = factories.open_incident(reporter, text="Another thing")
    events.relay()
    second = Delivery.objects.outside().get(incident=newer)
    from_both = answer(second, "About the newer one.", signed=False)
    del from_both["In-Reply-To"], from_both["References"]
    from_both["References"] = f"{answer(receipt, '')['References']} {answer(second, '')['References']}"

    assert receive(from_both).incident == newer


def test_the_key_in_the_subject_counts_for_who_takes_part(incident, reporter, colleague, contact, receive) -> None:
    by_key = {"subject": f"[{incident.reference}] left printer"}

    assert receive(mail(reporter, **by_key)).incident == incident
    assert receive(mail(contact, **by_key)).incident == incident
    apart = receive(mail(colleague, "What is this?", **by_key))
    assert (apart.state, apart.perhaps) == ("opened", incident)
    Follow.objects.create(
        incident=incident, customer=incident.customer, person=colleague, why="follows", created_at=moment.now()
    )
    assert receive(mail(colleague, "Hits me too.", **by_key)).incident == incident


def test_a_stranger_never_joins_whatever_they_quote(receipt, stranger, receive) -> None:
    for words, sender in enumerate((stranger, "somebody@else.example")):
        row = receive(answer(receipt, f"Let me in {words}", sender=sender))

        assert row.incident != receipt.incident
        assert row.perhaps == receipt.incident
    assert row.state == "tray"
    assert receipt.incident.messages.count() == 1


def test_a_made_up_signature_is_none(receipt, colleague, receive) -> None:
    true = answer(receipt, "x")["To"]
    for to in (
        true.replace("+inc", "+inc1"),
        true[:-20] + "aaaa@desk.example",
        true.replace("desk.example", "x.example"),
    ):
        row = receive(mail(receipt.recipient, f"Guessed {to}", to=to))

        assert row.incident != receipt.incident


def test_signatures_outlive_the_change_of_the_secret_key(receipt, settings, receive) -> None:
    words = answer(receipt, "Still me.", In_Reply_To="", References="")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-than-before"

    assert receive(words).incident == receipt.incident
    settings.SECRET_KEY_FALLBACKS = []
    assert receive(answer_again(words)).incident != receipt.incident


def answer_again(message):
    message.replace_header("Message-ID", "<another@mail.example>")
    return message


def test_merged_incidents_lead_to_where_it_goes_on(receipt, reporter, agent, receive) -> None:
    target = factories.open_incident(reporter, text="The same, reported twice")
    corrections.merge(receipt.incident, by=agent, into=target)

    assert receive(answer(receipt, "It is the left printer.")).incident == target


def test_unknown_senders_go_to_the_tray(team, receive) -> None:
    row = receive(mail("Sue <sue@nowhere.example>"))

    assert (row.state, row.customer, row.person) == ("tray", None, None)
    assert row.why == "Nobody we know writes from this address."
    assert not Incident.objects.exists()


@pytest.mark.parametrize("headers", [{"From": ""}, {"From": "a@x.example, b@x.example"}, {"From": "undisclosed:;"}])
def test_a_mail_of_nobody_or_of_several_is_nobodys(headers, team, receive) -> None:
    assert receive(mail("x@x.example", **headers)).state == "tray"


def test_who_has_left_is_unknown(reporter, team, receive) -> None:
    User.objects.filter(pk=reporter.pk).update(is_active=False)

    assert receive(mail(reporter)).state == "tray"


def test_letters_that_only_look_alike_are_others(town, team, receive) -> None:
    factories.UserFactory(customer=town, email="miriam.kirk@town.example")

    assert receive(mail("x <m\u0131riam.kirk@town.example>".encode().decode("utf-8"))).state == "tray"


def test_a_customer_nobody_serves_is_not_lost(receive) -> None:
    unserved = factories.UserFactory()
    row = receive(mail(unserved))

    assert (row.state, row.why) == ("tray", f"No team serves {unserved.customer} yet. Please call.")


class TestWhenItIsOver:
    def test_clear_words_open_it_again(self, receipt, agent, receive) -> None:
        factories.resolved(receipt.incident, agent)

        row = receive(answer(receipt, "Sorry, it is still not working."))

        receipt.incident.refresh_from_db()
        assert receipt.incident.status == "in_progress"
        assert (row.state, row.message.body) == ("joined", "Sorry, it is still not working.")
        assert row.message.quoted

    @pytest.mark.parametrize("words", ["Thank you, it does not work any better than before the last update!",
                                       "Great, thanks.", "One more question about the printer"])  # fmt: skip
    def test_other_words_are_words(self, words, receipt, agent, receive) -> None:
        factories.resolved(receipt.incident, agent)

        receive(answer(receipt, words))

        receipt.incident.refresh_from_db()
        assert receipt.incident.status == "resolved"
        assert last_words(receipt.incident) == words

    def test_thanks_after_closing_are_kept_and_open_nothing(self, receipt, agent, receive) -> None:
        lifecycle.close(factories.resolved(receipt.incident, agent))

        row = receive(answer(receipt, "Thank you all."))

        receipt.incident.refresh_from_db()
        assert (row.state, row.incident, receipt.incident.status) == ("joined", receipt.incident, "closed")
        assert Incident.objects.count() == 1

    def test_after_the_window_it_is_a_new_incident_that_follows(self, receipt, agent, receive) -> None:
        lifecycle.close(factories.resolved(receipt.incident, agent))
        with moment.travel(moment.now() + timedelta(days=200)):
            rows = [receive(answer(receipt, words)) for words in ("It is broken again.", "Good morning, a question.")]

        assert [row.state for row in rows] == ["opened", "opened"]
        assert {row.incident.follows for row in rows} == {receipt.incident}

    def test_a_withdrawn_one_is_followed_by_a_new_one(self, receipt, agent, receive) -> None:
        lifecycle.cancel(receipt.incident, by=agent, reason="A mistake.")

        assert receive(answer(receipt, "It was no mistake.")).incident.follows == receipt.incident


class TestTheDesk:
    @pytest.fixture
    def told(self, receipt, agent):
        """The owner was told that the customer wrote."""
        lifecycle.take(receipt.incident, by=agent)
        conversation.add(receipt.incident, by=receipt.recipient, text="It is the left one.")
        events.relay()
        return Delivery.objects.outside().get(kind="customer_wrote")

    def test_an_agents_answer_is_a_note(self, told, agent, receive) -> None:
        row = receive(answer(told, "I know that model."))

        assert (row.state, row.message.is_public, row.message.author) == ("joined", False, agent)
        assert last_words(told.incident) == "I know that model."

    def test_a_number_in_the_subject_is_not_enough_for_the_desk(self, told, agent, other_agent, receive) -> None:
        for person in (agent, other_agent):
            row = receive(mail(person, subject=told.incident.reference))

            assert (row.state, row.perhaps) == ("tray", told.incident)

    def test_who_does_not_serve_the_customer_notes_nothing(self, told, other_agent, receive) -> None:
        assert receive(answer(told, "Let me see.", sender=other_agent)).state == "tray"


def test_the_same_mail_by_two_ways_is_one(reporter, team, receive) -> None:
    words = mail(reporter)
    receive(words, mailbox="lmtp")
    second = receive(b"Received: from somewhere\r\n" + words.as_bytes(), mailbox="smtp")

    assert (second.state, Incident.objects.count()) == ("kept", 1)
    assert receive(words, mailbox="lmtp").pk == InboundMail.objects.first().pk


def test_other_words_under_the_same_id_are_another_mail(reporter, team, receive) -> None:
    for text in ("The scanner jams.", "Now the printer as well."):
        receive(mail(reporter, text, Message_ID="<same@broken.example>"))

    assert Incident.objects.count() == 2

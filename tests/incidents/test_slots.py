"""The parts of an update: carried over, never missing, read in order."""

import pytest

from incidents import conversation, lifecycle, slots
from incidents.conversation import TextRefused
from incidents.models import Incident, Message
from itsm import moment
from tests import factories
from tests.incidents.moments import at

FULL = {
    "notice": "E-mail is not working at all three sites.",
    "affected": "You cannot send or receive mail. Phones, the patient system and printing work.",
    "doing": "We are on it: our team is checking the mail servers.",
    "meanwhile": "use the ward phones; urgent results by fax line 200.",
}
Phase = Message.Phase


def last(incident) -> Message:
    return incident.messages.order_by("-pk")[0]


def test_a_full_update_reads_as_it_would_be_told(incident, agent) -> None:
    conversation.update(incident, by=agent, said=FULL)

    assert last(incident).body == (
        "E-mail is not working at all three sites.\n"
        "You cannot send or receive mail. Phones, the patient system and printing work.\n"
        "We are on it: our team is checking the mail servers.\n"
        "Until then: use the ward phones; urgent results by fax line 200."
    )
    assert last(incident).slots == FULL


def test_the_first_one_starts_from_what_is_known(reporter, team) -> None:
    service = factories.ServiceFactory(customer=reporter.customer, name="Printing")
    incident = factories.open_incident(reporter, "Nothing comes out", service=service, impact=1, urgency=1)

    start = slots.beginning(incident)

    assert start.parts == {
        "notice": "Printing: Nothing comes out", "affected": "Many people are affected, or the whole place.",
    }  # fmt: skip
    assert start.phase == Phase.ACKNOWLEDGED


def test_the_next_one_is_one_sentence(incident, agent) -> None:
    with moment.travel(at("Mon 10:00")):
        conversation.update(incident, by=agent, said=FULL, text="The first server is back.")
    with moment.travel(at("Mon 10:20")):
        start = slots.beginning(incident)
        conversation.update(incident, by=agent, said=start.parts, text="Both servers are back.")

    assert start.parts == FULL, "all but the news, which is news once"
    assert "Both servers are back." in last(incident).body
    assert "The first server" not in last(incident).body
    assert last(incident).body.startswith(FULL["notice"])


def test_a_text_alone_is_all_that_is_read_and_the_parts_go_on(incident, agent) -> None:
    conversation.update(incident, by=agent, said=FULL)
    conversation.update(incident, by=agent, text="The certificate ran out.")

    assert last(incident).body == "The certificate ran out."
    assert last(incident).slots == FULL | {"changed": "The certificate ran out."}
    assert slots.beginning(incident).parts == FULL


@pytest.mark.parametrize("slot", ["notice", "affected"])
def test_what_every_update_says_is_not_left_empty(incident, agent, slot) -> None:
    with pytest.raises(TextRefused, match=r"notice|affected"):
        conversation.update(incident, by=agent, said=FULL | {slot: " \n"})

    assert incident.messages.count() == 1


def test_an_update_in_which_nothing_is_new_is_refused(incident, agent) -> None:
    conversation.update(incident, by=agent, said=FULL)

    with pytest.raises(TextRefused, match="at least one sentence"):
        conversation.update(incident, by=agent, said=slots.beginning(incident).parts)


def test_some_parts_by_a_program_carry_the_others_over(incident, agent) -> None:
    conversation.update(incident, by=agent, said=FULL)
    conversation.update(incident, by=agent, said={"doing": "We change the certificate."})

    assert last(incident).slots == {
        "notice": FULL["notice"], "affected": FULL["affected"], "doing": "We change the certificate.",
    }  # fmt: skip


def test_phases_follow_the_state(incident, agent, reporter) -> None:
    steps = [
        lambda: conversation.update(incident, by=agent, text="We have begun."),
        lambda: conversation.update(incident, by=agent, text="We look on."),
        lambda: conversation.update(incident, by=agent, text="It is the certificate.", phase=Phase.IDENTIFIED),
        lambda: conversation.update(incident, by=agent, text="It is being changed."),
        lambda: factories.restored(incident, agent),
        lambda: conversation.update(incident, by=agent, text="All is well."),
        lambda: lifecycle.still_broken(incident, by=reporter),
        lambda: conversation.update(incident, by=agent, text="We look again."),
        lambda: lifecycle.resolve(incident, by=agent, note="A new certificate."),
    ]
    for step in steps:
        step()

    said = incident.messages.exclude(phase="").order_by("pk").values_list("phase", flat=True)
    assert list(said) == [
        "acknowledged", "investigating", "identified", "identified", "restored", "restored", "identified", "report",
    ]  # fmt: skip


def test_once_it_works_the_trouble_is_not_told_again(incident, agent) -> None:
    conversation.update(incident, by=agent, said=FULL)
    restored = factories.restored(incident, agent)
    assert slots.beginning(restored).parts == {
        "notice": "Printing works over printer 2.", "affected": "Those who were affected can work again.",
    }  # fmt: skip

    broken = lifecycle.still_broken(restored, by=incident.reporter)
    assert slots.beginning(Incident.objects.get(pk=broken.pk)).parts == FULL


def test_an_unknown_kind_of_message_is_refused(incident, agent) -> None:
    with pytest.raises(lifecycle.Refused, match="kind of message"):
        conversation.update(incident, by=agent, text="Hm.", phase="panic")

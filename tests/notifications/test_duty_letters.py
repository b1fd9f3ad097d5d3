"""Letters about reports that a customer owes others: whose duty it is, and what our part is."""

import pytest

from incidents import duties
from itsm import events, moment
from notifications.models import Delivery
from tests.incidents.moments import at


@pytest.fixture
def duty(incident, agent):
    """Due on Tuesday at nine."""
    with moment.travel(at("Mon 10:00")):
        (laid,) = duties.add(incident, by=agent, what="other", name="Report", hours=24, known_at=at("Mon 09:00"))
    return laid


def plain(post, person) -> str:
    (letter,) = post.to(person.email)
    return " ".join(letter.get_body(("plain",)).get_content().split())


@pytest.mark.parametrize(("when", "words"), [("Mon 21:00", "is due Tue 3 Mar, 09:00"), ("Tue 09:00", "was due Tue 3")])
def test_they_say_whose_duty_it_is(duty, manager, contact, post, hand_on, when, words) -> None:
    duties.remind(at(when))
    hand_on()

    assert words in plain(post, contact)
    assert "for you to decide; we give no legal advice" in plain(post, contact)
    assert "http" in plain(post, contact)
    assert "It is the customer's duty. Our part is the evidence in time" in plain(post, manager)


def test_answered_for_meanwhile_it_stays_here(duty, agent, manager, post, hand_on) -> None:
    duties.remind(at("Mon 21:00"))
    events.relay()
    with moment.travel(at("Mon 21:01")):
        duties.done(duty, by=agent)

    hand_on()

    assert not post.to(manager.email)
    assert Delivery.objects.filter(kind="duty_due", state="skipped", recipient=manager).exists()

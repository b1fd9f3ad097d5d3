"""How we work together, in the portal: the proposal in plain words, and the contact's answer."""

from datetime import date

import pytest

from customers import assessment
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.customers.assessed import TOWN_LATER, agreed, at, proposed
from tests.incidents.desk.pages import fields, region, text

PAGE = "/organisation/maturity/"
ACCEPT, NOT_YET = f"{PAGE}accept/", f"{PAGE}not-yet/"


@pytest.fixture(autouse=True)
def _monday():
    with moment.travel(at("2026-03-02 10:00")):
        yield


@pytest.fixture
def portal(as_user, contact):
    return as_user(contact)


@pytest.fixture
def proposal(town, lead):
    return proposed(town, lead, TOWN_LATER)


def shown(client):
    return text(region(client.get(PAGE).content.decode(), "main"))


def test_it_is_for_the_contact_alone(as_user, contact, reporter, agent, lead, proposal):
    people = (contact, reporter, agent, lead)

    assert [as_user(p).get(PAGE).status_code for p in people] == [200, 404, 404, 404]
    assert [as_user(p).post(ACCEPT).status_code for p in (reporter, agent, lead)] == [404] * 3
    assert [as_user(p).post(NOT_YET, {"word": "x"}).status_code for p in (reporter, agent, lead)] == [404] * 3


def test_another_contact_sees_their_own(as_user, stranger, proposal):
    other = factories.UserFactory(customer=stranger.customer, role="contact")

    assert "What we propose" not in shown(as_user(other))
    assert as_user(other).post(ACCEPT).status_code == 404


def test_the_proposal_is_plain_and_no_grade(portal, proposal):
    said = shown(portal)

    assert "From Guided to Supported It begins on Monday 9 March 2026, if both sides accept." in said
    assert "Closes by itself so long after it was solved 10 business days 7 business days" in said
    assert "level" not in said.lower()
    assert not any(words in said for words in ("Length of updates", "Wanted when it is closed", "impact"))


def test_yes_is_the_customers_word(portal, proposal, contact):
    sent = fields(portal.get(PAGE).content.decode(), ACCEPT)

    answer = portal.post(ACCEPT, sent, follow=True)

    proposal.refresh_from_db()
    assert proposal.accepted_there_by == contact
    assert "You have accepted it" in answer.content.decode()
    assert "Now it is our turn" in shown(portal)


def test_yes_is_to_what_was_read(portal, proposal, lead):
    sent = fields(portal.get(PAGE).content.decode(), ACCEPT)
    assessment.accept_here(proposal, by=lead, effective_on=date(2026, 3, 4))

    answer = portal.post(ACCEPT, sent)

    proposal.refresh_from_db()
    assert (answer.status_code, proposal.accepted_there_at) == (409, None)
    assert "Meanwhile the proposal has changed" in answer.content.decode()
    assert "Wednesday 4 March 2026" in answer.content.decode()


def test_not_yet_takes_a_word(portal, proposal):
    empty = portal.post(NOT_YET, {"word": " "})
    said = portal.post(NOT_YET, {"word": "After the move"}, follow=True)

    proposal.refresh_from_db()
    assert empty.status_code == 422
    assert "Nothing changes for now" in said.content.decode()
    assert "On 2 March you said not yet: After the move" in shown(portal)
    assert proposal.state == "proposed"


def test_too_many_words_stay_in_the_form(portal, proposal):
    answer = portal.post(NOT_YET, {"word": "x" * 501})

    assert answer.status_code == 422
    assert "x" * 501 in answer.content.decode()


def test_not_while_a_major_is_open(portal, proposal, reporter):
    incident = factories.open_incident(reporter)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)

    answer = portal.post(ACCEPT, {"seen": f"{proposal.pk}.-"})

    assert answer.status_code == 422
    assert f"A major incident is open ({incident.reference})" in answer.content.decode()
    assert "No support model changes" in shown(portal)


def test_answers_to_nothing_are_not_there(portal):
    assert "Your support model Guided" in shown(portal)
    assert portal.post(ACCEPT).status_code == 404
    assert portal.post(NOT_YET, {"word": "Why"}).status_code == 404


def test_agreed_and_in_force_are_said(portal, town, lead, contact):
    agreed(town, lead, contact, TOWN_LATER)
    before = shown(portal)
    with moment.travel(at("2026-03-09 08:00")):
        assessment.come_into_force()
        after = shown(portal)

    assert "Both sides have accepted. It begins on Monday 9 March 2026." in before
    assert "Your support model Supported We work together like this since 9 March 2026." in after


def test_the_page_costs_the_same(portal, town, lead, proposal, django_assert_num_queries):
    with django_assert_num_queries(8):
        portal.get(PAGE)

"""What was parked while the service was down comes along to the problem, once, and nothing of it is lost."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import corrections, parking
from itsm import events
from problems import candidates, lifecycle, linking, worksheet
from problems.models import Finding, Problem
from problems.moves import locked
from tests import factories

LOG = b"10:01 certificate expired on relay 1"


@pytest.fixture
def park(agent):
    """park(incident, text, **values) -> a card; the other floors have heard of it."""

    def put(incident, text="certificate expired", **values):
        card = parking.park(incident, by=agent, text=text, **({"kind": "hypothesis"} | values))
        events.relay()
        return card

    return put


def noted(problem: Problem) -> list[str]:
    return [finding.text for finding in problem.findings.order_by("at", "pk")]


def test_cards_come_along_when_it_works_again(reporter, agent, park) -> None:
    incident = factories.open_incident(reporter, impact=2, urgency=1)
    guess = park(incident, "the relay", confidence="high")
    parking.judge(guess, by=agent, status="supported")
    park(incident, "4,000 mails wait", kind="evidence", link="https://graphs.example/1", is_lost_on_restart=True)
    park(incident, "watch certificates", kind="follow_up")
    factories.restored(incident, agent)
    events.relay()
    events.relay()

    found = list(incident.problems.get().findings.order_by("pk"))
    assert [(one.kind, one.text, one.state, one.by) for one in found] == [
        ("hypothesis", "the relay", "supported", agent),
        ("evidence", "4,000 mails wait", "open", agent),
        ("follow_up", "watch certificates", "open", agent),
    ]
    assert (found[0].note.confidence, found[0].at) == ("high", guess.at)
    assert (found[1].note.link, found[1].note.is_lost_on_restart) == ("https://graphs.example/1", True)
    assert incident.parked_notes.count() == 3  # they stay on the incident too


def test_a_card_that_is_added_later_is_at_the_problem_at_once(problem, park) -> None:
    park(problem.opened_by, "the driver")

    assert noted(problem) == ["the driver"]


def test_the_cards_of_an_incident_that_is_linked_later_come_along(problem, reporter, agent, park) -> None:
    fresh = factories.open_incident(reporter)
    park(fresh, "the same relay")

    linking.link(problem, by=agent, incident=fresh)

    assert noted(problem) == ["the same relay"]


def test_evidence_can_be_fetched_from_the_problem_with_its_hash(problem, park, as_user, lead) -> None:
    park(problem.opened_by, "", kind="evidence", upload=SimpleUploadedFile("relay.log", LOG))

    page = as_user(lead).get(f"/desk/problems/{problem.reference}/").content.decode()
    file = problem.findings.get().note.attachment

    assert hashlib.sha256(LOG).hexdigest() in page
    assert "relay.log" in page
    assert f'href="/files/{file.token}/"' in page
    assert b"".join(as_user(lead).get(f"/files/{file.token}/").streaming_content) == LOG


def test_what_is_judged_in_one_place_is_judged_in_the_other(problem, agent, lead, park) -> None:
    card = park(problem.opened_by)

    parking.judge(card, by=agent, status="supported")
    events.relay()
    finding = problem.findings.get()
    assert finding.state == "supported"

    worksheet.judge(finding, by=lead, state="ruled_out")
    events.relay()
    card.refresh_from_db()
    finding.refresh_from_db()
    assert (card.status, finding.state) == ("ruled_out", "ruled_out")


def test_a_relapse_parks_again_and_keeps_the_work(problem, agent, lead, park, break_again) -> None:
    park(problem.opened_by, "the driver")
    worksheet.judge(problem.findings.get(), by=lead, state="supported")
    worksheet.write(problem, by=lead, whys=["The tray was lost."], cause="The driver")

    break_again(problem.opened_by)
    problem.refresh_from_db()
    assert problem.status == "parked"
    park(problem.opened_by, "or the tray")
    factories.restored(problem.opened_by, agent)
    events.relay()

    problem.refresh_from_db()
    assert (problem.status, problem.cause, problem.whys) == ("open", "The driver", ["The tray was lost."])
    assert noted(problem) == ["the driver", "or the tray"]
    assert problem.findings.get(text="the driver").state == "supported"


def test_merged_problems_have_each_card_once(worked_around, lead, park) -> None:
    first, second = worked_around().problems.get(), worked_around().problems.get()
    park(first.opened_by, "the relay")
    park(second.opened_by, "the tray")

    linking.merge(first, by=lead, into=second)
    park(first.opened_by, "and the driver")

    assert noted(second) == ["the relay", "the tray", "and the driver"]
    assert not first.findings.exists()


def test_an_incident_that_is_merged_brings_its_cards(problem, reporter, agent, park) -> None:
    twin = factories.open_incident(reporter)
    park(twin, "seen at the other one")

    corrections.merge(twin, by=agent, into=problem.opened_by)
    events.relay()

    assert noted(problem) == ["seen at the other one"]


def test_cards_of_what_was_merged_come_along_when_it_opens(reporter, agent, park) -> None:
    kept, twin = (factories.open_incident(reporter, impact=2, urgency=1) for _ in range(2))
    park(twin, "seen at the other one")
    corrections.merge(twin, by=agent, into=kept)
    factories.restored(kept, agent)
    events.relay()

    assert noted(kept.problems.get()) == ["seen at the other one"]


def test_what_is_unlinked_leaves_what_was_found(problem, reporter, agent, park) -> None:
    other = factories.open_incident(reporter)
    park(other, "the same relay")
    linking.link(problem, by=agent, incident=other)
    linking.unlink(problem, by=agent, incident=other)

    assert noted(problem) == ["the same relay"]
    assert other.parked_notes.get().text == "the same relay"


def test_another_customers_cards_leave_with_their_incident(problem, stranger, reporter, agent, park) -> None:
    wrong = factories.open_incident(reporter)
    card = park(wrong, "their relay")
    linking.link(problem, by=agent, incident=wrong)
    wrong.customer.teams.first().customers.add(stranger.customer)

    corrections.correct_customer(wrong, by=agent, reporter=stranger)
    events.relay()

    card.refresh_from_db()
    assert not Finding.objects.filter(problem=problem).exists()
    assert card.customer == stranger.customer


def test_twice_the_same_event_is_one_finding(problem, park) -> None:
    park(problem.opened_by)
    for event in problem.opened_by.events.filter(kind="parked"):
        events.relay()
        from_again(event)

    assert problem.findings.count() == 1


def from_again(event) -> None:
    """As if the relay's worker had been killed after it."""
    type(event).objects.filter(pk=event.pk).update(relayed_at=None)
    events.relay()


def test_a_known_error_that_is_used_while_it_is_down_parks_its_problem(problem, reporter, agent, park) -> None:
    fresh = factories.open_incident(reporter)
    park(fresh, "the same relay")
    lifecycle.know(problem, by=agent, cause="The relay")

    candidates.link(locked(problem), fresh)

    problem.refresh_from_db()
    assert (problem.status, problem.parked_from) == ("parked", "known_error")
    assert noted(problem) == ["the same relay"]

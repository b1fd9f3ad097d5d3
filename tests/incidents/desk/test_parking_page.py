"""The parking lot as an agent uses it: two clicks, or a sign before a note."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incidents import evidence, parking
from tests.incidents.desk.pages import HX


@pytest.fixture
def lot(incident) -> str:
    return reverse("incidents:desk_parking", args=[incident.reference])


def test_a_card_is_two_clicks(desk, lot, incident) -> None:
    answer = desk.post(lot, {"text": "the relay's certificate", "kind": "hypothesis"}, headers=HX)

    assert "the relay's certificate" in answer.content.decode().replace("&#x27;", "'")
    assert answer.headers["HX-Trigger"]
    assert incident.parked_notes.get().kind == "hypothesis"


def test_without_script_it_leads_back_to_the_lot(desk, lot) -> None:
    answer = desk.post(lot, {"text": "watch certificates", "kind": "follow_up"}, follow=True)

    assert answer.redirect_chain == [(lot, 302)]
    assert "watch certificates" in unescape(answer.content.decode())


def test_a_file_is_evidence(desk, lot, incident) -> None:
    desk.post(lot, {"kind": "evidence", "file": SimpleUploadedFile("relay.log", b"10:01 expired")})

    assert incident.parked_notes.get().attachment.name == "relay.log"
    assert "SHA-256" in desk.get(lot).content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "hypothesis", "text": ""}, "at least one sentence"),
        ({"kind": "", "text": "kept words"}, "hypothesis, evidence or a follow-up"),
        ({"kind": "evidence", "text": "kept words", "link": "no link"}, "valid URL"),
    ],
)
def test_what_cannot_be_parked_is_said_and_nothing_typed_is_lost(desk, lot, incident, typed, said) -> None:
    answer = desk.post(lot, typed, headers=HX)

    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())
    assert typed["text"] in answer.content.decode()
    assert not incident.parked_notes.exists()


def test_a_sign_before_a_note_parks_it(desk, address, incident) -> None:
    answer = desk.post(address("note"), {"text": "? certificate expired"}, follow=True)

    assert "Parked." in unescape(answer.content.decode())
    assert incident.parked_notes.get().text == "certificate expired"


@pytest.mark.parametrize(("way", "parked", "searches"), [("park", 1, 0), ("serve", 0, 1)])
def test_looking_for_the_cause_asks_whether_it_serves(desk, address, incident, way, parked, searches) -> None:
    page = desk.get(address() + "?do=investigate").content.decode()
    assert "does it serve restoration?" in page

    desk.post(address("investigate"), {"aim": "find a way to print", "way": way})

    assert (incident.parked_notes.count(), incident.investigations.count()) == (parked, searches)


def test_before_a_restart_is_asked_and_decided(desk, address, lot, incident, agent) -> None:
    desk.post(address("capture"), {"what": "restart", "on": "relay 1"})
    asked = incident.destructive_actions.get()
    decide = reverse("incidents:desk_decide_capture", args=[incident.reference, asked.pk])

    refused = desk.post(decide, {"decision": "captured"}, headers=HX)
    taken = desk.post(decide, {"decision": "captured", "done": ["0", "x"]}, headers=HX)

    assert (refused.status_code, taken.status_code) == (422, 200)
    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == ("captured", agent)


def test_a_search_goes_on_or_ends(desk, incident, agent) -> None:
    search = parking.investigate(incident, by=agent, aim="find a way out")
    address = reverse("incidents:desk_investigation", args=[incident.reference, search.pk])

    desk.post(address, {"did": "prolong"})
    desk.post(address, {"did": "end", "found": "the certificate"})

    search.refresh_from_db()
    assert (search.extended, search.found) == (1, "the certificate")
    assert incident.parked_notes.get().text == "the certificate"


def test_a_suspicion_is_one_click_and_shown(desk, lot, incident) -> None:
    address = reverse("incidents:desk_suspect", args=[incident.reference])

    desk.post(address, {"suspected": "1"})

    assert "a copy comes before any restart" in unescape(desk.get(lot).content.decode())
    assert desk.post(address, {"suspected": "0", "why": ""}, headers=HX).status_code == 422


def test_the_lot_asks_a_fixed_number_of_questions(desk, lot, incident, agent, django_assert_max_num_queries) -> None:
    for number in range(20):
        parking.park(incident, by=agent, kind="hypothesis", text=f"thought {number}")
    evidence.before(incident, by=agent, what="restart")

    with django_assert_max_num_queries(8):
        desk.get(lot, headers=HX)

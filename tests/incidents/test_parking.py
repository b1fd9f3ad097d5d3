"""The parking lot: thoughts about the cause are kept while people cannot work, and nobody works on them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import evidence, lifecycle, parking
from incidents.files import FileRefused
from incidents.models import IncidentEvent, Message, ParkedNote
from incidents.moves import MoveRefused
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at

pytestmark = pytest.mark.usefixtures("monday")


def log_file(words: bytes = b"10:01 certificate expired") -> SimpleUploadedFile:
    return SimpleUploadedFile("relay.log", words)


@pytest.mark.parametrize(
    ("text", "kind", "kept"),
    [
        ("? certificate expired on relay 1", "hypothesis", "certificate expired on relay 1"),
        ("!the queue stood at 4,000", "evidence", "the queue stood at 4,000"),
        ("> watch certificates", "follow_up", "watch certificates"),
    ],
)
def test_a_prefixed_note_is_a_card(incident, agent, text, kind, kept) -> None:
    card = parking.jot(incident, by=agent, text=text)

    assert (card.kind, card.text, card.by, card.at) == (kind, kept, agent, at("Mon 10:00"))
    assert incident.events.get(kind="parked").data["text"] == kept
    assert not Message.objects.filter(incident=incident, body__contains=kept).exists()


@pytest.mark.parametrize("text", ["the relay again?", "?", "! "])
def test_other_notes_stay_notes(incident, agent, text) -> None:
    assert parking.jot(incident, by=agent, text=text) is None

    assert incident.messages.get(is_public=False).body == text.strip()
    assert not incident.parked_notes.exists()


def test_the_same_form_twice_is_one_card(incident, agent) -> None:
    token = incident.client_token
    for _ in range(2):
        parking.jot(incident, by=agent, text="? twice", client_token=token)

    assert incident.parked_notes.count() == 1


def test_evidence_keeps_the_file_its_hash_and_who_brought_it(incident, agent) -> None:
    card = parking.park(incident, by=agent, kind="evidence", text="", upload=log_file(), is_lost_on_restart=True)

    file = card.attachment
    assert (card.text, file.uploaded_by, file.is_public) == ("relay.log", agent, False)
    assert len(file.sha256) == 64
    assert card.is_lost_on_restart


def test_a_disguised_file_is_refused_and_leaves_no_card(incident, agent) -> None:
    disguised = SimpleUploadedFile("graph.png", b"MZ this is a program")

    with pytest.raises(FileRefused, match="is not what its name says"):
        parking.park(incident, by=agent, kind="evidence", text="the graph", upload=disguised)

    assert not incident.parked_notes.exists()


def test_too_large_a_file_is_refused_with_a_sentence(incident, agent, settings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024

    with pytest.raises(FileRefused, match="too large"):
        parking.park(incident, by=agent, kind="evidence", text="", upload=log_file(b"x" * 2000))


def test_only_evidence_has_files_and_links(incident, agent) -> None:
    with pytest.raises(Refused, match="are evidence"):
        parking.park(incident, by=agent, kind="hypothesis", text="a thought", link="https://graphs.example/1")


def test_no_clock_moves_and_no_customer_sees_it(incident, agent, reporter) -> None:
    before = list(incident.clocks.values_list("kind", "state", "due_at"))

    parking.park(incident, by=agent, kind="follow_up", text="watch certificates")

    assert list(incident.clocks.values_list("kind", "state", "due_at")) == before
    assert not ParkedNote.objects.visible_to(reporter).exists()
    assert not IncidentEvent.objects.visible_to(reporter).filter(kind="parked").exists()


def test_a_hypothesis_is_ruled_out_and_stays(incident, agent) -> None:
    card = parking.park(incident, by=agent, kind="hypothesis", text="the switch")

    parking.judge(card, by=agent, status="ruled_out")
    parking.judge(card, by=agent, status="ruled_out")

    assert incident.parked_notes.get().status == "ruled_out"
    assert incident.events.filter(kind="parked", data__became="ruled_out").count() == 1


def test_only_hypotheses_are_judged(incident, agent) -> None:
    card = parking.park(incident, by=agent, kind="follow_up", text="later")

    with pytest.raises(MoveRefused):
        parking.judge(card, by=agent, status="supported")


def test_a_search_that_serves_restoration_has_half_an_hour(incident, agent) -> None:
    search = parking.investigate(incident, by=agent, aim="find a way to print until noon")

    assert (search.owner, search.ends_at) == (agent, at("Mon 10:30"))
    with moment.travel(at("Mon 10:29")):
        assert parking.remind_of_time() == 0
    with moment.travel(at("Mon 10:31")):
        assert parking.remind_of_time() == 1
        assert parking.remind_of_time() == 0
    assert incident.events.get(data__did="time_is_up").data["owner"] == agent.name
    search.refresh_from_db()
    assert search.ended_at is None


def test_it_can_be_prolonged_and_is_asked_about_again(incident, agent) -> None:
    search = parking.investigate(incident, by=agent, aim="find a way out")

    with moment.travel(at("Mon 10:40")):
        parking.remind_of_time()
        search = parking.prolong(search, by=agent)

    assert (search.extended, search.ends_at) == (1, at("Mon 11:10"))
    with moment.travel(at("Mon 11:11")):
        assert parking.remind_of_time() == 1


def test_what_was_found_is_parked(incident, agent) -> None:
    search = parking.investigate(incident, by=agent, aim="find a way out")

    parking.conclude(search, by=agent, found="The certificate has expired.")

    assert incident.parked_notes.get().text == "The certificate has expired."
    with pytest.raises(MoveRefused, match="over already"):
        parking.prolong(search, by=agent)


def test_nobody_looks_for_a_way_out_once_it_works(incident, agent) -> None:
    search = parking.investigate(incident, by=agent, aim="find a way out")
    incident = factories.restored(incident, agent)

    search.refresh_from_db()
    assert search.ended_at == at("Mon 10:00")
    with pytest.raises(MoveRefused):
        parking.investigate(incident, by=agent, aim="find the cause")


@pytest.mark.parametrize(("aim", "sentence"), [("  ", "say what it is for"), ("x" * 301, "at most 300")])
def test_a_search_has_an_aim(incident, agent, aim, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        parking.investigate(incident, by=agent, aim=aim)


def test_before_a_restart_the_services_own_list_comes_up(incident, agent, town) -> None:
    service = factories.ServiceFactory(customer=town, capture_first=["The relay's log", "The queue's length"])
    incident.service = service
    incident.save()

    asked = evidence.before(incident, by=agent, what="restart", on="relay 1")
    asked = evidence.decide(asked, by=agent, decision="captured", done=[0])

    assert [(entry["item"], entry["done"]) for entry in asked.checklist] == [
        ("The relay's log", True), ("The queue's length", False),
    ]  # fmt: skip
    assert incident.events.filter(kind="capture").last().data["items"] == ["The relay's log"]


def test_going_ahead_without_is_one_click_and_written_down(incident, agent) -> None:
    asked = evidence.before(incident, by=agent, what="failover")

    evidence.decide(asked, by=agent, decision="skipped")

    assert incident.events.filter(kind="capture", data__did="skipped", actor=agent).exists()
    with pytest.raises(MoveRefused):
        evidence.decide(asked, by=agent, decision="captured", done=[0])


def test_captured_means_something_was_saved(incident, agent) -> None:
    asked = evidence.before(incident, by=agent, what="reimage")

    with pytest.raises(Refused, match="tick what was saved"):
        evidence.decide(asked, by=agent, decision="captured")


def test_a_suspected_attack_makes_it_a_gate(incident, agent) -> None:
    incident = evidence.suspect(incident, by=agent, is_suspected=True)
    asked = evidence.before(incident, by=agent, what="reimage")

    with pytest.raises(Refused, match="take a copy first"):
        evidence.decide(asked, by=agent, decision="skipped")
    with pytest.raises(Refused, match="why it is no attack"):
        evidence.suspect(incident, by=agent, is_suspected=False)
    evidence.suspect(incident, by=agent, is_suspected=False, why="It was our own scan.")
    assert evidence.decide(asked, by=agent, decision="skipped").decision == "skipped"


def test_a_card_after_a_relapse_is_still_there(incident, agent, reporter) -> None:
    parking.park(incident, by=agent, kind="hypothesis", text="the relay")
    incident = factories.restored(incident, agent)

    lifecycle.still_broken(incident, by=reporter, text="No.")

    assert incident.parked_notes.get().text == "the relay"

"""Somebody else was faster: both texts are shown, and neither is lost."""

import pytest

from incidents import conversation, lifecycle
from tests import factories
from tests.incidents.desk.pages import HX, fields, region, text

TYPED = {
    "update": ("text", {"text": "We look at printer 1."}),
    "ask": ("question", {"question": "We look at printer 1."}),
    "restore": ("outcome", {"outcome": "We look at printer 1.", "restored_by": "fix"}),
    "resolve": ("note", {"note": "We look at printer 1."}),
}


@pytest.fixture
def opened(desk, address, incident, agent):
    """opened(verb) -> the form as it was opened before Tomas wrote to the customer."""
    factories.taken(incident, agent)

    def fill(verb: str) -> dict[str, str]:
        html = desk.get(f"{address()}?do={verb}").content.decode()
        return fields(html, address(verb)) | TYPED[verb][1]

    return fill


@pytest.mark.parametrize("verb", TYPED)
def test_a_stale_form_shows_both_texts(desk, incident, address, mate, opened, verb) -> None:
    typed = opened(verb)
    conversation.update(incident, by=mate, text="The toner is on its way.")

    answer = desk.post(address(verb), typed, headers=HX)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Tomas Lund : Update The toner is on its way." in text(region(html, "meanwhile"))
    assert text(region(html, f"do-{TYPED[verb][0]}")) == "We look at printer 1."


@pytest.mark.parametrize("verb", TYPED)
def test_pressing_again_sends(desk, incident, address, mate, opened, verb) -> None:
    typed = opened(verb)
    conversation.update(incident, by=mate, text="The toner is on its way.")
    refused = desk.post(address(verb), typed).content.decode()

    answer = desk.post(address(verb), fields(refused, address(verb)) | TYPED[verb][1])

    assert answer.status_code == 302
    said = list(incident.messages.order_by("pk").values_list("body", flat=True))[1:]
    assert [words.splitlines()[-1] for words in said] == ["The toner is on its way.", "We look at printer 1."]


def test_meanwhile_tells_what_was_done_without_words(desk, incident, address, mate, opened) -> None:
    typed = opened("update")
    lifecycle.take(incident, by=mate)

    html = desk.post(address("update"), typed).content.decode()

    assert "Tomas Lund : Taken" in text(region(html, "meanwhile"))


def test_an_internal_note_makes_no_form_stale(desk, incident, address, mate, opened) -> None:
    typed = opened("update")
    conversation.note(incident, by=mate, text="Look at printer 1 as well.")

    assert desk.post(address("update"), typed).status_code == 302


def test_taking_what_somebody_just_took_is_no_surprise(desk, incident, address, mate) -> None:
    typed = fields(desk.get(address()).content.decode(), address("take"))
    lifecycle.take(incident, by=mate)

    answer = desk.post(address("take"), typed, headers=HX)

    incident.refresh_from_db()
    assert answer.status_code == 409
    assert incident.owner == mate
    assert "Tomas Lund has it." in text(region(answer.content.decode(), "heading"))
    assert "Meanwhile somebody else changed this" in text(region(answer.content.decode(), "messages"))


@pytest.mark.parametrize("version", ["0", "x", "-1", "1e9", "9" * 400])
def test_a_version_that_cannot_be_read_is_an_old_one(desk, incident, address, version) -> None:
    answer = desk.post(address("update"), {"text": "We look.", "version": version})

    assert answer.status_code == 409
    assert incident.messages.count() == 1

"""What an agent does to an incident, through the forms of its page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incidents import links as tracking
from incidents.models import Incident
from itsm.refusal import Refused
from tests import factories
from tests.incidents.desk.pages import HX, fields, links, region, text

QUEUE = reverse("incidents:desk_queue")
# Verb -> what is typed, and what is said afterwards.
SAID = {
    "take": ({}, "You have it now."),
    "update": ({"text": "We are on it."}, "Sent. The next update is due"),
    "note": ({"text": "Only for us."}, "Kept as an internal note."),
    "ask": ({"question": "Which printer?"}, "Asked. The clock to restore waits"),
    "restore": ({"outcome": "It prints.", "restored_by": "fix"}, "Restored."),
    "prioritise": ({"impact": "1", "urgency": "1"}, "The priority is P1 now."),
    "cancel": ({"reason": "It was the cable."}, "Withdrawn."),
    "revoke_links": ({}, "All tracking links sent so far have ended."),
}
WORDLESS = {"update": "text", "note": "text", "ask": "question", "restore": "outcome", "cancel": "reason"}


@pytest.mark.parametrize("verb", [*SAID, "resolve", "attach"])
def test_verbs_are_for_agents_of_the_customer_only(as_user, client, other_agent, reporter, incident, address, verb):
    typed = SAID.get(verb, ({}, ""))[0]

    assert as_user(other_agent).post(address(verb), typed).status_code == 404
    assert as_user(reporter).post(address(verb), typed).status_code == 404
    assert client.post(address(verb), typed).url.startswith(reverse("account_login"))
    assert Incident.objects.get().version == incident.version


@pytest.mark.parametrize("verb", [*SAID, "resolve", "attach"])
def test_verbs_are_no_links(desk, address, verb) -> None:
    assert desk.get(address(verb)).status_code == 405


@pytest.mark.parametrize("verb", SAID)
def test_a_verb_without_script_leads_back_to_the_page(desk, address, verb) -> None:
    typed, said = SAID[verb]

    answer = desk.post(address(verb), typed, follow=True)

    assert answer.redirect_chain == [(address(), 302)]
    assert said in text(region(answer.content.decode(), "messages"))


@pytest.mark.parametrize("verb", SAID)
def test_a_verb_beside_the_queue_leads_back_to_the_queue(desk, incident, address, verb) -> None:
    answer = desk.post(address(verb), SAID[verb][0] | {"view": "open"})

    assert answer.url == f"{QUEUE}?view=open&incident={incident.reference}#row-{incident.reference}"


@pytest.mark.parametrize("verb", SAID)
def test_a_verb_by_htmx_shows_what_a_reload_shows(still, desk, address, verb) -> None:
    answer = desk.post(address(verb), SAID[verb][0], headers=HX)

    swapped, reloaded = answer.content.decode(), desk.get(address()).content.decode()
    assert region(swapped, "incident") == region(reloaded, "incident")
    assert SAID[verb][1] in text(region(swapped, "messages"))
    assert answer["HX-Trigger"] == "incident-changed"


@pytest.mark.parametrize("verb", [verb for verb in SAID if verb != "cancel"])
def test_a_verb_by_htmx_brings_row_and_counts_along(still, desk, incident, address, verb) -> None:
    typed = SAID[verb][0] | {"view": "open"}

    swapped = desk.post(address(verb), typed, headers=HX).content.decode()

    reloaded = desk.get(QUEUE, {"view": "open", "incident": incident.reference}).content.decode()
    for identity in ["pane", "views", f"row-{incident.reference}"]:
        assert region(swapped, identity) == region(reloaded, identity)


@pytest.mark.parametrize("verb", WORDLESS)
@pytest.mark.parametrize("nothing", ["", "   ", "\n"])
def test_no_words_are_refused_with_a_sentence(desk, incident, address, verb, nothing) -> None:
    answer = desk.post(address(verb), {WORDLESS[verb]: nothing, "restored_by": "fix"}, headers=HX)

    assert answer.status_code == 422
    assert "Please write at least one sentence." in answer.content.decode()
    assert Incident.objects.get().version == incident.version


@pytest.mark.parametrize("verb", WORDLESS)
def test_too_many_words_are_refused_and_kept(desk, address, verb) -> None:
    answer = desk.post(address(verb), {WORDLESS[verb]: "word " * 20_000, "restored_by": "fix"})

    assert answer.status_code == 422
    assert "at most 20000" in answer.content.decode()
    assert answer.content.decode().count("word ") >= 19_999


def test_restored_by_nobody_knows_what_is_refused_and_kept(desk, incident, address) -> None:
    answer = desk.post(address("restore"), {"outcome": "It prints again.", "restored_by": "magic"}, headers=HX)

    assert answer.status_code == 422
    assert "whether it works by a fix or by a workaround" in answer.content.decode()
    assert text(region(answer.content.decode(), "do-outcome")) == "It prints again."


@pytest.mark.parametrize("impact", ["", "0", "9", "x", "²", "1" * 400])
def test_an_unknown_priority_is_refused(desk, incident, address, impact) -> None:
    assert desk.post(address("prioritise"), {"impact": impact, "urgency": "1"}).status_code == 422


def test_a_move_that_came_too_late_says_so_and_shows_the_fresh_state(desk, incident, address, mate) -> None:
    typed = fields(desk.get(f"{address()}?do=restore").content.decode(), address("restore"))
    factories.resolved(incident, mate)

    answer = desk.post(address("restore"), typed | {"outcome": "Works.", "restored_by": "fix"}, headers=HX)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert f"Not possible now: {incident.reference} is “Resolved”." in text(region(html, "composer"))
    assert "Resolved" in text(region(html, "heading"))
    assert text(region(html, "do-outcome")) == "Works."


def test_a_form_sent_twice_says_it_once(desk, incident, address) -> None:
    for verb, word in [("update", "text"), ("note", "text")]:
        html = desk.get(f"{address()}?do={verb}").content.decode()
        typed = fields(html, address(verb)) | {word: f"Said by {verb}"}
        assert [desk.post(address(verb), typed).status_code for _ in range(2)] == [302, 302]

    said = [body.splitlines()[-1] for body in incident.messages.order_by("pk").values_list("body", flat=True)]
    assert said[1:] == ["Said by update", "Said by note"]


def test_new_to_restored_is_two_clicks_and_one_sentence(desk, incident, address) -> None:
    queue = desk.get(QUEUE).content.decode()

    (restored,) = links(queue, "Restored")
    opened = desk.get(restored.split("#")[0]).content.decode()  # the first click
    typed = fields(opened, address("restore")) | {"outcome": "It prints over printer 2."}  # the sentence
    answer = desk.post(address("restore"), typed | {"restored_by": "workaround"})  # the second click

    incident.refresh_from_db()
    assert answer.status_code == 302
    assert (incident.status, incident.restored_by) == ("restored", "workaround")
    assert incident.outcome == "It prints over printer 2."


def test_resolved_needs_no_words(desk, incident, agent, address) -> None:
    factories.restored(incident, agent)

    desk.post(address("resolve"), fields(desk.get(f"{address()}?do=resolve").content.decode(), address("resolve")))

    incident.refresh_from_db()
    assert incident.status == "resolved"


@pytest.mark.parametrize("is_public", [True, False])
def test_a_file_is_attached_for_whom_it_is_meant(desk, incident, address, is_public) -> None:
    upload = SimpleUploadedFile("log.txt", b"paper jam")

    desk.post(address("attach"), {"file": upload} | ({"is_public": "on"} if is_public else {}))

    assert incident.attachments.get().is_public == is_public


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.exe", b"MZ", 422), ("a.png", b"<html>", 422), ("a.txt", b"", 422), ("a.txt", b"x" * (10 * 2**20 + 1), 413)],
)
def test_a_file_we_cannot_keep_is_refused_with_a_sentence(desk, incident, address, name, content, status) -> None:
    answer = desk.post(address("attach"), {"file": SimpleUploadedFile(name, content)}, headers=HX)

    assert answer.status_code == status
    assert incident.attachments.count() == 0


def test_ended_links_do_not_work_any_more(desk, incident, reporter, address) -> None:
    token = tracking.make(incident, reporter)

    desk.post(address("revoke_links"))

    with pytest.raises(Refused):
        tracking.read(token)

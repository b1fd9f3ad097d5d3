"""The composer at the desk: filled in already, previewed, taken back, never losing a word."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from customers.models import Customer
from incidents import conversation, outgoing
from incidents.models import Incident, Outgoing
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX, attribute, elements, fields, links, region, text
from tests.incidents.moments import clock

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=BERLIN)
ENGLISH = "As Rosa Reporter and the others read it"


@pytest.fixture
def form(desk, address):
    """form() -> what the open composer would send if nobody typed anything."""
    return lambda: fields(desk.get(address() + "?do=update").content.decode(), address("update"))


@pytest.fixture
def noon(agent):
    agent.time_zone = "Europe/Berlin"
    agent.save()
    with moment.travel(NOON):
        yield NOON


@pytest.fixture
def undo(settings):
    settings.UNDO_SECONDS = 10


def last(incident):
    return incident.messages.order_by("-pk")[0]


def test_it_is_filled_in_so_that_one_sentence_is_enough(desk, incident, address, form) -> None:
    typed = form()
    assert typed["notice"] == "Documents at counter 2 won't print"
    assert typed["affected"] == "One person is affected."

    answer = desk.post(address("update"), typed | {"text": "A new toner comes at two."})

    assert answer.status_code == 302
    assert last(incident).body == (
        "Documents at counter 2 won't print\nOne person is affected.\nA new toner comes at two."
    )
    assert last(incident).phase == "acknowledged"
    assert clock(incident, "update").due_at is not None, "there is always a next one"


@pytest.mark.parametrize(("slot", "sentence"), [("notice", "what people notice"), ("affected", "who is affected")])
def test_what_is_emptied_is_asked_for_and_nothing_typed_is_lost(desk, incident, address, form, slot, sentence) -> None:
    answer = desk.post(address("update"), form() | {"text": "We look.", "meanwhile": "Walk over.", slot: " "})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert (text(region(html, "do-text")), text(region(html, "do-meanwhile"))) == ("We look.", "Walk over.")
    assert incident.messages.count() == 1


def test_nothing_new_is_nothing_to_send(desk, incident, address, form) -> None:
    answer = desk.post(address("update"), form())

    assert answer.status_code == 422
    assert "Please write at least one sentence." in answer.content.decode()


@pytest.mark.parametrize(("level", "priority", "is_open"), [(1, 4, False), (2, 3, False), (2, 2, True), (3, 4, True)])
def test_small_matters_of_guided_customers_show_no_more_than_they_need(
    desk, reporter, town, agent, team, level, priority, is_open
) -> None:
    Customer.objects.filter(pk=town.pk).update(level=level)
    reporter.refresh_from_db()
    incident = factories.open_incident(reporter)
    Incident.objects.filter(pk=incident.pk).update(priority=priority)

    html = desk.get(reverse("incidents:desk_incident", args=[incident.reference])).content.decode()

    assert ("open" in dict(region(html, "fold-more").attributes)) is is_open


def test_a_ready_text_begins_it_in_the_readers_language(desk, incident, address, reporter) -> None:
    reporter.language = "de"
    reporter.save()
    page = desk.get(address() + "?do=update").content.decode()
    (begin,) = links(page, "Wir wissen davon")

    typed = fields(desk.get(begin.partition("#")[0]).content.decode(), address("update"))

    assert typed["text"].startswith("Wir wissen davon und haben begonnen. Sie hören bis")
    assert typed["notice"] == "Documents at counter 2 won't print"
    assert desk.get(address() + "?do=update&begin=no-such").status_code == 200


def test_words_for_others_are_kept_for_them(desk, incident, address, form) -> None:
    desk.post(address("update"), form() | {"text": "We look.", "executives": "Nothing to decide."})

    assert last(incident).for_others == {"executives": "Nothing to decide."}


@pytest.mark.parametrize("headers", [HX, {}])
def test_the_preview_shows_each_audience_and_channel_and_sends_nothing(
    noon, desk, incident, address, form, headers
) -> None:
    typed = form() | {"text": "We found the cable.", "phase": "identified", "stakeholders": "In our words."}

    answer = desk.post(address("preview"), typed, headers=headers)

    html = answer.content.decode()
    shown = text(region(html, "preview"))
    assert answer.status_code == 200
    assert "We found the cable. Next news by" in shown
    assert "of 300 characters" in shown
    assert "In our words." in shown
    assert "Status: the cause is known. We found the cable." in shown
    assert incident.messages.count() == 1
    if not headers:
        assert text(region(html, "do-text")) == "We found the cable.", "without script too, nothing typed is lost"


def test_the_preview_takes_whatever_was_typed(desk, address) -> None:
    for typed in ({}, {"text": "x" * 30_000}, {"next_update_at": "soon", "phase": "panic", "promise": "999"}):
        assert desk.post(address("preview"), typed, headers=HX).status_code == 200


def test_a_lead_is_asked_why_it_takes_longer(noon, as_user, lead, incident, address, form) -> None:
    typed = form() | {"text": "Overnight nobody can come.", "next_update_at": "2026-03-09T07:30"}
    client = as_user(lead)

    refused = client.post(address("update"), typed)
    assert refused.status_code == 422
    assert "needs a reason that the customer reads" in refused.content.decode()

    client.post(address("update"), typed | {"longer_because": "The part comes next Monday at seven."})
    assert clock(incident, "update").due_at == datetime(2026, 3, 9, 7, 30, tzinfo=ZoneInfo("UTC")), (
        "as the lead reads clocks"
    )
    assert "next Monday at seven" in last(incident).body


def test_agents_have_no_reason_to_give(desk, form) -> None:
    assert "longer_because" not in form()


def test_the_customer_chose_the_time(noon, desk, incident, address, form) -> None:
    chosen = {"text": "Till Friday.", "next_update_at": "2026-03-13T14:00", "customer_chose": "on"}
    desk.post(address("update"), form() | chosen)

    assert clock(incident, "update").due_at == datetime(2026, 3, 13, 14, 0, tzinfo=BERLIN)


def test_words_go_out_after_ten_seconds_and_can_be_taken_back(noon, undo, desk, incident, address, form) -> None:
    page = desk.post(address("update"), form() | {"text": "We look."}, follow=True).content.decode()
    row = Outgoing.objects.get()
    assert "Goes out at 12:00:10" in text(region(page, "outgoing"))
    assert "We look." not in text(region(page, "timeline"))

    back = desk.post(reverse("incidents:desk_undo", args=[incident.reference, row.pk]), follow=True).content.decode()

    assert fields(back, address("update"))["text"] == "We look."
    assert text(region(back, "outgoing")) == ""
    with moment.travel(NOON + timedelta(seconds=11)):
        assert outgoing.say_due(moment.now()) == 0


def test_the_page_itself_says_what_is_due(noon, undo, desk, incident, address, form) -> None:
    desk.post(address("update"), form() | {"text": "We look."}, headers=HX)
    row = Outgoing.objects.get()
    asked = {"waiting": str(row.pk), "version": str(row.values["version"])}
    assert desk.get(address("outgoing"), asked, headers=HX).status_code == 204

    Outgoing.objects.update(send_at=NOON - timedelta(seconds=1))
    answer = desk.get(address("outgoing"), asked, headers=HX)

    html = answer.content.decode()
    assert "We look." in text(region(html, "timeline"))
    incident.refresh_from_db()
    assert attribute(region(html, "do-version"), "value") == str(incident.version), "an open form goes on from there"


def test_sent_now_is_said_now(noon, undo, desk, incident, address, form) -> None:
    desk.post(address("update"), form() | {"text": "We look."})
    row = Outgoing.objects.get()

    page = desk.post(reverse("incidents:desk_send_now", args=[incident.reference, row.pk]), follow=True)

    assert "We look." in text(region(page.content.decode(), "timeline"))


def test_what_could_not_be_sent_is_shown_with_its_words(noon, undo, desk, incident, address, form, mate) -> None:
    desk.post(address("update"), form() | {"text": "We look."})
    conversation.update(incident, by=mate, text="I was faster.")
    Outgoing.objects.update(send_at=NOON - timedelta(seconds=1))
    outgoing.say_due()
    row = Outgoing.objects.get()

    page = desk.get(address()).content.decode()
    assert "Not sent Meanwhile somebody else changed this incident." in text(region(page, "outgoing"))
    assert incident.reference in text(region(desk.get("/desk/").content.decode(), "drafts"))

    again = desk.post(reverse("incidents:desk_undo", args=[incident.reference, row.pk]), follow=True).content.decode()
    typed = fields(again, address("update"))
    assert typed["text"] == "We look."
    assert desk.post(address("update"), typed).status_code == 302


def test_an_unwanted_draft_is_thrown_away(undo, desk, incident, address, form) -> None:
    desk.post(address("update"), form() | {"text": "We look."})
    row = Outgoing.objects.get()
    Outgoing.objects.update(state="refused", refusal="Stale.")

    desk.post(reverse("incidents:desk_drop", args=[incident.reference, row.pk]))

    assert Outgoing.objects.get().state == Outgoing.State.TAKEN_BACK


def test_somebody_elses_words_are_shown_as_on_their_way_and_not_mine(
    undo, desk, incident, address, form, as_user, mate
):
    as_user(mate).post(address("update"), form() | {"text": "Mine."})
    row = Outgoing.objects.get()

    page = desk.get(address()).content.decode()

    assert "Tomas Lund has just written to the customer." in text(region(page, "outgoing"))
    assert not [one for one in elements(region(page, "outgoing")) if one.name == "button"]
    for verb in ("undo", "send_now", "drop"):
        assert desk.post(reverse(f"incidents:desk_{verb}", args=[incident.reference, row.pk])).status_code == 404


def test_two_acts_of_one_hand_are_done_in_their_order(noon, undo, desk, incident, address, form) -> None:
    desk.post(address("update"), form() | {"text": "We look."})
    before = form()

    answer = desk.post(address("prioritise"), {"impact": "1", "urgency": "1", "version": before["version"]})

    assert answer.status_code == 302
    assert [event.kind for event in incident.events.order_by("pk")] == ["opened", "updated", "prioritised"]

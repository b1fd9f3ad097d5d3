"""Duties and packs as an agent uses them, with and without script."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from incidents import duties, majors, packs
from incidents.models import EvidencePack
from itsm import events, moment
from tests import factories
from tests.incidents.desk.pages import HX
from tests.incidents.duties.conftest import lines


@pytest.fixture
def desk(as_user, agent):
    return as_user(agent)


@pytest.fixture
def here(incident) -> str:
    return reverse("incidents:desk_duties", args=[incident.reference])


@pytest.fixture
def duty(incident, agent):
    """Due in two days."""
    return duties.add(incident, by=agent, what="other", name="Report to the insurer", hours=48)[0]


def do(incident, duty) -> str:
    return reverse("incidents:desk_duty", args=[incident.reference, duty.pk])


def words(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_one_is_added_and_counts_down_in_the_readers_zone(desk, here, incident, agent) -> None:
    agent.time_zone = "Europe/Berlin"
    agent.save()
    answer = desk.post(here, {"what": "regime:gdpr", "known_at": ""}, follow=True)

    assert answer.redirect_chain == [(here, 302)]
    assert "GDPR: notice to the supervisory authority" in words(answer)
    assert "Times are in Europe/Berlin." in words(answer)
    assert incident.external_duties.get().due_at > moment.now() + timedelta(hours=71)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"what": ""}, "choose what has to be reported"),
        ({"what": "nonsense"}, "choose what has to be reported"),
        ({"what": "regime:gdpr", "known_at": "yesterday"}, "give a day and a time"),
        ({"what": "regime:gdpr", "known_at": "2999-01-01T10:00"}, "lies ahead"),
        ({"what": "regime:gdpr", "known_at": "0001-01-01T00:00"}, ""),
        ({"what": "other", "name": "Kept words", "hours": "-1"}, "1"),
        ({"what": "other", "name": "Kept words", "hours": "9" * 30}, "8760"),
        ({"what": "other", "name": "Kept words", "hours": ""}, "from 1 to 8760"),
    ],
)
def test_what_cannot_be_counted_is_said_and_nothing_typed_is_lost(desk, here, incident, typed, said) -> None:
    answer = desk.post(here, typed, headers=HX)

    assert answer.status_code == 422
    assert said in words(answer)
    assert typed.get("name", "") in words(answer)
    assert typed.get("known_at", "") in words(answer)
    assert not incident.external_duties.exists()


def test_sent_opened_again_and_not_needed(desk, here, incident, duty) -> None:
    address = do(incident, duty)

    desk.post(address, {"did": "done", "at": ""}, headers=HX)
    assert "sent today" in words(desk.get(here))
    desk.post(address, {"did": "reopen"})
    answer = desk.post(address, {"did": "not_needed", "why": "Nobody was harmed."}, follow=True)

    assert answer.redirect_chain == [(here, 302)]
    assert "Not needed: Nobody was harmed." in words(answer).replace("<bdi>", "").replace("</bdi>", "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"did": "done", "at": "2999-01-01T10:00"}, "lies ahead"),
        ({"did": "done", "at": "2001-01-01T10:00"}, "before it began to count"),
        ({"did": "done", "at": "31.12.2026 noonish"}, "give a day and a time"),
        ({"did": "recount", "at": ""}, "when it became known"),
        ({"did": "recount", "at": "2999-01-01T10:00"}, "lies ahead"),
        ({"did": "not_needed", "why": ""}, "why the customer need not"),
        ({"did": "not_needed", "why": "kept words " * 40}, "at most 300"),
        ({"did": "explode"}, "what became of it"),
        ({}, "what became of it"),
    ],
)
def test_a_wrong_word_is_refused_beside_what_was_typed(desk, incident, duty, typed, said) -> None:
    answer = desk.post(do(incident, duty), typed, headers=HX)

    assert answer.status_code == 422
    assert said in words(answer)
    assert typed.get("at", "") in words(answer)
    assert typed.get("why", "").strip() in words(answer)
    duty.refresh_from_db()
    assert duty.is_open


def test_late_is_shown_with_when_it_was_due(desk, here, incident, agent) -> None:
    past = moment.now() - timedelta(hours=5)
    duties.add(incident, by=agent, what="other", name="Report", hours=3, known_at=past)

    assert "1 h 59 late" in words(desk.get(here)) or "2 h 00 late" in words(desk.get(here))
    assert "was due" in words(desk.get(here))


def test_the_incident_s_page_leads_there_where_there_is_something(desk, incident, agent, here) -> None:
    page = reverse("incidents:desk_incident", args=[incident.reference])
    assert f'hx-get="{here}"' not in desk.get(page).content.decode()
    assert f'href="{here}"' in desk.get(page).content.decode()  # under "More to do"

    duties.add(incident, by=agent, what="regime:gdpr")
    assert f'hx-get="{here}"' in desk.get(page).content.decode()


def test_a_major_has_it_without_any(desk, incident, agent, here) -> None:
    majors.declare(incident, by=agent)

    page = desk.get(reverse("incidents:desk_incident", args=[incident.reference])).content.decode()

    assert f'hx-get="{here}"' in page


def test_the_history_names_it(desk, incident, duty) -> None:
    page = words(desk.get(reverse("incidents:desk_incident", args=[incident.reference])))

    assert "Report to the insurer: is counted from now on" in page


def test_a_pack_is_asked_for_made_and_handed_out(desk, here, incident, made) -> None:
    make = reverse("incidents:desk_make_pack", args=[incident.reference])
    asked = words(desk.post(make, {}, headers=HX))
    assert 'id="packs"' in asked
    assert "Being made." in asked

    packs.go_on()
    pack = EvidencePack.objects.get()
    shown = words(desk.get(make, headers=HX))
    assert pack.sha256 in shown
    assert "Kept until" in shown
    assert "data-poll-seconds" not in shown

    answer = desk.get(reverse("incidents:desk_pack", args=[incident.reference, pack.pk]))
    file = b"".join(answer.streaming_content)
    assert len(file) == pack.size
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{incident.reference}-evidence-')
    assert answer["Cache-Control"] == "private, no-store"


def test_without_script_asking_leads_back(desk, here, incident, made) -> None:
    make = reverse("incidents:desk_make_pack", args=[incident.reference])

    answer = desk.post(make, {"is_internal": "1"}, follow=True)

    assert answer.redirect_chain == [(here, 302)]
    assert EvidencePack.objects.get().is_internal
    assert desk.get(make).status_code == 302


@pytest.mark.parametrize("state", ["making", "failed", "deleted"])
def test_what_is_not_there_is_not_handed_out(desk, incident, made, state) -> None:
    pack = made(incident)
    EvidencePack.objects.filter(pk=pack.pk).update(state=state)

    assert desk.get(reverse("incidents:desk_pack", args=[incident.reference, pack.pk])).status_code == 404


def test_a_pack_is_handed_out_below_its_own_incident_only(desk, incident, reporter, made) -> None:
    pack, other = made(incident), factories.open_incident(reporter)

    assert desk.get(reverse("incidents:desk_pack", args=[other.reference, pack.pk])).status_code == 404


def test_customers_get_none(as_user, contact, incident, made) -> None:
    pack = made(incident)

    assert as_user(contact).get(reverse("incidents:desk_pack", args=[incident.reference, pack.pk])).status_code == 404


def test_booked_on_another_customer_the_old_pack_is_nobody_s(desk, incident, made, stranger) -> None:
    pack = made(incident)
    EvidencePack.objects.filter(pk=pack.pk).update(customer=stranger.customer)

    assert desk.get(reverse("incidents:desk_pack", args=[incident.reference, pack.pk])).status_code == 404
    assert pack.sha256 not in words(desk.get(reverse("incidents:desk_duties", args=[incident.reference])))


def test_a_thousand_updates_are_told_with_few_questions(incident, agent, made, django_assert_max_num_queries) -> None:
    for number in range(30):
        factories.answered(incident, agent, f"Update {number}")
    events.relay()

    with django_assert_max_num_queries(75):
        pack = made(incident)

    assert len(lines(pack, "updates")) == 30


def test_the_panel_asks_a_fixed_number_of_questions(desk, here, incident, agent, django_assert_max_num_queries) -> None:
    for number in range(20):
        duties.add(incident, by=agent, what="other", name=f"Report {number}", hours=24)

    with django_assert_max_num_queries(9):
        desk.get(here, headers=HX)

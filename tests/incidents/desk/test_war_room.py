"""The war room: two clicks declare it, and those who run it have everything in one place."""

from html import unescape

import pytest
from django.urls import reverse

from incidents import conversation, majors
from incidents.models import Burst, Incident, MajorIncident
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX, fields, links, region, text
from tests.incidents.moments import at


@pytest.fixture
def major(incident, agent) -> Incident:
    majors.declare(incident, by=agent, reason="All three sites are down.")
    incident.refresh_from_db()
    return incident


@pytest.fixture
def room(address) -> str:
    return address("war_room")


def read(answer, part: str = "war-room") -> str:
    return text(region(answer.content.decode(), part))


def test_two_clicks_declare_it(desk, address, incident) -> None:
    (first,) = links(desk.get(address()).content.decode(), "Declare major")
    form = desk.get(first.partition("#")[0]).content.decode()

    answer = desk.post(address("declare"), fields(form, address("declare")), follow=True)

    assert MajorIncident.objects.get().incident == incident
    assert "you run it. The first word to people is due" in unescape(answer.content.decode())
    assert links(answer.content.decode(), "War room") == [address("war_room")]


def test_the_sentence_is_kept_and_nothing_typed_is_lost(desk, address, incident) -> None:
    refused = desk.post(address("declare"), {"reason": "y" * 301}, headers=HX)
    assert refused.status_code == 422
    assert "y" * 301 in refused.content.decode()

    desk.post(address("declare"), {"reason": "All sites"})
    assert MajorIncident.objects.get().reason == "All sites"


def test_a_second_one_learns_who_was_first(major, as_user, mate, address, agent) -> None:
    answer = as_user(mate).post(address("declare"), {"reason": "Me too"}, follow=True)

    assert f"declared already, by {agent.name}" in unescape(answer.content.decode())


def test_a_burst_is_declared_from_above_the_queue(desk, town, team) -> None:
    mail = factories.ServiceFactory(customer=town, name="E-mail")
    first = factories.open_incident(factories.UserFactory(customer=town), service=mail)
    now = moment.now()
    Burst.objects.create(customer=town, service=mail, first=first, reporters=3, began_at=now, last_at=now)
    there = reverse("incidents:desk_declare", args=[first.reference])
    page = desk.get(reverse("incidents:desk_bursts")).content.decode()

    answer = desk.post(there, fields(page, there) | {"reason": "Three in a minute"}, follow=True)

    assert answer.redirect_chain == [(reverse("incidents:desk_war_room", args=[first.reference]), 302)]
    assert "Three in a minute" in read(answer, "war-heading")


def test_the_room_has_everything(major, desk, room, agent) -> None:
    majors.set_call(major, by=agent, url="https://meet.example/war")
    page = desk.get(room).content.decode()
    shown = text(region(page, "war-room"))

    for words in ("All three sites are down.", f"declared by {agent.name}", "The next word to people", "Who does what",
                  "Incident manager", "Nobody has the updates yet", "What has happened", "Declared major"):  # fmt: skip
        assert words in shown
    assert links(page, "Join the call") == ["https://meet.example/war"]
    for panel in ("desk_parking", "desk_followers", "desk_similar"):
        assert f'hx-get="{reverse(f"incidents:{panel}", args=[major.reference])}' in page
    assert f'hx-get="{reverse("notifications:incident_audience", args=[major.reference])}"' in page
    assert 'id="composer"' in page


def test_without_a_major_there_is_no_room(desk, room, address, incident) -> None:
    assert desk.get(room, follow=True).redirect_chain == [(address(), 302)]
    assert desk.get(room, headers=HX).headers["HX-Redirect"] == address()
    assert desk.post(address("give_role"), {"mine": "scribe"}).status_code == 409


def test_an_update_is_sent_from_here_and_leads_back(major, desk, room, address) -> None:
    form = fields(desk.get(room).content.decode(), address("update"))
    assert form["view"] == "war-room"

    answer = desk.post(address("update"), form | {"text": "Mail is down. We are on it."}, follow=True)

    assert answer.redirect_chain == [(room, 302)]
    assert "Mail is down. We are on it." in unescape(answer.content.decode())


def test_the_first_word_is_ready_made(major, desk, room, agent) -> None:
    page = desk.get(room).content.decode()
    (ready,) = links(page, "Begin with a ready text")
    assert "We know about it and have begun." in desk.get(ready.partition("#")[0]).content.decode()

    conversation.update(major, by=agent, text="Mail is down.")
    assert "have not heard from us" not in read(desk.get(room), "war-promise")


def test_for_htmx_it_is_the_room_again(major, desk, address, room) -> None:
    part = desk.get(address() + "?view=war-room&do=restore", headers=HX | {"HX-Target": "workbench"}).content.decode()
    assert part.lstrip().startswith('<div id="workbench"') or 'id="workbench"' in part[:400]

    answer = desk.post(address("note"), {"text": "Relay 1 is up", "view": "war-room"}, headers=HX)

    assert "Relay 1 is up" in read(answer)


def test_one_click_takes_a_role(major, desk, address, agent) -> None:
    answer = desk.post(address("give_role"), {"mine": "communications"}, follow=True)

    assert f"Communications lead {agent.name}" in read(answer, "roles")
    assert "Nobody has the updates" not in read(answer, "roles")


def test_a_role_is_given_to_somebody(major, desk, address, mate) -> None:
    desk.post(address("give_role"), {"role": "technical", "person": mate.pk})
    desk.post(address("give_role"), {"role": "safety", "person": "", "name": "Dr Haas"})

    taken = major.major_roles.filter(until__isnull=True).order_by("pk")
    assert [seat.called for seat in taken][1:] == [mate.name, "Dr Haas"]


@pytest.mark.parametrize(
    ("what", "typed", "said"),
    [
        ("give_role", {"role": "scribe", "name": ""}, "Please say who takes it."),
        ("give_role", {"role": "king", "name": "Dr Haas"}, "choose one of the roles"),
        ("give_role", {"mine": "king"}, "choose one of the roles"),
        ("give_role", {"role": "scribe", "person": "0"}, "Select a valid choice"),
        ("successor", {"to": "", "note": "Tried relay 1"}, "Please say who goes on."),
        ("call_link", {"url": "javascript:alert(1)"}, "as it stands in a browser"),
    ],
)
def test_what_is_not_accepted_is_said_beside_it(major, desk, address, what, typed, said) -> None:
    answer = desk.post(address(what), typed, headers=HX)

    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())
    for words in (typed.get("note", ""), typed.get("url", ""), typed.get("name", "")):
        assert words in unescape(answer.content.decode())


def test_somebody_of_another_team_is_no_choice(major, desk, address, other_agent) -> None:
    for what, field in (("successor", "to"), ("give_role", "person")):
        answer = desk.post(address(what), {field: other_agent.pk, "note": "x", "role": "scribe"})
        assert answer.status_code == 422
        assert other_agent.name not in answer.content.decode()


def test_after_four_hours_it_asks_and_the_note_is_shown(monday, major, as_user, agent, mate, address, room) -> None:
    with moment.travel(at("Mon 14:05")):
        page = as_user(agent).get(room)
        assert "has run it for" in read(page, "roles")
        assert "Five lines" in page.content.decode()
        as_user(agent).post(address("successor"), {"to": mate.pk, "note": "Tried: relay 1.\nNews: 14:30."})
        shown = read(as_user(mate).get(room), "roles")

    assert f"Incident manager {mate.name}" in shown
    assert "handed over" in shown
    assert "Tried: relay 1. News: 14:30." in shown
    assert "Who goes on?" not in shown


def test_it_says_how_long_it_is_watched_and_asks_then(monday, major, desk, address, room) -> None:
    with moment.travel(at("Mon 11:00")):
        factories.restored(major, major.owner)
        # the desk reads its clocks in UTC here, an hour behind the town
        assert "We watch it until 11:00" in read(desk.get(room), "war-promise")
        queue = desk.get(reverse("incidents:desk_queue")).content.decode()
        assert "works again, watched until 11:00" in text(region(queue, f"row-{major.reference}"))
    with moment.travel(at("Mon 12:00")):
        assert "please resolve it" in read(desk.get(room), "war-promise")
        queue = desk.get(reverse("incidents:desk_queue")).content.decode()
        assert "has held: please resolve it" in text(region(queue, f"row-{major.reference}"))


def test_the_desk_sees_that_it_is_broken_again(major, desk, address, room) -> None:
    factories.restored(major, major.owner)
    answer = desk.post(address("relapse"), {"view": "war-room"}, follow=True)

    major.refresh_from_db()
    assert major.status == "in_progress"
    assert "broke again once" in read(answer, "war-heading")


def test_what_others_do_appears_and_what_one_writes_stays(major, desk, room, mate) -> None:
    token = desk.get(room).context["room"].token
    assert desk.get(f"{room}?since={token}", headers=HX).status_code in (200, 204)  # a minute may end here

    conversation.note(major, by=mate, text="The relay is back")
    answer = desk.get(f"{room}?since={token}", headers=HX)

    assert answer.headers["HX-Trigger"] == "room-changed"
    assert "The relay is back" in answer.content.decode()
    assert 'id="composer"' not in answer.content.decode()
    assert 'id="war-forms"' not in answer.content.decode()


def test_nothing_new_is_nothing(major, desk, room, still) -> None:
    token = desk.get(room).context["room"].token

    assert desk.get(f"{room}?since={token}", headers=HX).status_code == 204


def test_not_major_any_more(major, desk, address, room) -> None:
    (link,) = links(desk.get(room).content.decode(), "Not major any more")
    form = fields(desk.get(link.partition("#")[0]).content.decode(), address("downgrade"))
    assert desk.post(address("downgrade"), form, headers=HX).status_code == 422

    answer = desk.post(address("downgrade"), form | {"reason": "One printer."}, follow=True)

    assert answer.redirect_chain[-1] == (address(), 302)
    assert "(One printer.)" in read(answer, "timeline").replace("( ", "(").replace(" )", ")")


def test_only_who_runs_it_finds_the_button_that_closes_the_lot(major, as_user, agent, mate, address) -> None:
    lot, close = address("parking"), address("close_lot")
    assert close in as_user(agent).get(lot).content.decode()
    assert close not in as_user(mate).get(lot).content.decode()
    assert as_user(mate).post(close, {"closed": "1"}, headers=HX).status_code == 422

    shown = unescape(as_user(agent).post(close, {"closed": "1"}, headers=HX).content.decode())
    assert "by whoever runs the incident" in shown
    assert "Park something" not in shown
    assert as_user(mate).post(lot, {"kind": "hypothesis", "text": "the switch"}, headers=HX).status_code == 409
    as_user(agent).post(close, {"closed": "0"})
    assert major.major.__class__.objects.get().lot_closed_at is None


@pytest.mark.parametrize("who", ["reporter", "contact", "stranger", "other_agent"])
def test_others_have_no_room(major, as_user, request, room, address, who) -> None:
    client = as_user(request.getfixturevalue(who))

    assert client.get(room).status_code == 404
    assert client.post(address("declare")).status_code == 404


def test_the_customer_reads_one_plain_line(major, as_user, reporter, agent) -> None:
    there = reverse("incidents:portal_incident", args=[major.reference])
    shown = as_user(reporter).get(there).content.decode()
    assert "We treat this as a major incident: several of us work on it." in shown
    for inside in ("All three sites are down.", "Declared major", "Incident manager", "war-room"):
        assert inside not in shown

    majors.downgrade(major, by=agent, reason="One printer.")
    assert "major incident" not in as_user(reporter).get(there).content.decode()


def test_a_fixed_number_of_questions(major, desk, room, agent, team, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(24) as few:
        desk.get(room)
    for n in range(6):
        majors.give_role(major, by=agent, role="scribe", name=f"Person {n}")
        conversation.note(major, by=agent, text=f"Note {n}")

    with django_assert_max_num_queries(len(few)):
        desk.get(room)

"""The page of one incident."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import User
from incidents import conversation, lifecycle
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import attribute, elements, links, region, text

QUEUE = reverse("incidents:desk_queue")


def test_page_is_there_for_agents_of_the_customer_only(as_user, agent, other_agent, reporter, address) -> None:
    assert [as_user(p).get(address()).status_code for p in (agent, other_agent, reporter)] == [200, 404, 404]


def test_page_sends_the_anonymous_to_the_log_in(client, address) -> None:
    assert client.get(address()).url.startswith(reverse("account_login"))


def test_page_puts_what_matters_to_the_customer_first(desk, town, contact, reporter, address) -> None:
    town.objective = "the registry counter serves citizens"
    town.hotline_hours = "Mon to Fri"
    town.save()
    User.objects.filter(pk=contact.pk).update(phone="+49 555 0177")

    strip = region(desk.get(address()).content.decode(), "strip")

    assert "What matters to them: the registry counter serves citizens" in text(strip)
    assert "Town of Ostermoor · Guided" in text(strip)
    assert "Our hotline for them: 555 0142 , Mon to Fri" in text(strip)
    assert links(str(strip), "+49 555 0177") == ["tel:+495550177"]


def test_page_tells_public_and_internal_words_apart(desk, agent, incident, address) -> None:
    conversation.note(incident, by=agent, text="Probably printer 1.")
    factories.answered(incident, agent)

    lines = [one for one in elements(region(desk.get(address()).content.decode(), "timeline")) if one.name == "li"]

    assert [attribute(one, "class") for one in lines] == ["said", "internal", "said"]
    assert "Internal note Probably printer 1." in text(lines[1])
    assert "Next update promised for" in text(lines[0])


def test_page_shows_clocks_with_what_they_wait_for(desk, agent, incident, address) -> None:
    lifecycle.ask(incident, by=agent, question="Which printer is it?")

    clocks = text(region(desk.get(address()).content.decode(), "clocks"))

    assert "kept answer" in clocks
    assert "paused" in clocks
    assert "Which printer is it?" in clocks


def test_page_says_when_something_was_late(desk, reporter, team) -> None:
    with moment.travel(timezone.now() - timedelta(hours=3)):
        late = factories.open_incident(reporter, impact=1, urgency=1)
    factories.taken(late, team.memberships.create(user=factories.UserFactory(agent=True)).user)

    html = desk.get(reverse("incidents:desk_incident", kwargs={"reference": late.reference})).content.decode()

    assert "late to answer , was due" in text(region(html, "clocks"))


FILLED = {
    "new": "Take it i",
    "assigned": "Restored",
    "in_progress": "Restored",
    "pending": "Restored",
    "restored": "Resolved",
    "resolved": None,
    "closed": None,
    "cancelled": None,
}


@pytest.mark.parametrize("status", Incident.Status.values)
def test_one_button_is_filled_the_next_sensible_one(desk, in_state, status) -> None:
    incident = in_state(status)

    page = desk.get(reverse("incidents:desk_incident", kwargs={"reference": incident.reference})).content.decode()

    filled = [text(one) for one in elements(region(page, "main")) if "btn-primary" in (attribute(one, "class") or "")]
    assert filled == ([FILLED[status]] if FILLED[status] else [])


def test_a_button_that_is_not_allowed_says_why(desk, in_state) -> None:
    incident = in_state("resolved")
    page = reverse("incidents:desk_incident", kwargs={"reference": incident.reference})

    html = desk.get(page).content.decode()

    disabled = [text(one) for one in elements(region(html, "workbench")) if attribute(one, "aria-disabled")]
    assert disabled == ["Restored", "Ask customer", "Resolved"]
    assert text(region(html, "refusals")) == f"Not possible now: {incident.reference} is “Resolved”."


@pytest.mark.parametrize("verb", ["update", "note", "ask", "restore", "prioritise", "attach", "cancel"])
def test_a_form_opens_by_a_link_and_has_the_focus(desk, incident, address, verb) -> None:
    form = region(desk.get(f"{address()}?do={verb}").content.decode(), "composer")

    assert attribute(form, "action") == address(verb)
    html = desk.get(f"{address()}?do={verb}").content.decode()
    assert html.count("autofocus") == 1


@pytest.mark.parametrize("verb", ["", "nonsense", "take", "../../x", "\u202e"])
def test_an_unknown_form_is_the_usual_one(desk, address, verb) -> None:
    html = desk.get(address(), {"do": verb}).content.decode()

    assert attribute(region(html, "composer"), "action") == address("update")


def test_opening_a_form_by_htmx_equals_the_page(still, desk, fragment, incident, address) -> None:
    swapped = fragment(f"{address()}?view=open&do=restore", "workbench")

    reloaded = desk.get(QUEUE, {"view": "open", "incident": incident.reference, "do": "restore"}).content.decode()
    assert region(swapped, "workbench") == region(reloaded, "workbench")


def test_the_words_of_people_are_only_words(desk, agent, incident, address) -> None:
    conversation.note(incident, by=agent, text="<script>alert(1)</script> {{ 7*7 }} \u202ertl")

    html = desk.get(address()).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in html


def test_upper_floors_have_their_places(desk, incident, address) -> None:
    panels = elements(region(desk.get(address()).content.decode(), "panels"))

    assert [attribute(one, "hx-get") for one in panels if attribute(one, "hx-get")] == [
        reverse("incidents:desk_followers", kwargs={"reference": incident.reference}),
        reverse("incidents:desk_parking", kwargs={"reference": incident.reference}),
        reverse("problems:incident_panel", kwargs={"reference": incident.reference}),
        reverse("notifications:incident_panel", kwargs={"reference": incident.reference}),
    ]


@pytest.mark.parametrize("number", [1, 3, 100])
def test_page_asks_the_same_number_of_questions(
    desk, agent, incident, address, django_assert_num_queries, number
) -> None:
    for n in range(number):
        conversation.note(incident, by=agent, text=f"Note {n}")

    with django_assert_num_queries(12):  # the last: what the bell says of it is read
        desk.get(address())

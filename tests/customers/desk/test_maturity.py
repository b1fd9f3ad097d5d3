"""Where a customer stands, at the desk: result, proposal, what would change, and the decisions."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from customers import assessment
from customers.models import MaturityAssessment
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.customers.assessed import STRONG, TOWN, TOWN_LATER, agreed, at, proposed
from tests.incidents.desk.pages import links, region, text


@pytest.fixture(autouse=True)
def _monday():
    with moment.travel(at("2026-03-02 10:00")):
        yield


@pytest.fixture
def desk(as_user, lead):
    return as_user(lead)


@pytest.fixture
def page(town):
    return reverse("customers:desk_maturity", args=[town.pk])


def shown(client, page):
    return text(region(client.get(page).content.decode(), "main"))


def test_agents_read_it_and_leads_decide(as_user, lead, agent, reporter, contact, town, page):
    found = proposed(town, lead, TOWN_LATER)
    verbs = [reverse(f"customers:{name}", args=[town.pk, found.pk]) for name in VERBS]

    assert [as_user(p).get(page).status_code for p in (lead, agent, reporter, contact)] == [200, 200, 404, 404]
    assert "Accept for us" not in shown(as_user(agent), page)
    for address in [*verbs, f"{page}begin/"]:
        assert as_user(agent).post(address, {"reason": "x", "effective_on": "2026-03-09"}).status_code == 404
    found.refresh_from_db()
    assert found.state == "proposed"


VERBS = ("desk_accept_level", "desk_drop_assessment")


def test_the_unassessed_work_as_guided_and_an_assessment_is_offered(desk, town, page):
    town.level = None
    town.save()

    said = shown(desk, page)
    answer = desk.post(f"{page}begin/")

    assert "Not assessed yet: works as Guided" in said
    found = MaturityAssessment.objects.get()
    assert answer.url == reverse("customers:desk_assessment", args=[town.pk, found.pk])
    assert "Go on answering" in shown(desk, page)
    assert desk.post(f"{page}begin/").url == answer.url


def test_a_proposal_says_what_would_change_in_words(desk, town, lead, page):
    proposed(town, lead, TOWN_LATER)

    said = shown(desk, page)

    assert "From Guided to Supported (level 2)" in said
    assert "In force from Monday 9 March 2026 once both sides have accepted" in said
    assert "What we ask for in a report; only the first is ever compulsory" in said
    assert "what is not working what is not working, the service" in said
    assert "Closes by itself so long after it was solved 10 business days 7 business days" in said
    assert "First answer until" not in said  # the same at both levels
    assert "Name a contact" not in said
    assert "A goal that helps most: Agree what P1 to P4 mean, with examples For “Noticing and reporting”." in said


def test_what_the_contract_decides_does_not_change(desk, town, lead, page):
    town.agreement = {"auto_close_bd": 12}
    town.save()
    proposed(town, lead, TOWN_LATER)

    assert "Closes by itself" not in shown(desk, page)


def test_the_radar_and_its_table_say_the_same(desk, town, lead, page):
    proposed(town, lead, TOWN_LATER)

    html = desk.get(page).content.decode()

    assert "People and decisions 3 Knowing your services 2 Noticing and reporting · weakest 2" in text(
        region(html, "main")
    )
    assert html.count('class="dot"') == 5
    assert 'class="area" points="205.0,94.4 ' in html


def test_the_real_target_is_told_beside_the_step(desk, town, lead, page):
    proposed(town, lead, STRONG)

    assert "The answers point to Partnered (level 4)" in shown(desk, page)


def test_accepting_for_us_names_the_day(desk, town, lead, page):
    found = proposed(town, lead, TOWN_LATER)
    address = reverse("customers:desk_accept_level", args=[town.pk, found.pk])

    html = desk.get(page).content.decode()
    answer = desk.post(address, {"effective_on": "2026-03-16"}, follow=True)

    found.refresh_from_db()
    assert 'value="2026-03-09"' in html
    assert "Accepted for Monday 16 March 2026. Now it is the customer's turn." in answer.content.decode().replace(
        "&#x27;", "'"
    )
    assert (found.effective_on, found.accepted_here_by) == (date(2026, 3, 16), lead)
    assert "Lena Lund accepted on 2 March 2026" in shown(desk, page)


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30", "2026-03-01", "9999-12-31", "0001-01-01"])
def test_a_day_that_cannot_be_is_said_and_kept(desk, town, lead, day):
    found = proposed(town, lead, TOWN_LATER)

    answer = desk.post(reverse("customers:desk_accept_level", args=[town.pk, found.pk]), {"effective_on": day})

    found.refresh_from_db()
    assert (answer.status_code, found.accepted_here_at) == (422, None)
    assert not day or f'value="{day}"' in answer.content.decode()


def test_nothing_is_accepted_while_a_major_is_open(desk, town, lead, reporter, page):
    found = proposed(town, lead, TOWN_LATER)
    incident = factories.open_incident(reporter)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)

    sentence = f"A major incident is open ({incident.reference}). No support model changes until it is solved."
    answer = desk.post(reverse("customers:desk_accept_level", args=[town.pk, found.pk]), {"effective_on": "2026-03-09"})

    assert sentence in shown(desk, page)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_the_form_to_drop_carries_its_token(town, lead, page):
    proposed(town, lead, TOWN_LATER)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(lead)

    (form,) = re.findall(r'<form [^>]*/drop/".*?</form>', strict.get(page).content.decode(), re.DOTALL)
    (token,) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', form)
    address = re.findall(r'action="([^"]+)"', form)[0]

    answer = strict.post(address, {"reason": "The contact left", "csrfmiddlewaretoken": token})
    assert answer.status_code == 302


def test_dropping_needs_a_word(desk, town, lead, page):
    found = proposed(town, lead, TOWN_LATER)
    address = reverse("customers:desk_drop_assessment", args=[town.pk, found.pk])

    assert desk.post(address, {"reason": " "}).status_code == 422
    assert desk.post(address, {"reason": "The contact left"}).status_code == 302
    assert desk.post(address, {"reason": "Again"}).status_code == 422
    assert "dropped: The contact left" in shown(desk, page)


def test_begin_while_a_proposal_waits_says_why_not(desk, town, lead, page):
    proposed(town, lead, TOWN_LATER)

    answer = desk.post(f"{page}begin/")

    assert (answer.status_code, "A proposal is under way" in answer.content.decode()) == (422, True)


def test_what_the_contact_said_is_seen(desk, town, lead, contact, page):
    assessment.say_not_yet(proposed(town, lead, TOWN_LATER), by=contact, word="After the move")

    assert "Birte Brandt said not yet on 2 March: After the move" in shown(desk, page)


def test_in_force_shows_when_to_look_again_and_the_one_before(desk, town, lead, contact, page):
    agreed(town, lead, contact, TOWN, date(2026, 3, 2))
    town.refresh_from_db()
    said = shown(desk, page)
    with moment.travel(at("2026-09-02 12:00")):
        due = shown(desk, page)
        agreed(town, lead, contact, TOWN_LATER, date(2026, 9, 2))
        later = desk.get(page).content.decode()

    assert "Guided, assessed and in force since 2 March 2026" in said
    assert "Time to look again from 2 September 2026 on" in said
    assert "Time to look again, since 2 September 2026" in due
    assert "Supported, assessed and in force since 2 September 2026" in text(region(later, "main"))
    assert "People and decisions 3 2" in text(region(later, "main"))
    assert 'class="before"' in later
    assert len(links(later, "2 ")) == 2


def test_after_a_major_one_is_offered(desk, town, lead, agent, contact, reporter, page):
    agreed(town, lead, contact, TOWN, date(2026, 3, 2))
    with moment.travel(at("2026-03-03 10:00")):
        incident = factories.open_incident(reporter)
        Incident.objects.filter(pk=incident.pk).update(is_major=True)
        factories.resolved(incident, agent)
        said = shown(desk, page)

    assert "A major incident was solved since the last assessment" in said


def test_an_agreed_step_down_says_why_it_waits_once_its_day_has_come(desk, town, lead, contact, reporter, page):
    town.level = 3
    town.save()
    agreed(town, lead, contact, TOWN)
    with moment.travel(at("2026-04-06 10:00")):
        factories.open_incident(reporter)
        on_the_day = shown(desk, page)

    assert "only when none is" not in shown(desk, page)
    assert "Waits 1 incident is open: a level goes down only when none is." in on_the_day


def test_the_level_is_read_only_in_the_admin_area(as_user, town):
    administrator = factories.UserFactory(administrator=True)

    html = as_user(administrator).get(reverse("admin:customers_customer_change", args=[town.pk])).content.decode()

    assert 'name="name"' in html
    assert 'name="level"' not in html


def test_the_page_costs_the_same_however_long_the_history(desk, town, lead, page, django_assert_num_queries):
    assessment.drop(proposed(town, lead, TOWN), by=lead, reason="One")
    with django_assert_num_queries(5):
        desk.get(page)
    for reason in ("Two", "Three"):
        assessment.drop(proposed(town, lead, TOWN), by=lead, reason=reason)
    with django_assert_num_queries(5):
        desk.get(page)

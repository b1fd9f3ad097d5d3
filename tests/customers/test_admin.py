"""The administrators' area: it opens for them alone, and what cannot be kept is refused with a sentence."""

import json
import re

import pytest
from django.urls import reverse
from knox.models import AuthToken

from customers.models import Calendar, Customer, CustomerEvent, Team, User
from tests import factories

KINDS = ["calendar", "customer", "team", "service", "user"]
WEEK = {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "18:00"]]}}
PERSON = {"email": "new@ostermoor.example", "name": "New Person", "usable_password": "false"}
NO_SERVICES = {"services-TOTAL_FORMS": 0, "services-INITIAL_FORMS": 0}


@pytest.fixture
def admin_client(as_user):
    return as_user(factories.UserFactory(administrator=True))


def url(kind, action="changelist", *args):
    return reverse(f"admin:customers_{kind}_{action}", args=args)


@pytest.fixture
def rows(town, team, agent, reporter):
    """One row of each kind."""
    service = factories.ServiceFactory(customer=town)
    return {"calendar": town.calendar, "customer": town, "team": team, "service": service, "user": reporter}


@pytest.mark.parametrize("kind", KINDS)
def test_pages_open_with_nothing_inline(kind, rows, admin_client):
    pages = [url(kind), url(kind, "add"), url(kind, "change", rows[kind].pk), url(kind, "history", rows[kind].pk)]

    for page in [reverse("admin:index"), f"{url(kind)}?q=a", *pages]:
        response = admin_client.get(page)
        text = response.content.decode()
        assert response.status_code == 200
        assert not re.search(r"\sstyle=\"|<style|\son(click|load|change|submit)=|javascript:", text)
        assert not re.search(r"<script(?![^>]*(src=|application/json))", text)


def test_incidents_are_not_edited_here(admin_client, incident):
    text = admin_client.get(reverse("admin:index")).content.decode().lower()

    assert "customers" in text
    assert "incident" not in text


@pytest.mark.parametrize("role", [role for role in User.Role if role != "administrator"])
def test_area_is_shut_for_everybody_else(role, as_user, town):
    person = factories.UserFactory(role=role, customer=town if role in User.CUSTOMER_SIDE else None)

    for page in (reverse("admin:index"), url("user"), url("user", "add")):
        assert as_user(person).get(page, follow=True).status_code in (403, 404)


def test_log_in_is_the_one_of_the_house(client):
    """Its rate limits and the second factor cannot be gone round here."""
    response = client.get(reverse("admin:login"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (json.dumps({"tz": "Europe/Berlin", "weekly": {}}), "The week has no working time"),
        (json.dumps(WEEK | {"tz": "Mars/Olympus"}), "“Mars/Olympus” is not a known time zone."),
        (json.dumps(WEEK | {"weekly": {"mon": [["08:00", "25:00"]]}}), "is not a time of day"),
        ("[1, 2]", "A calendar must be an object"),
        ("{not json", "valid JSON"),
    ],
)
def test_bad_calendar_is_refused_with_a_sentence_and_kept_in_the_form(spec, sentence, admin_client):
    response = admin_client.post(url("calendar", "add"), {"name": "Odd", "spec": spec})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Calendar.objects.filter(name="Odd").exists()


def test_good_calendar_is_kept(admin_client):
    admin_client.post(url("calendar", "add"), {"name": "Mondays", "spec": json.dumps(WEEK)})

    assert Calendar.objects.get(name="Mondays").hours().zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"role": "reporter"}, "End users and contacts belong to a customer"),
        ({"role": "agent", "customer": "town"}, "staff belong to none"),
        ({"role": "agent", "email": "TAKEN@ostermoor.example"}, "Somebody has this address already."),
        ({"role": "pope"}, "not one of the available choices"),
    ],
)
def test_person_who_contradicts_is_refused_with_a_sentence(values, sentence, admin_client, town):
    factories.UserFactory(email="taken@ostermoor.example", customer=town)
    values = PERSON | values | ({"customer": town.pk} if "customer" in values else {})

    response = admin_client.post(url("user", "add"), values)

    assert response.status_code == 200
    assert sentence in response.content.decode()


def test_person_is_invited_without_a_password(admin_client, town):
    admin_client.post(url("user", "add"), PERSON | {"role": "contact", "customer": town.pk, "email": "New@X.example"})

    person = User.objects.get(email="new@x.example")
    assert (person.role, person.customer, person.has_usable_password()) == ("contact", town, False)


def test_person_gets_a_password_by_djangos_form(admin_client, reporter):
    page = reverse("admin:auth_user_password_change", args=[reporter.pk])
    words = "four-quiet-boats-at-anchor"

    assert admin_client.get(page).status_code == 200
    admin_client.post(page, {"password1": words, "password2": words, "usable_password": "true"})

    reporter.refresh_from_db()
    assert reporter.check_password(words)


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        ("-5", "A target cannot be negative."),
        ("5256000", "This is more than a year."),
        ("soon", "Enter a whole number"),
    ],
)
def test_a_team_gives_itself_no_target_that_cannot_be_kept(minutes, sentence, admin_client, team):
    form = {"name": team.name, "own_target_min": minutes, "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}

    response = admin_client.post(url("team", "change", team.pk), form)

    assert sentence in response.content.decode()
    assert Team.objects.get(pk=team.pk).own_target_min is None
    admin_client.post(url("team", "change", team.pk), form | {"own_target_min": "120"})
    assert Team.objects.get(pk=team.pk).own_target_min == 120


def test_people_and_customers_are_not_deleted(admin_client, reporter, town):
    for kind, row in (("user", reporter), ("customer", town)):
        assert admin_client.post(url(kind, "delete", row.pk), {"post": "yes"}).status_code == 403
        admin_client.post(url(kind), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})

    assert User.objects.filter(pk=reporter.pk).exists()
    assert Customer.objects.filter(pk=town.pk).exists()


def test_what_is_in_use_is_not_deleted_but_explained(admin_client, town, team, incident):
    for kind, row in (("calendar", town.calendar), ("team", team)):
        response = admin_client.post(url(kind, "delete", row.pk), {"post": "yes"})
        assert response.status_code == 200
        assert f"Cannot delete {kind}" in response.content.decode()


def test_customer_with_the_same_service_twice_is_refused_with_a_sentence(admin_client, town):
    services = {f"services-{n}-name": "Mail" for n in range(2)} | NO_SERVICES | {"services-TOTAL_FORMS": 2}
    values = {"name": "Town", "calendar": town.calendar_id, "language": "en-gb", "time_zone": "Europe/Berlin"}

    response = admin_client.post(url("customer", "change", town.pk), values | services)

    assert "Please correct the duplicate data for name" in response.content.decode()


def test_customer_in_no_known_zone_is_refused(admin_client, town):
    values = {"name": "Town", "calendar": town.calendar_id, "language": "en-gb", "time_zone": "Mars/Olympus"}

    response = admin_client.post(url("customer", "change", town.pk), values | NO_SERVICES)

    assert "Mars/Olympus is not one of the available choices" in response.content.decode()


def test_team_gets_its_members(admin_client, town, agent, team):
    members = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-user": agent.pk, "0-is_lead": "on"}
    values = {"name": "South desk", "customers": [town.pk]} | {f"memberships-{k}": v for k, v in members.items()}

    admin_client.post(url("team", "add"), values)

    assert list(Team.objects.get(name="South desk").leads()) == [agent]


def test_hours_somebody_works_by_are_not_changed_here(admin_client, town) -> None:
    page = url("calendar", "change", town.calendar.pk)

    assert 'name="spec"' not in admin_client.get(page).content.decode()
    admin_client.post(page, {"name": "Renamed", "spec": '{"tz": "UTC", "always_open": true}'})

    town.calendar.refresh_from_db()
    assert (town.calendar.name, town.calendar.spec["tz"]) == ("Renamed", "Europe/Berlin")


def test_a_log_in_ended_here_ends_at_once_and_is_written_down(admin_client, as_user, reporter):
    browser = as_user(reporter)
    AuthToken.objects.create(reporter)
    values = {"email": reporter.email, "name": reporter.name, "role": "reporter", "customer": reporter.customer_id}

    assert admin_client.post(url("user", "change", reporter.pk), values).status_code == 302

    reporter.refresh_from_db()
    assert not reporter.is_active
    assert not reporter.has_usable_password()
    assert not AuthToken.objects.exists()
    assert browser.get("/account/profile/").status_code == 302
    assert CustomerEvent.objects.get(person=reporter).kind == "person_deactivated"

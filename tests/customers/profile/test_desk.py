"""The profile at the desk: who sees it, what it says, how each part is changed."""

import pytest
from django.utils import timezone

from customers.models import ContactRole, CustomerEvent, ExternalDeadline, Service, User
from itsm import moment
from tests import factories
from tests.customers.profile.typed import fields
from tests.incidents.desk.pages import HX, attribute, elements, region, text


@pytest.fixture(autouse=True)
def _still():
    """The domain's clock stands still: two looks show the same minutes."""
    with moment.travel(timezone.now()):
        yield


def shown(browser, page: str, section: str) -> str:
    return text(region(browser.get(page).content.decode(), section))


def test_who_serves_the_customer_reads_it_and_leads_change_it(
    as_user, page, agent, lead, manager, other_agent, reporter, contact
) -> None:
    people = [agent, lead, manager, other_agent, reporter, contact]

    assert [as_user(person).get(page).status_code for person in people] == [200, 200, 200, 404, 404, 404]
    assert [as_user(person).get(f"{page}profile/quiet/").status_code for person in people] == [404, 200, 200] + [
        404
    ] * 3
    html = as_user(agent).get(page).content.decode()
    assert "Change" not in text(region(html, "main"))


def test_it_says_everything_in_business_words(boards, page, town, mail, deputy, notice, reporter) -> None:
    town.objective, town.vip_manners = "The counter serves citizens", "Phone in person"
    town.save()
    User.objects.filter(pk=reporter.pk).update(is_vip=True)
    Service.objects.update(purpose="Letters", users=60, owner=reporter, is_critical=True)

    assert "The counter serves citizens" in shown(boards, page, "objective")
    services = shown(boards, page, "services")
    for words in (
        "Mail",
        "critical",
        "is itself a channel: E-mail",
        "Letters",
        "without it for 4 h",
        "about 60 people",
    ):
        assert words in services
    assert "Karl Sommer Deputy" in shown(boards, page, "contacts")
    assert "20:00 to 07:00" in shown(boards, page, "reach")
    assert "Ministry 48 h after it became known" in shown(boards, page, "clocks")
    assert "no legal advice" in shown(boards, page, "clocks")
    assert "Rosa Reporter" in shown(boards, page, "manners")
    assert "high Priority P1 Priority P2 Priority P3" in shown(boards, page, "matrix")


def tone(html: str) -> str:
    notice = elements(region(html, "warning"))[1]
    return next(word for word in ("attention", "late") if word in (attribute(notice, "class") or "").split())


def test_nobody_with_an_out_of_band_number_is_a_warning(boards, page, town, deputy) -> None:
    assert "Nobody has an out-of-band number" in shown(boards, page, "warning")
    assert tone(boards.get(page).content.decode()) == "attention"

    factories.ServiceFactory(customer=town, name="Mail", is_channel="email")
    html = boards.get(page).content.decode()
    assert tone(html) == "late"
    assert "Mail : itself a way to reach people" in text(region(html, "warning"))

    ContactRole.objects.update(out_of_band="555 0160")
    assert shown(boards, page, "warning") == ""


def test_numbers_can_be_dialled_and_a_radio_is_words(boards, page, town) -> None:
    ContactRole.objects.create(customer=town, kind="deputy", name="Karl", phone="+49 555 0192", out_of_band="radio 4")

    html = boards.get(page).content.decode()

    assert 'href="tel:+495550192"' in html
    assert "radio 4" in html
    assert 'href="tel:4"' not in html


SENT = {
    "objective": ({"objective": "Wards work"}, "objective", "Wards work"),
    "words": (
        {"language": "de", "time_zone": "Europe/Paris", "hotline": "555 0150", "hotline_hours": "always"},
        "reach",
        "Europe/Paris",
    ),
    "quiet": ({"quiet_from": "18:00", "quiet_until": "07:30"}, "reach", "18:00 to 07:30"),
    "manners": ({"vip_manners": "Knock first"}, "manners", "Knock first"),
    "contacts": ({"kind": "site_lead", "name": "Greta", "phone": "555 01"}, "contacts", "Greta Site lead"),
    "services": (
        {"name": "Library", "tolerable_min": "2 days", "is_active": "on"},
        "services",
        "without it for 2 days",
    ),
    "clocks": ({"name": "Insurer", "hours": "24", "base": "aware"}, "clocks", "Insurer 24 h"),
    "regime": ({"regime": "gdpr"}, "clocks", "GDPR: notice to the supervisory authority 72 h"),
    "vip": ({"person": "vera@example.com"}, "manners", "Vera"),
}


@pytest.mark.parametrize("part", SENT)
def test_each_part_is_saved_and_the_swap_is_what_a_reload_shows(boards, page, town, part) -> None:
    factories.UserFactory(customer=town, name="Vera", email="vera@example.com")
    values, section, words = SENT[part]
    address = f"{page}profile/{part}/"
    written = fields(boards.get(address).content.decode(), address) | values

    answer = boards.post(address, written, headers=HX)

    assert answer.status_code == 200
    swapped, reloaded = answer.content.decode(), boards.get(page).content.decode()
    assert words in text(region(swapped, section))
    for name in (section, "warning", "lately"):
        assert region(swapped, name) == region(reloaded, name)
    assert CustomerEvent.objects.get().kind == CustomerEvent.Kind.PROFILE_CHANGED


@pytest.mark.parametrize("part", SENT)
def test_each_part_is_saved_without_script(boards, page, town, part) -> None:
    factories.UserFactory(customer=town, name="Vera", email="vera@example.com")
    values, section, words = SENT[part]
    address = f"{page}profile/{part}/"
    assert words not in shown(boards, page, section)

    answer = boards.post(address, fields(boards.get(address).content.decode(), address) | values)

    assert (answer.status_code, answer.url) == (302, f"{page}#{section}")
    assert words in shown(boards, page, section)


def test_htmx_gets_the_section_with_the_form_and_without(boards, page, mail) -> None:
    address = f"{page}profile/services/{mail.pk}/"

    opened = boards.get(address, headers=HX | {"HX-Target": "services"}).content.decode()
    closed = boards.get(page, headers=HX | {"HX-Target": "services"}).content.decode()

    assert fields(opened, address)["tolerable_min"] == "4 h"
    assert "<html" not in opened + closed
    assert region(closed, "services") == region(boards.get(page).content.decode(), "services")


def test_what_is_there_is_changed_in_its_place(boards, page, mail, deputy, notice, reporter) -> None:
    for part, row, change in (
        ("services", mail, {"owner": reporter.email.upper()}),
        ("contacts", deputy, {"out_of_band": "555 0160"}),
        ("clocks", notice, {"hours": "72"}),
    ):
        address = f"{page}profile/{part}/{row.pk}/"
        written = fields(boards.get(address).content.decode(), address) | change
        written.pop("remove", None)
        assert boards.post(address, written).status_code == 302

    assert Service.objects.get().owner == reporter
    assert ContactRole.objects.get().out_of_band == "555 0160"
    assert ExternalDeadline.objects.get().hours == 72


def test_contacts_clocks_and_vips_can_be_removed(boards, page, deputy, notice, reporter) -> None:
    User.objects.filter(pk=reporter.pk).update(is_vip=True)

    for part, row in (("contacts", deputy), ("clocks", notice), ("vip", reporter)):
        assert boards.post(f"{page}profile/{part}/{row.pk}/", {"remove": "yes"}).status_code == 302

    assert not ContactRole.objects.exists()
    assert not ExternalDeadline.objects.exists()
    assert not User.objects.filter(is_vip=True).exists()


def test_a_service_is_taken_out_of_use_not_removed(boards, page, mail) -> None:
    address = f"{page}profile/services/{mail.pk}/"
    written = fields(boards.get(address).content.decode(), address)
    del written["is_active"]

    boards.post(address, written | {"remove": "yes"})

    assert not Service.objects.get().is_active
    assert "no longer in use" in shown(boards, page, "services")


@pytest.mark.parametrize("headers", [{}, HX])
def test_who_was_slower_sees_both_texts_and_saves_on_purpose(boards, as_user, manager, page, mail, headers) -> None:
    address = f"{page}profile/services/{mail.pk}/"
    written = fields(boards.get(address).content.decode(), address)
    as_user(manager).post(address, written | {"purpose": "Letters of the manager"})

    answer = boards.post(address, written | {"purpose": "Mine"}, headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Letters of the manager" in text(region(html, "services"))
    assert fields(html, address)["purpose"] == "Mine"
    assert Service.objects.get().purpose == "Letters of the manager"

    assert boards.post(address, fields(html, address)).status_code == 302
    assert Service.objects.get().purpose == "Mine"


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_number_of_questions(
    boards, page, town, lead, number, django_assert_num_queries
) -> None:
    for n in range(number):
        service = factories.ServiceFactory(customer=town, owner=factories.UserFactory(customer=town, is_vip=True))
        person = factories.UserFactory(customer=town)
        ContactRole.objects.create(customer=town, kind="deputy", person=person, service=service)
        ExternalDeadline.objects.create(customer=town, name=f"Report {n}", hours=4)
        boards.post(f"{page}profile/contacts/", {"kind": "deputy", "name": f"Karl {n}"})
    with django_assert_num_queries(
        10
    ):  # session, user, customer; services, roles, clocks, VIPs, policy, calendar, lately
        boards.get(page)


def test_a_service_is_given_a_coordinator_who_serves_it(boards, page, mail, agent, other_agent) -> None:
    address = f"{page}profile/services/{mail.pk}/"
    form = boards.get(address).content.decode()
    assert "asked which one waits" in text(region(form, "services"))

    stranger = boards.post(address, fields(form, address) | {"coordinator": str(other_agent.pk)})
    assert stranger.status_code == 422
    assert boards.post(address, fields(form, address) | {"coordinator": str(agent.pk)}).status_code == 302

    mail.refresh_from_db()
    assert mail.coordinator == agent
    assert f"problems: {agent.name}" in shown(boards, page, "services")
    change = CustomerEvent.objects.filter(kind="profile_changed").latest("pk")
    assert ["coordinator", "", agent.name] in change.data["changes"]

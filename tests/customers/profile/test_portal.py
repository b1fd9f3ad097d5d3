"""The customer's own page: the contact sees all that is theirs and maintains what they know best."""

import pytest

from customers.models import ContactRole, CustomerEvent, Service
from tests.customers.profile.typed import fields
from tests.incidents.desk.pages import region, text

PAGE = "/organisation/"


def test_it_is_the_contacts_page(as_user, contact, reporter, agent, lead, stranger) -> None:
    people = [contact, reporter, agent, lead, stranger]

    assert [as_user(person).get(PAGE).status_code for person in people] == [200, 404, 404, 404, 404]
    assert [as_user(person).get(f"{PAGE}profile/quiet/").status_code for person in people] == [200] + [404] * 4


def test_it_shows_what_is_theirs_in_plain_words(portal, town, mail, deputy, notice) -> None:
    town.objective = "The counter serves citizens"
    town.save()

    html = portal.get(PAGE).content.decode()

    words = text(region(html, "main"))
    for part in ("The counter serves citizens", "Karl Sommer", "Mail", "Ministry 48 h", "20:00 to 07:00", "Guided"):
        assert part in words
    assert "we cannot tell you how things stand" in text(region(html, "warning"))
    assert "/desk/" not in html


@pytest.mark.parametrize("part", ["objective", "manners", "vip"])
def test_what_is_ours_is_not_theirs_to_change(portal, part) -> None:
    assert portal.get(f"{PAGE}profile/{part}/").status_code == 404
    assert portal.post(f"{PAGE}profile/{part}/", {"objective": "x", "vip_manners": "x"}).status_code == 404


def test_what_is_agreed_of_a_service_stays_whatever_is_sent(portal, mail) -> None:
    address = f"{PAGE}profile/services/{mail.pk}/"
    html = portal.get(address).content.decode()
    written = fields(html, address)
    assert not {"is_critical", "hours", "name", "is_active", "is_channel"} & written.keys()

    sent = written | {
        "purpose": "Letters",
        "tolerable_min": "30 min",
        "users": "60",
        "is_critical": "on",
        "name": "Ours",
    }
    assert portal.post(address, sent).status_code == 302

    service = Service.objects.get()
    assert (service.purpose, service.tolerable_min, service.users) == ("Letters", 30, 60)
    assert (service.name, service.is_critical, service.is_active) == ("Mail", False, True)


def test_a_service_is_added_by_us(portal) -> None:
    assert portal.post(f"{PAGE}profile/services/", {"name": "New"}).status_code == 404


def test_the_hotline_is_ours(portal, town) -> None:
    address = f"{PAGE}profile/words/"
    written = fields(portal.get(address).content.decode(), address)

    portal.post(address, written | {"language": "de", "time_zone": "Europe/Paris", "hotline": "555 9999"})

    town.refresh_from_db()
    assert (town.language, town.time_zone, town.hotline) == ("de", "Europe/Paris", "555 0142")


def test_the_contact_mends_the_warning(portal, contact, town) -> None:
    assert "We cannot reach you when mail and network fail" in text(
        region(portal.get(PAGE).content.decode(), "warning")
    )

    sent = {"kind": "named_contact", "person": contact.email, "out_of_band": "555 0160"}
    assert portal.post(f"{PAGE}profile/contacts/", sent).url == f"{PAGE}#contacts"

    html = portal.get(PAGE).content.decode()
    assert text(region(html, "warning")) == ""
    assert "Birte Brandt Named contact" in text(region(html, "contacts"))
    assert ContactRole.objects.get().person == contact
    assert CustomerEvent.objects.get().actor == contact


def test_what_was_changed_is_said_in_words(portal, mail) -> None:
    portal.post(f"{PAGE}profile/contacts/", {"kind": "duty_manager", "name": "Otto"})
    address = f"{PAGE}profile/services/{mail.pk}/"
    portal.post(address, fields(portal.get(address).content.decode(), address) | {"tolerable_min": "2 days"})

    said = text(region(portal.get(PAGE).content.decode(), "lately"))

    assert "role: Duty manager" in said
    assert "can be missed for: 4 h , then 2 days" in said


def test_the_account_menu_leads_there(portal, as_user, reporter) -> None:
    assert f'href="{PAGE}"' in portal.get("/").content.decode()
    assert f'href="{PAGE}"' not in as_user(reporter).get("/").content.decode()

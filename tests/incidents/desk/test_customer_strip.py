"""What the incident's page says of the customer: manners, the service, and whom to call when mail is what fails."""

import pytest

from customers.models import ContactRole, User
from incidents.models import Incident
from tests import factories
from tests.incidents.desk.pages import region, text


@pytest.fixture
def part(desk, address):
    """part("strip") -> the words of that part of the incident's page."""

    def look(name: str) -> str:
        return text(region(desk.get(address()).content.decode(), name))

    return look


def test_manners_are_shown_when_a_vip_reported_it(part, town, reporter, incident) -> None:
    town.vip_manners = "Phone in person"
    town.save()
    assert "Phone in person" not in part("strip")

    User.objects.filter(pk=reporter.pk).update(is_vip=True)

    assert "VIP: Phone in person" in part("strip")


def test_a_vip_is_never_sooner_in_the_queue(desk, town, reporter, colleague, incident) -> None:
    later = factories.open_incident(colleague)
    User.objects.filter(pk=colleague.pk).update(is_vip=True)

    html = desk.get("/desk/").content.decode()

    assert html.index(f"row-{incident.reference}") < html.index(f"row-{later.reference}")


def test_the_service_says_what_its_failure_means(part, town, incident) -> None:
    service = factories.ServiceFactory(
        customer=town, name="Mail", is_channel="email", tolerable_min=60, users=4200, is_critical=True
    )
    Incident.objects.filter(pk=incident.pk).update(service=service)

    assert "Can be missed for 1 h about 4200 people use it" in part("facts")
    assert "Mail is itself a way to reach them (E-mail). Nobody has an out-of-band number." in part("strip")


def test_whom_to_call_out_of_band_is_a_click_away(desk, address, part, town, reporter, incident, stranger) -> None:
    mail, other = factories.ServiceFactory(customer=town), factories.ServiceFactory(customer=town)
    Incident.objects.filter(pk=incident.pk).update(service=mail)
    for kind, name, number, service in (
        ("deputy", "Birte", "555 0160", None),
        ("named_contact", "Contact", "555 0164", None),
        ("service_owner", "Owner", "555 0161", mail),
        ("service_owner", "Elsewhere", "555 0162", other),
        ("site_lead", "Nobody", "", None),
    ):
        ContactRole.objects.create(customer=town, kind=kind, name=name, out_of_band=number, service=service)
    ContactRole.objects.create(customer=stranger.customer, kind="deputy", name="Sam", out_of_band="555 0163")

    strip = part("strip")

    numbers = [part.split(" 555")[0] for part in strip.split("Out of band: ")[1:]]
    assert numbers == ["Owner (Service owner)", "Contact (Named contact)", "Birte (Deputy)"]
    assert not {"Elsewhere", "Nobody", "Sam"} & set(strip.split())
    assert 'href="tel:5550160"' in desk.get(address()).content.decode()


def test_the_strip_leads_to_the_customer(desk, address, town, incident) -> None:
    assert f'href="/desk/customers/{town.pk}/"' in desk.get(address()).content.decode()

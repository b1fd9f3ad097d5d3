"""What cannot be kept is answered with a sentence, and nothing typed is lost."""

import pytest

from customers.models import ContactRole, CustomerEvent, ExternalDeadline, Service
from tests import factories
from tests.customers.profile.typed import fields
from tests.incidents.desk.pages import region, text

LONG = "x" * 100_000


@pytest.mark.parametrize(
    ("part", "changes", "field", "sentence"),
    [
        ("contacts", {"phone": "call me"}, "phone", "Please write a telephone number"),
        ("contacts", {"phone": "12"}, "phone", "Please write a telephone number"),
        ("contacts", {"name": ""}, "name", "Please choose a person or write a name."),
        ("contacts", {"kind": "king"}, "kind", "Please choose one of those in the list."),
        ("contacts", {"service": "999999"}, "service", "Please choose one of those in the list."),
        ("contacts", {"service": "x'; --"}, "service", "Please choose one of those in the list."),
        ("contacts", {"note": LONG}, "note", "at most 200 characters"),
        ("contacts", {"person": "sam@elsewhere.example"}, "person", "Nobody of Town of Ostermoor has this e-mail"),
        ("services", {"tolerable_min": "-5"}, "tolerable_min", "Please write a length of time"),
        ("services", {"tolerable_min": "1000000000"}, "tolerable_min", "Please write a length of time"),
        ("services", {"tolerable_min": "999999999"}, "tolerable_min", "From one minute to a year"),
        ("services", {"tolerable_min": "0 min"}, "tolerable_min", "From one minute to a year"),
        ("services", {"tolerable_min": "soon"}, "tolerable_min", "Please write a length of time"),
        ("services", {"tolerable_min": "3 months"}, "tolerable_min", "Please write a length of time"),
        ("services", {"users": "-1"}, "users", "from 0 to 10,000,000"),
        ("services", {"users": "9" * 5000}, "users", "from 0 to 10,000,000"),
        ("services", {"users": "many"}, "users", "from 0 to 10,000,000"),
        ("services", {"name": " "}, "name", "Please write how the customer calls it."),
        ("services", {"name": LONG}, "name", "at most 80 characters"),
        ("services", {"hours": "999999"}, "hours", "Please choose one of those in the list."),
        ("services", {"is_channel": "smoke"}, "is_channel", "Please choose one of those in the list."),
        ("services", {"name": "Mail"}, "", "“Mail” is in the list already."),
        ("clocks", {"hours": "0"}, "hours", "from 1 to 8,760"),
        ("clocks", {"hours": str(10**9)}, "hours", "from 1 to 8,760"),
        ("clocks", {"name": ""}, "name", "Please write what has to be reported."),
        ("regime", {"regime": "magna carta"}, "regime", "Please choose one of those in the list."),
        ("quiet", {"quiet_from": "25:00"}, "quiet_from", "Please write a time such as 20:00."),
        ("quiet", {"quiet_until": ""}, "quiet_until", "Please write both times, or neither."),
        ("quiet", {"quiet_until": "20:00"}, "quiet_until", "begin and end at different times"),
        ("words", {"hotline": "none"}, "hotline", "Please write a telephone number"),
        ("words", {"time_zone": "Mars/Olympus"}, "time_zone", "Please choose one of those in the list."),
        ("words", {"language": LONG}, "language", "Please choose one of those in the list."),
        ("objective", {"objective": LONG}, "objective", "at most 200 characters"),
        ("vip", {"person": ""}, "person", "This field is required."),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_told_beside_its_field(boards, page, mail, town, part, changes, field, sentence) -> None:
    whole = {
        "contacts": {"kind": "deputy", "name": "Karl", "phone": "555 0100", "note": "kept"},
        "services": {"name": "Library", "purpose": "kept", "is_active": "on"},
        "clocks": {"name": "kept", "hours": "4", "base": "aware"},
    }
    address = f"{page}profile/{part}/"
    written = fields(boards.get(address).content.decode(), address) | whole.get(part, {}) | changes

    answer = boards.post(address, written)
    html = answer.content.decode()

    assert answer.status_code == 422
    assert sentence in text(region(html, f"id_{part}_{field}_error") if field else region(html, "main"))
    again = fields(html, address)
    for name in ("csrfmiddlewaretoken", "kind", "service", "hours", "is_channel", "language", "time_zone", "regime"):
        again.pop(name, None)  # a choice that is none cannot be shown
    assert {name: value.strip() for name, value in again.items()} == {name: written[name].strip() for name in again}
    assert not CustomerEvent.objects.exists()
    assert (ContactRole.objects.count(), ExternalDeadline.objects.count(), Service.objects.count()) == (0, 0, 1)


@pytest.mark.parametrize("role", ["lead", "contact"])
def test_people_and_services_of_others_are_nobody(as_user, request, role, town, stranger, page) -> None:
    browser = as_user(request.getfixturevalue(role))
    base = f"{page}profile/" if role == "lead" else "/organisation/profile/"
    foreign = factories.ServiceFactory(customer=stranger.customer, name="Secret of theirs")
    theirs = ContactRole.objects.create(customer=stranger.customer, kind="deputy", name="Secret")

    for changes in ({"person": stranger.email, "name": ""}, {"service": str(foreign.pk), "name": "Karl"}):
        answer = browser.post(f"{base}contacts/", {"kind": "deputy"} | changes)
        assert answer.status_code == 422
        assert "Secret" not in answer.content.decode()
    for item in (f"services/{foreign.pk}/", f"contacts/{theirs.pk}/", f"contacts/{10**30}/", "nothing/", "quiet/5/"):
        assert browser.post(f"{base}{item}", {"remove": "yes"}).status_code == 404
        assert browser.get(f"{base}{item}").status_code == 404
    assert ContactRole.objects.get() == theirs


def test_markup_is_shown_as_it_was_written(boards, page, town) -> None:
    boards.post(f"{page}profile/contacts/", {"kind": "deputy", "name": "<script>alert(1)</script>", "note": "a & b"})

    html = boards.get(page).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def test_control_characters_are_left_out_of_the_way(boards, page, town) -> None:
    boards.post(f"{page}profile/contacts/", {"kind": "deputy", "name": "Ka\x00rl\n Sommer", "seen": "\x00"})

    assert ContactRole.objects.get().name == "Karl Sommer"

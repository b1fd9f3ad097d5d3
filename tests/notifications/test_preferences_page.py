"""The page "How I am told": for everybody, in one form."""

from datetime import time

import pytest

from customers.models import ContactRole, User
from notifications.models import ChannelWish, Preference
from tests import factories

PAGE = "/account/notifications/"
FINE = {
    "mode": "every", "digest_at": "08:00", "quiet": "customer", "quiet_from": "", "quiet_until": "", "language": "",
    "time_zone": "", "way_own": "", "way_followed": "", "way_role": "", "way_surveys": "", "way_work": "",
}  # fmt: skip


@pytest.fixture
def gateway(settings):
    settings.SMS_URL = "http://127.0.0.1:9/sms"


def wishes(person: User) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for row in ChannelWish.objects.filter(person=person):
        found.setdefault(row.about, {})[row.channel] = row.is_wanted
    return found


def test_it_is_in_the_menu_of_both_sides(as_user, reporter, agent, team) -> None:
    for person, page in ((reporter, "/"), (agent, "/desk/")):
        html = as_user(person).get(page).content.decode()
        assert f'<a href="{PAGE}">' in html
        assert "How I am told" in html


@pytest.mark.parametrize("role", ["reporter", "contact", "agent", "lead", "manager", "administrator"])
def test_everybody_has_it(as_user, role, reporter, contact, agent, lead, manager) -> None:
    people = {"reporter": reporter, "contact": contact, "agent": agent, "lead": lead, "manager": manager}
    person = people.get(role) or factories.UserFactory(administrator=True)
    browser = as_user(person)
    html = browser.get(PAGE).content.decode()

    assert ("My work at the desk" in html) == (not person.is_customer_side)
    assert ("What I reported" in html) == person.is_customer_side
    assert ("because of my role" in html) == (role == "contact")
    assert ("How often" in html and "once a day" in html.lower()) == person.is_customer_side
    quiet = {} if person.is_customer_side else {"quiet": "never"}
    assert browser.post(PAGE, FINE | quiet, follow=True).redirect_chain == [(PAGE, 302)]
    assert Preference.objects.get(person=person).customer == person.customer


def test_who_has_a_role_chooses_for_it(as_user, town, reporter) -> None:
    ContactRole.objects.create(customer=town, kind="deputy", person=reporter)

    assert "because of my role" in as_user(reporter).get(PAGE).content.decode()


def test_it_keeps_what_was_chosen_and_shows_it_again(gateway, as_user, reporter) -> None:
    reporter.phone = "+49 151 5550142"
    reporter.save()
    browser = as_user(reporter)
    chosen = FINE | {
        "mode": "daily", "digest_at": "16:30", "quiet": "own", "quiet_from": "22:00", "quiet_until": "06:15",
        "way_own": "both", "way_followed": "sms", "way_surveys": "portal", "language": "de",
        "time_zone": "America/New_York",
    }  # fmt: skip

    assert browser.post(PAGE, chosen).status_code == 302

    reporter.refresh_from_db()
    kept = Preference.objects.get(person=reporter)
    assert (kept.mode, kept.digest_at, kept.quiet, kept.quiet_from, kept.quiet_until) == (
        "daily", time(16, 30), "own", time(22), time(6, 15),
    )  # fmt: skip
    assert wishes(reporter) == {
        "own": {"email": True, "sms": True}, "followed": {"email": False, "sms": True},
        "surveys": {"email": False, "sms": False},
    }  # fmt: skip
    assert (reporter.language, reporter.time_zone) == ("de", "America/New_York")
    html = browser.get(PAGE).content.decode()
    assert 'lang="de"' in html
    for shown in ('value="16:30"', 'value="22:00"', 'value="both" selected', 'value="daily" selected'):
        assert shown in html


def test_saved_twice_is_one_row_and_as_usual_is_none(as_user, reporter) -> None:
    browser = as_user(reporter)
    browser.post(PAGE, FINE | {"way_followed": "portal"})
    browser.post(PAGE, FINE)

    assert Preference.objects.filter(person=reporter).count() == 1
    assert wishes(reporter) == {}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quiet": "own"}, "Please say from when until when."),
        ({"quiet": "own", "quiet_from": "22:00"}, "Please say from when until when."),
        ({"quiet": "own", "quiet_from": "22:00", "quiet_until": "22:00"}, "begin and end at different times"),
        ({"quiet": "own", "quiet_from": "25:00", "quiet_until": "07:00"}, "Please write a time such as 08:00."),
        ({"digest_at": "soon"}, "Please write a time such as 08:00."), ({"mode": "hourly"}, "Select a valid choice"),
        ({"quiet": ""}, "This field is required."), ({"way_own": "portal"}, "Select a valid choice"),
        ({"way_own": "pigeon"}, "Select a valid choice"), ({"language": "xx"}, "Select a valid choice"),
        ({"time_zone": "Mars/Base"}, "Select a valid choice"), ({"digest_at": "\0"}, "Null characters"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_changes_nothing(as_user, reporter, wrong, sentence) -> None:
    answer = as_user(reporter).post(PAGE, FINE | {"way_followed": "portal"} | wrong)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html or sentence == "Null characters"
    assert '<option value="portal" selected>' in html
    assert not Preference.objects.exists()
    assert not ChannelWish.objects.exists()


def test_an_empty_form_is_no_server_error(as_user, reporter) -> None:
    assert as_user(reporter).post(PAGE, {}).status_code == 422


def test_text_messages_are_offered_where_they_can_come(gateway, as_user, reporter) -> None:
    assert "For text messages we need a mobile number" in as_user(reporter).get(PAGE).content.decode()

    reporter.phone = "+49 151 5550142"
    reporter.save()

    html = as_user(reporter).get(PAGE).content.decode()
    assert "By text message" in html
    assert "what is urgent by text message" in html  # the town's policy puts them first


def test_without_a_gateway_nobody_speaks_of_them(as_user, reporter) -> None:
    assert "text message" not in as_user(reporter).get(PAGE).content.decode()


def test_the_organisations_hours_are_shown(as_user, town, reporter) -> None:
    assert "As my organisation: none" in as_user(reporter).get(PAGE).content.decode()
    town.quiet_from, town.quiet_until = time(18), time(7, 30)
    town.save()

    assert "As my organisation: 18:00 to 07:30" in as_user(reporter).get(PAGE).content.decode()


def test_it_is_for_who_is_signed_in(client) -> None:
    assert client.get(PAGE).status_code == 302

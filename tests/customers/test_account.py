"""The account page: one's own profile, look and tokens, and nobody else's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

PROFILE = reverse("customers:account")
TOKENS = reverse("customers:token_create")
THEME = reverse("customers:theme")
PASSWORD = "a-long-enough-password"
EVERYBODY = ["reporter", "contact", "agent", "lead", "manager"]


@pytest.fixture
def client(reporter, as_user) -> Client:
    return as_user(reporter)


@pytest.fixture
def confirmed(client) -> Client:
    """The reporter, who has just given the password once more."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def said(**values: str) -> dict[str, str]:
    return {"name": "Rosa Winter", "phone": "", "language": "", "time_zone": ""} | values


def revoke(key: str) -> str:
    return reverse("customers:token_revoke", kwargs={"key": key})


@pytest.mark.parametrize("role", EVERYBODY)
def test_everybody_has_an_account_page(role, request, as_user) -> None:
    person = request.getfixturevalue(role)

    page = as_user(person).get(PROFILE)

    assert page.status_code == 200
    assert person.email in page.content.decode()


def test_profile_keeps_what_was_said(client, reporter) -> None:
    answer = client.post(
        PROFILE, said(name=" Rosa  Winter ", phone="555 0100", language="de", time_zone="America/New_York")
    )

    reporter.refresh_from_db()
    assert answer.url == PROFILE
    assert (reporter.name, reporter.phone) == ("Rosa Winter", "555 0100")
    assert (reporter.speaks(), reporter.reads_clocks_in()) == ("de", "America/New_York")
    assert 'lang="de"' in client.get(PROFILE).content.decode()


def test_empty_language_and_zone_follow_the_customer(client, reporter, town) -> None:
    client.post(PROFILE, said(language="fr", time_zone="Asia/Tokyo"))
    client.post(PROFILE, said())

    reporter.refresh_from_db()
    assert reporter.speaks() == town.language
    assert reporter.reads_clocks_in() == "Europe/Berlin"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " \t "},
        {"name": "x" * 100_000},
        {"phone": "1" * 41},
        {"language": "tlh"},
        {"time_zone": "Middle/Earth"},
    ],
    ids=str,
)
def test_profile_says_what_is_wrong_and_keeps_the_rest(client, reporter, wrong) -> None:
    answer = client.post(PROFILE, said(phone="555 0199") | wrong)

    reporter.refresh_from_db()
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="errorlist"' in page
    assert "555 0199" in page or "phone" in wrong
    assert reporter.name == "Rosa Reporter"


def test_profile_drops_what_cannot_be_kept(client, reporter) -> None:
    client.post(PROFILE, said(name="Rosa\0\r\nWinter\u2028"))

    reporter.refresh_from_db()
    assert reporter.name == "Rosa Winter"


def test_profile_shows_markup_as_text(client) -> None:
    client.post(PROFILE, said(name="<script>alert(1)</script>"))

    page = client.get(PROFILE).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_role_and_customer_cannot_be_said(client, reporter, stranger) -> None:
    client.post(
        PROFILE, said(role="manager", customer=str(stranger.customer_id), email="x@example.com", is_superuser="1")
    )

    reporter.refresh_from_db()
    assert (reporter.role, reporter.is_superuser) == ("reporter", False)
    assert reporter.customer_id != stranger.customer_id
    assert reporter.email != "x@example.com"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_is_kept_in_this_browser(client, theme) -> None:
    answer = client.post(THEME, {"theme": theme})

    assert answer.url == PROFILE
    assert answer.cookies["theme"].value == theme
    assert f'data-bs-theme="{theme}"' in client.get(PROFILE).content.decode()


def test_theme_follows_the_device_again(client) -> None:
    client.post(THEME, {"theme": "dark"})
    client.post(THEME, {"theme": "system"})

    assert "data-bs-theme=" not in client.get(PROFILE).content.decode()


@pytest.mark.parametrize("theme", ["", "pink", "dark; path=/", "x" * 100_000, "a\0b"], ids=repr)
def test_unknown_theme_is_refused(client, theme) -> None:
    answer = client.post(THEME, {"theme": theme})

    assert answer.status_code == 422
    assert "theme" not in answer.cookies


def test_token_needs_the_password_once_more(client) -> None:
    answer = client.post(TOKENS, {"days": "90"})

    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not AuthToken.objects.exists()


def test_token_wanted_before_the_password_is_made_after_it(client, reporter) -> None:
    asked = client.post(TOKENS, {"days": "90"})

    answer = client.post(asked.url, {"password": PASSWORD})

    assert answer.status_code == 200
    assert answer.context["new_token"].startswith(reporter.auth_token_set.get().token_key)


def test_token_is_shown_once_and_lives_90_days(confirmed, reporter) -> None:
    answer = confirmed.post(TOKENS, {"days": "90"})

    kept = reporter.auth_token_set.get()
    token = answer.context["new_token"]
    assert token in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert timedelta(days=89) < kept.expiry - timezone.now() <= timedelta(days=90)
    listed = confirmed.get(PROFILE).content.decode()
    assert kept.token_key in listed
    assert token not in listed


def test_token_opens_the_api_until_it_is_revoked(confirmed, reporter) -> None:
    token = confirmed.post(TOKENS, {"days": "30"}).context["new_token"]
    headers = {"Authorization": f"Token {token}"}
    program = Client(headers=headers)

    before = program.get("/api/v1/incidents/").status_code
    answer = confirmed.post(revoke(reporter.auth_token_set.get().token_key))

    assert answer.url == PROFILE
    assert not reporter.auth_token_set.exists()
    assert before != 401
    assert program.get("/api/v1/incidents/").status_code in {401, 404}


@pytest.mark.parametrize("days", ["", "0", "36500", "x", "²", "a\0b"], ids=repr)
def test_token_with_another_lifetime_is_refused(confirmed, days) -> None:
    answer = confirmed.post(TOKENS, {"days": days})

    assert answer.status_code == 422
    assert not AuthToken.objects.exists()


def test_tokens_are_limited(confirmed, reporter) -> None:
    for _ in range(20):
        AuthToken.objects.create(reporter, expiry=timedelta(days=1))

    answer = confirmed.post(TOKENS, {"days": "90"})

    assert answer.status_code == 422
    assert "20 tokens" in answer.content.decode()
    assert reporter.auth_token_set.count() == 20


@pytest.mark.parametrize("role", ["colleague", "contact", "stranger", "agent"])
def test_nobody_revokes_or_sees_a_token_of_others(role, request, as_user, reporter) -> None:
    kept, _token = AuthToken.objects.create(reporter)
    other = as_user(request.getfixturevalue(role))

    answer = other.post(revoke(kept.token_key))

    assert answer.status_code == 404
    assert reporter.auth_token_set.count() == 1
    assert kept.token_key not in other.get(PROFILE).content.decode()


@pytest.mark.parametrize("address", [PROFILE, TOKENS, THEME, revoke("ek_123456789012")])
def test_account_is_for_people_who_signed_in(address) -> None:
    answer = Client().post(address)

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("count", [1, 3, 20])
def test_number_of_queries_is_fixed(client, reporter, count, django_assert_num_queries) -> None:
    for _ in range(count):
        AuthToken.objects.create(reporter)

    with django_assert_num_queries(4):  # session, user, customer, tokens
        client.get(PROFILE)

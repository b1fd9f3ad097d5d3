"""Behind the link of an invitation."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from customers import invitations, people
from customers.models import CustomerEvent

PASSWORDS = {"new_password1": "a-calm-long-word", "new_password2": "a-calm-long-word"}


@pytest.fixture
def invited(lead, town):
    return people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")


@pytest.fixture
def page(invited) -> str:
    return f"/welcome/{invitations.make(invited)}/"


def test_the_invited_choose_a_password_and_sign_in(invited, page) -> None:
    client = Client()
    answer = client.get(page)
    assert "Welcome, Nora New" in answer.content.decode()
    assert answer["Referrer-Policy"] == "same-origin"

    answer = client.post(page, PASSWORDS, follow=True)

    assert "Your password is set" in answer.content.decode()
    assert client.login(username="nora@town.example", password="a-calm-long-word")
    assert CustomerEvent.objects.filter(person=invited).latest("pk").data == {"accepted": True}


def test_a_link_is_used_once(page) -> None:
    Client().post(page, PASSWORDS)

    answer = Client().get(page)
    assert answer.status_code == 404
    assert "used already, or a newer one was sent" in answer.content.decode()
    assert Client().post(page, dict.fromkeys(PASSWORDS, "another-long-word")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("short", "short"), "too short"),
        (("a-calm-long-word", "another-long-one"), "match"),
        (("nora@town.example", "nora@town.example"), "too similar"),
        (("", ""), "required"),
        (("x" * 100_000, "y"), "match"),
    ],
)
def test_a_bad_password_is_a_sentence(invited, page, typed, words) -> None:
    answer = Client().post(page, dict(zip(PASSWORDS, typed, strict=True)))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    invited.refresh_from_db()
    assert invited.is_invited


def test_a_link_that_is_too_old_offers_another(invited, page) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        answer = Client().get(page)
        assert answer.status_code == 410
        assert "This invitation is too old" in answer.content.decode()
        assert Client().post(page, PASSWORDS).status_code == 410

        assert "A new link is on its way" in Client().post(f"{page}again/").content.decode()

        assert Client().get(page).status_code == 404, "the old one has ended"
        invited.refresh_from_db()
        assert Client().get(f"/welcome/{invitations.make(invited)}/").status_code == 200
    assert CustomerEvent.objects.filter(person=invited, kind="person_invited").count() == 2


def test_new_links_are_not_asked_for_without_end(invited, monkeypatch) -> None:
    monkeypatch.setattr(invitations, "PER_HOUR", 1)
    for wanted in (200, 429):
        invited.refresh_from_db()
        assert Client().post(f"/welcome/{invitations.make(invited)}/again/").status_code == wanted


def test_a_newer_link_a_deactivation_and_nonsense_end_it(invited, page, lead, reporter) -> None:
    people.invite_again(invited, by=lead)
    assert Client().get(page).status_code == 404

    invited.refresh_from_db()
    fresh = f"/welcome/{invitations.make(invited)}/"
    people.deactivate(invited, by=lead)
    for address in (fresh, f"{fresh}again/", "/welcome/x/", "/welcome/1.2:x:y/", f"/welcome/{'9' * 40}.a:b:c/"):
        answer = Client().post(address, PASSWORDS) if "again" in address else Client().get(address)
        assert answer.status_code == 404
    assert Client().get(f"/welcome/{invitations.make(reporter)}/").status_code == 404, "who has a password needs none"

"""The bytes of a mail are kept for a while after it was filed; a person's mails are gone with the person."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.urls import reverse

from customers import personal_data
from notifications.inbound import reading, store
from notifications.models import InboundMail
from tests.notifications.inbound.writing import mail


def files(settings) -> list[str]:
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"]) / "inbound"
    return sorted(each.suffix for each in folder.rglob("*") if each.is_file())


def age(days: int) -> None:
    InboundMail.objects.update(settled_at=F("settled_at") - timedelta(days=days))


@pytest.fixture
def filed(reporter, team, receive):
    return receive(mail(reporter, "It takes two pages at once."))


def test_after_ninety_days_the_bytes_go_and_the_words_stay(
    filed, settings, lead, as_user, django_capture_on_commit_callbacks
) -> None:
    age(89)
    assert store.tidy() == 0
    age(2)
    with django_capture_on_commit_callbacks(execute=True):
        assert store.tidy() == 1

    filed.refresh_from_db()
    assert (files(settings), filed.raw.name, filed.excerpt) == ([], "", "")
    assert filed.message.body == "It takes two pages at once."
    assert reading.kept(filed) == {}
    page = as_user(lead).get(reverse("notifications:mail", args=[filed.pk]))
    assert "Download the mail" not in page.content.decode()
    assert as_user(lead).get(reverse("notifications:mail_raw", args=[filed.pk])).status_code == 404
    assert store.tidy() == 0


def test_what_waits_for_somebody_is_kept(team, receive, settings, django_capture_on_commit_callbacks) -> None:
    receive(mail("somebody@else.example", "Is this the desk?"))
    age(900)

    with django_capture_on_commit_callbacks(execute=True):
        assert store.tidy() == 0
    assert files(settings) == [".eml", ".json"]


def test_who_wants_them_for_good_says_nought(filed, settings) -> None:
    settings.INBOUND_KEEP_DAYS = 0
    age(9000)

    assert store.tidy() == 0


def test_with_the_person_their_mails_are_erased(filed, contact, settings, django_capture_on_commit_callbacks) -> None:
    assert files(settings) == [".eml", ".json"]

    with django_capture_on_commit_callbacks(execute=True):
        personal_data.erase(filed.person, by=contact, typed=filed.person.name)

    filed.refresh_from_db()
    assert (files(settings), filed.raw.name, filed.excerpt, filed.sender) == ([], "", "", "")

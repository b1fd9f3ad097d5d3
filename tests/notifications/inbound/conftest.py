"""A desk that takes mail, people who write it, and the lane that reads it."""

import pytest

from notifications.inbound import store, work
from notifications.models import InboundMail
from tests.notifications.inbound.writing import DESK


@pytest.fixture(autouse=True)
def takes_mail(settings, tmp_path):
    """The desk's address, and a folder of one's own for the bytes."""
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_HOST = f"Evenkeel <{DESK}>", "desk.example"
    settings.REPLY_BY_MAIL = True
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "media"}}
    }
    return settings


@pytest.fixture
def receive():
    """receive(mail) -> its row, after the lane has read what was there."""

    def take(mail, *, mailbox: str = "lmtp", **envelope) -> InboundMail:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        row = store.keep(raw, mailbox=mailbox, **envelope)
        work.read_due()
        row.refresh_from_db()
        return row

    return take

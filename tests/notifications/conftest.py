"""A post office of one's own, and time that need not pass."""

import pytest
from django.db.models.functions import Now

from itsm import events
from notifications import sending
from notifications.models import Delivery
from tests.notifications import smtp


@pytest.fixture
def post(settings):
    """A real SMTP server, to which the settings point."""
    with smtp.serving() as (post, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield post


@pytest.fixture
def hand_on():
    """Relays what happened and sends what is due; waiting times are over at once."""

    def go() -> None:
        events.relay()
        Delivery.objects.filter(state="queued").update(next_try_at=Now())
        sending.send_due()

    return go

"""The ground's periodic tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task
from django.core.management import call_command

from itsm import events, heart


@shared_task
def relay_events(**_future: object) -> None:
    """Hand on what happened since the last time."""
    events.relay()


@shared_task
def beat_heart(**_future: object) -> None:
    """A worker that runs this is alive."""
    heart.beat("worker")


@shared_task
def tidy(**_future: object) -> None:
    """Forget expired sessions."""
    call_command("clearsessions")

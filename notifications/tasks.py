"""The periodic task of the messages. It may run twice, late, or find nothing to do."""

from celery import shared_task

from notifications import sending


@shared_task
def send_due(**_future: object) -> None:
    """Send what is due."""
    sending.send_due()

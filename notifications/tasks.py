"""The periodic task of the messages. It may run twice, late, or find nothing to do."""

from celery import shared_task

from notifications import sending, sms_replies


@shared_task
def send_due(**_future: object) -> None:
    """Send what is due."""
    sending.send_due()


@shared_task
def read_texts(**_future: object) -> None:
    """Read what was written back by SMS."""
    sms_replies.read_due()

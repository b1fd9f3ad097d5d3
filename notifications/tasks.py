"""The periodic tasks of the messages, one a channel. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from notifications import fanning, sending, sms_replies
from notifications.models import Delivery

Channel = Delivery.Channel


@shared_task
def send_due(**_future: object) -> None:
    """Send the e-mails that are due."""
    sending.send_due(Channel.EMAIL)


@shared_task
def send_sms(**_future: object) -> None:
    """Send the text messages that are due."""
    sending.send_due(Channel.SMS)


@shared_task
def send_webhooks(**_future: object) -> None:
    """Call the programs that are to be told."""
    sending.send_due(Channel.WEBHOOK)


@shared_task
def send_chat(**_future: object) -> None:
    """Write into the rooms that are to be told."""
    sending.send_due(Channel.CHAT)


@shared_task
def read_texts(**_future: object) -> None:
    """Read what was written back by SMS."""
    sms_replies.read_due()


@shared_task
def fan_out(**_future: object) -> None:
    """Pass on what a major incident says to everybody whose report has joined it."""
    fanning.go_on()

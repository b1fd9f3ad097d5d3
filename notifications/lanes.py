"""A lane for each channel: its own line, its own task, its own way out. No channel waits for another.

E-mail runs on the queue `mail`, the others on `hooks`; each queue has a worker of its own.
"""

from collections.abc import Iterable
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from itsm import wakeup
from notifications.channels.base import Sender
from notifications.models import Delivery

Channel = Delivery.Channel


# Which task sends by which channel; the portal needs none, what stands there is there at once.
TASKS = {
    Channel.EMAIL: "notifications.tasks.send_due",
    Channel.SMS: "notifications.tasks.send_sms",
    Channel.WEBHOOK: "notifications.tasks.send_webhooks",
    Channel.CHAT: "notifications.tasks.send_chat",
}


def open_way(channel: str, limit: float) -> Sender:
    """A way out by this channel (`channels.base.Channel`); one message takes at most `limit` seconds."""
    return cast(Sender, import_string(settings.WAYS_OUT[channel])(limit))


def wake(channels: Iterable[str]) -> None:
    """Asks for the workers of these channels once the current transaction is in."""
    for channel in sorted(set(channels) & set(TASKS)):
        wakeup.after_commit(TASKS[Channel(channel)])

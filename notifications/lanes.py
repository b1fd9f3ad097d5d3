"""A lane for each channel: its own line, its own task, its own way out. No channel waits for another.

E-mail runs on the queue `mail`, the others on `hooks`; each queue has a worker of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from django.utils.module_loading import import_string

from itsm import wakeup
from notifications.channels.base import Sender
from notifications.models import Delivery

Channel = Delivery.Channel


@dataclass(frozen=True)
class Lane:
    """`opens` is the dotted name of what opens the way out (`channels.base.Channel`), `task` the task that sends."""

    opens: str
    task: str


LANES = {
    Channel.EMAIL: Lane("notifications.channels.email.open_email", "notifications.tasks.send_due"),
    Channel.SMS: Lane("notifications.channels.sms.open_sms", "notifications.tasks.send_sms"),
    Channel.WEBHOOK: Lane("notifications.channels.webhook.open_webhook", "notifications.tasks.send_webhooks"),
    Channel.CHAT: Lane("notifications.channels.chat.open_chat", "notifications.tasks.send_chat"),
}  # fmt: skip


def open_way(channel: str, limit: float) -> Sender:
    """A way out by this channel; one message takes at most `limit` seconds."""
    return cast(Sender, import_string(LANES[Channel(channel)].opens)(limit))


def wake(channels: Iterable[str]) -> None:
    """Asks for the workers of these channels once the current transaction is in; the portal needs none."""
    for channel in sorted(set(channels) & set(LANES)):
        wakeup.after_commit(LANES[Channel(channel)].task)

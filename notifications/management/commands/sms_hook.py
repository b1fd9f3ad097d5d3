"""Prints where the SMS gateway is to post what people write back (docs/sms.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from notifications import sms_replies


class Command(BaseCommand):
    help = __doc__

    def handle(self, **_options: Any) -> None:
        self.stdout.write(sms_replies.hook_url())

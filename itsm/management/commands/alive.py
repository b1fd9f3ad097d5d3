"""Has this background process been seen within the last minute? For container health checks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm import health


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["worker", "beat", "receive_mail"])

    def handle(self, *args: Any, **options: Any) -> None:
        found = health.heartbeat(options["name"])()
        if not found["ok"]:
            raise CommandError(f"{options['name']} was not seen: {found}")

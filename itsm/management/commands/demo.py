"""Loads the demo story, each floor its own part, from the ground up."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils.module_loading import import_string

from itsm.context import demo_logins


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="print the demo log-ins and load nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["logins"]:
            with transaction.atomic():
                for seed in settings.DEMO_SEEDS:
                    import_string(seed)()
        for login in demo_logins():
            self.stdout.write(f"  {login['email']:<34} {login['role']}")

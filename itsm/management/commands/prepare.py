"""Brings the database and the static files up to date and, the first time, loads the demo story. Prints the log-ins."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from itsm.context import DEMO_PASSWORD


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not settings.DEMO:
            return
        fresh = not get_user_model()._default_manager.exists()
        call_command("demo", logins=not fresh, stdout=self.stdout)
        self.stdout.write(f"  all with the password {DEMO_PASSWORD}")

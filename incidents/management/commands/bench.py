"""Measures what clocks, calendars, an import, customers, likeness, majors or messages cost; JSON, also in var/bench/."""

import json
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

# By name: the floors above measure their own.
KINDS = {
    "clocks": ("incidents.bench", "clocks"),
    "calendar": ("incidents.bench_calendar", "edit"),
    "import": ("incidents.bench_import", "people"),
    "customers": ("incidents.bench_customers", "customers"),
    "major": ("notifications.bench_major", "major"),
    "notify": ("notifications.bench", "notify"),
    "similar": ("problems.bench_similar", "similar_and_known"),
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=sorted(KINDS))
        parser.add_argument("--small", action="store_true", help="a run of seconds, to see that it works")

    def handle(self, *args: Any, what: str, small: bool, **options: Any) -> None:
        module = import_module(KINDS[what][0])
        measure = getattr(module, KINDS[what][1])
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            found = measure(module.SMALL if small else module.FULL)
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
        folder = settings.VAR / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found, indent=2)
        (folder / f"{what}.json").write_text(text + "\n")
        self.stdout.write(text)

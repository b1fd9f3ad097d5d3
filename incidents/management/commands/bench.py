"""Measures what clocks, an edited calendar, an import, a list of customers, likeness cost; JSON, also in var/bench/."""

import json
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from incidents import bench, bench_calendar, bench_customers, bench_import

# What upper floors measure is named as a string: this one does not know them.
ABOVE = {"similar": "problems.bench_similar.similar_and_known"}
KINDS = {
    "clocks": (bench, bench.clocks),
    "calendar": (bench_calendar, bench_calendar.edit),
    "import": (bench_import, bench_import.people),
    "customers": (bench_customers, bench_customers.customers),
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=sorted({*KINDS, *ABOVE}))
        parser.add_argument("--small", action="store_true", help="a run of seconds, to see that it works")

    def handle(self, *args: Any, what: str, small: bool, **options: Any) -> None:
        module, measure = KINDS[what] if what in KINDS else _above(ABOVE[what])
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


def _above(name: str) -> tuple[Any, Any]:
    """The module, for its sizes, and the function of that name."""
    module = import_module(name.rpartition(".")[0])
    return module, getattr(module, name.rpartition(".")[2])

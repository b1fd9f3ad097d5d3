"""Plays a file of worked cases through the product and says which came out as expected."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from notifications import casebook


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a JSON list of cases, as docs/sla.md describes them")
        parser.add_argument("--scratch", action="store_true", help="in a database that is made and dropped for it")

    def handle(self, *args: Any, file: Path, scratch: bool, **options: Any) -> None:
        cases = _read(file)
        if scratch:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            failed = sum(self._tell(casebook.judge(case)) for case in cases)
        finally:
            if scratch:
                connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
        self.stdout.write(f"{len(cases) - failed} passed, {failed} failed")
        if failed:
            raise SystemExit(1)

    def _tell(self, verdict: casebook.Verdict) -> bool:
        self.stdout.write(f"{'ok    ' if verdict.passed else 'FAILED'} {verdict.case}")
        for line in verdict.differences:
            self.stdout.write(f"       {line}")
        return not verdict.passed


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        cases = json.loads(file.read_text())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{file} is no JSON: {error}.") from error
    if not isinstance(cases, list) or not all(isinstance(case, dict) and "expect" in case for case in cases):
        raise CommandError(f"{file} must hold a list of cases, each with what it expects.")
    return cases

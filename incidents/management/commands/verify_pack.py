"""Checks a pack of evidence: `python3 manage.py verify_pack FILE [--sha256 HASH]`. Needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents import pack_files


class Command(BaseCommand):
    help = "Says whether a pack of evidence is as it was made: each file against the manifest, and nothing besides."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--sha256", default="", help="the hash that the incident's page shows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with an error and all that is wrong, or with the hash of the whole."""
        if not Path(options["file"]).is_file():
            raise CommandError(f"There is no file {options['file']}.")
        digest, faults = pack_files.check(options["file"])
        if options["sha256"] and options["sha256"].strip().lower() != digest:
            faults = [f"its SHA-256 is {digest}, and not the one you gave", *faults]
        if faults:
            raise CommandError("The pack is not as it was made:\n" + "\n".join(f"- {fault}" for fault in faults))
        self.stdout.write(f"The pack is as it was made. SHA-256: {digest}")

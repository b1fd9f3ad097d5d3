"""Brings the catalogues up to date with the texts and compiles them: locale/<language>/LC_MESSAGES/django.po and .mo.

Texts are gathered by GNU gettext through Django's makemessages; the rest needs Python only. Both files are kept in the
repository, so that nobody else needs gettext (docs/translating.md).
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.commands import makemessages

LANGUAGES = ("de", "fr")
# What of these files is shown to people, by the name of its key.
WORDS_OF = {
    "customers/questions.toml": {"name", "text", "leads_to", "answers", "hint"},
    "customers/goals.toml": {"name", "done_when", "effort"},
}
IGNORED = [
    "var",
    ".venv",
    "tests",
    "docs",
    "requirements",
    "node_modules",
    "incidents/demo*",
    "customers/demo*",
    "*/migrations/*",
]


class Gather(makemessages.Command):
    """Django's own, without guesses: a sentence that changed is translated again by somebody who read it."""

    # `lazy` is what modules call gettext_lazy that say `_` themselves.
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=lazy"]
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]


class Command(BaseCommand):
    """`portal.py words`."""

    help = "Brings the catalogues up to date and compiles them."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Says of each language how many texts it still lacks."""
        for language in LANGUAGES:
            Path(settings.BASE_DIR / "locale" / language / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
        with _as_python(settings.BASE_DIR):
            call_command(
                Gather(), locale=list(LANGUAGES), ignore_patterns=IGNORED, add_location="file",
                extensions=["html", "txt", "py"], no_obsolete=True, verbosity=0,
            )  # fmt: skip
        for language in LANGUAGES:
            catalogue = _tidy(settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po", language)
            missing = len(catalogue.untranslated_entries())
            self.stdout.write(f"{language}: {len(catalogue)} texts, {missing} without a translation")


@contextmanager
def _as_python(root: Path) -> Iterator[None]:
    """While it lasts, the words of the TOML files stand in files that gettext can read."""
    written = []
    try:
        for name, keys in WORDS_OF.items():
            file = root / f"{name}.py"
            lines = [f"gettext_noop({text!r})" for text in dict.fromkeys(_words(root / name, keys))]
            written.append(file)
            file.write_text("\n".join(lines) + "\n")
        yield
    finally:
        for file in written:
            file.unlink(missing_ok=True)


def _words(path: Path, keys: set[str]) -> Iterator[str]:
    def walk(value: Any, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner, key)
        elif isinstance(value, str) and key in keys:
            yield value

    return walk(tomllib.loads(path.read_text()))


def _tidy(path: Path, language: str) -> polib.POFile:
    """The same text gives the same file, whoever runs it and when."""
    catalogue = polib.pofile(str(path), wrapwidth=110)
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Report-Msgid-Bugs-To", "Language-Team"):
        catalogue.metadata.pop(name, None)
    catalogue.metadata |= {"Project-Id-Version": "Evenkeel", "Language": language}
    catalogue.header = f"Evenkeel in {language}. How to continue: docs/translating.md"
    catalogue.metadata_is_fuzzy = 0
    for entry in catalogue:
        entry.occurrences = sorted({(file.replace(".toml.py", ".toml"), "") for file, _line in entry.occurrences})
        entry.comment = ""
        entry.previous_msgid = entry.previous_msgid_plural = None
    catalogue.sort(key=lambda entry: (entry.occurrences[0][0] if entry.occurrences else "", entry.msgid))
    catalogue.save(str(path))
    catalogue.save_as_mofile(str(path.with_suffix(".mo")))
    return catalogue

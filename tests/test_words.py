"""The catalogues: what customers read is there in each language, and what is compiled is what is written."""

import re
import string
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.urls import reverse

from incidents import links
from tests import factories

ROOT = Path(__file__).parent.parent
LANGUAGES = ["de", "fr"]
LINES = [line.strip() for line in (ROOT / "locale" / "for-customers.txt").read_text().splitlines()]
WANTED = tuple(line for line in LINES if line and line[0] not in "#!")
EXCEPT = tuple(line[1:] for line in LINES if line.startswith("!"))
PLACE = re.compile(r"%(?:\(\w+\))?[-0-9.]*[sdif%]|\{\w*\}")
# The singular of a language may say "one" in words.
MAY_GO = {"%(count)s", "%(number)s", "%(number)d", "%(days)d", "%(days)s", "%(left)s", "%(tries)s"}


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def is_for_customers(entry: polib.POEntry) -> bool:
    return any(file.startswith(WANTED) and not file.startswith(EXCEPT) for file, _line in entry.occurrences)


def translations(entry: polib.POEntry) -> list[tuple[str, str]]:
    """(what was said, what it is in the other language), for a plural twice."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)] if entry.msgstr else []
    originals = [entry.msgid, entry.msgid_plural]
    return [(originals[min(number, 1)], text) for number, text in sorted(entry.msgstr_plural.items()) if text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_customers_read_is_translated(language) -> None:
    missing = [entry.msgid for entry in catalogue(language) if is_for_customers(entry) and not entry.translated()]

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_guessed(language) -> None:
    found = catalogue(language)

    assert [entry.msgid for entry in found if entry.fuzzy] == []
    assert found.obsolete_entries() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_the_same(language) -> None:
    wrong = []
    for entry in catalogue(language):
        for original, text in translations(entry):
            said, there = set(PLACE.findall(original)), set(PLACE.findall(text))
            if there - said or said - there - (MAY_GO if entry.msgid_plural else set()):
                wrong.append((original, text))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_and_breaks_stand_where_they_stood(language) -> None:
    tags = re.compile(r"</?\w+[^>]*>|\n")
    pairs = [pair for entry in catalogue(language) for pair in translations(entry)]

    assert [(said, text) for said, text in pairs if tags.findall(said) != tags.findall(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_ends_as_it_ended(language) -> None:
    """A translation that lost its end, or its space before a value that follows."""
    ends = tuple(string.punctuation.replace("%", "").replace(")", "").replace('"', "").replace("'", ""))
    pairs = [pair for entry in catalogue(language) for pair in translations(entry)]

    wrong = [(said, text) for said, text in pairs if said.endswith(ends) and text[-1] != said[-1]]
    assert wrong == []
    assert [text for said, text in pairs if text != text.strip() and said == said.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language) -> None:
    compiled = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))
    written = catalogue(language)

    def words(entries) -> set:
        return {(entry.msgctxt, entry.msgid, tuple(translations(entry))) for entry in entries}

    assert words(compiled) == words(written.translated_entries()), "please run: python3 portal.py words"
    assert compiled.metadata["Plural-Forms"] == written.metadata["Plural-Forms"]


@pytest.mark.parametrize("path", WANTED)
def test_each_line_of_the_list_names_a_file(path) -> None:
    assert list(ROOT.glob(path.rstrip("/") + "*"))


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Was funktioniert nicht?"), ("fr", "Qu’est-ce qui ne fonctionne")]
)
def test_a_persons_own_language_wins_over_the_browsers(as_user, reporter, language, words) -> None:
    reporter.language = language
    reporter.save()

    page = as_user(reporter).get("/", headers={"accept-language": "en-gb"}).content.decode()

    assert f'<html lang="{language}"' in page
    assert words.replace("’", "&#x27;") in page


def test_without_one_of_their_own_it_is_the_customers(as_user, town, reporter) -> None:
    town.language = "fr"
    town.save()

    assert '<html lang="fr"' in as_user(reporter).get("/", headers={"accept-language": "de"}).content.decode()


def test_before_the_log_in_it_is_the_browsers() -> None:
    page = Client().get(reverse("account_login"), headers={"accept-language": "de"}).content.decode()

    assert "Anmelden" in page


def test_a_tracking_link_speaks_its_persons_language(reporter, town) -> None:
    reporter.language = "de"
    reporter.save()
    incident = factories.open_incident(reporter)
    from_mail = links.url(incident, reporter).removeprefix("http://localhost:8000")

    page = Client().get(from_mail, headers={"accept-language": "fr"}).content.decode()

    assert "Was geschehen ist" in page

"""A town with duties towards others, and an incident that somebody declared major on Monday at ten."""

import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from customers import profile
from customers.models import ExternalDeadline
from incidents import majors, packs
from incidents.models import EvidencePack, Incident
from itsm import events, moment
from tests import factories
from tests.incidents.moments import BERLIN, at


@pytest.fixture
def owes(town):
    """owes("nis2", "gdpr"): the town has these regimes on its profile."""

    def take(*regimes: str) -> None:
        for regime in regimes:
            profile.add_regime(town, regime=regime, by=factories.UserFactory(manager=True))

    return take


@pytest.fixture
def reported(reporter, team):
    """Reported on Monday at 09:00."""
    with moment.travel(at("Mon 09:00")):
        return factories.open_incident(reporter)


@pytest.fixture
def declare(reported, agent):
    """Declares it major at ten, and hands on what happened."""

    def go(when: str = "Mon 10:00") -> Incident:
        with moment.travel(at(when)):
            majors.declare(reported, by=agent)
        events.relay()
        reported.refresh_from_db()
        return reported

    return go


@pytest.fixture
def due(reported):
    """Name -> when it is due on the town's clock, or "waits"."""

    def look() -> dict[str, str]:
        rows = reported.external_duties.order_by("position", "pk")
        return {row.name: f"{row.due_at.astimezone(BERLIN):%a %d %H:%M}" if row.due_at else "waits" for row in rows}

    return look


@pytest.fixture
def own(town):
    """own("Insurer", 24): a deadline of the town's own."""

    def make(name: str, hours: int, base: str = "aware") -> ExternalDeadline:
        return ExternalDeadline.objects.create(customer=town, name=name, hours=hours, base=base)

    return make


@pytest.fixture
def made(agent, tmp_path, settings):
    """made(incident) -> the pack, made by the worker's task."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        }
    }

    def go(incident: Incident, *, is_internal: bool = False) -> EvidencePack:
        pack = packs.ask(incident, by=agent, is_internal=is_internal)
        packs.go_on()
        pack.refresh_from_db()
        return pack

    return go


def lines(pack: EvidencePack, part: str) -> list[dict[str, Any]]:
    """The rows of one part, as machines read them."""
    return [json.loads(line) for line in content(pack, f"{part}.jsonl").decode().splitlines()]


def content(pack: EvidencePack, path: str) -> bytes:
    with zipfile.ZipFile(pack.file.path) as inside:
        return inside.read(path)


def every_word(pack: EvidencePack) -> str:
    """All text in it."""
    with zipfile.ZipFile(pack.file.path) as inside:
        return "\n".join(inside.read(name).decode(errors="replace") for name in inside.namelist())


Made = Callable[..., EvidencePack]

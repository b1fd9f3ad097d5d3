"""Reads the text messages that the SMS gateway of the embedded run keeps in a folder. For the demo only."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

SHOWN = 100


@dataclass(frozen=True)
class Text:
    """One message that the gateway took."""

    number: str
    text: str
    at: datetime


def texts(to: str = "") -> list[Text]:
    """The newest first, of one number if given."""
    folder = Path(settings.SMS_FOLDER) if settings.SMS_FOLDER else None
    files = sorted(folder.glob("*.json"), reverse=True) if folder and folder.is_dir() else []
    found = [_text(json.loads(file.read_text(encoding="utf-8"))) for file in files[: SHOWN * 3]]
    return [text for text in found if to in text.number][:SHOWN]


def _text(said: dict) -> Text:
    return Text(str(said.get("to", "")), str(said.get("text", "")), datetime.fromtimestamp(said.get("at", 0), UTC))

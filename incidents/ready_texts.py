"""Ready beginnings for updates, by kind of message, language and tone, with variables. Pure: no database.

They are data (`texts.toml`): whoever wants other words changes the file, no code.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLES = ("service", "next_update", "hotline")
PARTS = ("text", "notice", "affected", "doing", "meanwhile")
PLAIN, FULL = "plain", "full"
TONES = {"plain": PLAIN, "plain_line": PLAIN}  # the knob `tone` -> which texts fit; the others are "full"
ENGLISH = "en"


@dataclass(frozen=True)
class Ready:
    """One ready text: how it is called, and the words of those parts that it fills in."""

    key: str
    phase: str
    name: str
    parts: Mapping[str, str]

    def filled(self, known: Mapping[str, str]) -> dict[str, str]:
        """What the composer begins with; a sentence whose variable is not known is left out."""
        words = {part: _filled(text, known) for part, text in self.parts.items()}
        return {"phase": self.phase} | {part: text for part, text in words.items() if text}


def offered(language: str, tone: str) -> list[Ready]:
    """The texts for readers of this language, who are written to in this tone, in the order of the phases."""
    spoken = language.partition("-")[0]
    known = _TEXTS.get(spoken) or _TEXTS[ENGLISH]
    return known[TONES.get(tone, FULL)]


def _filled(text: str, known: Mapping[str, str]) -> str:
    sentences = []
    for sentence in text.split("|"):
        if all(known.get(name) for name in VARIABLES if f"{{{name}}}" in sentence):
            sentences.append(sentence.format_map(known))
    return " ".join(part.strip() for part in sentences)


def _read(path: Path) -> dict[str, dict[str, list[Ready]]]:
    told: dict[str, Any] = tomllib.loads(path.read_text())
    return {
        language: {tone: [_ready(phase, said) for phase, said in texts.items()] for tone, texts in tones.items()}
        for language, tones in told.items()
    }


def _ready(phase: str, said: dict[str, str]) -> Ready:
    return Ready(phase, phase, said["name"], {part: said[part] for part in PARTS if part in said})


_TEXTS = _read(Path(__file__).with_name("texts.toml"))

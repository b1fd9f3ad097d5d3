"""The file of a pack of evidence: a ZIP of which each byte is told by what is in it, and its check. Pure: no database.

Nothing is compressed and no time is written beside a file, so that the same content is the same bytes on any machine.
`made.json` is the only file that differs from one making to the next; therefore the manifest does not list it, and it
holds the manifest's hash instead.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from django.utils.html import escape, format_html

CHUNK = 65_536
MANIFEST, SUMS, MADE = "manifest.json", "SHA256SUMS", "made.json"
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can say
PERMISSIONS = 0o644 << 16
UNIX = 3
MARKS = {None: "", True: "✓", False: "–"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One file of the pack, as the manifest lists it."""

    path: str
    size: int
    sha256: str


class Writer:
    """Writes files one after the other, a chunk at a time, and calls `sign` with each: somebody is alive."""

    def __init__(self, target: IO[bytes], sign: Callable[[], None] = lambda: None) -> None:
        self.entries: list[Entry] = []
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self._sign = sign

    def add(self, path: str, chunks: Iterable[bytes], size: int = 0) -> Entry:
        """`size`, where it is known before, is only to be ready for files of more than 2 GB."""
        info = zipfile.ZipInfo(path, NO_TIME)
        info.external_attr, info.create_system, info.file_size = PERMISSIONS, UNIX, size
        digest, written = hashlib.sha256(), 0
        with self._zip.open(info, "w") as inside:
            for chunk in chunks:
                inside.write(chunk)
                digest.update(chunk)
                written += len(chunk)
                self._sign()
        self.entries.append(Entry(path, written, digest.hexdigest()))
        return self.entries[-1]

    def seal(self, about: Row, made: Row) -> None:
        """The manifest, the same for `sha256sum -c`, and what differs each time; then nothing can be added."""
        listed = {**about, "files": [asdict(entry) for entry in self.entries]}
        manifest = self.add(MANIFEST, [_json(listed, indent=1)])
        lines = "".join(f"{entry.sha256}  {entry.path}\n" for entry in self.entries)
        self.add(SUMS, [lines.encode()])
        self.add(MADE, [_json({**made, "manifest_sha256": manifest.sha256}, indent=1)])
        self._zip.close()


def in_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """JSON, one row a line."""
    for row in rows:
        yield _json(row)


def as_page(
    title: str, intro: str, columns: list[tuple[str, str]], rows: Iterable[Row], language: str
) -> Iterator[bytes]:
    """The same rows as a page for people, which needs nothing from anywhere."""
    yield format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>\n'
        "<body><h1>{}</h1><p>{}</p>\n<table border=1 cellpadding=6>\n<thead><tr>",
        language, title, title, intro,
    ).encode()  # fmt: skip
    yield "".join(format_html('<th scope="col">{}</th>', label) for _name, label in columns).encode()
    yield b"</tr></thead>\n<tbody>\n"
    for row in rows:
        cells = "".join(f"<td>{_shown(row.get(name))}</td>" for name, _label in columns)
        yield f"<tr>{cells}</tr>\n".encode()
    yield b"</tbody></table></body></html>\n"


def safe_name(number: int, name: str) -> str:
    """Where a file of this name lies in the pack: no name a person gave can lead out of it or hit another."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "file"
    return f"files/{number:04}-{kept[-100:]}"


def _json(row: Row, indent: int | None = None) -> bytes:
    return (json.dumps(row, ensure_ascii=False, sort_keys=True, indent=indent) + "\n").encode("utf-8", "replace")


def _shown(value: Any) -> str:
    """A value in a cell; of several each on a line of its own."""
    if isinstance(value, list):
        return "<br>".join(_shown(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{escape(name)}: {_shown(each)}" for name, each in value.items() if each not in (None, "", 0))
    text = MARKS[value] if value is None or isinstance(value, bool) else value
    return str(escape(str(text))).replace("\n", "<br>")


def check(path: str) -> tuple[str, list[str]]:
    """The SHA-256 of the whole file, and what is wrong with it: nothing, where it is as it was made."""
    with open(path, "rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    try:
        with zipfile.ZipFile(path) as pack:
            return digest, list(_faults(pack))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        return digest, [f"it cannot be read: {error}"]


def _faults(pack: zipfile.ZipFile) -> Iterator[str]:
    names = pack.namelist()
    try:
        listed = {each["path"]: each for each in json.loads(pack.read(MANIFEST))["files"]}
        bound = json.loads(pack.read(MADE))["manifest_sha256"]
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        yield f"{MANIFEST} or {MADE} is missing or cannot be read: {error}"
        return
    if _digest(pack, MANIFEST)[0] != bound:
        yield f"{MANIFEST} is not the one that was made"
    for name in sorted(set(names) - listed.keys() - {MANIFEST, SUMS, MADE}):
        yield f"{name} is not in the manifest"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is there twice"
    for path, entry in listed.items():
        if path not in names:
            yield f"{path} is missing"
        elif _digest(pack, path) != (entry["sha256"], entry["size"]):
            yield f"{path} was changed"


def _digest(pack: zipfile.ZipFile, path: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with pack.open(path) as inside:
            while chunk := inside.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except zipfile.BadZipFile:  # its own check sum is wrong already
        return "", 0
    return digest.hexdigest(), size

"""What may be attached: known kinds only, told by content and not by name alone."""

from pathlib import PurePosixPath

import puremagic
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from itsm.refusal import Refused
from itsm.text import clean

# Ending -> the content type it is kept and handed out with. HTML and SVG are missing on purpose: they run.
ALLOWED = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "log": "text/plain",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TEXT = {"txt", "log", "csv"}
OFFICE = {"docx": b"word/", "xlsx": b"xl/"}  # the folder each keeps its content in
SAME = {"jpeg": "jpg"}
HEAD_BYTES = 65_536


class FileRefused(Refused):
    """The file is not of a kind we keep."""


class FileTooLarge(FileRefused):
    status = 413


def display_name(name: str | None) -> str:
    """The name as given, without folders and control characters; only ever displayed."""
    last = clean(PurePosixPath((name or "").replace("\\", "/")).name)
    return " ".join(last.split())[-200:] or _("file")


def examine(upload: UploadedFile, *, limit: int) -> str:
    """The content type to keep the file with; FileRefused with a sentence when name and content do not agree."""
    name = display_name(upload.name)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if not upload.size:
        raise FileRefused(_("“%(name)s” is empty.") % {"name": name})
    if upload.size > limit:
        raise FileTooLarge(
            _("“%(name)s” is too large: at most %(most)d MB can be kept.") % {"name": name, "most": limit // 1024**2}
        )
    if ending not in ALLOWED:
        raise FileRefused(
            _("Files like “%(name)s” cannot be kept. Possible are: %(kinds)s.")
            % {"name": name, "kinds": ", ".join(ALLOWED)}
        )
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if not _agrees(ending, head):
        raise FileRefused(_("“%(name)s” is not what its name says.") % {"name": name})
    return ALLOWED[ending]


def _agrees(ending: str, head: bytes) -> bool:
    if ending in TEXT:
        return b"\0" not in head and head.lstrip()[:1] != b"<"
    found = {SAME.get(match.extension.lstrip("."), match.extension.lstrip(".")) for match in _magic(head)}
    if ending in OFFICE:
        return head.startswith(b"PK\x03\x04") and OFFICE[ending] in head
    return SAME.get(ending, ending) in found


def _magic(head: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return list(puremagic.magic_string(head))
    except puremagic.PureError:
        return []

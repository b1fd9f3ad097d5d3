"""A mail's words as they are kept on an incident, and whether they say that it still does not work."""

import re

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import gettext as _

from incidents import files
from incidents.conversation import MAX_TEXT
from itsm.text import clean
from notifications.inbound.reading import Part, Reading

ROOM = 1500  # characters kept free for what is said about files
LOOKED_AT = 400  # characters in which somebody says what matters
TINY = 500  # bytes: a picture that small is a mark of a mail program
STILL_BROKEN = re.compile(
    r"\b(still (isn'?t|doesn'?t|does not|is not|not) work|still (broken|down|failing|the same)|not working again"
    r"|(is|does|do) (still )?not work(ing)?( yet| again)?\b|(doesn'?t|isn'?t|don'?t) work(ing)?\b|not (fixed|solved)"
    r"|broken again|down again|same (problem|error) again"
    r"|(geht|gehen|funktionier\w+|läuft|klappt) (\w+ ){0,3}nicht\b|immer noch (kaputt|defekt|gestört|nicht)"
    r"|(noch|wieder) (kaputt|defekt|gestört)|nicht (behoben|gelöst)"
    r"|ne (fonctionne|marche)(nt)? (toujours |plus |encore )?pas|ne (fonctionne|marche)(nt)? (plus|toujours)"
    r"|toujours (en panne|pas)|(pas|non) (résolu|réparé)|encore en panne)",
    re.IGNORECASE,
)
DENIES = re.compile(r"(?i)\b(no longer|not any ?more|nicht mehr (kaputt|defekt)|plus en panne|thank|danke|merci)\b")
PREFIX = re.compile(r"(?i)^\s*((re|aw|sv|antw|rép|fwd?|wg|tr)\s*(\[\d+\])?\s*:|\[?inc-[0-9]{1,12}\]?:?)\s*")


def says_still_broken(reading: Reading) -> bool:
    """Only where it is clear: opening again what is solved is a strong word."""
    begin = reading.new[:LOOKED_AT]
    return bool(STILL_BROKEN.search(begin)) and not DENIES.search(begin)


def title(subject: str) -> str:
    """The subject without marks of answers, and without numbers that led nowhere."""
    while (shorter := PREFIX.sub("", subject, count=1)) != subject:
        subject = shorter
    return subject.strip()


def body(text: str, subject: str, remarks: list[str]) -> str:
    """What is kept as the message: the words, cut where nobody reads on, and what is to be said about files."""
    words = clean(text) or subject or _("(a mail without words)")
    most = MAX_TEXT - ROOM
    if len(words) > most:
        words = words[:most].rstrip() + " …\n\n" + _("(The whole text is kept as a file.)")
    said = clean("\n".join(remarks))[: ROOM - 200]
    return f"{words}\n\n{said}" if said else words


def whole_text(text: str) -> UploadedFile | None:
    """A text too long for a message, as a file."""
    if len(clean(text)) <= MAX_TEXT - ROOM:
        return None
    return SimpleUploadedFile("mail.txt", clean(text).encode())


def sort_files(reading: Reading) -> tuple[list[UploadedFile], list[str]]:
    """What can be kept with the incident, and a sentence for each that cannot: never lost, the mail itself stays."""
    kept: list[UploadedFile] = []
    remarks: list[str] = []
    for part in reading.parts:
        if part.is_inline and part.size < TINY:
            continue
        upload = part.upload()
        try:
            files.examine(upload, limit=settings.ATTACHMENT_MAX_BYTES)
        except files.FileRefused as refusal:
            remarks.append(_remark(part, refusal.sentence))
        else:
            kept.append(upload)
    if reading.left_out_count:
        remarks.append(_("%(count)d more parts are in the mail itself.") % {"count": reading.left_out_count})
    return kept, remarks


def _remark(part: Part, sentence: str) -> str:
    if part.name.lower() == "winmail.dat":
        return _("“winmail.dat” is a wrapping of Outlook's and was not opened. Please send the files themselves.")
    return sentence

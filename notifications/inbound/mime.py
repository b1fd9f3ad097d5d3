"""One mail, out of its bytes: what a person reads in it, what hangs on it, and what its head says.

Every mail is somebody's attempt to break this, or looks like one. So the old, patient parser is used, each part is
read on its own, and whatever cannot be read is left out and named. Knows no framework.
"""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import Any

from notifications.inbound import html_text, peek, reports, signs
from notifications.inbound.fold import fold
from notifications.inbound.heads import addresses, decoded, mail_ids
from notifications.inbound.leaves import Leaves

TEXT_AT_MOST = 200_000  # characters kept of a body
TO = ("to", "cc", "delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "resent-to")


def read(raw: bytes, folder: Path) -> dict[str, Any]:
    """What was understood, as plain values; attachments lie in `folder` under the names given."""
    message = message_from_bytes(raw, policy=compat32)
    leaves = Leaves(folder)
    leaves.collect(message)
    html = html_text.cleaned(leaves.html) if leaves.html.strip() else ""
    text = (leaves.text.strip() or html_text.as_text(html))[:TEXT_AT_MOST]
    new, quoted = fold(text) if is_answer(message) else (text, "")
    return _head(message, raw, text) | {
        "text": text,
        "new": new,
        "quoted": quoted,
        "html": html,
        "was_html": bool(html) and not leaves.text.strip(),
        "parts": leaves.parts,
        "attachments": leaves.attachments,
        "left_out": leaves.left_out,
        "left_out_count": leaves.left_out_count,
    }


def is_answer(message: Message) -> bool:
    """Only what hangs below an answer is history; in a mail that was passed on it is what it is about."""
    subject = decoded(message, "subject")
    passed_on = re.match(r"(?i)^\s*(fwd?|wg|tr|i)\s*:", subject)
    return not passed_on and bool(message.get("in-reply-to") or message.get("references") or _says_re(subject))


def _says_re(subject: str) -> bool:
    return bool(re.match(r"(?i)^\s*(re|aw|sv|antw|rép|rif)\s*(\[\d+\])?\s*:", subject))


def _head(message: Message, raw: bytes, text: str) -> dict[str, Any]:
    senders = addresses(message, "from")
    name, sender = senders[0] if senders else ("", "")
    content_type = message.get_content_type()
    report_type = str(message.get_param("report-type", "") or "").lower()
    kind, sign = signs.kind(lambda each: decoded(message, each), sender, content_type, report_type)
    return {
        "mail_id": peek.mail_id(decoded(message, "message-id")),
        "in_reply_to": mail_ids(message, "in-reply-to"),
        "references": mail_ids(message, "references"),
        "sender": sender,
        "sender_name": name,
        "senders": len(senders) + (len(message.get_all("from", [])) > 1),
        "to": sorted({address for header in TO for _name, address in addresses(message, header)}),
        "return_path": peek.address(decoded(message, "return-path")),
        "subject": decoded(message, "subject")[:300],
        "kind": kind,
        "sign": sign,
        "auth": [str(value)[:2000] for value in message.get_all("authentication-results", [])[:10]],
        "report": reports.read(message, raw, text) if kind != signs.HUMAN else {},
    }

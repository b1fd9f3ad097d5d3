"""What a mail server says became of a mail of ours. Knows no framework."""

import re
from email.message import Message
from typing import Any

from notifications.inbound.heads import decoded, one_line

LOOKED_AT = 200_000  # bytes in which our own ids are looked for
IDS_AT_MOST = 100
_MAIL_ID = re.compile(rb"<([\x21-\x3b\x3d\x3f-\x7e]{3,200}@[A-Za-z0-9.-]{1,100})>")


def read(message: Message, raw: bytes, text: str) -> dict[str, Any]:
    """The ids named anywhere in it, and of a delivery report what it says about the first receiver that failed."""
    looked_at = raw[:LOOKED_AT] + b"\n" + text[:LOOKED_AT].encode("ascii", "replace")
    ids = list(dict.fromkeys(f"<{each.decode('ascii')}>" for each in _MAIL_ID.findall(looked_at)))
    blocks = _blocks(message)
    chosen = next((block for block in blocks if block["action"] == "failed"), blocks[0] if blocks else {})
    return {"ids": ids[:IDS_AT_MOST], **chosen}


def _blocks(message: Message) -> list[dict[str, str]]:
    """One for each receiver of the report."""
    found = []
    payload: Any = message.get_payload()
    parts = payload if isinstance(payload, list) else []
    for part in parts[:10]:
        inner: Any = part.get_payload() if part.get_content_type() == "message/delivery-status" else []
        for block in inner[:20] if isinstance(inner, list) else []:
            if action := decoded(block, "action").lower():
                found.append(_said(block, action.split()[0]))
    return found


def _said(block: Message, action: str) -> dict[str, str]:
    recipient = decoded(block, "final-recipient") or decoded(block, "original-recipient")
    kind, _semicolon, words = decoded(block, "diagnostic-code").partition(";")
    return {
        "action": action,
        "status": decoded(block, "status")[:20],
        "recipient": recipient.rpartition(";")[2].strip().lower()[:254],
        "words": one_line(words or kind)[:250],
    }

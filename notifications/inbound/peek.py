"""A first look at a mail's head, cheap and without a parser: whose it is, so that nobody waits behind a flood."""

import re

HEAD_BYTES = 32_768
ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>@\",;:()\[\]\\]{1,64}@[^\s\x00-\x1f\x7f<>@\",;:()\[\]\\]{1,189}")
MAIL_ID = re.compile(r"<[!-;=?A-~]{1,150}@[!-;=?A-~]{1,145}>")


def head(raw: bytes) -> dict[str, str]:
    """The first value of each header in the first lines; names in lower case, folded lines put together."""
    found: dict[str, str] = {}
    name = ""
    for line in re.split(r"\r\n|\n|\r", raw[:HEAD_BYTES].decode("utf-8", "replace")):
        if not line:
            break
        if line[0] in " \t":
            if name:
                found[name] += " " + line.strip()
            continue
        before, colon, value = line.partition(":")
        name = before.strip().lower() if colon and before.strip().lower() not in found else ""
        if name:
            found[name] = value.strip()
    return found


def address(text: str) -> str:
    """The last thing in `text` that looks like an address, in lower case; "" when nothing does."""
    found = ADDRESS.findall(text[:4000])
    return found[-1].lower()[:254] if found else ""


def mail_id(text: str) -> str:
    """The first Message-ID in `text`, or ""."""
    found = MAIL_ID.search(text[:4000])
    return found.group() if found else ""

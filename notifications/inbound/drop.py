"""A Maildir that mails are dropped into: by the catcher of the embedded run, by tests, or by a mail server."""

from pathlib import Path

from notifications.inbound import peek, store

MAILBOX = "maildir"
AT_ONCE = 200
EMPTY = "<>"  # nobody wants an answer


def take(folder: Path) -> int:
    """Stores what lies in `new` and moves it to `cur` afterwards; returns how many it took."""
    new, cur = folder / "new", folder / "cur"
    if not new.is_dir():
        return 0
    cur.mkdir(exist_ok=True)
    taken = 0
    for file in sorted(new.iterdir())[:AT_ONCE]:
        if not file.is_file() or file.name.startswith("."):
            continue
        raw = file.read_bytes()
        head = peek.head(raw)
        back = head.get("return-path", "").strip()
        store.keep(
            raw,
            mailbox=MAILBOX,
            envelope_from=EMPTY if back == EMPTY else peek.address(back),
            envelope_to=peek.address(head.get("delivered-to", "")),
        )
        file.rename(cur / f"{file.name}:2,S")
        taken += 1
    return taken

"""Mails that are broken: by hand, each for a reason, and by chance, with a fixed seed."""

import random
from email.message import EmailMessage

SEED = 20261125
HEAD = b"From: %b\r\nTo: desk@desk.example\r\nSubject: Broken\r\nMessage-ID: <%b@mail.example>\r\n"
MIXED = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
PNG = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def by_hand(sender: bytes) -> dict[str, bytes]:
    """Name -> the mail, with a head that is fine where the body is what is broken."""
    bodies = _bodies() | _parts() | _names()
    whole = {name: HEAD % (sender, str(n).encode()) + body for n, (name, body) in enumerate(bodies.items())}
    return whole | _heads(sender)


def _bodies() -> dict[str, bytes]:
    plain = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    return {
        "nothing": b"\r\n",
        "NUL and controls": plain + b"a\0b\x01\x02\x7f\x1b[31mred\r\n",
        "C1 controls": plain + "a\x85b\x9bc\ufeff\u200b".encode(),
        "no UTF-8": plain + b"\xff\xfe\xc0\xaf\xed\xa0\x80 end",
        "UTF-16 said to be UTF-8": plain + "It jams".encode("utf-16"),
        "UTF-7": b"Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-alert(1)",
        "unknown charset": b"Content-Type: text/plain; charset=klingon\r\n\r\nIt j\xe4ms",
        "a charset that is no text": b"Content-Type: text/plain; charset=zlib\r\n\r\nIt jams",
        "unknown encoding": plain.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: x-rot\r\n\r\n") + b"It jams",
        "bad base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!!=AAA=\xff",
        "bad quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=XX=\r\n=C3=",
        "one word of a megabyte": plain + b"x" * 1_000_000,
        "100,000 lines": plain + b"line\r\n" * 100_000,
        "quotes in quotes": plain + b"".join(b">" * n + b" x\r\n" for n in range(3000)),
        "patterns that explode": plain + b"On " + b"a, " * 20_000 + b"wrote",
        "a pile of marks": plain + ("Z" + "\u0301" * 5000).encode(),
        "emoji families": plain + "\U0001f468\u200d\U0001f469\u200d\U0001f467".encode() * 1000,
        "right to left": plain + "\u202egnp.exe".encode(),
        "HTML": b"Content-Type: text/html\r\n\r\n<svg><script>alert(1)</script></svg><img src=x onerror=alert(1)>"
        b"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>"
        b"<a href='javascript:alert(1)' data-hx-get=/x hx-get=/x>x</a><base href=//x><meta http-equiv=refresh>",
        "HTML 20,000 deep": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"deep",
        "HTML that never ends": b"Content-Type: text/html\r\n\r\n<" + b"a " * 100_000,
    }


def _parts() -> dict[str, bytes]:
    part = b"--B\r\nContent-Type: text/plain\r\n\r\nIt jams.\r\n"
    nested = b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _level in range(200))
    multi = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300))
    return {
        "no boundary": b"Content-Type: multipart/mixed\r\n\r\n" + part,
        "a boundary never used": b"Content-Type: multipart/mixed; boundary=none\r\n\r\n" + part,
        "an empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx',
        "no last boundary": MIXED + part,
        "the same boundary inside": MIXED
        + b"--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
        + part
        + b"--B--",
        "5,000 parts": MIXED + part * 5000 + b"--B--\r\n",
        "7,000 parts": MIXED + b"--B\r\n\r\nx\r\n" * 7000,
        "a mail in a mail, 200 deep": nested + b"Subject: inmost\r\n\r\nx",
        "parts in parts, 300 deep": multi + b"\r\nx",
        "winmail.dat": MIXED + b"--B\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\nxxx\r\n--B--",
        "a calendar": MIXED + b"--B\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--B--",
        "a report of nothing": b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: message/delivery-status\r\n\r\n\r\n\r\nAction\r\n--B--",
        "negative size": b"Content-Length: -1\r\nContent-Type: message/partial; number=-3; total=x\r\n\r\nx",
        "an external body": b"Content-Type: message/external-body; access-type=local-file; name=/etc/x\r\n\r\n\r\n",
        "an empty picture": MIXED + b"--B\r\nContent-Type: image/png; name=a.png\r\n\r\n\r\n--B--",
        "a picture in the text": b"Content-Type: multipart/related; boundary=B\r\n\r\n--B\r\n"
        b"Content-Type: text/html\r\n\r\n<img src=cid:x>\r\n--B\r\nContent-Type: image/png; name=x.png\r\n"
        b"Content-ID: <x>\r\nContent-Disposition: inline\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + PNG + b"\r\n--B--",
        "a zip that says it is text": MIXED
        + b"--B\r\nContent-Type: text/plain; name=a.txt\r\n\r\nPK\x03\x04\0\0\r\n--B--",
    }


def _names() -> dict[str, bytes]:
    names = [
        b'"../../etc/passwd"', b'"C:\\\\con.txt"', b'"' + b"n" * 3000 + b'.txt"', b'"a.txt "', b'"a.txt.exe"', b'""',
        b'"' + "invoice\u202etxt.exe".encode() + b'"', b'"a\r\n b.txt"', b'"=?utf-8?q?=FF=FE.txt?="', b'"\0.txt"',
    ]  # fmt: skip
    lines = [b"; filename=" + name for name in names]
    lines.append(b"; filename*0*=klingon''%FF%; filename*2*=%C3; filename*1=.txt")
    lines.append(b"; filename*99999999999999=x; filename*-1=y")
    return {
        f"a file's name, {n}": MIXED + b"--B\r\nContent-Disposition: attachment" + line + b"\r\n\r\nfile\r\n--B--"
        for n, line in enumerate(lines)
    }


def _heads(sender: bytes) -> dict[str, bytes]:
    return {
        "no bytes": b"",
        "no head": b"\r\n\r\nJust words",
        "only a line": b"Hello",
        "no From": b"Subject: nobody\r\n\r\nx",
        "an empty From": b"From:\r\nSubject: x\r\n\r\nx",
        "a group": b"From: friends: a@x.example, b@x.example;\r\n\r\nx",
        "a group without an end": b"From: undisclosed-recipients:\r\nTo: : ; : ;\r\n\r\nx",
        "half an address": b"From: <<<" + sender + b"\r\n\r\nx",
        "two Froms": b"From: " + sender + b"\r\nFrom: boss@x.example\r\n\r\nx",
        "broken words": b"From: "
        + sender
        + b"\r\nSubject: =?utf-8?q?=C3?= =?utf-8?b?!!!?= =?x?y?z?= =?utf-8?q?a\r\n\r\nx",
        "half a pair": b"From: " + sender + b"\r\nSubject: \xed\xa0\x80 \xff\r\n\r\nx",
        "10,000 headers": b"From: " + sender + b"\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\nx",
        "a header of a megabyte": b"From: " + sender + b"\r\nSubject: " + b"s" * 1_000_000 + b"\r\n\r\nx",
        "10,000 receivers": b"From: " + sender + b"\r\nTo: " + b"a@x.example, " * 10_000 + b"\r\n\r\nx",
        "100,000 references": b"From: " + sender + b"\r\nReferences: " + b"<a@b> " * 100_000 + b"\r\n\r\nx",
        "a parameter without an end": b"From: "
        + sender
        + b"\r\nContent-Type: text/plain; "
        + b"a" * 5000
        + b"*0*=x\r\n\r\nx",
        "bad dates": b"From: " + sender + b"\r\nDate: 31 Feb 99999 25:61:61 +9999\r\n\r\nx",
        "a folded Message-ID": b"From: " + sender + b"\r\nMessage-ID: <a\r\n b\0@c>\r\n\r\nx",
        "line breaks in the subject": b"From: " + sender + b"\r\nSubject: =?utf-8?q?a=0D=0ABcc:_x?=\r\n\r\nx",
        "only carriage returns": b"From: " + sender + b"\rSubject: old\r\rx",
    }


def seeds(sender: bytes) -> list[bytes]:
    """Sound mails that chance works on."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender.decode(), "desk@desk.example", "Größe des Druckers"
    message["In-Reply-To"], message["References"] = "<a@b.example>", "<a@b.example> <c@d.example>"
    message.set_content("It jams, ä ö ü.\n\nOn Monday Ines wrote:\n> We have it.\n")
    message.add_alternative("<p>It <b>jams</b></p><blockquote>We have it.</blockquote>", subtype="html")
    message.add_attachment(b"\x89PNG\r\n\x1a\n" + bytes(64), maintype="image", subtype="png", filename="größe.png")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "x@x.example", "Inner"
    inner.set_content("Words inside")
    message.add_attachment(inner)
    return [message.as_bytes(), *(raw for raw in by_hand(sender).values() if 40 < len(raw) < 4000)]


def by_chance(sender: bytes, count: int) -> list[bytes]:
    """`count` mails, each a sound one that bytes were changed, lost, doubled or put in."""
    chance, sound = random.Random(SEED), seeds(sender)
    return [_changed(chance, chance.choice(sound)) for _number in range(count)]


def _changed(chance: random.Random, raw: bytes) -> bytes:
    data = bytearray(raw)
    for _change in range(chance.randint(1, 12)):
        at = chance.randrange(len(data) or 1)
        what = chance.randrange(5)
        if what == 0 and data:
            data[at % len(data)] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randint(1, 40)]
        elif what == 2:
            data[at:at] = data[at : at + chance.randint(1, 80)]
        elif what == 3:
            data[at:at] = chance.choice(
                [b"\0", b"\r\n", b"\r\n\r\n", b"=?utf-8?b?", b'"', b";", b"*0*=", b"--B", b"\xff", b"<"]
            )
        else:
            data = data[:at] if chance.random() < 0.1 else data
    return bytes(data)


def large(sender: bytes) -> bytes:
    """25 MB in 5,000 parts."""
    part = b"--B\r\nContent-Type: application/octet-stream; name=part.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    filling = (b"A" * 76 + b"\r\n") * 64
    return HEAD % (sender, b"large") + MIXED + (part + filling + b"\r\n") * 5000 + b"--B--\r\n"

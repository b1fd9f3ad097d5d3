"""The mailbox, with a real server: each mail once, whatever happens on the way."""

from collections import Counter

import pytest

from incidents.models import Incident
from itsm import heart
from notifications.inbound import imap, work
from notifications.models import InboundMail
from tests.notifications.inbound import imap_server
from tests.notifications.inbound.writing import mail

TAKEN = {b"\\Seen", b"$Evenkeel"}


@pytest.fixture
def server():
    with imap_server.serving() as server:
        yield server


@pytest.fixture
def wire(server):
    wire = imap_server.Wire(server.port)
    yield wire
    wire.close()


def fetch(server, port: int = 0, failures: Counter | None = None) -> int:
    found = imap.fetch(imap.mailbox(server.url(port)), Counter() if failures is None else failures)
    work.read_due()
    return found


def written(reporter, *texts: str) -> list[bytes]:
    return [mail(reporter, text).as_bytes() for text in texts]


def test_what_is_new_is_taken_once_and_marked(server, reporter, team) -> None:
    server.put(*written(reporter, "It jams.", "It burns."))

    assert (fetch(server), fetch(server)) == (2, 0)
    assert Incident.objects.count() == 2
    assert server.flags() == [TAKEN, TAKEN], "read and taken, and still there"
    assert InboundMail.objects.first().mailbox == "imap:desk@127.0.0.1/INBOX"
    assert "mailbox" in heart.last_seen()


def test_a_mailbox_seen_for_the_first_time_gives_only_what_nobody_read(server, reporter, team) -> None:
    server.put(*written(reporter, "From last year."), flags=(b"\\Seen",))
    server.put(*written(reporter, "From today."))

    assert fetch(server) == 1
    server.put(*written(reporter, "Read in a mail program meanwhile."), flags=(b"\\Seen",))
    assert fetch(server) == 1
    assert Incident.objects.count() == 2


def test_a_server_without_marks_of_ours(reporter, team) -> None:
    with imap_server.serving(keeps_marks=False) as server:
        server.put(*written(reporter, "It jams."))
        assert (fetch(server), fetch(server)) == (1, 0)
        server.put(*written(reporter, "Read in a mail program meanwhile."), flags=(b"\\Seen",))
        assert (fetch(server), fetch(server)) == (1, 0)

    assert Incident.objects.count() == 2


def test_taken_mails_are_moved_where_a_folder_is_named(server, reporter, team, settings) -> None:
    client = server.client()
    client.create_folder("Done")
    client.logout()
    settings.INBOUND_DONE_FOLDER = "Done"
    server.put(*written(reporter, "It jams.", "It burns."))

    assert fetch(server) == 2
    assert (len(server.flags()), len(server.flags("Done"))) == (0, 2)


@pytest.mark.parametrize("at", [b"BODY.PEEK[]", b"STORE"], ids=["before the mail came", "before it was marked"])
def test_a_connection_that_ends_loses_and_doubles_nothing(at, server, wire, reporter, team) -> None:
    """F-28."""
    server.put(*written(reporter, "One", "Two", "Three"))
    failures = Counter()
    for _visit in range(2):
        cuts = iter([None, "cut"])
        wire.at = lambda data, cuts=cuts: next(cuts, None) if at in data else None
        with pytest.raises(imap.Broken):
            fetch(server, wire.port, failures)
    wire.at = lambda data: None
    fetch(server, wire.port, failures)

    assert sorted(Incident.objects.values_list("messages__body", flat=True)) == ["One", "Three", "Two"]
    assert server.flags() == [TAKEN] * 3


def test_a_mail_over_which_the_connection_always_breaks_delays_no_other(server, wire, reporter, team) -> None:
    server.put(*written(reporter, "Poison", "Two", "Three"))
    client = server.client()
    client.select_folder("INBOX", readonly=True)
    first = str(min(client.search())).encode()
    client.logout()
    wire.at = lambda data: "cut" if b"FETCH " + first + b" (BODY" in data else None
    failures = Counter()
    for _visit in range(2):
        with pytest.raises(imap.Broken):
            fetch(server, wire.port, failures)

    work.read_due()
    assert sorted(Incident.objects.values_list("messages__body", flat=True)) == ["Three", "Two"]


def test_mails_numbered_anew_are_known(server, reporter, team) -> None:
    """F-28: another UIDVALIDITY; and even without our marks nothing comes twice."""
    server.put(*written(reporter, "One", "Two"))
    fetch(server)
    client = server.client()
    client.select_folder("INBOX")
    client.set_flags(client.search(), [])
    client.logout()
    before = InboundMail.objects.values_list("uid_validity", flat=True)[0]

    server.number_anew()
    server.put(*written(reporter, "Three"))
    fetch(server)

    assert InboundMail.objects.count() == Incident.objects.count() == 3
    assert InboundMail.objects.last().uid_validity != before
    assert server.flags() == [TAKEN] * 3


def test_a_mail_that_is_too_large_is_left_there_and_told(server, reporter, team, settings) -> None:
    settings.INBOUND_MAX_BYTES = 2000
    server.put(mail(reporter, "x" * 70 + "\n" * 3000).as_bytes(), *written(reporter, "Small"))
    fetch(server)

    row = InboundMail.objects.order_by("pk").first()
    assert (row.state, row.sender) == ("tray", reporter.email)
    assert "only its head was fetched" in row.why
    assert Incident.objects.get().messages.get().body == "Small"


def test_a_mailbox_that_cannot_be_reached_is_said(settings, server) -> None:
    assert not imap.silence()
    settings.INBOUND_URL = server.url()
    assert imap.silence().days == 1
    fetch(server)
    assert imap.silence().total_seconds() < 60
    wrong = imap.mailbox(server.url().replace("sesame", "barley"))
    with pytest.raises(imap.Broken):
        imap.fetch(wrong, Counter())


@pytest.mark.parametrize("url", ["", "http://x@host/INBOX", "imaps:///INBOX", "desk@host"])
def test_a_url_that_is_none_is_refused_with_words(url) -> None:
    with pytest.raises(ValueError, match="must look like imaps://"):
        imap.mailbox(url)

"""The one HTTP client, against real servers: whom it calls, and how little it lets them do to us (F-15, F-37)."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from itsm import addresses, outbound
from tests.receivers.running import Authority, closed_port, receiver, receiver_process, running

__all__ = ["receiver", "receiver_process"]

# Address -> may a stranger's server stand there?
ADDRESSES = {
    "8.8.8.8": True, "93.184.215.14": True, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": True, "::ffff:8.8.8.8": True,
    "64:ff9b::808:808": True, "2002:808:808::1": True,
    "127.0.0.1": False, "127.8.9.10": False, "0.0.0.0": False, "0.1.2.3": False, "10.0.0.1": False,
    "172.16.0.1": False, "172.31.255.255": False, "192.168.1.1": False, "169.254.169.254": False,
    "100.64.0.1": False, "100.127.255.254": False, "192.0.0.8": False, "192.0.2.1": False, "198.18.0.1": False,
    "198.51.100.7": False, "203.0.113.9": False, "192.88.99.1": False, "224.0.0.1": False, "239.1.2.3": False,
    "240.0.0.1": False, "255.255.255.255": False,
    "::": False, "::1": False, "::7f00:1": False, "::ffff:127.0.0.1": False, "::ffff:10.0.0.1": False,
    "::ffff:169.254.169.254": False, "64:ff9b::7f00:1": False, "64:ff9b::a00:1": False, "64:ff9b:1::808:808": False,
    "2002:7f00:1::1": False, "2002:a00:1::": False, "2001:0:808:808::1": False, "fe80::1": False, "fec0::1": False,
    "fc00::1": False, "fd12:3456::1": False, "ff02::1": False, "100::1": False, "2001:db8::1": False,
    "3fff::1": False, "5f00::1": False,
}  # fmt: skip


@pytest.fixture
def loopback(settings):
    settings.OUTBOUND_LOOPBACK = True


@pytest.fixture
def leads_to(monkeypatch):
    """leads_to(["8.8.8.8"], ["127.0.0.1"]): what DNS says of each name, first and next time; counts how often."""
    asked = []

    def say(*answers: list[str]) -> list[str]:
        def getaddrinfo(host, port, *_args, **_kwargs):
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            family = {True: socket.AF_INET6, False: socket.AF_INET}
            return [(family[":" in each], socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return say


def failure(url: str, limit: float = 5.0, body: bytes = b"{}") -> outbound.Failed:
    with pytest.raises(outbound.Failed) as failed:
        outbound.post(url, body, {}, limit=limit)
    return failed.value


@pytest.mark.parametrize(("text", "public"), ADDRESSES.items(), ids=ADDRESSES)
def test_which_addresses_are_public(text, public, leads_to) -> None:
    assert addresses.is_public(addresses.read(text)) is public

    leads_to([text])
    if not public:
        assert failure("https://name.example/", limit=1.0).kind == "address"
        with pytest.raises(outbound.NotAllowed):
            outbound.check("https://name.example/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0",
     "LOCALHOST.", "[::ffff:7f00:1]", "１２７.0.0.1"],
)  # fmt: skip
def test_this_machine_has_many_names_and_none_is_called(host) -> None:
    with pytest.raises(outbound.NotAllowed):
        outbound.check(f"https://{host}/")

    assert failure(f"https://{host}:{closed_port()}/").kind in {"address", "name"}


@pytest.mark.parametrize(
    "url",
    ["", "x", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "//example.com/", "https:///x",
     "https://user@example.com/", "https://user:secret@example.com/", "https://:@example.com/", "https://a b.example/",
     "https://example.com:0/", "https://example.com:99999/", "https://example.com:x/", "https://example.com/\r\nX: y",
     "https://example.com/\\@127.0.0.1/", "https://example.com/ü", "https://[::1", "https://" + "a" * 600,
     "https://" + "a" * 70 + ".example/", "javascript:alert(1)", "https://example.com/\0", "https://ex\tample.com/",
     "https://[v1.x]/", "https://[fe80::1%25eth0]/"],
)  # fmt: skip
def test_addresses_that_are_none_are_refused_with_a_sentence(url) -> None:
    with pytest.raises(outbound.NotAllowed) as refused:
        outbound.check(url)

    assert refused.value.sentence.endswith(".")
    assert failure(url).kind in {"address", "name"}


def test_one_private_address_among_public_ones_is_enough_to_refuse(leads_to) -> None:
    leads_to(["8.8.8.8", "10.0.0.1"])

    assert failure("https://name.example/").kind == "address"


def test_a_name_is_asked_for_once_a_call(leads_to, receiver, settings) -> None:
    """Who changes the answer between the check and the call (DNS rebinding) gains nothing: there is no second look."""
    asked = leads_to(["127.0.0.1"], ["10.0.0.1"])

    assert outbound.post(receiver.url(host="name.example"), b"{}", {}).code == 200
    assert asked == ["name.example"]
    assert receiver.requests[0]["headers"]["host"] == f"name.example:{receiver.port}"

    assert failure(receiver.url(host="name.example")).kind == "address"


def test_a_name_that_leads_elsewhere_later_is_caught_at_the_call(leads_to) -> None:
    leads_to(["8.8.8.8"], ["169.254.169.254"])

    assert outbound.check("https://name.example/") == "name.example"
    assert failure("https://name.example/").kind == "address"


def test_without_the_setting_this_machine_is_not_called(receiver, settings) -> None:
    settings.OUTBOUND_LOOPBACK = False

    assert failure(receiver.url()).kind == "address"
    assert receiver.requests == []


def test_with_the_setting_only_this_machine_goes_without_tls(loopback, leads_to) -> None:
    leads_to(["8.8.8.8"])

    assert failure("http://name.example/").kind == "address"
    with pytest.raises(outbound.NotAllowed, match="https"):
        outbound.check("http://name.example/")


def test_an_answer_comes_back_as_it_is(receiver) -> None:
    receiver.answers({"code": 202, "body": "tak for det ✓", "headers": {"Retry-After": "7"}})

    answer = outbound.post(receiver.url("/a/b?c=d"), b'{"a": 1}', {"Content-Type": "application/json", "X-Own": "1"})

    assert (answer.code, answer.text, answer.headers["retry-after"]) == (202, "tak for det ✓", "7")
    (request,) = receiver.requests
    assert (request["method"], request["path"], request["body"]) == ("POST", "/a/b?c=d", '{"a": 1}')
    assert (request["headers"]["content-type"], request["headers"]["x-own"]) == ("application/json", "1")


@pytest.mark.parametrize("code", [400, 404, 410, 429, 500, 503])
def test_errors_are_answers_too_and_nothing_is_tried_twice(receiver, code) -> None:
    assert outbound.post(receiver.url(f"/{code}"), b"{}", {}).code == code
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver, code) -> None:
    receiver.answers({"code": code, "headers": {"Location": receiver.url("/elsewhere")}})

    assert outbound.post(receiver.url(), b"{}", {}).code == code
    assert [request["path"] for request in receiver.requests] == ["/hook"]


def test_of_ten_megabytes_64_kilobytes_are_read(receiver) -> None:
    answer = outbound.post(receiver.url("/big"), b"{}", {})

    assert (answer.code, len(answer.text)) == (200, outbound.MOST_READ)


@pytest.mark.parametrize("path", ["/drip", "/drip-head", "/hang", "/endless"])
def test_a_server_that_takes_its_time_is_left_in_time(receiver, path) -> None:
    begun = time.monotonic()

    assert failure(receiver.url(path), limit=0.6).kind == "time"
    assert 0.5 < time.monotonic() - begun < 1.5


def test_a_handshake_that_takes_its_time_is_left_in_time(loopback) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip_hello, args=[server], daemon=True).start()
        begun = time.monotonic()

        assert failure(f"https://127.0.0.1:{server.getsockname()[1]}/", limit=0.6).kind == "time"
        assert time.monotonic() - begun < 1.5


def _drip_hello(server: socket.socket) -> None:
    """The beginning of a TLS record that is never finished."""
    client, _ = server.accept()
    with client, suppress(OSError):
        for byte in b"\x16\x03\x03\x40\x00\x02" + b"\0" * 200:
            client.sendall(bytes([byte]))
            time.sleep(0.05)


def test_whatever_is_slow_costs_ten_seconds_at_most() -> None:
    assert outbound.SECONDS == 10


def test_a_connection_that_is_cut_is_no_answer(receiver) -> None:
    assert failure(receiver.url("/cut")).kind == "answer"


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"", b"\0" * 70000, b"220 x\r\n"])
def test_what_is_no_http_is_no_answer(loopback, answer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_say, args=[server, answer], daemon=True).start()

        assert failure(f"http://127.0.0.1:{server.getsockname()[1]}/").kind == "answer"


def _say(server: socket.socket, answer: bytes) -> None:
    client, _ = server.accept()
    client.recv(65536)
    client.sendall(answer)
    client.close()


def test_where_nobody_listens_there_is_no_connection(loopback) -> None:
    assert failure(f"http://127.0.0.1:{closed_port()}/").kind == "connection"


def test_more_than_a_sane_size_is_not_sent(receiver) -> None:
    assert failure(receiver.url(), body=b"x" * (outbound.MOST_SENT + 1)).kind == "answer"
    assert receiver.requests == []


@pytest.fixture
def authority(tmp_path, settings, loopback):
    authority = Authority(tmp_path)
    settings.OUTBOUND_CA = str(authority.file)
    return authority


def test_tls_is_verified_against_the_name(authority, tmp_path, leads_to) -> None:
    leads_to(["127.0.0.1"])
    with running(tmp_path / "tls", authority.certificate("hooks.example")) as receiver:
        assert outbound.post(receiver.url(host="hooks.example"), b"{}", {}).code == 200
        assert failure(receiver.url(host="other.example")).kind == "tls"
        assert len(receiver.requests) == 1


def test_a_certificate_that_expired_is_refused(authority, tmp_path) -> None:
    with running(tmp_path / "tls", authority.certificate("127.0.0.1", days=-1)) as receiver:
        failed = failure(receiver.url())

        assert (failed.kind, receiver.requests) == ("tls", [])
        assert "expired" in str(failed)


def test_a_certificate_that_nobody_vouches_for_is_refused(authority, tmp_path, settings) -> None:
    settings.OUTBOUND_CA = ""
    with running(tmp_path / "tls", authority.certificate("127.0.0.1")) as receiver:
        assert (failure(receiver.url()).kind, receiver.requests) == ("tls", [])


def test_a_server_without_tls_is_not_spoken_to_in_the_clear(receiver) -> None:
    failed = failure(receiver.url().replace("http:", "https:"))

    assert (failed.kind, receiver.requests) == ("tls", [])


def test_no_words_and_no_log_repeat_more_than_the_host(receiver, caplog) -> None:
    caplog.set_level("DEBUG")
    urls = [receiver.url("/cut/s3cret?token=s3cret"), receiver.url("/hang/s3cret"), "http://10.0.0.1/s3cret",
            f"http://127.0.0.1:{closed_port()}/s3cret", receiver.url("/s3cret").replace("http:", "https:")]  # fmt: skip

    words = [str(failure(url, limit=0.3)) for url in urls]

    assert [each for each in [*words, caplog.text] if "s3cret" in each] == []

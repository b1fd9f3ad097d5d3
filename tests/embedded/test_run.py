"""`portal.py run` with real servers: it starts, keeps its data, and leaves nothing behind."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.embedded.portal import OVERRIDES, ROOT, Portal, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
COUNT = "from customers.models import Customer; print(Customer.objects.count())"
ADD = "from customers.models import Calendar; Calendar.objects.create(name='Kept', spec={'tz': 'UTC'})"
KEPT = "from customers.models import Calendar; print(Calendar.objects.filter(name='Kept').count())"


@pytest.fixture
def portals():
    """portals(var, **environment) -> a running portal; whatever happens, none outlives its test."""
    started: list[Portal] = []

    def start(var: Path, **environment: object) -> Portal:
        started.append(Portal(var, **environment))
        return started[-1]

    yield start
    for portal in started:
        if portal.popen.poll() is None:
            portal.popen.send_signal(signal.SIGTERM)
            portal.popen.wait(60)


def took(portal: Portal) -> float:
    return float(re.search(r"\(([0-9.]+) s after the start\)", portal.said())[1])


def greets(portal: Portal) -> None:
    greeting = portal.said()
    assert f"http://localhost:{portal.port}" in greeting
    assert "s after the start)" in greeting
    assert "ines.keller@evenkeel.example" in greeting
    assert "calm-seas-ahead" in greeting
    assert portal.get("/account/login/")[0] == 200
    assert portal.ready()["ok"] is True
    assert portal.manage(COUNT) == "3"


def refuses_a_second_one(portals, running: Portal) -> None:
    second = portals(running.var)
    assert second.end() == 1
    assert f"already running here (process {running.popen.pid})" in second.said()
    assert running.get("/healthz")[0] == 200


def test_from_the_first_start_to_one_after_a_kill(portals, tmp_path) -> None:
    """A long path with a space in it; Ctrl-C, SIGTERM and kill -9; two side by side; the data is there each time."""
    var = tmp_path / ("a folder whose name is too long for the path of a socket " + "x" * 60) / "var"
    var.parent.mkdir()

    first = portals(var, EVENKEEL_DEMO="1", EVENKEEL_STARTED_AT=str(time.monotonic() - 1000)).up()
    greets(first)
    assert took(first) > 1000, "what came before, the installation, counts"
    first.manage(ADD)
    other = portals(tmp_path / "another").up()
    assert other.manage(COUNT) == "0"
    refuses_a_second_one(portals, first)

    assert first.stop(signal.SIGINT) == 0
    assert first.left() == []
    assert other.get("/healthz")[0] == 200  # only what it started itself was stopped

    again = portals(var, EVENKEEL_DEMO="1").up()
    assert again.manage(KEPT) == "1"
    assert took(again) < 60

    again.popen.kill()
    again.popen.wait()
    after = portals(var, EVENKEEL_DEMO="1").up()
    assert after.manage(KEPT) == "1"
    assert after.ready()["ok"] is True
    assert after.stop() == 0
    assert after.left() == again.left() == []
    assert other.stop() == 0


def test_worked_cases_are_played_in_servers_of_their_own(portals, tmp_path) -> None:
    """`portal.py sla-cases`, told from where somebody stands, with a name that only means something there."""
    case = json.loads((ROOT / "tests/incidents/sla/sla_cases.json").read_text())[0]
    (tmp_path / "my cases.json").write_text(json.dumps([case]))
    environment = {name: value for name, value in os.environ.items() if name not in OVERRIDES}

    done = subprocess.run(
        [sys.executable, "-m", "itsm.embedded", "sla-cases", "my cases.json"], cwd=ROOT, text=True, capture_output=True,
        env=environment | {"EVENKEEL_VAR": str(tmp_path / "var"), "EVENKEEL_CALLED_FROM": str(tmp_path)}, timeout=90,
    )  # fmt: skip

    assert done.stdout.splitlines() == [f"ok     {case['id']}", "1 passed, 0 failed"], done.stderr
    assert done.returncode == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else; the other tests ran as an ordinary user")
def test_it_runs_as_an_ordinary_user(portals) -> None:
    user = pwd.getpwnam("nobody").pw_uid
    folder = Path(tempfile.mkdtemp(prefix="evenkeel-nobody-"))
    os.chown(folder, user, user)
    try:
        portal = portals(folder / "var", user=user, HOME=str(folder)).up()

        assert portal.ready()["ok"] is True
        assert {path.stat().st_uid for path in (folder / "var").iterdir()} == {user}
        assert portal.stop() == 0
        assert portal.left() == []
    finally:
        shutil.rmtree(folder)


def test_a_taken_port_is_said_in_a_sentence(portals, tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        portal = portals(tmp_path / "var", PORT=str(port))

        assert portal.end() == 1

    assert portal.said() == (
        f"Port {port} is taken by another program. Please stop it, or set PORT to another number.\n"
    )
    assert portal.left() == []


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_said_in_a_sentence(portals, tmp_path, port) -> None:
    portal = portals(tmp_path / "var", PORT=port)

    assert portal.end() == 1
    assert portal.said() == f"PORT={port} is not a port number. Please set it to a number from 1 to 65535.\n"


@pytest.mark.parametrize(
    ("variable", "url", "words"),
    [
        (
            "DATABASE_URL",
            "postgres://somebody:secret@127.0.0.1:1/evenkeel",
            "The database at 127.0.0.1 cannot be reached",
        ),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "The Redis server at 127.0.0.1 cannot be reached"),
    ],
)
def test_a_server_that_does_not_answer_is_said_in_a_sentence(portals, tmp_path, variable, url, words) -> None:
    portal = portals(tmp_path / "var", **{variable: url})

    assert portal.end() == 1
    assert words in portal.said()
    assert f"Please start it, or mend {variable}." in portal.said()
    assert "secret" not in portal.said()
    assert "Traceback" not in portal.said()
    until(lambda: portal.left() == [], 10, portal.left)


def test_a_full_disk_is_said_in_a_sentence(portals, tmp_path) -> None:
    """/dev/full is where the kernel keeps a disk without room: what is written there is refused with that error."""
    var = tmp_path / "var"
    (var / "run").mkdir(parents=True)
    (var / "run" / ".writable").symlink_to("/dev/full")

    portal = portals(var)

    assert portal.end() == 1
    assert portal.said() == f"The disk is full: nothing can be written to {var}. Please make room and try again.\n"
    assert portal.left() == []


def test_a_database_that_cannot_be_made_is_said_in_a_sentence(portals, tmp_path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    (var / "postgres").write_text("a file where a folder must be")

    portal = portals(var)

    assert portal.end() == 1
    assert "Traceback" not in portal.said()
    assert f"{var} cannot be used" in portal.said()
    assert portal.left() == []


def test_the_start_is_when_the_command_was_given(tmp_path) -> None:
    before = time.monotonic()
    code = "import os; print(os.environ['EVENKEEL_STARTED_AT'])"

    done = subprocess.run(
        [sys.executable, "portal.py", "manage", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT, text=True, capture_output=True, timeout=60,
    )  # fmt: skip

    assert before < float(done.stdout) < time.monotonic(), done.stderr

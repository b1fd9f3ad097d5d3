#!/usr/bin/env python3
"""The one door: `python3 portal.py run` and the other commands, on a machine with nothing but Python 3.11.

Only the standard library is used here: this file makes the virtual environment and then calls what lives inside it
(`itsm.embedded`).
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "evenkeel.json"
# Command -> (which requirements it needs, what it does).
COMMANDS = {
    "run": ("run", "start everything: database, broker, web, workers; Ctrl-C stops it"),
    "test": ("dev", "run the whole test suite; what follows is passed on to pytest"),
    "lint": ("dev", "check style, types, imports, templates, migrations and deployment; writes nothing"),
    "fix": ("dev", "mend what a machine can mend"),
    "words": ("dev", "bring the catalogues of German and French up to date and compile them (docs/translating.md)"),
    "lock": ("dev", "write requirements/*.txt anew from pyproject.toml"),
    "sla-cases": ("run", "play a file of worked cases of the clocks through the product"),
    "bench": (
        "dev",
        "measure: `bench clocks`, `calendar`, `customers`, `import`, `major`, `notify`, `similar` (JSON in var/bench)",
    ),
    "shot": ("dev", "take pictures of the main pages of a running portal into var/shots/"),
    "manage": ("run", "Django's manage.py, for instance `portal.py manage shell`"),
}


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  (this file is what an older Python meets first)
        return _say(f"Evenkeel needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if not arguments or arguments[0] not in COMMANDS:
        for name, (_, what) in COMMANDS.items():
            print(f"  python3 portal.py {name:<10} {what}")
        return 0 if not arguments or arguments[0] in {"-h", "--help", "help"} else 2
    os.environ["EVENKEEL_STARTED_AT"] = str(time.monotonic())  # the time that is printed includes the installation
    try:
        ensure_venv(COMMANDS[arguments[0]][0])
    except (OSError, subprocess.CalledProcessError) as error:
        return _say(_why(error))
    os.environ.setdefault("EVENKEEL_CALLED_FROM", os.getcwd())  # what somebody names is named from where they stand
    os.chdir(ROOT)
    inside = ["manage.py", *arguments[1:]] if arguments[0] == "manage" else ["-m", "itsm.embedded", *arguments]
    os.execv(PYTHON, [str(PYTHON), *inside])
    return 0


def ensure_venv(kind: str) -> None:
    """The virtual environment holds the pins of `requirements/<kind>.txt`, or those of dev, which are more."""
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once: the second waits and finds it done
        stamp = _read_stamp()
        if stamp in (_stamp(kind), _stamp("dev")):
            return
        print("Installing what Evenkeel needs (once, less than a minute) ...", flush=True)
        stands = stamp and stamp["home"] == str(VENV) and _works()
        pip = [str(PYTHON), "-m", "pip"] if stands else _make_venv()
        kind = "dev" if stamp and stamp["kind"] == "dev" else kind
        _install(pip, kind)
        STAMP.write_text(json.dumps(_stamp(kind)))


def _stamp(kind: str) -> dict[str, str]:
    digest = hashlib.sha256((ROOT / "requirements" / f"{kind}.txt").read_bytes()).hexdigest()
    # Its home too: a virtual environment does not survive being moved.
    return {"kind": kind, "digest": digest, "home": str(VENV), "python": sys.version.split()[0]}


def _read_stamp() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and {"kind", "digest", "home"} <= found.keys() else {}


def _works() -> bool:
    return PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def _make_venv() -> list[str]:
    """Makes the empty environment; returns the command that is its pip."""
    base = getattr(sys, "_base_executable", sys.executable)
    made = subprocess.run([base, "-m", "venv", "--clear", VENV], capture_output=True)
    if made.returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    # Debian without python3-venv has no ensurepip, but its own pip can install into another environment.
    subprocess.run([base, "-m", "venv", "--clear", "--without-pip", VENV], check=True, capture_output=True)
    return [base, "-m", "pip", "--python", str(PYTHON)]


def _install(pip: list[str], kind: str) -> None:
    requirements = ROOT / "requirements" / f"{kind}.txt"
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    # The lock names everything, so there is nothing to resolve; and older pips, asked to, stumble over extras: they
    # take the newest release of `coverage[toml]`, which no hash is known of.
    subprocess.run(
        [*pip, "install", *quiet, "--no-deps", "--require-hashes", "-r", requirements],
        check=True,
        stderr=subprocess.PIPE,
        text=True,
    )


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        output = error.stderr if isinstance(error.stderr, str) else (error.stderr or b"").decode(errors="replace")
        last = output.strip().splitlines()[-1:] or ["no further word"]
        if "No module named pip" in output:
            return "Python has no pip here. Please install it (on Debian: the package python3-pip) and try again."
        return f"The packages could not be installed ({last[0].strip()}). Is there a network and space on the disk?"
    return f"The virtual environment could not be made: {error}."


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

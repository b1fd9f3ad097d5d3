"""`portal.py test`, `lint`, `fix` and `lock`: the programs behind them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from itsm.embedded import browser, scratch
from itsm.embedded.places import ROOT, Places, places

FLOORS = ["itsm", "customers", "incidents", "problems", "notifications"]
# Settings load without a server; these let checks run that only look at code.
CODE_ONLY = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EVENKEEL_SECRET_KEY": "x",
}
PRODUCTION = CODE_ONLY | {
    "EVENKEEL_SECRET_KEY": "".join(chr(40 + number % 80) for number in range(64)),
    "EVENKEEL_BASE_URL": "https://desk.example.com",
    "EVENKEEL_MAIL_FROM": "Service desk <desk@example.com>",
    "EVENKEEL_DEMO": "0",
    "EVENKEEL_DEBUG": "0",
}
LINT: dict[str, tuple[list[str], Mapping[str, str]]] = {
    "style": (["ruff", "check", "."], {}),
    "format": (["ruff", "format", "--check", "."], {}),
    "types": (["mypy", *FLOORS, "portal.py"], CODE_ONLY),
    "imports": (["lint-imports"], {}),
    "templates": (["djlint", "templates", "--lint", "--quiet"], {}),
    "migrations": ([sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"], CODE_ONLY),
    "deployment": ([sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    "compose": (["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"], {}),
    "api schema": (
        [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
        CODE_ONLY,
    ),
}
FIX = [["ruff", "check", "--fix", "."], ["ruff", "format", "."]]
LOCK = {"production": [], "run": ["--extra", "embedded"], "dev": ["--extra", "embedded", "--extra", "dev"]}


def _environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, **(more or {})}


def test(arguments: list[str]) -> int:
    """The whole suite, or what the arguments select. Without a browser its tests are skipped, and it says so."""
    required = "--require-browser" in arguments
    arguments = [argument for argument in arguments if argument != "--require-browser"]
    where = places()
    where.make()
    found = browser.find(where.var)
    if not found and required:
        print("No Chromium could be had, and --require-browser asks for one.", file=sys.stderr)
        return 1
    if not found:
        print("No Chromium could be had: the browser tests are skipped.")
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=_environment(found | {"EVENKEEL_VAR": str(where.var)})).returncode


def lint() -> int:
    """All checks, a line each, and the words of those that failed."""
    failed = []
    for name, (command, environment) in LINT.items():
        done = subprocess.run(command, cwd=ROOT, env=_environment(environment), capture_output=True, text=True)
        print(f"{name:<12} {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    return 1 if failed else 0


def words() -> int:
    """Writes the catalogues anew; it looks at code only, so no server is needed."""
    command = [sys.executable, "manage.py", "words"]
    return subprocess.run(command, cwd=ROOT, env=_environment(CODE_ONLY)).returncode


def fix() -> int:
    return max(subprocess.run(command, cwd=ROOT, env=_environment()).returncode for command in FIX)


def sla_cases(arguments: list[str]) -> int:
    """Against servers of its own: a running portal is not disturbed, and nothing of the cases stays."""
    here = Path(os.environ.get("EVENKEEL_CALLED_FROM", ROOT))
    return _in_scratch("sla_cases", "--scratch", *(str(here / argument) for argument in arguments))


def bench(arguments: list[str]) -> int:
    return _in_scratch("bench", *(arguments or ["clocks"]))


def _in_scratch(*command: str) -> int:
    where = places()
    with scratch.servers(Places(where.var / "scratch"), "Another command of this kind") as found:
        environment = _environment(found | {"EVENKEEL_VAR": str(where.var), "EVENKEEL_DEMO": "0"})
        return subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment).returncode


def shot() -> int:
    """In a process of its own: the browser's driver is there only among the packages for developers."""
    return subprocess.run([sys.executable, "-m", "itsm.embedded.shots"], cwd=ROOT).returncode


def lock() -> int:
    """Pins with hashes and without addresses; each file's pins are a subset of the next one's."""
    common = ["uv", "pip", "compile", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate",
              "--no-emit-index-url", "--quiet", "pyproject.toml"]  # fmt: skip
    before: list[str] = []
    for name, extras in LOCK.items():
        target = f"requirements/{name}.txt"
        done = subprocess.run([*common, *extras, *before, "-o", target], cwd=ROOT, env=_environment())
        if done.returncode:
            return done.returncode
        before = ["-c", target]
    return 0

"""Typed readers of the environment, and what the embedded run tells a second terminal."""

import json
import os
from pathlib import Path


def env_bool(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(int(default))).strip().lower() in {"1", "true", "yes", "on"}


def env_int(name: str, default: int) -> int:
    return int(os.environ.get(name, "") or default)


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_secret(name: str, default: str = "") -> str:
    """The variable itself, or the content of the file that NAME_FILE points at (container secrets)."""
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text().strip() if path else os.environ.get(name, default)


def running_services(var: Path) -> dict[str, str]:
    """What `portal.py run` wrote down about the services it started, or nothing when it does not run.

    Settings never start a server: importing them must be free of side effects for each worker process.
    """
    try:
        found = json.loads((var / "run" / "services.json").read_text())
    except (OSError, ValueError):
        return {}
    return {key: str(value) for key, value in found.items() if value is not None}

"""What portal.py calls once the virtual environment stands."""

import sys
from collections.abc import Callable

from itsm.embedded import checks, supervisor
from itsm.embedded.places import Trouble

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": lambda _arguments: supervisor.main(),
    "test": checks.test,
    "lint": lambda _arguments: checks.lint(),
    "fix": lambda _arguments: checks.fix(),
    "words": lambda _arguments: checks.words(),
    "lock": lambda _arguments: checks.lock(),
    "sla-cases": checks.sla_cases,
    "bench": checks.bench,
    "shot": lambda _arguments: checks.shot(),
}


def main() -> int:
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

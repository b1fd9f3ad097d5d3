"""One supervisor a folder: the kernel forgets the lock with the process, so there is no stale one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from itsm.embedded.places import Places, Trouble


@contextmanager
def only_one(places: Places, what: str) -> Iterator[None]:
    """Trouble when somebody else holds it; their pid is in the file."""
    path = places.var / "portal.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Trouble(f"{what} is already running here (process {lock.read().strip() or 'unknown'}).") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield

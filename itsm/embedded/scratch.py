"""Servers for a while: for commands that need a database and a broker of their own, and leave nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from itsm.embedded import process
from itsm.embedded.lock import only_one
from itsm.embedded.places import Places
from itsm.embedded.postgres import Postgres
from itsm.embedded.valkey import Valkey


@contextmanager
def servers(where: Places, what: str) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey under `where`; yields the environment that leads to them.

    The database is careless with its disk: what is lost with it is made anew. Trouble where somebody else runs here.
    """
    where.make()
    children: list[process.Child] = []
    with only_one(where, what):
        try:
            postgres = Postgres(where, careless=True)
            children.append(postgres.start())
            valkey = Valkey(where.sockets, where.var / "valkey", where.log)
            children.append(valkey.start())
            yield {"DATABASE_URL": postgres.url(), "REDIS_URL": valkey.url, "EVENKEEL_SECRET_KEY": "only-for-a-while"}
        finally:
            for child in reversed(children):
                child.ask_to_stop()
                child.wait()

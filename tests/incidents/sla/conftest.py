"""The pure core needs no stage: neither database nor cache is touched here."""

import pytest


@pytest.fixture(autouse=True)
def _database():
    """In place of the fixture that opens the database for everybody else."""


@pytest.fixture(autouse=True)
def _own_cache():
    """In place of the fixture that empties the cache for everybody else."""

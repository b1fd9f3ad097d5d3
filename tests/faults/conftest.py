"""Fault tests see real processes, so their data is committed, and flushed afterwards."""

import pytest


@pytest.fixture(autouse=True)
def _committed(transactional_db: None) -> None:
    """Processes of their own see only what is committed."""

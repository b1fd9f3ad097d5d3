"""A program that we switched off: its customer and the desk hear of it by mail."""

import pytest

from itsm import events
from notifications import endpoints, letters
from notifications.models import Delivery


@pytest.mark.parametrize(
    ("is_gone", "why"), [(True, "does not exist any more"), (False, "has taken nothing for five days")]
)
def test_contacts_and_managers_are_told(add, contact, manager, reporter, is_gone, why, monkeypatch) -> None:
    made = add(name="Ticket system")
    monkeypatch.setattr(endpoints, "PATIENCE", endpoints.timedelta())

    endpoints.note_failed(made.endpoint, is_gone=is_gone)
    events.relay()

    rows = {row.recipient: letters.write(row) for row in Delivery.objects.filter(kind__startswith="endpoint_off")}
    assert set(rows) == {contact, manager}
    assert rows[contact].subject == "Ticket system is not told any more"
    assert rows[manager].subject == "Town of Ostermoor: Ticket system is not told any more"
    for letter in rows.values():
        assert why in letter.body
        assert "/endpoints/" in letter.body
    assert "/organisation/endpoints/" in rows[contact].body

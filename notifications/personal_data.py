"""What this floor holds about a person: which messages went to which address."""

from customers.held import Held
from notifications.models import Delivery

HELD = (
    Held(
        Delivery,
        "recipient",
        ("kind", "channel", "address", "state", "created_at", "sent_at", "incident__reference"),
        blanked={"address": "", "last_error": ""},  # answers of mail servers repeat the address
    ),
)

"""What this floor holds about a person: what went to which address, how they want to be told, what they wrote."""

from customers.held import Held
from notifications.inbound import store
from notifications.models import ChannelWish, Delivery, Endpoint, InboundMail, InboundText, Preference

HELD = (
    Held(
        Delivery,
        "recipient",
        ("kind", "channel", "address", "state", "created_at", "sent_at", "incident__reference"),
        blanked={"address": "", "last_error": ""},  # answers of mail servers repeat the address
    ),
    Held(Endpoint, "created_by", ("name", "created_at")),
    Held(Preference, "person", ("mode", "digest_at", "quiet", "quiet_from", "quiet_until"), ends=True),
    Held(ChannelWish, "person", ("about", "channel", "is_wanted"), ends=True),
    Held(
        InboundMail,
        "person",
        ("received_at", "sender", "subject", "incident__reference"),
        blanked={"sender": "", "sender_name": "", "envelope_from": ""},
        also=store.forget,  # the mail itself; what it said on an incident is history
    ),
    Held(InboundMail, "settled_by", ("received_at", "settled_at")),
    Held(
        InboundText,
        "person",
        ("received_at", "number", "text", "incident__reference"),
        blanked={"number": "", "text": ""},
    ),
    Held(InboundText, "settled_by", ("received_at", "settled_at")),
)

"""Where an answer to a letter goes, so that it finds its incident."""

from notifications.models import Delivery


def address_for(delivery: Delivery) -> str:
    """The signed address for the letter's Reply-To, or "" where answers cannot be taken."""
    return ""

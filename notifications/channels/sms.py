"""SMS by any gateway that takes an HTTP request: what it is sent, and what its answer means (docs/sms.md)."""

import json
from urllib.parse import urlencode

from django.conf import settings

from itsm.text import e164
from notifications import texts
from notifications.channels import calls
from notifications.channels.base import NotNow, Receipt, Refused
from notifications.models import Delivery

VALUES = ("to", "sender", "text", "id")  # what a field of the gateway may be filled with
# It does not know us, or is somewhere else by now: no telephone is to blame, and somebody will mend it.
MISCONFIGURED = {301, 302, 303, 307, 308, 401, 403, 404, 405}


class SmsSender:
    """One request a message; the gateway knows a repeated one by its Idempotency-Key."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def send(self, delivery: Delivery) -> Receipt:
        """Returns when the gateway has taken it. What it says of the telephone later is not asked for."""
        if not is_set_up():
            raise Refused("no SMS gateway is set up")
        number = e164(delivery.address, settings.SMS_COUNTRY)
        if not number:
            raise Refused("this is no number that the whole world can dial, such as +49 170 5550142")
        said = {"to": number, "sender": settings.SMS_SENDER, "text": texts.write(delivery)}
        body, headers = request(said | {"id": str(delivery.public_id)})
        try:
            return calls.post(settings.SMS_URL, body, headers, limit=self._limit, is_ours=True)
        except Refused as refusal:
            if refusal.code in MISCONFIGURED:
                raise NotNow(str(refusal), refusal.code) from refusal
            raise

    def close(self) -> None: ...


def open_sms(limit: float) -> SmsSender:
    return SmsSender(limit)


def is_set_up() -> bool:
    """Whether there is a gateway at all; without one nobody should be told by SMS."""
    return bool(settings.SMS_URL)


def request(said: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """The body in the gateway's own words (EVENKEEL_SMS_FIELDS), as JSON or as a form."""
    fields = {}
    for field in settings.SMS_FIELDS:
        name, _equals, value = field.partition("=")
        if filled := said.get(value, value):  # an empty sender is left to the gateway
            fields[name] = filled
    headers = {"Idempotency-Key": said["id"], "Content-Type": f"application/{settings.SMS_FORMAT}"}
    if settings.SMS_TOKEN:
        headers["Authorization"] = f"{settings.SMS_AUTH} {settings.SMS_TOKEN}"
    if settings.SMS_FORMAT == "json":
        return json.dumps(fields, ensure_ascii=False).encode(), headers
    return urlencode(fields).encode(), headers | {"Content-Type": "application/x-www-form-urlencoded"}

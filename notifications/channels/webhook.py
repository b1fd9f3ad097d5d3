"""Webhooks: signed as the Standard Webhooks specification says, so that any of its libraries can verify them."""

import base64
import hashlib
import hmac
import json
import time

from notifications import endpoints, payloads
from notifications.channels import calls
from notifications.channels.base import NotNow, Receipt, Refused
from notifications.endpoints import PREFIX
from notifications.models import Delivery, Endpoint
from notifications.seal import Unreadable


class WebhookSender:
    """Each call has a connection of its own: the receivers are many, and seldom the same twice."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def send(self, delivery: Delivery) -> Receipt:
        """One call. What came of it is also remembered for the endpoint: who fails is left in peace."""
        endpoint = delivery.endpoint
        assert endpoint is not None  # nobody else has a webhook
        try:
            url = endpoints.address(endpoint)
        except Unreadable:
            raise Refused("its address cannot be read any more; it must be added anew") from None
        try:
            receipt = self._call(url, delivery, endpoint)
        except NotNow as failure:
            endpoints.note_failed(endpoint, again_in=failure.again_in)
            raise
        except Refused as refusal:
            endpoints.note_failed(endpoint, is_gone=refusal.code == calls.GONE)
            raise
        endpoints.note_taken(endpoint)
        return receipt

    def close(self) -> None: ...

    def _call(self, url: str, delivery: Delivery, endpoint: Endpoint) -> Receipt:
        body = json.dumps(payloads.webhook(delivery), ensure_ascii=False).encode()
        headers = signed(delivery, body, endpoints.signing_secrets(endpoint))
        return calls.post(url, body, headers, limit=self._limit)


def open_webhook(limit: float) -> WebhookSender:
    return WebhookSender(limit)


def signed(delivery: Delivery, body: bytes, secrets: list[str]) -> dict[str, str]:
    """The headers of the specification; after a new secret was made, a signature with each of the two."""
    if not secrets:
        raise Refused("its secret cannot be read any more; a new one must be made")
    number, now = str(delivery.public_id), str(int(time.time()))
    text = f"{number}.{now}.".encode() + body
    return {
        "Content-Type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": now,
        "webhook-signature": " ".join(_signature(text, secret) for secret in secrets),
    }


def _signature(text: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()

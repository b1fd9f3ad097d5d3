"""What people write back by SMS, as the gateway posts it."""

import json
import uuid

from django.test import Client

from notifications import sms_replies
from notifications.models import InboundText

ADDRESS = "+491705550142"


def hook() -> str:
    return sms_replies.hook_url().removeprefix("http://localhost:8000")


def write(text: str, number: str = ADDRESS, **said) -> InboundText:
    """What the gateway posts, kept and read."""
    body = {"from": number, "text": text, "id": uuid.uuid4().hex} | said
    answer = Client(enforce_csrf_checks=True).post(hook(), json.dumps(body), content_type="application/json")
    assert answer.status_code == 202, answer.content
    sms_replies.read_due()
    return InboundText.objects.latest("pk")

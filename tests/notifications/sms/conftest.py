"""The gateway of the embedded run, as a process of its own."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.models.functions import Now

from customers.models import User
from itsm import events
from notifications.models import Delivery
from tests.faults.stack import ROOT, free_port, wait_for
from tests.receivers.running import receiver, receiver_process

__all__ = ["receiver", "receiver_process"]
NUMBER = "+49 170 5550142"


class Gateway:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.url = f"http://127.0.0.1:{port}/messages"

    @property
    def messages(self) -> list[dict]:
        return [json.loads(file.read_text()) for file in sorted(self.folder.glob("*.json"))]


@pytest.fixture(scope="session")
def gateway_process(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("sms"), free_port()
    command = [sys.executable, "-m", "itsm.embedded.sms_gateway", "--folder", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    gateway = Gateway(folder, port)
    wait_for(lambda: _answers(port))
    yield gateway
    process.terminate()
    assert process.wait(10) == 0


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def gateway(gateway_process, settings):
    """An SMS gateway, to which the settings point; nothing was sent yet."""
    for file in gateway_process.folder.glob("*.json"):
        file.unlink()
    settings.SMS_URL, settings.SMS_FOLDER = gateway_process.url, str(gateway_process.folder)
    return gateway_process


@pytest.fixture
def by_sms(incident, reporter):
    """by_sms("restored"): the newest event as a text message to the reporter, saved."""
    User.objects.filter(pk=reporter.pk).update(phone=NUMBER)
    events.relay()

    def make(kind: str, **values) -> Delivery:
        event = incident.events.latest("pk")
        facts = {"recipient": reporter, "address": NUMBER, "reason": "reporter"} | values
        return Delivery.objects.create(
            event=event, incident=incident, customer=incident.customer, channel="sms", kind=kind, **facts
        )

    return make


@pytest.fixture
def known(reporter, incident):
    """The reporter has a number, as people write it."""
    User.objects.filter(pk=reporter.pk).update(phone="0049 (0)170 555-0142")
    return reporter


@pytest.fixture
def written(known, incident):
    """We wrote to them about their incident lately."""
    return Delivery.objects.create(
        event=incident.events.latest("pk"), incident=incident, customer=incident.customer, recipient=known,
        channel="sms", kind="received", reason="reporter", address=NUMBER, state="sent", sent_at=Now(),
    )  # fmt: skip

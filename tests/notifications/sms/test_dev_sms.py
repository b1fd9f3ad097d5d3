"""What the demo's SMS gateway took, and a telephone to answer with."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.test import Client
from django.urls import reverse

from notifications.channels.sms import open_sms
from tests.faults.stack import wait_for


@pytest.fixture
def here(settings):
    """A web server that gets what the gateway posts to our hook."""
    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_args) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.BASE_URL = f"http://127.0.0.1:{server.server_address[1]}"
        yield got
        server.shutdown()


def test_what_was_sent_stands_there(by_sms, gateway) -> None:
    open_sms(5.0).send(by_sms("received"))

    page = Client().get(reverse("notifications:dev_sms")).content.decode()

    assert "We have your report." in page
    assert "+491705550142" in page
    assert "We have your report." not in Client().get(reverse("notifications:dev_sms"), {"to": "+33"}).content.decode()


@pytest.mark.parametrize("folder", ["", "/nowhere"])
def test_without_messages_it_says_so(settings, folder) -> None:
    settings.SMS_FOLDER = folder

    assert "No text message yet" in Client().get(reverse("notifications:dev_sms")).content.decode()


def test_an_answer_goes_through_the_gateway_to_our_hook(gateway, here) -> None:
    answer = Client().post(reverse("notifications:dev_sms_reply"), {"from": "+491705550142", "text": "NO"})

    assert answer.status_code == 302
    ((path, said),) = wait_for(lambda: here and [here[0]])
    assert path.startswith("/hooks/sms/sms:")
    assert (said["from"], said["text"], bool(said["id"])) == ("+491705550142", "NO", True)


def test_another_gateway_than_the_demos_is_not_asked(settings) -> None:
    settings.SMS_FOLDER = ""

    assert Client().post(reverse("notifications:dev_sms_reply"), {"text": "NO"}).status_code == 404

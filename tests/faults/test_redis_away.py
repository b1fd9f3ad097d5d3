"""Redis goes away while people report: they notice nothing, and their mails come when it is back."""

import time
import urllib.parse
import urllib.request

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from customers.models import User
from incidents.models import Incident
from tests import factories
from tests.faults.stack import Stack, stack, wait_for

REPORTS = 10


@pytest.fixture
def people() -> list[User]:
    customer = factories.CustomerFactory(served=True)
    return [factories.UserFactory(customer=customer) for _ in range(REPORTS)]


def report(running: Stack, person: User, text: str) -> float:
    """Files a report as a browser does, and says how long the answer took."""
    client = Client()
    client.force_login(person)
    token = "a" * 32
    cookies = {settings.SESSION_COOKIE_NAME: client.session.session_key, settings.CSRF_COOKIE_NAME: token}
    body = urllib.parse.urlencode({"text": text, "csrfmiddlewaretoken": token}).encode()
    request = urllib.request.Request(running.base_url + reverse("incidents:portal_report"), body)
    request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    return time.monotonic() - began


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_reports_are_taken_while_redis_is_away_and_mails_come_later(people, trouble) -> None:
    with stack() as running:
        running.catch_mail()
        running.work()
        running.beat()
        running.serve()
        report(running, people[0], "Before the trouble")
        running.mail_to(people[0].email)

        getattr(running.broker, trouble)()
        took = [report(running, person, "Nothing prints") for person in people]
        assert max(took) < 2
        assert Incident.objects.count() == REPORTS + 1
        assert len(running.mails()) == 1

        running.broker.start() if trouble == "kill" else running.broker.thaw()
        wait_for(lambda: running.restart_the_dead() or len(running.mails()) == REPORTS + 1, 40, each=0.3)
        assert {mail["To"] for mail in running.mails()} == {person.email for person in people}

"""The portal as real processes: web, worker, beat, broker and mail."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

from tests import factories
from tests.faults.stack import Stack, live_stack, wait_for

__all__ = ["live_stack"]


def ready(running: Stack) -> bool:
    try:
        return json.load(urlopen(f"{running.base_url}/readyz", timeout=5))["ok"]
    except HTTPError as answer:
        return json.load(answer)["ok"]


def test_the_whole_portal_runs(live_stack) -> None:
    wait_for(lambda: ready(live_stack), 20, each=0.3)

    style = urlopen(f"{live_stack.base_url}/static/css/base.css", timeout=5)
    log_in = urlopen(f"{live_stack.base_url}/account/login/", timeout=5).read().decode()
    inbox = urlopen(f"{live_stack.base_url}/dev/mail/", timeout=5).read().decode()

    assert style.headers["Content-Type"].startswith("text/css")
    assert "/static/css/base.css" in log_in
    assert "Mails of the demo" in inbox


def test_what_happens_is_in_the_mail_within_seconds(live_stack) -> None:
    """Recorded by this process, handed on by the beat, sent by a worker, caught by the mail server."""
    reporter = factories.UserFactory(customer=factories.CustomerFactory(served=True))
    agent = factories.UserFactory(agent=True, member_of=reporter.customer.teams.get())
    incident = factories.open_incident(reporter)

    receipt = live_stack.mail_to(reporter.email, "Received")
    factories.restored(incident, agent)
    restored = live_stack.mail_to(reporter.email, "Works again")

    assert restored["In-Reply-To"].strip() == receipt["Message-ID"]
    assert f"{live_stack.base_url}/t/" in restored.get_body(("plain",)).get_content()

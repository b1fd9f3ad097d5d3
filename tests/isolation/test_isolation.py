"""No person of one customer reads, changes or infers anything of another's: every route, method and role.

A new route fails here until it stands in routes.txt: `pytest tests/isolation --write-routes` is not offered on
purpose, so that somebody looks at the route while adding its line.
"""

from pathlib import Path

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse

from incidents.models import Incident
from itsm import heart
from tests.isolation import world as worlds
from tests.isolation.routes import Route, routes
from tests.isolation.world import MARKER, World

# Administrators keep people and teams: they read names there, and no incident (tests/customers/people).
KEPT_BY_ADMINISTRATORS = {
    "customers:desk_staff", "customers:desk_staff_invite", "customers:desk_colleague", "customers:desk_colleague_act",
    "customers:desk_team", "customers:desk_team_serve", "customers:desk_team_end",
}  # fmt: skip
METHODS = ["get", "head", "post", "put", "patch", "delete", "options"]
HERE = Path(__file__).parent
# Open to everybody, with the reason; everything else sends the anonymous to the log-in page, or says 401.
PUBLIC = {
    "healthz": "for supervisors; says ok",
    "readyz": "for load balancers; names no person and no customer",
    "notifications:dev_mail": "exists only in the demo, whose mails are nobody's",
    "notifications:dev_mail_one": "likewise",
    "notifications:dev_mail_html": "likewise",
    "notifications:dev_sms": "likewise",
    "notifications:dev_sms_reply": "likewise",
    "notifications:sms_hook": "the signed address is the key",
    "notifications:dev_mail_answer": "likewise",
    "notifications:dev_mail_write": "likewise",
    "components": "exists only in the demo and in debug; shows invented states",
    "customers:welcome": "the signed link is the key",
    "customers:welcome_again": "the signed link is the key",
    "notifications:unsubscribe": "the signed address is the key",
    "incidents:tracking": "the signed link is the key",
    "incidents:tracking_add": "the signed link is the key",
    "incidents:tracking_attach": "the signed link is the key",
    "incidents:tracking_still_broken": "the signed link is the key",
    "incidents:tracking_tell": "the signed link is the key",
    "incidents:tracking_call_back": "the signed link is the key",
    "incidents:tracking_file": "the signed link is the key",
    "incidents:survey": "the link is the key",
}


@pytest.fixture
def world() -> World:
    for name in ("worker", "beat"):
        heart.beat(name)
    return worlds.build()


def url(route: Route, parameters: dict[str, str]) -> str:
    return reverse(route.name, kwargs=parameters)


def own_routes() -> list[Route]:
    return [route for route in routes() if not route.is_admin and not route.is_account]


def test_every_route_is_known() -> None:
    lines = [route.line for route in routes() if not route.is_admin]

    assert lines == (HERE / "routes.txt").read_text().splitlines()


@pytest.mark.parametrize("role", ["reporter", "contact", "agent", "lead", "manager", "administrator", "revoked"])
def test_strangers_objects_are_not_there(world: World, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people[role])
    before = world.fingerprint()

    for route in (route for route in own_routes() if route.parameters):
        address = url(route, world.parameters(route.parameters, route.pattern))
        if role == "administrator" and route.name in KEPT_BY_ADMINISTRATORS:
            continue
        for method in METHODS:
            answer = getattr(client, method)(address)
            allowed = (
                {401, 404, 405} | ({302} if role == "revoked" else set()) | ({200} if method == "options" else set())
            )
            assert answer.status_code in allowed, f"{role} {method} {address}: {answer.status_code}"
            assert MARKER not in text_of(answer), f"{role} {method} {address} shows the stranger"

    assert world.fingerprint() == before


@pytest.mark.parametrize("role", ["reporter", "contact", "agent", "lead", "manager", "administrator", "revoked"])
def test_lists_and_searches_do_not_show_the_stranger(world: World, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people[role])
    before = world.fingerprint()

    for route in (route for route in own_routes() if not route.parameters):
        for method in METHODS:
            answer = getattr(client, method)(url(route, {}) + f"?q={world.incident.reference}")
            assert answer.status_code < 500, f"{role} {method} {route.line}: {answer.status_code}"
            if role == "administrator" and route.name in KEPT_BY_ADMINISTRATORS:
                continue
            assert MARKER not in text_of(answer), f"{role} {method} {route.line} shows the stranger"

    assert world.fingerprint() == before


def test_anonymous_is_sent_to_the_log_in(world: World) -> None:
    for route in own_routes():
        parameters = world.parameters(route.parameters, route.pattern)
        for method in METHODS:
            client = Client(raise_request_exception=False)
            answer = getattr(client, method)(url(route, parameters))
            assert MARKER not in text_of(answer), f"anonymous {method} {route.line}"
            if route.name not in PUBLIC:
                assert answer.status_code in {302, 401, 404, 405}, f"{method} {route.line}: {answer.status_code}"
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("account_login")), route.line


def test_administration_is_for_administrators(world: World) -> None:
    addresses = [
        reverse(r.name)
        for r in routes()
        if r.is_admin and not r.parameters and ":" in r.name and not r.name.endswith("None")
    ]
    for role in ["reporter", "contact", "agent", "lead", "manager", "revoked"]:
        client = Client(raise_request_exception=False)
        client.force_login(world.people[role])
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in {302, 403, 404} or "login" in address, f"{role} {address}"
            assert MARKER not in text_of(answer)


@pytest.mark.parametrize("role", ["reporter", "contact", "agent", "lead", "manager"])
def test_own_object_with_the_strangers_ids_in_the_body(world: World, role: str) -> None:
    """Pass 2: what the URL names is ours, what the body names is not."""
    client = Client(raise_request_exception=False)
    client.force_login(world.people[role])
    before = world.fingerprint()
    own = {"reference": world.own.reference}

    for route in (route for route in own_routes() if route.parameters <= {"reference"} and not route.is_of_a_problem):
        for value in (str(world.service.pk), world.reporter.email, world.incident.reference, str(world.reporter.pk)):
            fields = dict.fromkeys(FOREIGN, value) | {
                "text": "x",
                "reason": "x",
                "outcome": "x",
                "question": "x",
                "note": "x",
            }
            kind = {"content_type": "application/json"} if route.is_api else {}
            answer = client.post(url(route, own if route.parameters else {}), fields, **kind)
            assert answer.status_code < 500, f"{role} {route.line} {value}"
            assert MARKER not in text_of(answer), f"{role} {route.line} {value}"

    assert world.fingerprint() == before
    ours = Incident.objects.exclude(customer=world.customer)
    assert not ours.filter(service=world.service).exists()
    assert not ours.filter(reporter=world.reporter).exists()
    assert not ours.filter(owner__customer=world.customer).exists()


FOREIGN = [
    "service",
    "service_id",
    "reporter",
    "person",
    "owner",
    "customer",
    "team",
    "incident",
    "parent",
    "message",
    "attachment",
    "file",
    "user",
    "id",
    "pk",
]


def test_a_revoked_person_loses_everything_at_once(world: World) -> None:
    agent = world.people["agent"]
    client = Client()
    client.force_login(agent)
    page = reverse("incidents:desk_incident", kwargs={"reference": world.own.reference})
    assert client.get(page).status_code == 200

    agent.memberships.all().delete()

    assert client.get(page).status_code == 404


@login_not_required
def leak(request, reference: str) -> HttpResponse:
    """A planted hole: fetches past the door."""
    return HttpResponse(Incident.objects.get(reference=reference).title)


urlpatterns = [path("leak/<str:reference>/", leak, name="leak")]


@override_settings(ROOT_URLCONF=__name__)
def test_the_walk_finds_a_planted_hole(world: World) -> None:
    (route,) = routes()

    answer = Client().get(url(route, world.parameters(route.parameters, route.pattern)))

    assert MARKER in text_of(answer)


def text_of(answer: HttpResponse) -> str:
    """Body and headers; streamed files included."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if opened := getattr(answer, "file_to_stream", None):
        opened.close()  # asked for by HEAD it is opened and never read
    return body.decode("utf-8", "replace") + str(dict(answer.items()))

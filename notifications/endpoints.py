"""Programs of a customer that are told: added, tried, switched off and on by people; what is said to which of them.

Kept by the customer's contacts and by the desk. Each verb is one line of the customer's history. An address and a
secret are sealed (`notifications.seal`); the secret is shown once, and the address only by its host and its end.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers import history
from customers.models import Customer, CustomerEvent, User
from incidents.models import IncidentEvent
from itsm import moment, outbound
from itsm.events import Event
from itsm.refusal import Refused
from itsm.text import clean
from notifications import lanes
from notifications.audience import is_pressing
from notifications.models import Delivery, Endpoint
from notifications.seal import Unreadable, seal, unseal

Kind, CustomerKind = IncidentEvent.Kind, CustomerEvent.Kind
Channel = Delivery.Channel
TEST = "endpoint.test"
PREFIX = "whsec_"
BOTH_SECRETS_FOR = timedelta(hours=24)  # after a new one was made
PATIENCE = timedelta(days=5)  # with one that takes nothing
SHORTEST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(hours=1)
MOST, LONGEST_NAME = 20, 80  # of one customer


@dataclass(frozen=True)
class Made:
    """An endpoint with its secret, which is shown this once; a chat room has none but its address."""

    endpoint: Endpoint
    secret: str


# --- verbs


@transaction.atomic
def add(customer: Customer, *, by: User, kind: str, name: str, url: str, up_to_priority: int = 4) -> Made:
    """From now on it hears what happens. Refuses an address that we would not call."""
    name, url = _named(name), url.strip()
    if kind not in Endpoint.Kind.values:
        raise Refused(_("Please choose what kind of program it is."))
    if up_to_priority not in range(1, 5):
        raise Refused(_("Please choose up to which priority it is told."))
    outbound.check(url)
    customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    _refuse_too_many(customer, name)
    secret = _new_secret() if kind == Endpoint.Kind.WEBHOOK else ""
    endpoint = Endpoint.objects.create(
        customer=customer, kind=kind, name=name, url=seal(url), secret=seal(secret) if secret else "",
        up_to_priority=up_to_priority, created_by=by, created_at=moment.now(),
    )  # fmt: skip
    _record(endpoint, CustomerKind.ENDPOINT_ADDED, by=by, host=host(endpoint))
    return Made(endpoint, PREFIX + secret if secret else "")


@transaction.atomic
def rotate(endpoint: Endpoint, *, by: User) -> Made:
    """A new secret; for a day each call is signed with both, so that the receiver can change over in its own time."""
    endpoint = _locked(endpoint)
    if endpoint.kind != Endpoint.Kind.WEBHOOK:
        raise Refused(_("Only webhooks are signed. A chat room's secret is its address: please add it anew."))
    now = _signing(endpoint)[:1]
    fresh, until = _new_secret(), timezone.now() + BOTH_SECRETS_FOR
    endpoint.secret = seal(" ".join([fresh, *now, *([str(int(until.timestamp()))] if now else [])]))
    endpoint.save(update_fields=["secret"])
    _record(endpoint, CustomerKind.ENDPOINT_CHANGED, by=by, did="rotated")
    return Made(endpoint, PREFIX + fresh)


@transaction.atomic
def switch(endpoint: Endpoint, *, by: User, on: bool) -> Endpoint:
    """Off: nothing more is sent, and what waits is dropped. On: it hears what happens from now on."""
    endpoint = _locked(endpoint)
    if endpoint.is_active == on:
        return endpoint
    endpoint.is_active, endpoint.failing_since, endpoint.rest_until, endpoint.switched_off_at = on, None, None, None
    endpoint.save(update_fields=["is_active", "failing_since", "rest_until", "switched_off_at"])
    _record(endpoint, CustomerKind.ENDPOINT_CHANGED, by=by, did="on" if on else "off")
    return endpoint


@transaction.atomic
def test(endpoint: Endpoint, *, by: User) -> None:
    """Asks for a call that says it is a test; what became of it stands in the log."""
    endpoint = _locked(endpoint)
    if not endpoint.is_active:
        raise Refused(_("It is switched off. Please switch it on first."))
    Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=None)  # a person wants to know now
    _record(endpoint, CustomerKind.ENDPOINT_TESTED, by=by)


@transaction.atomic
def deliver_again(delivery: Delivery, *, by: User) -> None:
    """What was sent, refused or given up goes out once more with the same id: the receiver knows it again."""
    assert delivery.endpoint is not None
    endpoint = _locked(delivery.endpoint)
    if not endpoint.is_active:
        raise Refused(_("It is switched off. Please switch it on first."))
    row = Delivery.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery.pk)
    if row.state in Delivery.UNSETTLED:
        raise Refused(_("It is on its way already."))
    row.state, row.attempts, row.last_error, row.sent_at = Delivery.State.QUEUED, 0, "", None
    row.next_try_at, row.lease_until = moment.database_now(), None
    row.save(
        update_fields=["state", "attempts", "last_error", "sent_at", "next_try_at", "lease_until"],
    )
    Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=None)
    _record(endpoint, CustomerKind.ENDPOINT_CHANGED, by=by, did="again", delivery=str(row.public_id))
    lanes.wake([row.channel])


# --- what became of a call; times are the database's, as for all deliveries


def note_taken(endpoint: Endpoint) -> None:
    """It works: what was wrong before is forgotten."""
    if endpoint.failing_since or endpoint.rest_until:
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=None, rest_until=None)


@transaction.atomic
def note_failed(endpoint: Endpoint, *, again_in: timedelta | None = None, is_gone: bool = False) -> None:
    """It took nothing. It is left in peace for a while, longer each time; after days, or when it says that it is gone,
    it is switched off, and its customer and the desk hear of it."""
    endpoint, now = _locked(endpoint), moment.database_now()
    if not endpoint.is_active:
        return
    endpoint.failing_since = endpoint.failing_since or now
    failing_for = now - endpoint.failing_since
    if is_gone or failing_for >= PATIENCE:
        endpoint.is_active, endpoint.switched_off_at, endpoint.rest_until = False, now, None
        endpoint.save(update_fields=["is_active", "failing_since", "switched_off_at", "rest_until"])
        _record(endpoint, CustomerKind.ENDPOINT_OFF, by=None, gone=is_gone)
        return
    rest = again_in or min(max(failing_for / 2, SHORTEST_REST), LONGEST_REST)
    endpoint.rest_until = now + rest
    endpoint.save(update_fields=["failing_since", "rest_until"])


# --- who is told of what

# The same words for webhooks and in the documentation; what is not here is not told.
TYPES = {kind: f"incident.{kind}" for kind in IncidentEvent.PUBLIC_KINDS}


def deliveries_for(event: Event) -> list[Delivery]:
    """What an event means for the programs of its customer, not saved yet."""
    if isinstance(event, IncidentEvent):
        return _of_an_incident(event)
    if isinstance(event, CustomerEvent) and event.kind == CustomerKind.ENDPOINT_TESTED:
        if Delivery.objects.filter(customer_event=event).exists():  # handed on twice
            return []
        told = Endpoint.objects.filter(customer=event.customer_id, pk=event.data.get("endpoint") or 0, is_active=True)
        return [_delivery(endpoint, TEST, "endpoint_test", customer_event=event) for endpoint in told]
    return []


def _of_an_incident(event: IncidentEvent) -> list[Delivery]:
    if event.kind not in TYPES or (event.attachment and not event.attachment.is_public):
        return []
    incident = event.incident
    told = Endpoint.objects.filter(customer=event.customer_id, is_active=True, up_to_priority__gte=incident.priority)
    if event.data.get("with_parent"):  # a room of people reads it once; programs keep book of each report
        told = told.filter(kind=Endpoint.Kind.WEBHOOK)
    rank = Delivery.Rank.URGENT if is_pressing(incident) else Delivery.Rank.NORMAL
    kind = TYPES[Kind(event.kind)]
    return [
        _delivery(endpoint, kind, "endpoint", event=event, incident=incident, rank=rank)
        for endpoint in told.order_by("pk")
    ]


def _delivery(endpoint: Endpoint, kind: str, reason: str, **values: Any) -> Delivery:
    return Delivery(
        endpoint=endpoint, customer_id=endpoint.customer_id, address=host(endpoint), kind=kind, reason=reason,
        channel=Channel.WEBHOOK if endpoint.kind == Endpoint.Kind.WEBHOOK else Channel.CHAT,
        audience=Delivery.Audience.STAKEHOLDERS, **values,
    )  # fmt: skip


def why_not_wanted(delivery: Delivery) -> str:
    """Asked right before a call: a reason to skip it, or nothing."""
    is_on = Endpoint.objects.filter(pk=delivery.endpoint_id or 0, is_active=True).exists()
    return "" if is_on else _("it is switched off")


# --- secrets


def address(endpoint: Endpoint) -> str:
    """The whole address, to call it; Unreadable when the key that sealed it is lost."""
    return unseal(endpoint.url)


def host(endpoint: Endpoint) -> str:
    """Where it stands, fit to be shown and logged; "" when that cannot be read any more."""
    try:
        return urlsplit(unseal(endpoint.url)).hostname or ""
    except Unreadable:
        return ""


def shown(endpoint: Endpoint) -> str:
    """The address as its owner knows it again, without giving it away: https://hooks.example/…7Kq2"""
    try:
        whole = unseal(endpoint.url)
    except Unreadable:
        return _("cannot be read any more; please add it anew")
    parts = urlsplit(whole)
    rest = whole.partition(parts.netloc)[2]
    return f"{parts.scheme}://{parts.netloc}/…{rest[-4:] if len(rest) > 12 else ''}"


def signing_secrets(endpoint: Endpoint) -> list[str]:
    """With which secrets a call is signed now: the newest first."""
    return [PREFIX + each for each in _signing(endpoint)]


def _signing(endpoint: Endpoint) -> list[str]:
    if not endpoint.secret:
        return []
    try:
        newest, *before = unseal(endpoint.secret).split(" ")
    except Unreadable:
        return []
    if before and datetime.fromtimestamp(int(before[1]), timezone.get_default_timezone()) > timezone.now():
        return [newest, before[0]]
    return [newest]


def _new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(24)).decode()


# --- checks and the record


def _named(name: str) -> str:
    name = " ".join(clean(name).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused(_("Please give it a name of up to %(most)d characters.") % {"most": LONGEST_NAME})
    return name


def _refuse_too_many(customer: Customer, name: str) -> None:
    names = list(Endpoint.objects.filter(customer=customer).values_list("name", flat=True))
    if name.casefold() in {each.casefold() for each in names}:
        raise Refused(_("“%(name)s” is in the list already.") % {"name": name})
    if len(names) >= MOST:
        raise Refused(_("There are %(most)d in the list already. More are not kept.") % {"most": MOST})


def _locked(endpoint: Endpoint) -> Endpoint:
    """First its customer, for whose history we write, then the row."""
    Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=endpoint.customer_id)
    rows = Endpoint.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("customer").get(pk=endpoint.pk)


def _record(endpoint: Endpoint, kind: CustomerEvent.Kind, *, by: User | None, **facts: Any) -> None:
    history.record(
        endpoint.customer, kind, by=by, at=moment.now(), endpoint=endpoint.pk, name=endpoint.name,
        program=endpoint.kind, **facts,
    )  # fmt: skip

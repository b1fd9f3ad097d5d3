"""What the desks of the demo know: known errors with their workarounds."""

import tomllib
from pathlib import Path
from typing import Any

from django.db.models.functions import Now

from customers.models import Customer, User
from incidents import similar
from problems import known_error_uses, known_errors
from problems.models import KnownError, KnownErrorEvent, ProblemEvent


def seed() -> None:
    """After the problems, whose past has left drafts; nobody is told of it."""
    while similar.index_older():
        pass
    for each in tomllib.loads((Path(__file__).parent / "demo.toml").read_text())["known"]:
        _known(**each)
    for events in (ProblemEvent, KnownErrorEvent):
        events._default_manager.filter(relayed_at__isnull=True).update(relayed_at=Now())


def _known(*, status: str, used: int, customer: str = "", service: str = "", **words: Any) -> KnownError:
    owner = Customer.objects.filter(name=customer).first() or Customer.objects.order_by("pk")[0]
    team = User.objects.filter(memberships__team__customers=owner, is_active=True).order_by("pk")
    agent, lead = team.filter(role=User.Role.AGENT)[0], team.filter(memberships__is_lead=True)[0]
    values = words | {"service": owner.services.filter(name=service).first()}
    known = known_errors.publish(known_errors.draft(owner, by=agent, values=values), by=agent)
    if status == KnownError.Status.CUSTOMERS:
        known = known_errors.review(known, by=lead)
    if not customer:
        known = known_errors.share(known, by=lead)
    for person in owner.people.filter(is_active=True).order_by("pk")[:used]:
        known_error_uses.helped(known, by=person)
    return known

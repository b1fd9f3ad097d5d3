"""How an incident begins: a report, the policy it is held to, and the clocks that start with it."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers import phones, policy
from customers.models import Service, Team, User
from incidents import asked, calls, clocks, priority
from incidents.conversation import readable, say
from incidents.journal import Kind, record
from incidents.models import Clock, Incident, next_reference
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean, headline

SPOKEN = (Incident.Origin.PHONE, Incident.Origin.IN_PERSON)


@transaction.atomic
def open_incident(
    *,
    by: User,
    reporter: User,
    text: str,
    service: Service | None = None,
    origin: str = Incident.Origin.PORTAL,
    impact: int | None = None,
    urgency: int | None = None,
    details: dict[str, Any] | None = None,
    call_back: dict[str, str] | None = None,
    follows: Incident | None = None,
    client_token: uuid.UUID | None = None,
    title: str = "",
) -> Incident:
    """A report becomes an incident; its clocks start at the moment it was received. `follows` is what it continues.

    `title` is the subject of a mail; without one the first sentence of the text is the title.

    `impact` and `urgency` are what the desk has set; `details` is what the reporter said besides the text
    (`incidents.asked`), of which the policy decides what it sets. `call_back` is the wish to be called.

    The same `client_token` of the same reporter gives the incident that the first call made.
    """
    now = moment.now()
    text = readable(text)
    if client_token:
        # Two clicks at once: the second waits here for the first and then finds what it made.
        User.objects.select_for_update(no_key=True).get(pk=reporter.pk)
        if made := Incident.objects.filter(reporter=reporter, client_token=client_token).first():
            return made
    details = asked.kept(details or {})
    incident = _new(reporter, service, now, details, (impact, urgency))
    incident.details = details | ({"call_back": call_back} if call_back else {})
    phones.keep(reporter, details.get("phone") or (call_back or {}).get("number", ""))
    incident.title, incident.origin = headline(clean(title)) or headline(text), origin
    incident.client_token, incident.follows = client_token or incident.client_token, follows
    incident.save(force_insert=True)
    message = say(incident, by=by, text=text, at=now, is_public=True)
    first_answer = clocks.start(incident, Clock.Kind.RESPONSE, now)
    next_word = first_answer.due_at if first_answer else None
    clocks.start(incident, Clock.Kind.RESTORE, now)
    clocks.start(incident, Clock.Kind.TEAM, now)
    is_spoken = by.is_agent and origin in SPOKEN
    if is_spoken:  # they are talking to each other: that is the first answer
        next_word = clocks.promise(incident, now)
    record(incident, Kind.OPENED, by=by, at=now, message=message, next_update_at=next_word)
    calls.to_contact(incident, now, talking_to=reporter if is_spoken else None)
    if call_back:
        calls.wanted(incident, now, number=call_back["number"])
    return incident


def _new(
    reporter: User,
    service: Service | None,
    now: datetime,
    details: dict[str, Any],
    set_by_desk: tuple[int | None, int | None],
) -> Incident:
    customer = reporter.customer
    if customer is None:
        raise Refused(_("An incident needs somebody at a customer for whom it is reported."))
    team = Team.objects.filter(customers=customer).order_by("pk").first()
    if team is None:
        raise Refused(_("No team serves %(customer)s yet. Please call.") % {"customer": customer})
    if service and service.customer_id != customer.pk:
        raise Refused(_("This service belongs to another customer."))
    critical = bool(service and service.is_critical)
    held_to = policy.resolve(customer, service)
    terms = policy.terms(held_to)
    setting = priority.by_desk(*set_by_desk, critical=critical)
    setting = setting or priority.by_answers(terms, details, critical=critical)
    return Incident(
        reference=next_reference(),
        customer=customer,
        reporter=reporter,
        service=service,
        impact=setting.impact,
        urgency=setting.urgency,
        priority=priority.priority(setting.impact, setting.urgency, terms.knob("priority_matrix")),
        priority_basis=setting.basis,
        team=team,
        policy=held_to,
        opened_at=now,
    )

"""Deliveries in words for the desk: which text, by which rule, and what came of it."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from incidents.models import IncidentEvent
from notifications import endpoints
from notifications.models import Delivery, Endpoint

TEXTS = {
    "received": _("receipt"),
    "taken": _("somebody has it"),
    "update": _("update"),
    "question": _("question"),
    "restored": _("works again"),
    "resolved": _("solved"),
    "withdrawn": _("withdrawn"),
    "cause_gone": _("the cause is gone"),
    "report": _("report on what happened"),
    "still_broken": _("still not working"),
    "customer_wrote": _("the customer wrote"),
    "late": _("late"),
    "time_short": _("time is getting short"),
    "late_contact": _("late, to the contact"),
    "short_contact": _("time is getting short, to the contact"),
    "urgent": _("urgent report"),
    "raised": _("became urgent"),
    "burst": _("many reports at once"),
    "reported": _("report, to those in charge"),
    "asked_them": _("question, to those in charge"),
    "joined": _("is told from now on"),
    "joined_major": _("joined a major incident"),
    "how_did_it_go": _("how it went"),
    "how_did_it_go_phone": _("how it went, after a call"),
    "we_tried_to_call": _("not reached by phone"),
    "call_late": _("a call is late"),
    "declared": _("major incident declared"),
    "given_role": _("role in a major incident"),
    "handover_due": _("a successor is asked for"),
    "duty_due": _("a report to others is due"),
    "duty_due_contact": _("a report to others is due, to the contact"),
    "time_is_up": _("the half hour of a search is over"),
}
TEXTS_OF_PEOPLE = {
    "invitation": _("invitation"),
    "log_in_again": _("log-in given back"),
    "level_proposed": _("support model proposed"),
    "level_accepted": _("support model agreed"),
    "level_accepted_desk": _("support model agreed, to the manager"),
    "level_changed": _("support model in force"),
    "level_changed_desk": _("support model in force, to the manager"),
    "assessment_due": _("assessment due"),
    "colleague_left": _("a colleague has left"),
    "endpoint_off": _("a program to be told was switched off"),
    "endpoint_off_desk": _("a program to be told was switched off, to the desk"),
}
TEXTS_OF_PROBLEMS = {
    "problem_untouched": _("nobody has touched a problem for long"),
    "effect_due": _("whether an action has helped"),
}
TEXTS_OF_PROGRAMS = {
    **{name: IncidentEvent.Kind(kind).label for kind, name in endpoints.TYPES.items()},
    endpoints.TEST: _("a test"),
}
RULES = {
    "endpoint": _("because it is set up to hear of it"),
    "endpoint_test": _("because somebody asked for a test"),
    "themselves": _("because it is about them"),
    "reporter": _("because they reported it"),
    "me_too": _("because it hits them too"),
    "follower": _("because they follow it"),
    "surveyed": _("because they are asked how it went"),
    "called": _("because they could not be reached by phone"),
    "owner": _("because they have it"),
    "runs_it": _("because they run the major incident"),
    "owner_or_team": _("because they or their team have it"),
    "lead_of_the_team": _("because they lead the team"),
    "in_a_role": _("because they took the role"),
    "coordinator": _("because they look after its problems"),
    "manager": _("because they answer for the service"),
    "contact": _("because they are the customer's contact"),
    "named_contact": _("because they are the named contact"),
    "deputy": _("because they are the deputy"),
    "site_lead": _("because they lead the site"),
    "service_owner": _("because the service is theirs"),
    "duty_manager": _("because they manage the duty"),
    "stakeholder": _("because they have a stake in it"),
}
# The same to the person themselves, below a letter that is not about a report of their own.
YOUR_ROLE = {
    "me_too": _("You get this because it hits you too."),
    "follower": _("You get this because you follow it."),
    "named_contact": _("You get this as the named contact of %(customer)s."),
    "deputy": _("You get this as the deputy at %(customer)s."),
    "site_lead": _("You get this as a site lead of %(customer)s."),
    "service_owner": _("You get this as the owner of the service at %(customer)s."),
    "duty_manager": _("You get this as the duty manager of %(customer)s."),
    "stakeholder": _("You get this because %(customer)s named you as somebody with a stake in it."),
}
State = Delivery.State
MEANINGS = {
    State.QUEUED: ("calm", "hourglass"),
    State.HELD: ("calm", "pause"),
    State.LEASED: ("calm", "send"),
    State.SENT: ("done", "check"),
    State.BOUNCED: ("late", "circle-x"),
    State.DEAD: ("late", "circle-x"),
    State.SKIPPED: ("plain", "circle-slash"),
}


@dataclass(frozen=True)
class DeliveryWords:
    """One line of the desk's panel. `bad_address` says why nothing goes to this address just now."""

    delivery: Delivery
    text: object
    reason: object
    tone: str
    icon: str
    bad_address: str = ""


def delivery_words(delivery: Delivery, bad_address: str = "") -> DeliveryWords:
    tone, icon = MEANINGS[State(delivery.state)]
    texts = TEXTS | TEXTS_OF_PEOPLE | TEXTS_OF_PROBLEMS | TEXTS_OF_PROGRAMS
    text = texts.get(delivery.kind, delivery.told_of.get_kind_display())
    return DeliveryWords(delivery, text, RULES.get(delivery.reason, delivery.reason), tone, icon, bad_address)


@dataclass(frozen=True)
class EndpointWords:
    """How a program that is told is doing."""

    word: object
    tone: str
    icon: str


def endpoint_words(endpoint: Endpoint) -> EndpointWords:
    if not endpoint.is_active:
        if endpoint.switched_off_at:
            return EndpointWords(_("switched off by us: it took nothing"), "late", "circle-x")
        return EndpointWords(_("switched off"), "plain", "circle-slash")
    if endpoint.failing_since:
        return EndpointWords(_("takes nothing at the moment"), "attention", "hourglass")
    return EndpointWords(_("on"), "done", "check")

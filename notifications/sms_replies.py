"""What people write back by SMS: kept first, then read by a worker, and put where it belongs.

A telephone number proves little, so it opens nothing: somebody we know, about an incident that they may see, adds
their own words to it. All else waits in the tray for a person. Docs: docs/sms.md.
"""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import ContactRole, User
from incidents import conversation, lifecycle, surveys
from incidents.models import Incident
from itsm import moment, wakeup
from itsm.refusal import Refused
from itsm.text import clean, e164
from notifications import addresses
from notifications.models import Delivery, InboundText

log = logging.getLogger(__name__)
State = InboundText.State
SALT, SUBJECT = "notifications.sms_replies", "sms"
NAMES = {  # what gateways call it
    "number": ("from", "From", "sender", "msisdn"), "text": ("text", "Body", "body", "message"),
    "id": ("id", "MessageSid", "message_id", "messageId"),
}  # fmt: skip
LONGEST = 2000  # characters
AN_HOUR, A_NUMBERS_SHARE, EVERYBODYS_SHARE = 3600, 30, 3000
REMEMBERED = timedelta(days=14)  # an answer without a reference is to what we wrote last
NO = {"no", "nein", "non", "n"}
STOP = {"stop", "stopp", "arret", "arrêt", "unsubscribe"}
START = {"start", "unstop"}
REFERENCE = re.compile(r"\bINC-[0-9]{1,12}\b:?", re.IGNORECASE)
MOST_TRIES, AT_ONCE = 5, 50


class TooMany(Refused):
    """More than a telephone writes."""

    status = 429


# --- keeping


def hook_url() -> str:
    """Where the gateway is to post replies; whoever knows it can, so it is shown to nobody else."""
    token = signing.Signer(salt=SALT).sign(SUBJECT)
    return settings.BASE_URL + reverse("notifications:sms_hook", args=[token])


def is_hook(token: str) -> bool:
    try:
        return bool(signing.Signer(salt=SALT).unsign(token) == SUBJECT)
    except signing.BadSignature:
        return False


def keep(said: Mapping[str, Any]) -> InboundText | None:
    """Keeps what the gateway posted; the same message twice is kept once. Refused where it cannot be read."""
    number, text, gateway_id = (_field(said, NAMES[name]) for name in ("number", "text", "id"))
    number, text = e164(number, settings.SMS_COUNTRY), clean(text)[:LONGEST]
    if not number or not text:
        raise Refused(_("Please send “from”, a number such as +49 170 5550142, and “text”."))
    if not gateway_id:
        raise Refused(_("Please send “id”, by which a message that comes twice is known again."))
    if _is_too_much(number):
        raise TooMany(_("These are more messages than are read in an hour. Please try again later."))
    row, is_new = InboundText.objects.get_or_create(number=number, gateway_id=gateway_id[:100], defaults={"text": text})
    wakeup.after_commit("notifications.tasks.read_texts")
    return row if is_new else None


def _field(said: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = next((said[name] for name in names if said.get(name)), "")
    return clean(str(found)) if isinstance(found, str | int) else ""


def _is_too_much(number: str) -> bool:
    """One number, and all together, within the last hour or so."""
    for name, most in ((number, A_NUMBERS_SHARE), ("all", EVERYBODYS_SHARE)):
        key = f"sms-replies:{name}"
        cache.add(key, 0, AN_HOUR)
        try:
            if cache.incr(key) > most:
                return True
        except ValueError:  # it ended between the two
            continue
    return False


# --- reading


def read_due() -> int:
    """Reads what waits, each for itself: one that cannot be read does not hold up the others."""
    keys = list(InboundText.objects.to_read().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_read(key) for key in keys)


def _read(key: int) -> bool:
    try:
        with transaction.atomic():
            text = InboundText.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
            if text is None or text.state != State.STORED:
                return False
            decide(text)
    except Exception:  # whatever somebody wrote, the others are read
        log.exception("text %s could not be read", key)
        InboundText.objects.filter(pk=key).update(attempts=F("attempts") + 1)
        tired = InboundText.objects.filter(pk=key, attempts__gte=MOST_TRIES, state=State.STORED)
        tired.update(state=State.TRAY, why=_("it could not be read"))
        return False
    return True


def decide(text: InboundText) -> None:
    """Finds out whose it is and what it is about; settles it, or puts it into the tray and says why."""
    person = _person(text)
    if person is None:
        _to_tray(text, _("nobody with a log-in has this number"))
        return
    text.person, text.customer = person, person.customer
    words = REFERENCE.sub("", text.text).strip()
    if _ends_or_begins(text, person, words.casefold().strip(" .!")):
        return
    if surveys.answer_by_sms(person, words):
        _settle(text, State.ANSWERED)
        return
    text.incident = _incident(text, person)
    if text.incident is None:
        _to_tray(text, _("it names no incident that they may see, and we have not written to them lately"))
        return
    _add(text, person, words)


def _ends_or_begins(text: InboundText, person: User, word: str) -> bool:
    """STOP, or START after it: it holds for this number however it is written, for everybody who has it."""
    if word in STOP:
        addresses.stop([text.number, *(phone for _person, phone in _with_number(text.number))], person)
        _settle(text, State.STOPPED, _("they want no more text messages"))
        return True
    if word in START and addresses.start([text.number, *(phone for _person, phone in _with_number(text.number))]):
        _settle(text, State.STOPPED, _("they want text messages again"))
        return True
    return False


def _add(text: InboundText, person: User, words: str) -> None:
    """The customer's own words on their incident; a bare "no" to what is said to work opens it again."""
    incident = text.incident
    assert incident is not None
    is_veto = words.casefold().strip(" .!") in NO and incident.status in Incident.WORKS
    try:
        with transaction.atomic():
            if is_veto:
                text.incident = lifecycle.still_broken(incident, by=person, text=text.text)
            else:
                conversation.add(incident, by=person, text=text.text)
    except Refused as refused:
        _to_tray(text, refused.sentence)
        return
    _settle(text, State.JOINED)


def _person(text: InboundText) -> User | None:
    """Who has this number; of several who share it, whom we wrote to last."""
    people = {person.pk: person for person, _phone in _with_number(text.number)}
    if len(people) > 1:
        last = _sent_lately().filter(recipient__in=people).first()
        return people.get(last.recipient_id or 0) if last else None
    return next(iter(people.values()), None)


def _with_number(number: str) -> list[tuple[User, str]]:
    """People and those in a role, each with the number as it is kept, which is how somebody wrote it.

    So the last digits find them first.
    """
    end = number[-7:]

    active = User.objects.filter(is_active=True, customer__isnull=False).select_related("customer")
    callers = active.annotate(digits=_digits("phone")).filter(digits__endswith=end)
    found: list[tuple[User, str]] = [(person, person.phone) for person in callers]
    for name in ("phone", "out_of_band"):
        roles = ContactRole.objects.annotate(digits=_digits(name)).filter(digits__endswith=end)
        for role in roles.filter(person__is_active=True).select_related("person__customer"):
            if role.person and role.person.customer_id == role.customer_id:
                found.append((role.person, getattr(role, name)))
    return [(person, phone) for person, phone in found if e164(phone, settings.SMS_COUNTRY) == number]


def _digits(field: str) -> Func:
    """A number without the signs between its digits."""
    parts = (F(field), Value("[^0-9]"), Value(""), Value("g"))
    return Func(*parts, function="regexp_replace", output_field=CharField())


def _sent_lately() -> Any:
    """What went out by SMS, the latest first."""
    sent = Delivery.objects.filter(channel=Delivery.Channel.SMS, state=Delivery.State.SENT)
    sent = sent.filter(sent_at__gte=Now() - REMEMBERED).select_related("incident")
    return sent.order_by("-sent_at", "-pk")


def _incident(text: InboundText, person: User) -> Incident | None:
    """The one they name; else the one that we last wrote to them about."""
    mine = Incident.objects.visible_to(person)
    if named := REFERENCE.search(text.text):
        return mine.filter(reference=named[0].rstrip(":").upper()).first()
    last = _sent_lately().filter(recipient=person, incident__isnull=False).first()
    return mine.filter(pk=last.incident_id).first() if last else None


def _settle(text: InboundText, state: InboundText.State, why: str = "") -> None:
    text.state, text.why, text.settled_at = state, why[:300], moment.now() if state != State.TRAY else None
    text.save(update_fields=["state", "why", "settled_at", "person", "customer", "incident"])


def _to_tray(text: InboundText, why: str) -> None:
    _settle(text, State.TRAY, why)


# --- the tray


@transaction.atomic
def join(text: InboundText, *, by: User, incident: Incident) -> None:
    """A person at the desk says where it belongs; it is added in their name, with the number it came from."""
    text = _locked(text)
    said = _("SMS from %(number)s:") % {"number": text.number} + f"\n{text.text}"
    conversation.add(incident, by=by, text=said)
    text.incident, text.customer, text.settled_by = incident, incident.customer, by
    text.save(update_fields=["settled_by"])
    _settle(text, State.JOINED)


@transaction.atomic
def dismiss(text: InboundText, *, by: User) -> None:
    """Put aside: nothing comes of it."""
    text = _locked(text)
    text.settled_by = by
    text.save(update_fields=["settled_by"])
    _settle(text, State.DISMISSED)


def _locked(text: InboundText) -> InboundText:
    text = InboundText.objects.select_for_update(of=("self",), no_key=True).get(pk=text.pk)
    if text.state != State.TRAY:
        raise Refused(_("Somebody has settled this already."))
    return text

"""What becomes of a mail that was read: in whose name, on which incident, or in the tray.

Called in the transaction that settles the mail's row, so that a mail has become one thing or nothing yet.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import Customer, User
from incidents import conversation, surveys
from incidents.models import Incident, Message
from notifications import loops, replies, sending
from notifications.inbound import joining, thread, trust
from notifications.inbound.joining import Kept
from notifications.inbound.reading import Reading
from notifications.models import Delivery, InboundMail

State, Kind = InboundMail.State, InboundMail.Kind
NOT_AGAIN = timedelta(days=1)  # the same answering machine says the same: once a day is enough to read it


@dataclass(frozen=True)
class Outcome:
    """The values of the mail's row from now on."""

    state: str
    why: str
    kind: str = Kind.HUMAN.value
    person: User | None = None
    customer: Customer | None = None
    incident: Incident | None = None
    message: Message | None = None
    perhaps: Incident | None = None
    bounced: Delivery | None = None


def file(mail: InboundMail, reading: Reading) -> Outcome:
    """Files the mail, and says as what."""
    if mail.settled_by and (mail.incident or mail.person):
        return _as_decided(mail, reading, mail.settled_by)
    if replies.is_ours(reading.sender) or replies.deliveries([reading.mail_id]):
        return Outcome(State.KEPT, _("It is our own mail, come back."), Kind.LOOP)
    if first := _came_before(mail, reading):
        return Outcome(State.KEPT, _("It came twice; the first one counts."), first.kind, incident=first.incident)
    sender = known(reading.sender)
    place = thread.find(reading, sender, mail.envelope_to)
    kind = _kind(mail, reading)
    if kind == Kind.BOUNCE:
        return _given_back(reading)
    if kind != Kind.HUMAN:
        return _by_machine(mail, reading, kind, sender, place)
    if sender and loops.answers_by_machine(sender):
        return _by_machine(mail, reading, Kind.AUTO_REPLY, sender, thread.Place())
    return _by_person(mail, reading, sender, place)


def known(address: str) -> User | None:
    """The active person of this address. Letters that only look alike, or become alike in capitals, are others."""
    people = User.objects.filter(email__iexact=address, is_active=True).select_related("customer")
    return next((person for person in people if person.email.lower() == address.lower()), None) if address else None


def _kind(mail: InboundMail, reading: Reading) -> str:
    """An empty envelope says that nobody wants an answer, whatever the head says."""
    empty = mail.envelope_from == "<>"
    return Kind.AUTO_REPLY.value if empty and reading.kind == Kind.HUMAN else reading.kind


def _came_before(mail: InboundMail, reading: Reading) -> InboundMail | None:
    """The same words under the same id, by another way in or with another server's mark on top."""
    if not reading.mail_id:
        return None
    same = InboundMail.objects.filter(mail_id=reading.mail_id, sender=reading.sender, excerpt=excerpt(reading))
    return same.filter(settled_at__isnull=False, pk__lt=mail.pk).exclude(state=State.QUARANTINED).first()


def excerpt(reading: Reading) -> str:
    return " ".join(reading.text.split())[:500]


def _given_back(reading: Reading) -> Outcome:
    """A delivery report: it marks the message it is about, found by our own id in it."""
    report = reading.report
    about = replies.deliveries([*report.get("ids", []), *reading.in_reply_to, *reading.references])
    if not about:
        return Outcome(State.KEPT, _("A delivery report, but of no message of ours."), Kind.BOUNCE)
    delivery = about[0]
    why = _("The report says that it is not delivered yet.")
    if report.get("action", "failed") == "failed":
        words = report.get("words") or report.get("status") or reading.subject
        sending.bounced(delivery, words or _("given back by the receiver's server"))
        why = _("Our message to %(address)s came back.") % {"address": delivery.address}
    customer, incident = delivery.customer, delivery.incident
    return Outcome(State.KEPT, why, Kind.BOUNCE, customer=customer, incident=incident, bounced=delivery)


def _by_machine(mail: InboundMail, reading: Reading, kind: str, sender: User | None, place: thread.Place) -> Outcome:
    """Kept, answered by nobody; what a known person's machine says in a known thread can be read there."""
    why = _("Written by a machine (%(sign)s).") % {"sign": reading.sign or _("it answers within seconds")}
    customer = sender.customer if sender else None
    incident = place.incident
    if sender is None or customer is None or incident is None or trust.doubt(reading):
        return Outcome(State.KEPT, why, kind, sender, customer)
    earlier = InboundMail.objects.filter(incident=incident, person=sender, kind=kind, message__isnull=False)
    message = None
    if not earlier.filter(received_at__gt=Now() - NOT_AGAIN).exists():
        said, token = joining.composed(reading, sender).text, joining.token(mail)
        conversation.hear(incident, by=sender, text=said, quoted=reading.quoted, is_automatic=True, client_token=token)
        message = joining.message_of(incident, mail)
    return Outcome(State.KEPT, why, kind, sender, customer, incident, message)


def _by_person(mail: InboundMail, reading: Reading, sender: User | None, place: thread.Place) -> Outcome:
    perhaps = place.incident or place.perhaps
    if doubt := trust.doubt(reading):
        return Outcome(State.TRAY, doubt, perhaps=perhaps)
    if sender is None:
        return Outcome(State.TRAY, _("Nobody we know writes from this address."), perhaps=perhaps)
    if not sender.is_customer_side:
        return _by_desk(mail, reading, sender, place)
    if place.incident and place.is_proven and surveys.answer_by_mail(place.incident, sender, reading.new):
        why = _("It answers the question how it went.")
        return Outcome(State.ANSWERED, why, Kind.HUMAN, sender, place.incident.customer, place.incident)
    if place.incident:
        return _kept(joining.join(mail, reading, place.incident, sender), place.how, sender)
    kept = joining.open_new(mail, reading, sender)
    return _kept(kept, _("A new mail of somebody we know."), sender, place.perhaps)


def _by_desk(mail: InboundMail, reading: Reading, sender: User, place: thread.Place) -> Outcome:
    """A colleague who answers a notification writes a note: nothing that comes by mail goes on to a customer."""
    if place.incident is None or not place.is_proven:
        why = _("A colleague wrote, and answered no message about an incident.")
        return Outcome(State.TRAY, why, person=None, perhaps=place.incident or place.perhaps)
    return _kept(joining.note(mail, reading, place.incident, sender), place.how, sender)


def _as_decided(mail: InboundMail, reading: Reading, by: User) -> Outcome:
    """What an agent decided at the tray."""
    how = _("Decided at the desk by %(name)s.") % {"name": by.name}
    if mail.incident:
        return _kept(joining.join_for(mail, reading, mail.incident, by, known(reading.sender)), how, mail.person)
    assert mail.person is not None  # asked before
    return _kept(joining.open_for(mail, reading, mail.person, by), how, mail.person)


def _kept(kept: Kept, how: str, person: User | None, perhaps: Incident | None = None) -> Outcome:
    state = State.OPENED if kept.is_new else State.JOINED
    incident = kept.incident
    return Outcome(state, how, Kind.HUMAN, person, incident.customer, incident, kept.message, perhaps)

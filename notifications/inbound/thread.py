"""Which incident a mail is about, and whether its sender may join it (docs/inbound-mail.md, "Where a mail goes").

In this order: the signed address it was sent to, our own ids that it answers, the key in its subject. Who takes no
part in an incident never joins it, whatever they quote.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from customers.models import Customer, User
from incidents.models import Follow, Incident
from notifications import replies
from notifications.inbound.reading import Reading
from notifications.models import Delivery, InboundMail

KEY = re.compile(r"\bINC-[0-9]{1,12}\b", re.ASCII)
MERGES = 20  # followed at most


@dataclass(frozen=True)
class Place:
    """Where it belongs, how that was found; or only where it might belong."""

    incident: Incident | None = None
    how: str = ""
    perhaps: Incident | None = None
    is_proven: bool = False  # whoever wrote it has got a message of ours: more than a number that is easily guessed


def find(reading: Reading, sender: User | None, envelope_to: str) -> Place:
    """The place of this mail; with `perhaps` where only its sender speaks against it."""
    perhaps: Incident | None = None
    for incident, told, how, is_proven in _signs(reading, envelope_to):
        target = _target(incident)
        if sender and (_was_told(sender, told, target) or takes_part(sender, target)):
            return Place(target, how, is_proven=is_proven)
        perhaps = perhaps or target
    return Place(perhaps=perhaps)


def takes_part(person: User, incident: Incident) -> bool:
    """Reporter, follower, contact, or somebody who got a message of it; of the desk, who serves the customer."""
    if not person.is_customer_side:
        return Customer.objects.visible_to(person).filter(pk=incident.customer_id).exists()
    if person.customer_id != incident.customer_id:
        return False
    if incident.reporter_id == person.pk or person.role == User.Role.CONTACT:
        return True
    follows = Follow.objects.filter(incident=incident, person=person, ended_at__isnull=True)
    told = Delivery.objects.filter(incident=incident, recipient=person, state=Delivery.State.SENT)
    return follows.exists() or told.exists()


def _was_told(sender: User, told: User | None, incident: Incident) -> bool:
    """It answers what was sent to this very person, who is still with this customer or serves it."""
    if told is None or told.pk != sender.pk:
        return False
    return not sender.is_customer_side or sender.customer_id == incident.customer_id


def _signs(reading: Reading, envelope_to: str) -> list[tuple[Incident, User | None, str, bool]]:
    """(incident, who was sent the message, in words, whether it cannot be made up), the surest first."""
    found: list[tuple[Incident, User | None, str, bool]] = []
    for address in [envelope_to, *reading.to]:
        if signed := replies.read(address):
            found.append((*signed, _("by the address it was sent to"), True))
    newest_first = [*reading.in_reply_to, *reversed(reading.references)]
    for delivery in replies.deliveries(newest_first):
        if delivery.incident:
            found.append((delivery.incident, delivery.recipient, _("by the message it answers"), True))
    found += [(incident, None, _("by the mail it answers"), False) for incident in _of_mails(newest_first)]
    keys = list(dict.fromkeys(KEY.findall(reading.subject)))[:3]
    by_key = Incident.objects.filter(reference__in=keys).select_related("customer").order_by("-pk")
    return found + [(incident, None, _("by the number in its subject"), False) for incident in by_key]


def _of_mails(mail_ids: list[str]) -> list[Incident]:
    """Of mails that came in: a colleague answers to all."""
    mails = InboundMail.objects.filter(mail_id__in=mail_ids[:40], incident__isnull=False)
    return [mail.incident for mail in mails.select_related("incident__customer").order_by("-pk")[:5] if mail.incident]


def _target(incident: Incident) -> Incident:
    """Where it goes on, if it was merged into another."""
    for _step in range(MERGES):
        if incident.merged_into_id is None:
            break
        incident = Incident.objects.select_related("customer").get(pk=incident.merged_into_id)
    return incident

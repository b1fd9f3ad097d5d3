"""What an agent decides at the tray. A decision is written down; the lane that reads mail carries it out."""

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Incident
from itsm.refusal import Refused
from notifications.models import InboundMail

State = InboundMail.State


class Decided(Refused):
    """Somebody else was faster."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile somebody else decided about this mail."))


@transaction.atomic
def assign(mail: InboundMail, *, by: User, person: User) -> None:
    """It is a report of this person's: an incident is opened for them, with the mail's words and files."""
    mail = _locked(mail)
    visible = User.objects.visible_to(by).filter(pk=person.pk, customer__isnull=False, is_active=True)
    if not visible.exists():
        raise Refused(_("There is no such person at a customer you serve."))
    _give_back(mail, by=by, person=person, customer=person.customer)


@transaction.atomic
def join(mail: InboundMail, *, by: User, incident: Incident) -> None:
    """It belongs to this incident."""
    mail = _locked(mail)
    if not Incident.objects.visible_to(by).filter(pk=incident.pk).exists():
        raise Refused(_("There is no such incident at a customer you serve."))
    _give_back(mail, by=by, incident=incident, customer=incident.customer)


@transaction.atomic
def read_again(mail: InboundMail, *, by: User) -> None:
    """Tried once more, as if it had just come in."""
    _give_back(_locked(mail), by=by, incident=None)


@transaction.atomic
def dismiss(mail: InboundMail, *, by: User) -> None:
    """Put aside; it stays where it can be found."""
    mail = _locked(mail)
    why = _("Put aside by %(name)s.") % {"name": by.name}
    _row(mail).update(state=State.DISMISSED, why=why, settled_by=by, settled_at=Now())


def held_back(by: User, sender: str) -> "QuerySet[InboundMail]":
    """What was held back of one sender's flood, as far as `by` may see it."""
    return InboundMail.objects.visible_to(by).filter(state=State.TRAY, kind="", sender=sender)


def read_flood(*, by: User, sender: str) -> int:
    """All of a flood is read after all: as fast as the lane goes, in turn with the others."""
    values = {"state": State.STORED, "attempts": 0, "next_try_at": Now(), "settled_by": by, "settled_at": None}
    return held_back(by, sender).update(**values, person=None, customer=None)


def dismiss_flood(*, by: User, sender: str) -> int:
    """All of a flood is put aside."""
    why = _("Put aside by %(name)s.") % {"name": by.name}
    return held_back(by, sender).update(state=State.DISMISSED, why=why, settled_by=by, settled_at=Now())


def _locked(mail: InboundMail) -> InboundMail:
    mail = InboundMail.objects.select_for_update(no_key=True).get(pk=mail.pk)
    if mail.state not in (State.TRAY, State.QUARANTINED):
        raise Decided
    return mail


def _give_back(mail: InboundMail, *, by: User, **values: object) -> None:
    waits = {"state": State.STORED, "attempts": 0, "next_try_at": Now(), "settled_by": by, "settled_at": None}
    _row(mail).update(**waits, **values)


def _row(mail: InboundMail) -> "QuerySet[InboundMail]":
    return InboundMail.objects.filter(pk=mail.pk)

"""The link in an invitation: signed, for one person, used once, and good for a week."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from customers.models import User
from itsm.refusal import Refused

LIFETIME = timedelta(days=7)
SALT = "customers.invitations"
PER_HOUR = 30  # more than anybody invites by hand; a whole organisation comes by the import


class InvitationRefused(Refused):
    """The link is no invitation, or not any more; which of these is nobody's business."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("This invitation was used already, or a newer one was sent. Please sign in."))


class TooManyInvitations(Refused):
    """Somebody invites faster than people do."""

    status = 429

    def __init__(self) -> None:
        super().__init__(_("That were many invitations within an hour. Please wait a little; nothing is lost."))


def make(person: User) -> str:
    return signing.TimestampSigner(salt=SALT).sign(f"{person.pk}.{_fingerprint(person)}")


def read(token: str) -> tuple[User, bool]:
    """The person invited, and whether the link is still young enough; or InvitationRefused."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        number, fingerprint = signer.unsign(token).split(".")
        person = User.objects.select_related("customer").filter(pk=int(number)).first()
    except (signing.BadSignature, ValueError) as error:
        raise InvitationRefused from error
    if person is None or not person.is_invited or fingerprint != _fingerprint(person):
        raise InvitationRefused
    try:
        signer.unsign(token, max_age=LIFETIME)
    except signing.SignatureExpired:
        return person, False
    return person, True


def url(person: User) -> str:
    """The absolute address for messages; from the settings, never from a request's headers."""
    return settings.BASE_URL + reverse("customers:welcome", kwargs={"token": make(person)})


def count(by: User) -> None:
    """Counts one invitation of this person; too many within an hour are refused."""
    key = f"invitations:{by.pk}"
    cache.add(key, 0, 3600)
    try:
        number = cache.incr(key)
    except ValueError:  # the hour ended between the two lines, or Redis went away there
        return
    if number > PER_HOUR:
        raise TooManyInvitations


def _fingerprint(person: User) -> str:
    """Another one as soon as a password is chosen, the log-in ends, or a newer invitation goes out."""
    state = f"{person.password}.{person.invited_at}.{person.is_active}"
    return salted_hmac(SALT, state).hexdigest()[:20]

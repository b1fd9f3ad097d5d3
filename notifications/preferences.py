"""How a person wants to be told: by which ways, how often, and when not.

Where somebody said nothing, the policy and the customer's quiet hours decide. All times are read on the person's own
clocks, also in the two nights of the year in which these are put forward or back.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from customers.models import User
from itsm.middleware import zone
from itsm.refusal import Refused
from notifications.audience import FOLLOWING, IN_A_ROLE
from notifications.models import ChannelWish, Delivery, Preference

About, Mode, Quiet = ChannelWish.About, Preference.Mode, Preference.Quiet
OUTSIDE = (Delivery.Channel.EMAIL, Delivery.Channel.SMS)  # what a person can choose; the portal has everything anyway
# Which of a person's choices the rule belongs to that chose them; of what it is not, nobody can choose.
ABOUT = (
    {"reporter": About.OWN, "surveyed": About.SURVEYS}
    | dict.fromkeys(FOLLOWING, About.FOLLOWED)
    | dict.fromkeys((*IN_A_ROLE, "contact"), About.ROLE)
    | dict.fromkeys(("owner", "owner_or_team", "lead_of_the_team", "manager", "coordinator"), About.WORK)
)


def load(people: Iterable[User]) -> None:
    """Everything asked below, in three queries however many people there are."""
    prefetch_related_objects(list(people), "customer", "preference", "channel_wishes")


def of(person: User) -> Preference:
    """What the person has chosen, or what holds where they chose nothing."""
    return getattr(person, "preference", None) or Preference(person=person)


def about(reason: str) -> str:
    """Which kind of news it is to this reader; "" for what cannot be chosen, such as an invitation."""
    return ABOUT.get(reason, "")


def wanted(person: User, what: str, usual: Collection[str]) -> list[str]:
    """The ways outside the portal by which they want news of this kind; `usual` is what the policy says."""
    said = {wish.channel: wish.is_wanted for wish in person.channel_wishes.all() if wish.about == what}
    return [channel for channel in OUTSIDE if said.get(channel, channel in usual)]


def clock_of(person: User) -> ZoneInfo:
    return zone(person.reads_clocks_in())


def quiet_hours(person: User) -> tuple[time, time] | None:
    """From when until when they want no news that can wait, on their own clocks."""
    chosen = of(person)
    if chosen.quiet == Quiet.OWN:
        return _pair(chosen.quiet_from, chosen.quiet_until)
    if chosen.quiet == Quiet.CUSTOMER and person.customer:
        return _pair(person.customer.quiet_from, person.customer.quiet_until)
    return None


def _pair(begin: time | None, end: time | None) -> tuple[time, time] | None:
    return (begin, end) if begin is not None and end is not None and begin != end else None


def quiet_until(person: User, at: datetime) -> datetime | None:
    """When their quiet hours end, if `at` lies in them."""
    hours = quiet_hours(person)
    if hours is None:
        return None
    begin, end = hours
    there = at.astimezone(clock_of(person)).time()
    is_quiet = begin <= there < end if begin < end else there >= begin or there < end
    return next_time(end, clock_of(person), at) if is_quiet else None


def digest_at(person: User, at: datetime) -> datetime:
    """When the next of their daily messages goes out."""
    return next_time(of(person).digest_at, clock_of(person), at)


def next_time(wanted: time, there: ZoneInfo, after: datetime) -> datetime:
    """The next instant after `after` at which clocks there show `wanted`.

    A time that a night leaves out is taken an hour later; of one that a night has twice, the first that lies ahead.
    """
    day = after.astimezone(there).date()
    for ahead in range(3):
        for fold in (0, 1):
            local = datetime.combine(day + timedelta(days=ahead), wanted.replace(fold=fold), tzinfo=there)
            if (instant := local.astimezone(UTC)) > after:
                return instant
    raise AssertionError("the day after tomorrow lies ahead")


@transaction.atomic
def choose(person: User, *, ways: Mapping[str, Collection[str] | None], **how: Any) -> Preference:
    """Keeps what a person chose: per kind of news the ways outside the portal, or None for what is usual.

    `how` are fields of Preference. What somebody reported cannot be silenced altogether: we may have to ask back.
    """
    if ways.get(About.OWN) == []:
        raise Refused(_("Please keep one way for what you reported: we may have a question."))
    for what, channels in ways.items():
        wishes = ChannelWish.objects.filter(person=person, about=what)
        if channels is None:
            wishes.delete()
            continue
        for channel in OUTSIDE:
            wish(person, what, channel, is_wanted=channel in channels)
    chosen, _new = Preference.objects.update_or_create(person=person, defaults=how | {"customer": person.customer})
    return chosen


def wish(person: User, what: str, channel: str, *, is_wanted: bool) -> None:
    """One cell of the table: this kind of news, this channel."""
    values = {"is_wanted": is_wanted, "customer": person.customer}
    ChannelWish.objects.update_or_create(person=person, about=what, channel=channel, defaults=values)

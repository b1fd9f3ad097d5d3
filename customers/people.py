"""The people of a customer and those who help: invited, changed, sent away, taken back.

Each verb: lock, check, change, record, in one transaction. What a customer's person goes through is a line of the
customer's history, what one of ours goes through a line of their own (docs/decisions/0015).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from knox.models import AuthToken

from customers import history
from customers.models import Customer, CustomerEvent, Membership, StaffEvent, Team, User
from itsm import events, moment
from itsm.refusal import Refused

Role = User.Role
# What happened -> how it is called in the history of a customer, and of somebody who helps.
KINDS = {
    "invited": (CustomerEvent.Kind.PERSON_INVITED, StaffEvent.Kind.INVITED),
    "changed": (CustomerEvent.Kind.PERSON_CHANGED, StaffEvent.Kind.CHANGED),
    "deactivated": (CustomerEvent.Kind.PERSON_DEACTIVATED, StaffEvent.Kind.DEACTIVATED),
    "reactivated": (CustomerEvent.Kind.PERSON_REACTIVATED, StaffEvent.Kind.REACTIVATED),
    "erased": (CustomerEvent.Kind.PERSON_ERASED, StaffEvent.Kind.ERASED),
}


@transaction.atomic
def invite(
    *, by: User, email: str, name: str, role: str, customer: Customer | None = None, teams: Iterable[Team] = ()
) -> User:
    """Somebody new, who gets a mail with a link to choose a password. Who is here already is named, not doubled."""
    now, teams = moment.now(), list(teams)
    email = email.strip().lower()
    check_may_keep(by, customer, role)
    _check_teams(by, role, teams)
    refuse_known(email, by=by, customer=customer)
    person = User(email=email, name=name.strip(), role=role, customer=customer, invited_at=now, date_joined=now)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:  # somebody else was faster by a moment
        refuse_known(email, by=by, customer=customer)
        raise
    Membership.objects.bulk_create(Membership(team=team, user=person, is_lead=role == Role.LEAD) for team in teams)
    write_down(person, "invited", by=by, at=now, role=role)
    return person


@transaction.atomic
def invite_again(person: User, *, by: User) -> User:
    """Another mail with a fresh link; the link before it ends."""
    now = moment.now()
    person = locked(person)
    if by.pk != person.pk:  # whose link is too old asks for themselves
        check_may_keep(by, person.customer, person.role)
    if not person.is_invited:
        raise Refused(_("%(name)s has a log-in already.") % {"name": person.name})
    _set(person, invited_at=now)
    write_down(person, "invited", by=by, at=now, role=person.role)
    return person


@transaction.atomic
def accept(person: User, *, password: str, invited_at: datetime | None) -> User:
    """The invited person chose a password: from now on they sign in."""
    now = moment.now()
    person = locked(person)
    if not person.is_invited or person.invited_at != invited_at:
        raise Refused(_("This invitation was used already. Please sign in."))
    person.set_password(password)
    person.save(update_fields=["password"])
    write_down(person, "changed", by=person, at=now, accepted=True)
    return person


@transaction.atomic
def change(
    person: User, *, by: User, role: str, is_vip: bool | None = None, teams: Iterable[Team] | None = None
) -> User:
    """What somebody may do, how we treat them, and in which teams they help. `None` leaves it as it is.

    Of the teams only those are touched that `by` decides about: who keeps one team does not take people from another.
    """
    now = moment.now()
    person = locked(person)
    check_may_keep(by, person.customer, person.role, role)
    if person.pk == by.pk and role != person.role:
        raise Refused(_("Nobody changes their own role. Please ask somebody else who may."))
    before = {"role": person.role, "is_vip": person.is_vip, "teams": _team_names(person)}
    _set(person, role=role, is_vip=person.is_vip if is_vip is None else is_vip)
    if teams is not None:
        _set_teams(person, list(teams), by=by)
    after = {"role": person.role, "is_vip": person.is_vip, "teams": _team_names(person)}
    if changed := {name: [before[name], after[name]] for name in after if before[name] != after[name]}:
        write_down(person, "changed", by=by, at=now, **changed)
    return person


@transaction.atomic
def deactivate(person: User, *, by: User) -> User:
    """No log-in from this moment: sessions, API tokens and signed links end with the next request.

    The password goes too, so that a session of the past does not come back to life with the log-in.
    """
    now = moment.now()
    person = locked(person)
    check_may_keep(by, person.customer, person.role)
    if person.pk == by.pk:
        raise Refused(_("Nobody ends their own log-in here. Please ask somebody else who may."))
    if not person.is_active:
        return person
    end_log_in(person)
    write_down(person, "deactivated", by=by, at=now)
    return person


@transaction.atomic
def reactivate(person: User, *, by: User) -> User:
    """The log-in is given back, with a mail to choose a new password."""
    now = moment.now()
    person = locked(person)
    check_may_keep(by, person.customer, person.role)
    if person.erased_at or person.merged_into_id:
        raise Refused(_("This entry is over: it was merged or erased. Please invite the person anew."))
    if person.is_active:
        return person
    _set(person, is_active=True, invited_at=now)
    write_down(person, "reactivated", by=by, at=now)
    return person


@transaction.atomic
def serve(team: Team, customer: Customer, *, by: User, serves: bool = True) -> None:
    """The team begins to serve the customer, or ends it; no customer is left to nobody."""
    now = moment.now()
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if not Team.objects.kept_by(by).filter(pk=team.pk).exists():
        raise Refused(_("You do not decide about this team."))
    if team.customers.filter(pk=customer.pk).exists() == serves:
        return
    if not serves and not customer.teams.exclude(pk=team.pk).exists():
        words = {"customer": customer, "team": team}
        raise Refused(_("Nobody but %(team)s serves %(customer)s. Please give it to another team first.") % words)
    (team.customers.add if serves else team.customers.remove)(customer)
    history.record(
        customer, CustomerEvent.Kind.PROFILE_CHANGED, by=by, at=now, field="teams", team=team.name, serves=serves
    )


def locked(person: User) -> User:
    """The row of the customer, then that of the person, fresh: the order of all who lock both."""
    if person.customer_id:
        Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=person.customer_id)
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    return User.objects.select_related("customer").get(pk=person.pk)


def write_down(person: User, what: str, *, by: User | None, at: datetime, **data: Any) -> None:
    """One line of history; it names nobody but by their keys, so that nothing is left to erase in it."""
    of_customer, of_staff = KINDS[what]
    if person.customer:
        history.record(person.customer, of_customer, by=by, at=at, person=person, **data)
        return
    StaffEvent.objects.create(person=person, kind=of_staff, actor=by, occurred_at=at, data=data)
    events.announce()


def end_log_in(person: User) -> None:
    """Whatever let this person in lets nobody in any more."""
    person.is_active = False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    AuthToken.objects.filter(user=person).delete()


def check_may_keep(by: User, customer: Customer | None, *roles: str) -> None:
    """Contacts keep their own people, leads and managers those of the customers they serve; staff is kept by few."""
    if set(roles) - set(User.CUSTOMER_SIDE if customer else User.STAFF):
        raise Refused(
            _("At a customer one is an end user or a contact.") if customer else _("This is a role at a customer.")
        )
    if customer is None:
        if by.role not in (Role.MANAGER, Role.ADMINISTRATOR):
            raise Refused(_("Only managers and administrators decide about the people who help."))
        if Role.ADMINISTRATOR in roles and by.role != Role.ADMINISTRATOR:
            raise Refused(_("Only administrators decide about administrators."))
        return
    is_theirs = by.role == Role.CONTACT and by.customer_id == customer.pk
    if not is_theirs and not (by.is_lead and Customer.objects.visible_to(by).filter(pk=customer.pk).exists()):
        raise Refused(_("You do not decide about the people of this customer."))


def refuse_known(email: str, *, by: User, customer: Customer | None) -> None:
    """One entry per address, however it is written. Who may not see that entry is not told whose it is."""
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        return
    is_here = found.customer_id == (customer.pk if customer else None)
    if not is_here or not (User.objects.visible_to(by) | User.objects.kept_by(by)).filter(pk=found.pk).exists():
        raise Refused(_("This address cannot be invited here: it is in use elsewhere. Please call our desk."))
    if found.merged_into:
        raise Refused(_("This is an address of %(name)s, who is here already.") % {"name": found.merged_into.name})
    if not found.is_active:
        words = {"name": found.name}
        raise Refused(_("%(name)s is here already, without a log-in. Please give it back to them.") % words)
    raise Refused(_("%(name)s is here already, with this address.") % {"name": found.name})


def _check_teams(by: User, role: str, teams: list[Team]) -> None:
    if role in User.CUSTOMER_SIDE:
        return
    if not teams and role != Role.ADMINISTRATOR:
        raise Refused(_("Please choose at least one team: without one they see no customer."))
    kept = set(Team.objects.kept_by(by).values_list("pk", flat=True))
    if foreign := [team.name for team in teams if team.pk not in kept]:
        raise Refused(_("You do not decide about %(teams)s.") % {"teams": ", ".join(foreign)})


def _set_teams(person: User, teams: list[Team], *, by: User) -> None:
    kept = set(Team.objects.kept_by(by).values_list("pk", flat=True))
    others = person.memberships.exclude(team__in=kept)
    if teams or not others.exists():
        _check_teams(by, person.role, teams)
    person.memberships.filter(team__in=kept).exclude(team__in=teams).delete()
    is_lead = person.role == Role.LEAD
    have = set(person.memberships.values_list("team", flat=True))
    Membership.objects.bulk_create(
        Membership(team=team, user=person, is_lead=is_lead) for team in teams if team.pk not in have
    )
    person.memberships.update(is_lead=is_lead)


def _team_names(person: User) -> list[str]:
    return list(person.memberships.order_by("team__name").values_list("team__name", flat=True))


def _set(person: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))

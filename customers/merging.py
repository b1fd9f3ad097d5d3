"""Two entries of one person become one: whatever pointed at the one points at the other."""

from collections.abc import Iterator

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import UniqueViolation

from customers import history, people
from customers.models import Customer, CustomerEvent, User
from itsm import moment
from itsm.refusal import Refused

# What belongs to a log-in and not to a person: it ends with the log-in. Everything else moves.
ENDS = {"mfa.authenticator", "account.emailaddress", "customers.user_groups", "customers.user_user_permissions"}


@transaction.atomic
def merge(person: User, *, into: User, by: User) -> User:
    """`into` goes on with all that both have; `person` stays as a closed entry that says where it went."""
    now = moment.now()
    person, into = _locked(person, into)
    people.check_may_keep(by, into.customer, into.role, person.role)
    _check(person, into, by)
    for model, field in references():
        _move(model, field, person, into)
    people.end_log_in(person)
    person.merged_into = into
    person.save(update_fields=["merged_into"])
    for name in ("phone", "language", "time_zone"):
        setattr(into, name, getattr(into, name) or getattr(person, name))
    into.is_vip = into.is_vip or person.is_vip
    into.save(update_fields=["phone", "language", "time_zone", "is_vip"])
    assert into.customer is not None  # _check saw to it
    history.record(into.customer, CustomerEvent.Kind.PERSON_MERGED, by=by, at=now, person=into, from_entry=person.pk)
    return into


def references() -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    """Each foreign key to a person, on whatever floor: read off the models, so that a new one cannot be forgotten."""
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation.related_model, relation.field


def _locked(person: User, into: User) -> tuple[User, User]:
    """Both rows in one order, whoever merges what: two merges at once cannot wait for each other."""
    ours = {entry.customer_id for entry in (person, into) if entry.customer_id}
    for number in sorted(ours):
        Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=number)
    numbers = sorted({person.pk, into.pk})
    list(User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=numbers).order_by("pk"))
    found = User.objects.select_related("customer").in_bulk(numbers)
    return found[person.pk], found[into.pk]


def _check(person: User, into: User, by: User) -> None:
    if person.pk == into.pk:
        raise Refused(_("This is one and the same entry."))
    if into.customer is None or person.customer_id != into.customer_id:
        raise Refused(_("Only two entries of one customer can be merged."))
    if person.pk == by.pk:
        raise Refused(_("Nobody ends their own log-in here. Please ask somebody else who may."))
    if not into.is_active:
        raise Refused(_("%(name)s has no log-in; the other way round it works.") % {"name": into.name})
    if person.merged_into_id or person.erased_at:
        raise Refused(_("This entry is over: it was merged or erased."))


def _move(model: type[models.Model], field: models.ForeignKey, person: User, into: User) -> None:
    rows = model._base_manager.filter(**{field.name: person})
    if model._meta.label_lower in ENDS:
        rows.delete()
        return
    try:
        with transaction.atomic():
            rows.update(**{field.name: into})
    except IntegrityError as error:
        _only_doubles(error)
        _move_singly(rows, field, into)


def _move_singly(rows: models.QuerySet, field: models.ForeignKey, into: User) -> None:
    """What both have and may be there only once, such as the message to each about one event, is kept once."""
    for row in rows:
        try:
            with transaction.atomic():
                rows.filter(pk=row.pk).update(**{field.name: into})
        except IntegrityError as error:
            _only_doubles(error)
            row.delete()


def _only_doubles(error: IntegrityError) -> None:
    if not isinstance(error.__cause__, UniqueViolation):
        raise error

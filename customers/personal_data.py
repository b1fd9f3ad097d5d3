"""A person's own data: all of it in one file, or gone for good while the history stays."""

import json
import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from customers import held, people
from customers.models import User
from itsm import events, moment
from itsm.refusal import Refused

ABOUT = ("name", "email", "role", "phone", "language", "time_zone", "is_vip", "is_active", "invited_at",
         "date_joined", "last_login", "erased_at")  # fmt: skip
NOWHERE = "erased-{number}@erased.invalid"  # .invalid is reserved: nothing ever reaches it


def export(person: User, *, by: User) -> dict[str, Any]:
    """Everything we hold about them, and of others nothing: fit for JSON."""
    people.check_may_keep(by, person.customer, person.role)
    about = {name: getattr(person, name) for name in ABOUT} | {"name": str(person.name)}
    about["customer"] = person.customer.name if person.customer else None
    rows = {table.name: table.exported(person) for table in held.everything()}
    return {
        "exported_at": moment.now(),
        "person": about,
        "held": {name: found for name, found in rows.items() if found},
    }


def why_not_erase(person: User) -> str:
    """A sentence why this person cannot be erased now, or nothing; each floor may have one."""
    checks = [import_string(name) for name in settings.ERASURE_CHECKS]
    return next((sentence for check in checks if (sentence := check(person))), "")


@transaction.atomic
def erase(person: User, *, by: User, typed: str) -> User:
    """Name, addresses, log-in and links are gone and do not come back; what happened stays, under a pseudonym."""
    now = moment.now()
    person = people.locked(person)
    people.check_may_keep(by, person.customer, person.role)
    if person.erased_at:
        return person
    if person.pk == by.pk:
        raise Refused(_("Nobody erases themselves. Please ask somebody else who may."))
    if " ".join(typed.split()) != " ".join(person.name.split()):
        raise Refused(
            _("This cannot be undone. Please type the name as it stands here: %(name)s") % {"name": person.name}
        )
    if sentence := why_not_erase(person):
        raise Refused(sentence)
    for entry in [*User.objects.filter(merged_into=person).order_by("pk"), person]:
        _forget(entry, now)
    person = User.objects.select_related("customer").get(pk=person.pk)
    people.write_down(person, "erased", by=by, at=now)
    return person


def _forget(person: User, now: Any) -> None:
    called = [name for name in (person.name, person.email) if name]
    people.end_log_in(person)
    for table in held.everything():
        if table.also:
            table.also(table.rows(person))
        if table.ends:
            table.rows(person).delete()
        elif table.blanked:
            table.rows(person).update(**table.blanked)
    _scrub_facts(person, called)
    said_of_them = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)
    )
    said_of_them.update(object_repr=f"Former user {person.pk}", change_message="")
    User.objects.filter(pk=person.pk).update(
        name=f"Former user {person.pk}", email=NOWHERE.format(number=person.pk), phone="", language="", time_zone="",
        is_vip=False, last_login=None, invited_at=None, erased_at=now,
    )  # fmt: skip


def _scrub_facts(person: User, called: list[str]) -> None:
    """Events and answers keep small facts as JSON, the name of who did it among them."""
    for model, field in _facts():
        rows = model._base_manager.annotate(as_text=Cast(field, models.TextField()))
        if person.customer_id and "customer" in {each.name for each in model._meta.get_fields()}:
            rows = rows.filter(customer=person.customer_id)
        named = models.Q()
        for name in called:
            named |= models.Q(as_text__contains=json.dumps(name, ensure_ascii=False)[1:-1])
        for row in rows.filter(named).only("pk", field).order_by("pk"):
            model._base_manager.filter(pk=row.pk).update(**{field: scrubbed(getattr(row, field), called, person.pk)})


def _facts() -> Iterable[tuple[type[models.Model], str]]:
    for model in events.kinds_of_events():
        yield model, "data"
    yield apps.get_model("customers", "MaturityAssessment"), "answers"


def scrubbed(value: Any, called: list[str], number: int) -> Any:
    """The same JSON with the pseudonym wherever one of these names stood as words of its own."""
    if isinstance(value, dict):
        return {key: scrubbed(each, called, number) for key, each in value.items()}
    if isinstance(value, list):
        return [scrubbed(each, called, number) for each in value]
    if isinstance(value, str):
        for name in called:
            value = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f"Former user {number}", value)
    return value

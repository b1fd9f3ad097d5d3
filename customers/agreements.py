"""Changing what is agreed, one layer at a time: checked, held to the rules of fairness, and written down.

A rule that a change would break refuses it, with a sentence for each; an administrator may let it through with a
reason, which stays beside the change. No running clock moves by it: open incidents keep their policy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers import fairness, policy
from customers.agreement import validate_agreement
from customers.history import Kind, record
from customers.models import ContractClass, Customer, LevelTemplate, PolicyChange, Service, User
from itsm import moment
from itsm.refusal import Refused

NOTICE = timedelta(days=30)  # so long before a channel goes, people are told (rule 9)
LOCK = 4_010_004  # the database's own number for "somebody changes a policy"
Knobs = dict[str, Any]


class Unfair(Refused):
    """It would break rules of fairness; `sentences` has one for each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class Meanwhile(Refused):
    """Somebody else changed the same in between."""

    status = 409


@dataclass(frozen=True)
class Told:
    """What is said about a change: why a broken rule is let through, and when people were told that a channel goes."""

    reason: str = ""
    told_on: date | None = None


NOTHING = Told()


@dataclass(frozen=True)
class _Case:
    """Somebody's merged knobs before and after; without a level it is judged alone."""

    level: int | None
    before: Knobs
    after: Knobs


@transaction.atomic
def change_level_template(level: int, *, by: User, knobs: Knobs, version: int, told: Told = NOTHING) -> LevelTemplate:
    """What the provider changes about a level; what is not in `knobs` is as shipped."""
    _one_at_a_time()
    template = LevelTemplate.objects.filter(level=level).first() or LevelTemplate(level=level, version=0)
    _check(knobs, version, template.version)
    if template.knobs == knobs:
        return template
    levels = policy.level_knobs()
    case = _Case(None, levels[level], policy.level_defaults(level) | knobs)
    broken = list(_broken([case]))
    if _is_ruled(case):
        elsewhere = fairness.broken_between({each: own for each, own in levels.items() if each != level})
        among = fairness.broken_between(levels | {level: case.after})
        broken += [sentence for sentence in among if sentence not in elsewhere]
    change = PolicyChange(layer=PolicyChange.Layer.LEVEL, level=level, before=template.knobs, after=knobs)
    _write_down(change, broken, by=by, told=told, lost=_lost([case]))
    template.knobs, template.version = knobs, template.version + 1
    template.save()
    return template


@transaction.atomic
def create_contract_class(*, by: User, name: str, meaning: str, knobs: Knobs, told: Told = NOTHING) -> ContractClass:
    """A new kind of contract; nobody has it yet."""
    return _save_contract(ContractClass(version=0), by=by, named=(name, meaning), knobs=knobs, told=told)


@transaction.atomic
def change_contract_class(
    contract: ContractClass, *, by: User, name: str, meaning: str, knobs: Knobs, version: int, told: Told = NOTHING
) -> ContractClass:
    """For everybody who has it, at once; judged for each of them, and alone on top of each level."""
    _one_at_a_time()
    contract = ContractClass.objects.select_for_update(no_key=True).get(pk=contract.pk)
    _check(knobs, version, contract.version)
    if (contract.name, contract.meaning, contract.knobs) == (name, meaning, knobs):
        return contract
    return _save_contract(contract, by=by, named=(name, meaning), knobs=knobs, told=told)


def _save_contract(
    contract: ContractClass, *, by: User, named: tuple[str, str], knobs: Knobs, told: Told
) -> ContractClass:
    if ContractClass.objects.filter(name=named[0]).exclude(pk=contract.pk).exists():
        raise Refused(_("Another contract class has this name."))
    _check(knobs, contract.version, contract.version)
    levels, before = policy.level_knobs(), contract.knobs
    having = Customer.objects.filter(contract=contract.pk).prefetch_related("services") if contract.pk else []
    alone = [_Case(None, own | before, own | knobs) for own in levels.values()]
    theirs = [case for customer in having for case in _cases(levels, customer, contract=(before, knobs))]
    broken = [*_broken(alone), *_broken(theirs, levels)]
    contract.name, contract.meaning, contract.knobs, contract.version = *named, knobs, contract.version + 1
    contract.save()
    change = PolicyChange(layer=PolicyChange.Layer.CONTRACT, contract=contract, before=before, after=knobs)
    _write_down(change, broken, by=by, told=told, lost=_lost(theirs))
    return contract


@transaction.atomic
def change_customer_agreement(
    customer: Customer, *, by: User, knobs: Knobs, version: int, told: Told = NOTHING
) -> Customer:
    """What is agreed with this customer apart from level and contract."""
    customer = _locked(customer)
    _check(knobs, version, customer.version)
    if customer.agreement == knobs:
        return customer
    cases = _cases(policy.level_knobs(), customer, own=(customer.agreement, knobs))
    change = PolicyChange(layer=PolicyChange.Layer.CUSTOMER, customer=customer, before=customer.agreement, after=knobs)
    customer.agreement = knobs
    return _save_customer(customer, change, cases, by=by, told=told)


@transaction.atomic
def change_service_agreement(
    service: Service, *, by: User, knobs: Knobs, version: int, told: Told = NOTHING
) -> Service:
    """What is agreed for this service alone; `version` is its customer's."""
    customer = _locked(service.customer)
    service = Service.objects.select_for_update(no_key=True).get(pk=service.pk, customer=customer)
    _check(knobs, version, customer.version)
    if service.agreement == knobs:
        return service
    base = _merged(policy.level_knobs(), customer, _contract_knobs(customer), customer.agreement)
    case = _Case(int(customer.works_at), base | service.agreement, base | knobs)
    change = PolicyChange(
        layer=PolicyChange.Layer.SERVICE, customer=customer, service=service, before=service.agreement, after=knobs
    )
    service.agreement = knobs
    service.save(update_fields=["agreement"])
    _save_customer(customer, change, [case], by=by, told=told)
    return service


@transaction.atomic
def set_contract(
    customer: Customer, *, by: User, contract: ContractClass | None, version: int, told: Told = NOTHING
) -> Customer:
    """The contract class this customer has from now on; None is none."""
    customer = _locked(customer)
    _check({}, version, customer.version)
    before = customer.contract
    if before == contract:
        return customer
    knobs = (before.knobs if before else {}, contract.knobs if contract else {})
    cases = _cases(policy.level_knobs(), customer, contract=knobs)
    change = PolicyChange(layer=PolicyChange.Layer.CONTRACT, customer=customer, contract=contract)
    change.before, change.after = {"contract": str(before or "")}, {"contract": str(contract or "")}
    customer.contract = contract
    return _save_customer(customer, change, cases, by=by, told=told)


def _one_at_a_time() -> None:
    """Two layers changed at once would each be judged beside the other as it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _locked(customer: Customer) -> Customer:
    _one_at_a_time()
    locked = Customer.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("contract").prefetch_related("services").get(pk=customer.pk)


def _check(knobs: Knobs, seen: int, version: int) -> None:
    try:
        validate_agreement(knobs)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    if seen != version:
        raise Meanwhile(_("Meanwhile somebody else changed this. What you wrote is kept; please compare."))


def _contract_knobs(customer: Customer) -> Knobs:
    return customer.contract.knobs if customer.contract else {}


def _merged(levels: dict[int, Knobs], customer: Customer, contract: Knobs, own: Knobs) -> Knobs:
    return levels[int(customer.works_at)] | contract | own


def _cases(
    levels: dict[int, Knobs],
    customer: Customer,
    *,
    contract: tuple[Knobs, Knobs] | None = None,
    own: tuple[Knobs, Knobs] | None = None,
) -> Iterator[_Case]:
    """The customer in general, and each service with an agreement of its own, before and after."""
    contracts = contract or (_contract_knobs(customer),) * 2
    owns = own or (customer.agreement,) * 2
    before, after = (_merged(levels, customer, contracts[n], owns[n]) for n in (0, 1))
    level = int(customer.works_at)
    yield _Case(level, before, after)
    for service in customer.services.all():
        if service.agreement:
            yield _Case(level, before | service.agreement, after | service.agreement)


def _is_ruled(case: _Case) -> bool:
    """Does it change what a rule looks at? What was let through before does not stop other changes."""
    return any(case.before[knob] != case.after[knob] for knob in fairness.RULED)


def _broken(cases: Iterable[_Case], levels: dict[int, Knobs] | None = None) -> Iterator[str]:
    floor = policy.floor()
    for case in filter(_is_ruled, cases):
        if case.level is None or levels is None:
            yield from fairness.broken_alone(case.after, floor)
        else:
            yield from fairness.broken_against(case.level, case.after, levels, floor)


def _lost(cases: Iterable[_Case]) -> list[str]:
    return [sentence for case in cases for sentence in fairness.broken_by_loss(case.before, case.after)]


def _save_customer(
    customer: Customer, change: PolicyChange, cases: Iterable[_Case], *, by: User, told: Told
) -> Customer:
    found = list(cases)
    broken = list(_broken(found, policy.level_knobs()))
    _write_down(change, broken, by=by, told=told, lost=_lost(found))
    customer.version += 1
    customer.save(update_fields=["agreement", "contract", "version"])
    changed = {key for key in {**change.before, **change.after} if change.before.get(key) != change.after.get(key)}
    service = change.service.name if change.service else ""
    record(
        customer, Kind.POLICY_CHANGED, by=by, at=change.at,
        layer=change.layer, service=service, knobs=sorted(changed), reason=change.exception_reason,
    )  # fmt: skip
    return customer


def _write_down(change: PolicyChange, broken: list[str], *, by: User, told: Told, lost: list[str]) -> None:
    """Refuses what is unfair, unless an administrator gives a reason; keeps either with the change."""
    now = moment.now()
    in_time = told.told_on is not None and told.told_on <= now.date() - NOTICE
    sentences = [*dict.fromkeys([*broken, *([] if in_time else lost)])]
    reason = told.reason.strip()
    if sentences and not (reason and by.is_staff):
        raise Unfair(sentences)
    if lost and in_time and told.told_on:
        reason = " ".join(filter(None, [reason, _("Told on %(day)s.") % {"day": date_format(told.told_on)}]))
    change.broken, change.by, change.at = sentences, by, now
    change.exception_reason = reason if sentences or lost else ""
    change.save()

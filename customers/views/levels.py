"""Levels and contract classes: read by those who decide about customers, changed by administrators."""

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from customers import agreed, agreements, policy
from customers.forms.agreements import ContractForm
from customers.models import ContractClass, Customer, Level, LevelTemplate, User
from customers.permissions import SignedInRequest, admin_required, rules_required
from customers.policy import Layer
from customers.views.agreement import answer, layer_form


@require_GET
@rules_required
def levels(request: SignedInRequest) -> HttpResponse:
    """The five support models and the contract classes, and who of one's own customers has which."""
    changed = dict(LevelTemplate.objects.values_list("level", "knobs"))
    at = _counted(request.user, "level")
    having = _counted(request.user, "contract")
    context = {
        "levels": [
            {"level": level, "changed": len(changed.get(int(level), {})), "customers": at.get(int(level), 0)}
            for level in Level
        ],
        "contracts": [
            {"contract": contract, "set": len(contract.knobs), "customers": having.get(contract.pk, 0)}
            for contract in ContractClass.objects.order_by("name")
        ],
        "not_assessed": at.get(None, 0),
        "has_customers": bool(at),
    }
    return render(request, "customers/desk/agreement/levels.html", context)


@require_GET
@rules_required
def level(request: SignedInRequest, level: int) -> HttpResponse:
    """All that this level is owed and asked, and what we changed about it."""
    found = _level(level)
    context = {
        "level": found,
        "groups": agreed.grouped(_layers(found)),
        "own": agreed.set_here(_template(found).knobs),
        "history": agreed.history_of_level(found, request.user),
        "customers": Customer.objects.visible_to(request.user).filter(level=found).order_by("name"),
    }
    return render(request, "customers/desk/agreement/level.html", context)


@require_http_methods(["GET", "POST"])
@admin_required
def change_level(request: SignedInRequest, level: int) -> HttpResponse:
    found = _level(level)
    template = _template(found)
    form = layer_form(request, below=_layers(found)[:1], own=template.knobs, version=template.version)

    def save() -> None:
        said = form.said
        agreements.change_level_template(
            found, by=request.user, knobs=form.knobs(), version=said.cleaned_data["version"], told=said.told()
        )

    def now() -> tuple[dict[str, Any], int]:
        fresh = _template(found)
        return fresh.knobs, fresh.version

    subject = {"title": found.label, "back": reverse("customers:level", args=[found])}
    return answer(request, form, save, subject, now=now)


@require_GET
@rules_required
def contract(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ContractClass, pk=pk)
    context = {
        "contract": found,
        "own": agreed.set_here(found.knobs),
        "history": agreed.history_of_contract(found, request.user),
        "customers": Customer.objects.visible_to(request.user).filter(contract=found).order_by("name"),
    }
    return render(request, "customers/desk/agreement/contract.html", context)


@require_http_methods(["GET", "POST"])
@admin_required
def create_contract(request: SignedInRequest) -> HttpResponse:
    return _change_contract(request, ContractClass(version=0), _("A new contract class"))


@require_http_methods(["GET", "POST"])
@admin_required
def change_contract(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ContractClass, pk=pk)
    return _change_contract(request, found, found.name)


def _change_contract(request: SignedInRequest, found: ContractClass, title: str) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    said = ContractForm(data, contract=found, version=found.version)
    form = layer_form(request, below=[], own=found.knobs, version=found.version, said=said)

    def save() -> None:
        values: dict[str, Any] = {"by": request.user, "knobs": form.knobs(), "told": said.told()}
        values |= {name: said.cleaned_data[name] for name in ("name", "meaning")}
        if found.pk:
            agreements.change_contract_class(found, version=said.cleaned_data["version"], **values)
        else:
            agreements.create_contract_class(**values)

    def now() -> tuple[dict[str, Any], int]:
        fresh = ContractClass.objects.get(pk=found.pk)
        return fresh.knobs, fresh.version

    back = reverse("customers:contract", args=[found.pk]) if found.pk else reverse("customers:levels")
    return answer(request, form, save, {"title": title, "back": back}, now=now)


def _level(level: int) -> Level:
    if level not in Level.values:
        raise Http404
    return Level(level)


def _template(level: Level) -> LevelTemplate:
    return LevelTemplate.objects.filter(level=level).first() or LevelTemplate(level=level, version=0)


def _layers(level: Level) -> list[Layer]:
    name = str(level.label)
    return [Layer("shipped", name, policy.level_defaults(level)), Layer("level", name, _template(level).knobs)]


def _counted(user: User, field: str) -> dict[Any, int]:
    """How many of the customers one may see have which."""
    rows = Customer.objects.visible_to(user).values(field).annotate(number=Count("pk"))
    return {row[field]: row["number"] for row in rows.order_by()}

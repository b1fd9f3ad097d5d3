"""The stock of known errors, page by page."""

import re
from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q

from customers.models import User
from itsm import moment
from problems.models import KnownError
from problems.models.known_error import KnownErrorQuerySet

PAGE, PAGE_FOR_CUSTOMERS = 50, 20
STALE = timedelta(days=182)


def stock(user: User, wanted: dict[str, Any], page: Any) -> Page[KnownError]:
    """What `user` may see of it, what is used most on top; in three queries. `wanted`: of `StockFilter`."""
    rows = KnownError.objects.visible_to(user)
    state = wanted.get("state", "")
    if state:
        rows = rows.published() if state == "published" else rows.filter(status=state)
    if wanted.get("customer"):
        rows = rows.filter(customer=wanted["customer"])
    if service := wanted.get("service"):
        rows = rows.filter(Q(service__name__icontains=service) | Q(service_name__icontains=service))
    rows = _by_use(rows, wanted.get("show", ""))
    rows = searched(rows, wanted.get("q", "")).select_related("customer", "service", "problem").defer("lexemes")
    return Paginator(rows.order_by("-times_used", "-changed_at", "-pk"), PAGE).get_page(page)


def _by_use(rows: KnownErrorQuerySet, show: str) -> KnownErrorQuerySet:
    before = moment.now() - STALE
    if show == "never":
        return rows.filter(times_used=0)
    if show == "stale":
        return rows.filter(Q(last_used_at__lt=before) | Q(last_used_at__isnull=True, changed_at__lt=before))
    return rows


def searched(rows: KnownErrorQuerySet, text: str) -> KnownErrorQuerySet:
    """Those in which each of the words stands somewhere, or the one of that reference."""
    if found := re.fullmatch(r"KE-([0-9]{1,9})", text.strip(), re.I):
        return rows.filter(pk=int(found[1]))
    for word in text.split()[:6]:
        anywhere = Q()
        for name in KnownError.FOR_CUSTOMERS:
            anywhere |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(anywhere)
    return rows


def for_customers(user: User, text: str, page: Any) -> Page[KnownError]:
    """What somebody at a customer may read, what has helped most on top; in two queries."""
    rows = searched(KnownError.objects.visible_to(user), text).select_related("service").defer("lexemes")
    return Paginator(rows.order_by("-times_used", "-reviewed_at", "-pk"), PAGE_FOR_CUSTOMERS).get_page(page)

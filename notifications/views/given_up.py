"""What reached nobody: for leads above the queue as a number, and on a page of its own one by one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.permissions import SignedInRequest, lead_required
from notifications import sending
from notifications.models import Delivery
from notifications.wording import delivery_words

PAGE = 50
RELATED = ("customer", "recipient", "endpoint", "incident", "event", "customer_event", "staff_event")


@require_safe
@lead_required
def strip(request: SignedInRequest) -> HttpResponse:
    """One line above the queue, where there is something to look at."""
    count = Delivery.objects.visible_to(request.user).given_up().count()
    return render(request, "notifications/desk/_given_up.html", {"count": count})


@require_safe
@lead_required
def listed(request: SignedInRequest) -> HttpResponse:
    rows = Delivery.objects.visible_to(request.user).given_up().select_related(*RELATED).order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": [delivery_words(each) for each in page]}
    return render(request, "notifications/desk/given_up.html", context)


@require_POST
@lead_required
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tried once more, or left: somebody has told them otherwise, or nobody needs it now."""
    delivery = get_object_or_404(Delivery.objects.visible_to(request.user).select_related("recipient"), pk=pk)
    if request.POST.get("do") == "leave":
        done, said = sending.let_be(delivery, by=request.user), _("Left.")
    else:
        done, said = sending.send_again(delivery), _("It is sent again.")
    messages.success(request, said if done else _("Meanwhile somebody else has seen to it."))
    return redirect("notifications:given_up")

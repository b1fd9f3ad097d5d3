"""Who may enter which side of the house; what they see there is decided by `visible_to`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from customers.models import User


class SignedInRequest(HttpRequest):
    """The request of a view that only people get to see: for the type checker, nothing else."""

    user: User


View = Callable[..., HttpResponseBase]


def _only(may: Callable[[Any], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # 404, not 403: who has no business here learns nothing about what is here.
            if not may(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


agent_required = _only(lambda user: user.is_authenticated and user.is_agent)
lead_required = _only(lambda user: user.is_authenticated and user.is_lead)
customer_required = _only(lambda user: user.is_authenticated and user.is_customer_side)
contact_required = _only(lambda user: user.is_authenticated and user.role == User.Role.CONTACT)

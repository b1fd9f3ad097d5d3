"""What every page may need besides its own."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest

# The demo story's people share it; it opens nothing outside a demo.
DEMO_PASSWORD = "calm-seas-ahead"  # noqa: S105  (printed on the log-in page of the demo)


def portal(request: HttpRequest) -> dict[str, Any]:
    """The server's time for clocks that tick in the browser; the demo's log-ins on the log-in page."""
    asked = getattr(request.resolver_match, "url_name", "") == "account_login"
    return {
        "server_time": datetime.now(UTC),
        "demo": settings.DEMO,
        "theme": request.COOKIES.get("theme", ""),
        "demo_logins": demo_logins() if settings.DEMO and asked else [],
        "demo_password": DEMO_PASSWORD if settings.DEMO and asked else "",
    }


def demo_logins() -> list[dict[str, str]]:
    """The people of the demo story, staff first."""
    people = apps.get_model(settings.AUTH_USER_MODEL).objects.filter(email__endswith=".example", is_active=True)
    return [
        {
            "email": person.email,
            "name": person.name,
            "role": person.get_role_display(),
            "customer": str(person.customer or ""),
        }
        for person in people.select_related("customer").order_by("-customer_id", "role", "email")
    ]

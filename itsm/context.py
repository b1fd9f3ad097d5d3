"""What every page may need besides its own."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest

# The demo story's people share it; it opens nothing outside a demo.
DEMO_PASSWORD = "calm-seas-ahead"  # noqa: S105  (printed on the log-in page of the demo)

DEMO_LOGINS = (
    "ines.keller@evenkeel.example",
    "rosa.winter@ostermoor.example",
    "birgit.brandt@ostermoor.example",
    "tomas.lund@evenkeel.example",
    "judith.obi@evenkeel.example",
    "lena.hartmann@lindenfeld.example",
    "adele.moreau@lindenfeld.example",
    "zara.ahmed@quillpay.example",
    "oliver.grant@quillpay.example",
    "samuel.voss@evenkeel.example",
)


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
    """One person for each way to look at the demo story, the best to begin with first."""
    people = apps.get_model(settings.AUTH_USER_MODEL).objects.filter(email__in=DEMO_LOGINS, is_active=True)
    return [
        {
            "email": person.email,
            "name": person.name,
            "role": person.get_role_display(),
            "customer": str(person.customer or ""),
        }
        for person in sorted(people.select_related("customer"), key=lambda person: DEMO_LOGINS.index(person.email))
    ]

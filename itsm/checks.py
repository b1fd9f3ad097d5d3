"""System checks for settings that do not fit together."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def demo_is_off(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEMO:
        return [
            Error("The demo mode shows log-ins and mails to everybody.", hint="Unset EVENKEEL_DEMO.", id="itsm.E001")
        ]
    return []


@register(Tags.security, deploy=True)
def mail_sender_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.MAIL_HOST in {"localhost", "127.0.0.1"}:
        return [Warning("Mails would come from localhost.", hint="Set EVENKEEL_MAIL_FROM.", id="itsm.W001")]
    return []


@register(Tags.security, deploy=True)
def own_machine_is_not_called(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.OUTBOUND_LOOPBACK:
        return [
            Error(
                "Addresses that customers type may lead to this machine.",
                hint="Unset EVENKEEL_OUTBOUND_LOOPBACK.",
                id="itsm.E002",
            )
        ]
    return []

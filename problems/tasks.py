"""The problems' periodic tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from problems import lifecycle, telling


@shared_task
def go_on_telling(**_future: object) -> None:
    """Take up what was begun and nobody works at."""
    telling.go_on()


@shared_task
def ask_untouched(**_future: object) -> None:
    """Ask about what nobody has touched for long."""
    lifecycle.ask_untouched()

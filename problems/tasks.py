"""The problems' periodic tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from problems import actions, candidates, communicating, known_error_uses, lifecycle, telling


@shared_task
def go_on_telling(**_future: object) -> None:
    """Take up what was begun and nobody works at."""
    telling.go_on()


@shared_task
def ask_untouched(**_future: object) -> None:
    """Ask about what nobody has touched for long."""
    lifecycle.ask_untouched()


@shared_task
def ask_effects(**_future: object) -> None:
    """Ask whether what was done has helped."""
    actions.ask_effects()


@shared_task
def propose_recurring(**_future: object) -> None:
    """What recurs becomes a candidate."""
    candidates.propose_recurring()


@shared_task
def go_on_communicating(**_future: object) -> None:
    """Take up what was begun and nobody works at."""
    communicating.go_on()


@shared_task
def settle_uses(**_future: object) -> None:
    """Say of used workarounds that they have worked, once nobody can contradict."""
    known_error_uses.settle()

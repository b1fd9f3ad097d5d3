"""The customers' tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from customers import imports


@shared_task
def go_on_importing(**_future: object) -> None:
    """Take up the files that wait to be looked at or taken over."""
    imports.go_on()

"""The customers' tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from customers import imports


# A whole file is one transaction, so it gets its time; handed out again meanwhile, it finds the row locked and leaves.
@shared_task(soft_time_limit=840, time_limit=900)
def go_on_importing(**_future: object) -> None:
    """Take up the files that wait to be looked at or taken over."""
    imports.go_on()

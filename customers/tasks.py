"""The customers' tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from customers import assessment, imports


@shared_task
def come_into_force(**_future: object) -> None:
    """Bring into force what both sides accepted and whose day has come."""
    assessment.come_into_force()


@shared_task
def offer_assessments(**_future: object) -> None:
    """Remind of assessments that are due."""
    assessment.offer_again()


# A whole file is one transaction, so it gets its time; handed out again meanwhile, it finds the row locked and leaves.
@shared_task(soft_time_limit=840, time_limit=900)
def go_on_importing(**_future: object) -> None:
    """Take up the files that wait to be looked at or taken over."""
    imports.go_on()

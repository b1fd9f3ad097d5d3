"""The customers' periodic tasks. Each may run twice, late, or find nothing to do."""

from celery import shared_task

from customers import assessment


@shared_task
def come_into_force(**_future: object) -> None:
    """Bring into force what both sides accepted and whose day has come."""
    assessment.come_into_force()


@shared_task
def offer_assessments(**_future: object) -> None:
    """Remind of assessments that are due."""
    assessment.offer_again()

"""Long work in slices: whoever finds a job lying there takes it up, and one whose worker died is found again.

The job's table has `seen_at`, its worker's sign of life, in the database's time.
"""

from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now

WITHOUT_A_SIGN = timedelta(seconds=30)  # after it, whoever looked at a job is taken for dead
J = TypeVar("J", bound=Model)


@transaction.atomic
def claim(at_work: QuerySet[J], *, without_a_sign: timedelta = WITHOUT_A_SIGN) -> J | None:
    """The oldest of these jobs that nobody works at, now with our sign on it; None when there is none."""
    abandoned = Q(seen_at__isnull=True) | Q(seen_at__lt=Now() - without_a_sign)
    job = (
        at_work.filter(abandoned).order_by("pk").select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    )
    if job:
        sign(job)
    return job


def sign(job: Model) -> None:
    """Somebody works at it."""
    type(job)._default_manager.filter(pk=job.pk).update(seen_at=Now())


def lay_down(job: Model) -> None:
    """Nobody works at it any more: the next one may take it up at once."""
    type(job)._default_manager.filter(pk=job.pk).update(seen_at=None)

"""Tells all who reported a problem's incidents that the cause is gone: in the background, each once, resumable."""

import time
import uuid
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import F

from customers.models import User
from incidents import aftermath
from incidents.models import Incident
from itsm import jobs, moment, wakeup
from itsm.refusal import Refused
from problems.journal import Kind, record
from problems.models import Problem, Telling
from problems.moves import locked

BATCH = 50  # incidents between two signs of life
TASK = "problems.tasks.go_on_telling"


def begin(problem: Problem, *, by: User, text: str, at: datetime) -> Telling:
    """Inside a verb, with the problem locked."""
    telling = Telling.objects.create(
        problem=problem, customer_id=problem.customer_id, by=by, text=text, created_at=at,
        total=problem.incidents.count(),
    )  # fmt: skip
    wakeup.after_commit(TASK)
    return telling


def go_on(seconds: float = 20) -> None:
    """Takes up what nobody works at, for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (job := jobs.claim(Telling.objects.at_work())):
        while work(job):
            if time.monotonic() > until:
                jobs.lay_down(job)
                wakeup.after_commit(TASK)
                return


def work(job: Telling) -> bool:
    """The next incidents, each in a transaction of its own with the mark that it was; False when all were."""
    jobs.sign(job)
    job.refresh_from_db()
    left = job.problem.incidents.filter(pk__gt=job.cursor).order_by("pk")[:BATCH]
    batch = list(left)
    for incident in batch:
        _tell(job, incident)
    if not batch:
        _finish(job)
    return bool(batch)


def _tell(job: Telling, incident: Incident) -> None:
    """Whose incident is over or down again is left out: nobody is told what is not so."""
    with transaction.atomic():
        told = False
        with suppress(Refused), transaction.atomic():
            token = uuid.uuid5(job.token, incident.reference)
            aftermath.cause_gone(incident, by=job.by, text=job.text, client_token=token)
            told = True
        # Another worker may have been taken for dead and gone on: what it counted is not counted twice.
        rows = Telling.objects.filter(pk=job.pk, cursor__lt=incident.pk)
        rows.update(cursor=incident.pk, told=F("told") + int(told), left_out=F("left_out") + int(not told))


@transaction.atomic
def _finish(job: Telling) -> None:
    problem = locked(job.problem)
    if Telling.objects.filter(pk=job.pk, finished_at__isnull=True).update(finished_at=moment.now()):
        job.refresh_from_db()
        record(problem, Kind.TOLD, by=job.by, at=moment.now(), told=job.told, left_out=job.left_out)

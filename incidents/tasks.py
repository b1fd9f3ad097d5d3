"""The incidents' periodic tasks. Each may run twice, late, or find nothing to do."""

import time

from celery import shared_task

from incidents import (
    calls,
    clocks,
    duties,
    goal_measures,
    keeping_up,
    lifecycle,
    majors,
    outgoing,
    packs,
    parking,
    recalculation,
    similar,
    surveys,
)

SECONDS = 20


@shared_task
def sweep_clocks(**_future: object) -> None:
    """Notice what has fallen due."""
    clocks.sweep()


@shared_task
def close_resolved(**_future: object) -> None:
    """Close what has been solved for long enough."""
    lifecycle.close_overdue()


@shared_task
def measure_goals(**_future: object) -> None:
    """Count anew what improvement goals have come to."""
    goal_measures.measure_goals()


@shared_task
def go_on_recalculating(**_future: object) -> None:
    """Take up what was begun and nobody works at."""
    recalculation.go_on()


@shared_task
def say_outgoing(**_future: object) -> None:
    """Say what can no longer be taken back."""
    outgoing.say_due()


@shared_task
def tidy_outgoing(**_future: object) -> None:
    """Forget what was said long ago."""
    outgoing.tidy()


@shared_task
def keep_up(**_future: object) -> None:
    """Let reports follow the major incident they have joined."""
    keeping_up.go_on()


@shared_task
def remind_of_time_boxes(**_future: object) -> None:
    """Say once that the half hour of an investigation is over."""
    parking.remind_of_time()


@shared_task
def ask_for_successors(**_future: object) -> None:
    """Ask once for somebody who goes on with a major incident."""
    majors.ask_for_successors()


@shared_task
def remind_of_duties(**_future: object) -> None:
    """Say that a report to others falls due, or was missed."""
    duties.remind()


# Evidence may be large, so a pack gets its time; its row says that somebody works at it.
@shared_task(soft_time_limit=840, time_limit=900)
def go_on_packing(**_future: object) -> None:
    """Make the packs of evidence that were asked for, and what a killed worker left of one."""
    packs.go_on()


@shared_task
def tidy_packs(**_future: object) -> None:
    """Delete the packs that were kept for long enough."""
    packs.tidy()


@shared_task
def sweep_calls(**_future: object) -> None:
    """Bring up calls that are late."""
    calls.sweep_late()


@shared_task
def ask_how_it_went(**_future: object) -> None:
    """Ask those whose trouble was solved some time ago."""
    surveys.ask_due()


@shared_task
def index_older(**_future: object) -> None:
    """Write down the words of incidents from before words were kept, for some seconds at a time."""
    until = time.monotonic() + SECONDS
    while similar.index_older() and time.monotonic() < until:
        pass

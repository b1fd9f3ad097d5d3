"""Thousands join at once: nobody waits for the parent, and one level stays one level."""

import threading
import time
from functools import partial

import pytest
from django.db import connection, transaction

from incidents import children, conversation, majors
from incidents.models import Incident
from tests import factories
from tests.incidents.crowd import at_once
from tests.incidents.moments import history

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def kinds_of(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_twenty_reports_join_at_once_and_each_does_once(report, major, agent):
    mine = [report() for _ in range(10)]

    outcomes = at_once(*[partial(children.attach, each, to=major, by=agent) for each in mine + mine])

    assert kinds_of(outcomes) == ["Incident"] * 20
    assert major.children.joined().count() == 10
    assert {tuple(history(each)) for each in mine} == {("opened", "attached_to")}


def test_who_joins_waits_for_no_verb_of_the_parent_and_none_for_them(report, major, agent):
    mine, other, held = report(), report(), threading.Event()
    done = threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                children.attach(other, to=major, by=agent)  # not committed yet
                Incident.objects.select_for_update(no_key=True).get(pk=major.pk)  # as each verb of the parent does
                held.set()
                done.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")
        assert children.attach(mine, to=major, by=agent).is_joined
    finally:
        done.set()
        thread.join()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")


def test_a_parent_is_updated_while_reports_join(report, major, agent):
    mine = [report() for _ in range(8)]
    updates = [partial(conversation.update, major, by=agent, text=f"News {number}") for number in range(4)]
    begun = time.monotonic()

    outcomes = at_once(*updates, *[partial(children.attach, each, to=major, by=agent) for each in mine])

    assert kinds_of(outcomes) == ["Incident"] * 12
    assert time.monotonic() - begun < 60


def test_two_that_were_majors_do_not_become_each_others_child(report, agent):
    """Each is a parent while it is joined, and cannot be a child meanwhile."""
    for _ in range(3):
        one, other, mine = report(), report(), report()
        majors.declare(other, by=agent)
        majors.declare(one, by=agent)
        majors.downgrade(one, by=agent, reason="Less than we thought.")
        Incident.objects.filter(pk=one.pk).update(is_major=False)

        at_once(
            partial(children.attach, one, to=other, by=agent),
            partial(majors.declare, one, by=agent),
            partial(children.attach, mine, to=one, by=agent),
        )

        one.refresh_from_db()
        assert not (one.parent_id and one.children.exists())
        assert not (one.parent_id and one.is_major)


def test_double_clicks_on_i_have_this_too_are_one_report(major, colleague):
    outcomes = at_once(*[partial(children.report_too, major, by=colleague)] * 6)

    assert len({each.pk for each in outcomes}) == 1
    assert factories.Incident.objects.filter(reporter=colleague).count() == 1

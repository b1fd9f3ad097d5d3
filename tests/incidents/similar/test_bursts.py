"""Many people, one service, a few minutes: a calm suggestion, told to the lead once; somebody decides."""

from datetime import timedelta

import pytest

from incidents import bursts
from incidents.models import Burst, Incident, IncidentEvent
from itsm import events, moment
from tests import factories


@pytest.fixture
def mail(town):
    return factories.ServiceFactory(customer=town, name="E-mail")


@pytest.fixture
def report(town, team, mail):
    """report(minutes_ago) -> an incident by somebody new."""

    def made(minutes_ago: float = 0, **values) -> Incident:
        with moment.travel(moment.now() - timedelta(minutes=minutes_ago)):
            reporter = values.pop("reporter", None) or factories.UserFactory(customer=town)
            return factories.open_incident(reporter, text="No mail arrives", **({"service": mail} | values))

    return made


def told() -> int:
    return IncidentEvent.objects.filter(kind="burst_seen").count()


def test_three_people_in_a_quarter_of_an_hour(report) -> None:
    first, second = report(14), report(9)
    events.relay()
    assert bursts.suggestion(second) is None

    third = report()
    events.relay()

    burst = bursts.suggestion(third)
    assert (burst.reporters, burst.minutes, burst.first) == (3, 14, first)
    assert bursts.suggestion(first) == burst
    assert first.events.filter(kind="burst_seen").count() == 1


def test_it_grows_and_is_told_once(report) -> None:
    for _ in range(6):
        report()
    events.relay()
    for event in IncidentEvent.objects.filter(kind="opened"):
        bursts.notice(event.incident, event.occurred_at)

    assert Burst.objects.get().reporters == 6
    assert told() == 1


def test_one_person_who_reports_three_times_is_one(report, reporter) -> None:
    for _ in range(3):
        report(reporter=reporter)
    events.relay()

    assert not Burst.objects.exists()


def test_slower_than_a_quarter_of_an_hour_is_everyday(report) -> None:
    for minutes in (16, 8, 0):
        report(minutes)
    events.relay()

    assert not Burst.objects.exists()


@pytest.mark.parametrize(("users", "enough"), [(1_000, 3), (1_001, 5), (None, 3)])
def test_what_very_many_use_needs_five(report, mail, users, enough) -> None:
    mail.users = users
    mail.save()
    for _ in range(enough - 1):
        report()
    events.relay()
    assert not Burst.objects.exists()

    report()
    events.relay()

    assert Burst.objects.get().reporters == enough


def test_reports_that_go_on_in_another_one_do_not_count(report) -> None:
    into = report()
    for _ in range(2):
        Incident.objects.filter(pk=report().pk).update(merged_into=into)
    events.relay()

    assert not Burst.objects.exists()


def test_without_a_service_nothing_is_said(report) -> None:
    for _ in range(3):
        last = report(service=None)
    events.relay()

    assert bursts.suggestion(last) is None


def test_once_a_major_is_declared_nothing_is_suggested(report, agent) -> None:
    for _ in range(3):
        last = report()
    events.relay()
    Incident.objects.filter(pk=last.pk).update(is_major=True)

    assert bursts.suggestion(last) is None
    assert bursts.to_decide(agent) == []


def test_who_said_no_is_not_asked_again_for_an_hour(report, agent) -> None:
    for _ in range(3):
        last = report(50)
    events.relay()
    with moment.travel(moment.now() - timedelta(minutes=49)):
        bursts.dismiss(Burst.objects.get(), by=agent)
    for _ in range(3):
        last = report(5)
    events.relay()

    assert bursts.suggestion(last) is None
    assert told() == 1


def test_the_next_burst_is_another_one(report) -> None:
    for minutes in (200, 199, 198, 2, 1, 0):
        report(minutes)
    events.relay()

    assert Burst.objects.count() == 2
    assert told() == 2


def test_only_those_who_serve_the_customer_decide(report, agent, other_agent, reporter) -> None:
    for _ in range(3):
        report()
    events.relay()

    assert len(bursts.to_decide(agent)) == 1
    assert bursts.to_decide(other_agent) == []
    assert list(Burst.objects.visible_to(reporter)) == []

"""What recurs: three alike in 30 days at one customer, or alike at several; what people told apart is no group."""

from datetime import timedelta

import pytest

from incidents import recurring, similar
from incidents.models import Incident
from itsm import events, moment
from tests import factories

LOST = "VPN loses the connection every few minutes"


@pytest.fixture
def vpn(town):
    return factories.ServiceFactory(customer=town, name="VPN")


@pytest.fixture
def report(reporter, team, vpn):
    def made(text: str = LOST, days_ago: float = 0, **values) -> Incident:
        with moment.travel(moment.now() - timedelta(days=days_ago)):
            who = values.pop("reporter", reporter)
            return factories.open_incident(who, text=text, **({"service": vpn} | values))

    return made


def found() -> list[set[int]]:
    events.relay()
    return [{incident.pk for incident in group.incidents} for group in recurring.groups(moment.now())]


def test_three_in_the_same_words(report) -> None:
    made = [report(days_ago=days) for days in (29, 10, 0)]
    report("The certificate of the gateway has run out")

    assert found() == [{incident.pk for incident in made}]


def test_two_are_chance_and_thirty_one_days_are_long(report) -> None:
    for days in (31, 10, 0):
        report(days_ago=days)

    assert found() == []


def test_three_of_one_category_whatever_their_words(report) -> None:
    made = [report(text) for text in ("Gateway unreachable", "Tokens are refused", LOST)]
    assert found() == []

    Incident.objects.update(cause_category="expiry")

    assert found() == [{incident.pk for incident in made}]


def test_not_known_is_no_category(report) -> None:
    for text in ("Gateway unreachable", "Tokens are refused", LOST):
        report(text)
    Incident.objects.update(cause_category="unknown")

    assert found() == []


def test_children_and_withdrawn_ones_count_once(report) -> None:
    parent = report()
    for _ in range(2):
        Incident.objects.filter(pk=report().pk).update(merged_into=parent)

    assert found() == []


def test_what_somebody_told_apart_is_no_group(report, agent) -> None:
    one, two, three = (report() for _ in range(3))
    similar.pair(one, by=agent, other=two, verdict="not_similar")
    similar.pair(one, by=agent, other=three, verdict="not_similar")

    assert found() == []


def test_the_same_service_at_two_customers(report, stranger) -> None:
    theirs = factories.ServiceFactory(customer=stranger.customer, name="vpn")
    ours = {report().pk, report().pk}
    other = report(reporter=stranger, service=theirs).pk

    groups = found()

    assert sorted(map(sorted, groups)) == sorted([sorted(ours), [other]])
    assert all(group.is_spread for group in recurring.groups(moment.now()))


def test_the_same_name_for_different_troubles_is_no_group(report, stranger) -> None:
    theirs = factories.ServiceFactory(customer=stranger.customer, name="VPN")
    report()
    report("Certificate has run out")
    report("Please a new token", reporter=stranger, service=theirs)

    assert found() == []

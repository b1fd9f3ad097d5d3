"""The figures: counted right, from what one may see, in a fixed number of queries."""

from datetime import timedelta

import pytest

from incidents import lifecycle, measures
from incidents.measures import Wanted
from incidents.models import Clock
from itsm import moment
from tests import factories
from tests.incidents.dashboard.conftest import NOW, ago


def share(lead, kind="restore", **wanted) -> measures.Share:
    return measures.attainment(lead, Wanted(**wanted), NOW).total.shares[kind]


def test_kept_and_missed_are_counted(restored, lead) -> None:
    restored(ago(days=2), hours=1)
    restored(ago(days=3), hours=3)
    restored(ago(days=4), hours=5)

    counted = share(lead)

    assert (counted.met, counted.missed, counted.n) == (2, 1, 3)


def test_what_is_overdue_and_not_done_counts_as_missed(reporter, team, lead) -> None:
    with moment.travel(ago(hours=9)):
        factories.open_incident(reporter, impact=1, urgency=1)
    lifecycle.clocks.sweep(NOW)

    assert (share(lead).met, share(lead).missed) == (0, 1)
    assert share(lead, kind="response").missed == 1


def test_what_still_runs_in_time_is_not_counted(incident, lead) -> None:
    assert share(lead).n == 0


@pytest.mark.parametrize(("days", "found"), [(7, 1), (30, 2), (90, 3)])
def test_the_period_is_counted_to_the_verdict(restored, lead, days, found) -> None:
    for age in (5, 20, 80, 100):
        restored(ago(days=age))

    assert share(lead, days=days).n == found


def test_lines_are_by_customer_level_and_priority(restored, lead, team, town, agent) -> None:
    hospital = factories.CustomerFactory(name="Lindenfeld Hospital", level=2)
    team.customers.add(hospital)
    restored(ago(days=1))
    restored(ago(days=2), by=factories.UserFactory(customer=hospital), urgency=2)

    kept = measures.attainment(lead, Wanted(), NOW)

    assert [(line.label, line.note) for line in kept.by_customer] == [
        ("Lindenfeld Hospital", "Supported"),
        ("Town of Ostermoor", "Guided"),
    ]
    assert [line.about for line in kept.by_level] == [{"level": 1}, {"level": 2}]
    assert [line.label for line in kept.by_priority] == ["P1", "P2"]
    assert all(line.shares["restore"].n == 1 for line in kept.by_customer + kept.by_level + kept.by_priority)


def test_the_goal_is_that_of_the_levels_counted(restored, lead, team) -> None:
    bank = factories.CustomerFactory(name="Bank", level=4)
    team.customers.add(bank)
    restored(ago(days=1))
    restored(ago(days=2), by=factories.UserFactory(customer=bank))

    kept = measures.attainment(lead, Wanted(), NOW)

    assert [line.shares["restore"].goal for line in kept.by_level] == [80, 95]
    assert kept.total.shares["restore"].goal == 88  # the middle of both, never rounded down
    assert kept.total.shares["response"].goal == 95


@pytest.mark.parametrize(
    ("met", "missed", "words"),
    [(0, 0, "–"), (1, 0, "1 of 1"), (8, 1, "8 of 9"), (8, 2, "80 %"), (199, 1, "99 %"), (10, 0, "100 %")],
)
def test_a_share_says_no_more_than_it_knows(met, missed, words) -> None:
    assert measures.Share("restore", met, missed).words == words


def test_nobody_counts_what_they_may_not_see(restored, other_agent, stranger, lead) -> None:
    restored(ago(days=1), by=stranger, who=other_agent)

    assert share(lead).n == 0
    assert measures.felt(lead, Wanted(), NOW).n == 0


def test_people_waited_by_the_wall_clock(restored, lead) -> None:
    for hours in (1, 2, 3, 4, 10):
        restored(ago(days=3), hours=hours)

    found = measures.felt(lead, Wanted(), NOW)

    assert (found.n, found.median_s) == (5, 3 * 3600)
    assert found.p90_s == pytest.approx(7.6 * 3600)


def test_who_said_still_broken_is_counted_and_still_waits(restored, lead, reporter) -> None:
    incident = restored(ago(hours=30), hours=2)
    with moment.travel(ago(hours=10)):
        lifecycle.still_broken(incident, by=reporter, text="No.")

    found = measures.felt(lead, Wanted(), NOW)

    assert (found.n, found.came_back) == (1, 1)
    assert found.median_s == 30 * 3600


def test_risks_are_what_is_late_or_runs_out_soon(reporter, team, lead, agent) -> None:
    with moment.travel(ago(hours=3, minutes=5)):
        late = factories.open_incident(reporter, text="Late", impact=1, urgency=1)
    with moment.travel(ago(minutes=5)):
        soon = factories.open_incident(reporter, text="Soon", impact=1, urgency=1)
        factories.open_incident(reporter, text="Has time")
    lifecycle.clocks.sweep(NOW)

    found = measures.risks(lead, Wanted(), NOW)

    assert [(risk.incident, risk.clock.kind) for risk in found.rows] == [
        (late, "response"),
        (late, "restore"),  # 3 h 05 of 4 h used
        (soon, "response"),  # 10 of 15 minutes left
    ]
    assert (found.late, found.soon) == (1, 2)


def test_a_clock_that_stands_still_is_counted_apart(incident, agent, lead) -> None:
    lifecycle.ask(incident, by=agent, question="Which printer is it?")

    found = measures.risks(lead, Wanted(), NOW)

    assert found.paused == Clock.objects.paused().count() == 1
    assert found.rows == []


def test_what_is_late_stays_a_risk_while_it_stands_still(reporter, team, agent, lead) -> None:
    with moment.travel(ago(hours=5)):
        incident = factories.open_incident(reporter, impact=1, urgency=1)
    lifecycle.clocks.sweep(NOW)
    lifecycle.ask(incident, by=agent, question="Which printer is it?")

    assert [risk.clock.kind for risk in measures.risks(lead, Wanted(), NOW).rows] == ["restore"]


def test_only_the_first_risks_are_listed_and_the_rest_is_counted(reporter, team, lead) -> None:
    with moment.travel(ago(minutes=5)):
        for _ in range(measures.RISKS_SHOWN + 2):
            factories.open_incident(reporter, impact=1, urgency=1)

    found = measures.risks(lead, Wanted(), NOW)

    assert (len(found.rows), found.incidents_left) == (measures.RISKS_SHOWN, 2)


@pytest.mark.parametrize("show", list(measures.SHOWN))
def test_each_figure_counts_the_rows_of_its_list(restored, incident, agent, lead, reporter, show) -> None:
    restored(ago(days=2), hours=1)
    restored(ago(days=2), hours=6)
    lifecycle.ask(incident, by=agent, question="Which printer is it?")
    with moment.travel(ago(hours=9)):
        factories.open_incident(reporter, impact=1, urgency=1)
    lifecycle.clocks.sweep(NOW)

    rows = measures.clocks(lead, Wanted(show=show), NOW)
    total, found = measures.attainment(lead, Wanted(), NOW).total, measures.risks(lead, Wanted(), NOW)

    shares = total.shares.values()
    assert rows.count() > 0
    assert (
        rows.count()
        == {
            "judged": sum(share.n for share in shares),
            "met": sum(share.met for share in shares),
            "missed": sum(share.missed for share in shares),
            "pressing": found.late + found.soon,
            "paused": found.paused,
        }[show]
    )


@pytest.mark.parametrize("number", [1, 3, 100])
def test_the_dashboard_asks_the_same_number_of_questions(
    restored, boards, django_assert_num_queries, number, reporter
) -> None:
    restored(ago(days=1))
    with moment.travel(ago(minutes=20)):
        for _ in range(number):
            factories.open_incident(reporter, impact=1, urgency=1)
    boards.get("/dashboards/")

    with django_assert_num_queries(
        10
    ):  # session, user, customers to choose from, four of the risks, what was kept, felt and said
        boards.get("/dashboards/")


@pytest.mark.parametrize("page", ["clocks", "restored"])
@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_lists_ask_the_same_number_of_questions(restored, boards, django_assert_num_queries, page, number) -> None:
    for day in range(number):
        restored(ago(days=1) - timedelta(minutes=day))
    boards.get(f"/dashboards/{page}/")

    with django_assert_num_queries(5):  # session, user, customers to choose from, how many, the page
        boards.get(f"/dashboards/{page}/")

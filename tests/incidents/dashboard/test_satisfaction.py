"""What people said, counted: shares with their margin, none of too few, and never by agent."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import satisfaction
from incidents.measures import Wanted
from incidents.models import Survey
from incidents.satisfaction import Part
from tests import factories
from tests.incidents.dashboard.conftest import NOW, ago
from tests.incidents.dashboard.test_pages import rows_of_csv


@pytest.fixture
def said(reporter, agent):
    """said(5, 4, 1, ...) -> a survey for each number; None was asked and said nothing."""

    def make(*numbers, person=reporter, who=agent, at=None, **more):
        for number in numbers:
            incident = factories.resolved(factories.open_incident(person), who)
            when = at or ago(days=1)
            given = {"answered_at": when, "satisfaction": number, "answered_by": "page"} | more if number else {}
            times = {"asked_at": when, "closes_at": when + timedelta(days=7)}
            Survey.objects.create(incident=incident, customer=person.customer, person=person, **times, **given)

    return make


@pytest.mark.parametrize(
    ("good", "n", "interval"),
    [(0, 10, (0, 28)), (10, 10, (72, 100)), (8, 10, (49, 95)), (82, 100, (73, 89)), (1, 2, (9, 91)), (0, 0, (0, 100))],
)
def test_the_margin_is_wilsons(good, n, interval) -> None:
    assert Part(good, n).interval == interval


def test_four_and_five_are_satisfied(said, lead) -> None:
    said(5, 4, 3, 2, 1, None, ease=5, lost_min=30)
    said(4, ease=4)

    found = satisfaction.said(lead, Wanted(), NOW)

    assert (found.asked, found.answered.good) == (7, 6)
    assert (found.satisfied, found.easy) == (Part(3, 6), Part(5, 6))
    assert (found.lost_n, found.lost_min) == (5, None)


def test_a_period_and_a_customer_are_respected(said, lead, town, stranger) -> None:
    said(5, at=ago(days=40))
    said(5)

    assert satisfaction.said(lead, Wanted(days=30), NOW).satisfied.n == 1
    assert satisfaction.said(lead, Wanted(days=90), NOW).satisfied.n == 2
    assert satisfaction.said(lead, Wanted(customer=stranger.customer), NOW).satisfied.n == 0


def test_others_customers_are_not_counted(said, lead, stranger, other_agent) -> None:
    said(1, person=stranger, who=other_agent)

    assert satisfaction.said(lead, Wanted(), NOW).asked == 0
    assert satisfaction.by_month(lead, Wanted(), NOW)[1] == []


def test_of_fewer_than_ten_no_share_is_shown(said, boards) -> None:
    said(*[5] * 9)
    page = boards.get("/dashboards/surveys/").content.decode()
    assert "100 %" not in page
    assert "n 9" in page

    said(4)
    page = boards.get("/dashboards/surveys/").content.decode()
    assert "100 % (72 to 100)" in page
    assert "100 %" in boards.get("/dashboards/").content.decode()


def test_by_customer_and_month(said, lead, town) -> None:
    said(5, 1)
    said(4, at=ago(days=65))

    months, (line,) = satisfaction.by_month(lead, Wanted(), NOW)

    assert len(months) == 6
    assert line.label == town.name
    assert line.total == Part(2, 3)
    assert sorted(part.n for part in line.months.values()) == [0, 0, 0, 0, 1, 2]


def test_the_list_names_no_agent_and_goes_to_a_spreadsheet(said, boards, agent) -> None:
    said(2, comment="It took =1+1 days.")

    page = boards.get("/dashboards/surveys/").content.decode()
    assert "It took =1+1 days." in page
    assert agent.name not in page
    (row,) = rows_of_csv(boards.get("/dashboards/surveys/?format=csv"))
    assert (row["satisfaction"], row["comment"]) == ("2", "It took =1+1 days.")


def test_agents_read_what_was_said_about_their_own(said, as_user, agent, team, reporter) -> None:
    other = factories.UserFactory(name="Jonas Jung", agent=True, member_of=team)
    said(2, comment="Ines was quick.")
    said(1, who=other, comment="Nobody came.")

    page = as_user(agent).get("/desk/said/").content.decode()
    assert "Ines was quick." in page
    assert "Nobody came." not in page
    assert as_user(reporter).get("/desk/said/").status_code == 404
    assert as_user(agent).get("/dashboards/surveys/").status_code == 404


def test_a_filter_that_cannot_be_read_is_refused(boards) -> None:
    assert boards.get("/dashboards/surveys/?days=x").status_code == 400
    assert boards.get("/dashboards/surveys/?page=x").status_code == 200


def test_as_many_queries_for_many_answers_as_for_one(said, boards) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert boards.get("/dashboards/surveys/").status_code == 200
        return len(captured)

    said(5)
    one = count()
    said(*[4] * 6)

    assert count() == one

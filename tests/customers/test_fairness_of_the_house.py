"""The rules of fairness that hold by how the product is built, whatever the knobs say: 7, 8, 10 of docs/policy.md."""

import re

import pytest

from customers import policy
from customers.models import Customer, Level
from incidents import lifecycle, queries, recalculation
from incidents.models import Incident
from incidents.moves import allowed_moves
from itsm import moment
from tests import factories
from tests.incidents.moments import at

LEVELS = range(1, 6)


def at_level(customer: Customer, level: int) -> None:
    Customer.objects.filter(pk=customer.pk).update(level=level)
    customer.refresh_from_db()


@pytest.mark.parametrize(("first", "second"), [(1, 5), (5, 1), (2, 4), (4, 2), (3, 5), (5, 3)])
def test_rule_7_level_is_no_part_of_the_queues_order(first, second, reporter, agent, team) -> None:
    """Two that differ in nothing but the level stand in the order in which they were reported."""
    found = []
    for minute, level in ((0, first), (1, second)):
        at_level(reporter.customer, level)
        with moment.travel(at(f"Mon 09:{minute:02}")):
            found.append(factories.open_incident(reporter, impact=3, urgency=2))

    rows = queries.queue(agent, "open", at("Mon 09:30"))

    assert [row.incident.reference for row in rows] == [incident.reference for incident in found]


def test_rule_7_level_is_no_part_of_who_works_on_it(reporter, team) -> None:
    teams = set()
    for level in LEVELS:
        at_level(reporter.customer, level)
        incident = factories.open_incident(reporter)
        teams.add((incident.team_id, incident.owner_id, incident.priority))

    assert teams == {(team.pk, None, incident.priority)}


@pytest.mark.parametrize("status", ["new", "restored", "resolved"])
def test_rule_7_level_is_no_part_of_what_people_may_do(status, reporter, agent, team) -> None:
    """The same buttons for the customer at each level: say more, say that it is broken still, withdraw."""
    may = []
    for level in LEVELS:
        at_level(reporter.customer, level)
        incident = factories.open_incident(reporter)
        if status == "restored":
            incident = factories.restored(incident, agent)
        if status == "resolved":
            incident = factories.resolved(incident, agent)
        may.append({move for move, why_not in allowed_moves(incident, reporter).items() if why_not is None})

    assert may[0]
    assert all(moves == may[0] for moves in may)


@pytest.mark.parametrize("level", LEVELS)
def test_rule_7_everybody_may_open_again(level, reporter, agent, team) -> None:
    at_level(reporter.customer, level)

    again = lifecycle.still_broken(factories.resolved(factories.open_incident(reporter), agent), by=reporter)

    assert again.is_open


@pytest.mark.parametrize("level", LEVELS)
def test_rule_7_somebody_looks_in_good_time_at_each_level(level) -> None:
    """The right to escalation: half the target used, the lead looks, and the manager before it is over."""
    ladder = policy.level_defaults(level)["escalation"]

    assert next(rung["at"] for rung in ladder if "lead" in rung["tell"]) <= 50
    assert next(rung["at"] for rung in ladder if "manager" in rung["tell"]) <= 75


@pytest.mark.parametrize(("before", "after"), [(high, low) for high in LEVELS for low in LEVELS if low < high])
def test_rule_8_a_lower_level_shortens_no_deadline_of_an_open_incident(before, after, reporter, team) -> None:
    at_level(reporter.customer, before)
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, impact=2, urgency=2)
    due = dict(incident.clocks.values_list("kind", "due_at"))

    at_level(reporter.customer, after)

    assert dict(incident.clocks.values_list("kind", "due_at")) == due
    assert policy.terms(Incident.objects.get(pk=incident.pk).policy).level == before


def test_rule_8_only_a_person_who_saw_the_preview_applies_it(reporter, team, lead) -> None:
    at_level(reporter.customer, 5)
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, impact=2, urgency=2)
    due = incident.clocks.get(kind="restore").due_at
    at_level(reporter.customer, 1)

    with moment.travel(at("Mon 09:10")):
        job = recalculation.propose_agreement(reporter.customer, by=lead)
        while recalculation.work(job):
            pass
        assert incident.clocks.get(kind="restore").due_at == due


NAMES = {str(level.label) for level in Level}
SCHOOL_GRADES = re.compile(r"\b[Ll]evel\s+[1-5]\b|\bL[1-5]\b|\b[Mm]aturity\b|\b[Ii]mmature\b", re.ASCII)


@pytest.mark.parametrize("level", LEVELS)
def test_rule_10_customers_read_names_and_no_school_grades(level, as_user, reporter, contact, agent, team) -> None:
    """Each page of the portal that a customer can open, in each state of an incident."""
    at_level(reporter.customer, level)
    open_one = factories.open_incident(reporter, service=factories.ServiceFactory(customer=reporter.customer))
    pages = ["/", "/account/profile/", "/organisation/agreement/"]
    pages += [f"/incidents/{incident.reference}/" for incident in (open_one, factories.resolved(open_one, agent))]

    for page in pages:
        answer = as_user(contact).get(page)
        assert answer.status_code == 200, page
        words = re.sub(r"<[^>]*>", " ", answer.content.decode())
        assert not SCHOOL_GRADES.search(words), (page, SCHOOL_GRADES.search(words))
    assert str(Level(level).label) in as_user(contact).get("/organisation/agreement/").content.decode()


def test_rule_10_levels_have_names_for_customers() -> None:
    assert {"Guided", "Supported", "Structured", "Partnered", "Integrated"} == NAMES

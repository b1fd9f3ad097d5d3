"""Letters about problems: whether one goes on, whether an action has helped, and that a half hour is over."""

import re
from datetime import timedelta

import pytest

from incidents import lifecycle as incidents
from incidents import parking
from itsm import events, moment
from notifications import bell, letters, texts
from notifications.audience import RULES_OF_PROBLEMS, audience
from notifications.models import Delivery
from notifications.wanted import why_not_wanted
from notifications.wording import TEXTS_OF_PROBLEMS
from problems import actions, lifecycle
from problems.models import Problem
from tests import factories


@pytest.fixture
def problem(reporter, agent, lead) -> Problem:
    """Open, and the lead's, who coordinates where nobody is marked."""
    incident = factories.open_incident(reporter, impact=2, urgency=1)
    factories.restored(incident, agent)
    events.relay()
    return incident.problems.get()


@pytest.fixture
def done(problem, agent, lead):
    """An action that is done; in thirty days somebody looks."""
    day = moment.now().date()
    action = actions.add(problem, by=lead, kind="prevent", text="Renew certificates early", owner=agent, due_on=day)
    return actions.finish(action, by=agent)


def mailed(kind: str) -> list[Delivery]:
    return list(Delivery.objects.outside().filter(kind=kind))


def sixty_one_days_on() -> None:
    assert lifecycle.ask_untouched(moment.now() + timedelta(days=61)) == 1
    events.relay()


def thirty_days_on() -> int:
    return actions.ask_effects(moment.now() + timedelta(days=30))


def test_every_rule_has_its_texts() -> None:
    kinds = {kind for rules in RULES_OF_PROBLEMS.values() for kind, _reason, _who in rules}

    assert kinds == set(TEXTS_OF_PROBLEMS)


def test_the_coordinator_is_asked_whether_it_goes_on_and_can_answer_from_the_letter(problem, lead, as_user) -> None:
    sixty_one_days_on()

    [delivery] = mailed("problem_untouched")
    message = letters.write(delivery)
    page = f"http://localhost:8000/desk/problems/{problem.reference}/"
    assert (delivery.recipient, message.to) == (lead, [lead.email])
    assert message.subject == f"Does it go on? {problem}"
    html = message.alternatives[0].content
    for link in (page, f"{page}?close=accepted_risk#act-close", f"{page}?close=no_longer_relevant#act-close"):
        assert link in message.body
        assert f'href="{link}"' in html

    shown = as_user(lead).get(f"/desk/problems/{problem.reference}/?close=accepted_risk").content.decode()
    chosen = [one for one in re.findall(r"<input[^>]*name=\"code\"[^>]*>", shown) if " checked" in one]
    assert ['value="accepted_risk"' in one for one in chosen] == [True]
    problem.refresh_from_db()
    assert (problem.status, problem.asked_at is None) == ("open", False)  # a link answers nothing by itself


def test_where_nobody_has_it_the_coordinator_of_the_service_is_asked(problem, team) -> None:
    named = factories.UserFactory(agent=True, member_of=team)
    service = factories.ServiceFactory(customer=problem.customer, coordinator=named)
    type(problem.opened_by).objects.filter(pk=problem.opened_by_id).update(service=service)
    Problem.objects.update(owner=None)

    sixty_one_days_on()

    assert [each.recipient for each in mailed("problem_untouched")] == [named]


def test_it_is_not_sent_once_it_was_answered_or_parked(problem, lead, reporter) -> None:
    sixty_one_days_on()
    [delivery] = mailed("problem_untouched")
    assert why_not_wanted(delivery) == ""

    incidents.still_broken(problem.opened_by, by=reporter)
    events.relay()
    assert "first it works again" in why_not_wanted(delivery)
    lifecycle.settle_for(factories.restored(problem.opened_by, lead), at=moment.now())

    lifecycle.go_on(Problem.objects.get(), by=lead)
    assert why_not_wanted(delivery) == "meanwhile it was done"


def test_whether_it_helped_is_asked_once_after_thirty_days(problem, done, agent) -> None:
    assert actions.ask_effects(moment.now() + timedelta(days=29)) == 0
    assert [thirty_days_on(), thirty_days_on()] == [1, 0]
    events.relay()

    [delivery] = mailed("effect_due")
    message = letters.write(delivery)
    assert delivery.recipient == agent
    assert "Renew certificates early" in message.body
    assert f"/desk/problems/{problem.reference}/#actions" in message.body
    assert texts.write(delivery).startswith(f"{problem.reference}: Did it help?")
    line = bell.lines(agent, Delivery.objects.in_the_bell(agent).filter(kind="effect_due"))[0]
    assert (line.headline, line.about) == ("Did it help?", str(problem))

    actions.check_effect(done, by=agent, effect="yes")
    assert why_not_wanted(delivery) == "meanwhile it was done"


def test_what_the_customer_did_is_looked_at_by_the_desk(problem, done, contact, lead) -> None:
    type(done).objects.update(owner=contact)
    thirty_days_on()
    events.relay()

    assert [each.recipient for each in mailed("effect_due")] == [lead]


def test_while_it_is_down_nobody_is_asked(problem, done, reporter) -> None:
    incidents.still_broken(problem.opened_by, by=reporter)
    events.relay()

    assert thirty_days_on() == 0


def test_whoever_looks_for_a_way_out_hears_that_the_half_hour_is_over(incident, agent, lead) -> None:
    parking.investigate(incident, by=lead, aim="find a way to print", owner=agent)
    events.relay()
    assert not mailed("time_is_up")

    assert parking.remind_of_time(moment.now() + timedelta(minutes=31)) == 1
    events.relay()

    [delivery] = mailed("time_is_up")
    message = letters.write(delivery)
    assert delivery.recipient == agent
    assert "The half hour is over for: find a way to print" in message.body
    assert incident.reference in message.subject


def test_other_events_of_problems_tell_nobody(problem, lead) -> None:
    lifecycle.investigate(problem, by=lead)

    assert [audience(event) for event in problem.events.all()] == [[]] * problem.events.count()

"""Several people at once: one wins, the others hear of it, and nothing is recorded twice."""

import time
import uuid
from functools import partial

import pytest
from django.db import transaction

from customers import policy
from incidents import conversation, lifecycle
from incidents.models import Incident
from tests import factories
from tests.incidents.crowd import at_once
from tests.incidents.moments import history, states

pytestmark = pytest.mark.django_db(transaction=True)


def kinds_of(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_eight_restore_and_one_does(incident, agent):
    one = partial(lifecycle.restore, incident, by=agent, outcome="Printer 2 works.", restored_by="workaround")

    outcomes = at_once(*[one] * 8)

    assert kinds_of(outcomes) == ["Incident"] + ["MoveRefused"] * 7
    assert history(incident) == ["opened", "restored"]
    assert incident.clocks.filter(kind="update").count() == 1


def test_eight_clicks_of_one_form_restore_once_and_all_succeed(incident, agent):
    token = uuid.uuid4()
    one = partial(lifecycle.restore, incident, by=agent, outcome="Works.", restored_by="fix", client_token=token)

    outcomes = at_once(*[one] * 8)

    assert kinds_of(outcomes) == ["Incident"] * 8
    assert history(incident) == ["opened", "restored"]


def test_twenty_take_what_they_saw_free_and_one_has_it(incident, team):
    crowd = [factories.UserFactory(agent=True, member_of=team) for _ in range(20)]

    outcomes = at_once(*[partial(lifecycle.take, incident, by=who, expected_version=1) for who in crowd])

    incident.refresh_from_db()
    [winner] = [outcome.owner for outcome in outcomes if isinstance(outcome, Incident)]
    assert kinds_of(outcomes) == ["Incident"] + ["Stale"] * 19
    assert incident.owner == winner
    assert history(incident) == ["opened", "taken"]


def test_ten_sends_of_one_report_are_one_incident(reporter, team):
    one = partial(factories.open_incident, reporter, client_token=uuid.uuid4())

    outcomes = at_once(*[one] * 10)

    assert len({outcome.pk for outcome in outcomes}) == 1
    assert history(Incident.objects.get()) == ["opened"]
    assert states(Incident.objects.get()) == {"response": "running", "restore": "running"}


def test_ten_reports_of_one_service_are_ten_incidents(team, town):
    people = [factories.UserFactory(customer=town) for _ in range(10)]

    outcomes = at_once(*[partial(factories.open_incident, who) for who in people])

    assert len({outcome.reference for outcome in outcomes}) == 10


def test_two_who_answer_the_same_form_make_one_answer_and_one_conflict(incident, agent, lead):
    seen = incident.version

    outcomes = at_once(
        *(partial(conversation.update, incident, by=who, text=f"{who} here.", expected_version=seen)
          for who in (agent, lead))
    )  # fmt: skip

    assert kinds_of(outcomes) == ["Incident", "Stale"]
    assert history(incident) == ["opened", "updated"]


def test_customer_and_agent_at_once_are_both_heard(incident, agent, reporter):
    incident = lifecycle.ask(incident, by=agent, question="Which one?")

    outcomes = at_once(
        partial(conversation.add, incident, by=reporter, text="The left one."),
        partial(conversation.note, incident, by=agent, text="Nobody answers the phone there."),
    )

    assert kinds_of(outcomes) == ["Incident"] * 2
    assert sorted(history(incident)) == ["added", "asked", "noted", "opened"]
    assert states(incident)["restore"] == "running"


def test_events_get_their_numbers_in_the_order_of_commits(incident, agent):
    """The relay hands on by number: a number given before the lock would let an event overtake another."""
    at_once(*[partial(conversation.note, incident, by=agent, text=f"Note {n}") for n in range(8)])

    events = list(incident.events.order_by("pk"))
    assert [event.message_id for event in events] == sorted(event.message_id for event in events)
    assert len(events) == 9


def test_nobody_waits_for_nobody_in_a_circle(incident, agent, reporter):
    """Verbs on two incidents at once; a deadlock would be an error of the database."""
    other = factories.open_incident(reporter)
    calls = [partial(lifecycle.prioritise, subject, by=agent, impact=1, urgency=urgency)
             for subject in (incident, other) for urgency in (1, 2)]  # fmt: skip

    outcomes = at_once(*calls, *[partial(conversation.update, other, by=agent, text="Soon.")] * 2)

    assert kinds_of(outcomes) == ["Incident"] * 6


@pytest.mark.parametrize("change", ["owner", "policy", "team"])
def test_a_verb_that_waited_sees_what_it_waited_for(incident, agent, team, change):
    """PostgreSQL checks a row it waited for against what was joined before: the change must not look like nothing."""
    mate = factories.UserFactory(name="Tomas Lund", agent=True, member_of=team)
    other = {
        "owner": mate,
        "policy": policy.resolve(factories.CustomerFactory(level=4)),
        "team": factories.TeamFactory(customers=[incident.customer]),
    }[change]

    def slowly():
        with transaction.atomic():
            Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
            Incident.objects.filter(pk=incident.pk).update(**{change: other})
            time.sleep(0.5)

    def meanwhile():
        time.sleep(0.15)
        return conversation.update(incident, by=agent, text="We look at it.")

    outcomes = at_once(slowly, meanwhile)

    assert kinds_of(outcomes) == ["Incident", "NoneType"]
    incident.refresh_from_db()
    assert getattr(incident, change) == other
    assert history(incident) == ["opened", "updated"]

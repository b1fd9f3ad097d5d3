"""Me too, following, and what it lets somebody see."""

import pytest

from customers.models import User
from incidents import corrections, following, lifecycle
from incidents.models import Follow, Incident, IncidentEvent
from itsm.refusal import Refused
from tests import factories


def told(incident: Incident) -> dict[str, str]:
    rows = incident.followers.filter(ended_at__isnull=True).select_related("person")
    return {row.person.name: row.why for row in rows}


def kinds(incident: Incident) -> list[str]:
    return list(incident.events.filter(kind__in=["joined", "left"]).order_by("pk").values_list("kind", flat=True))


def test_join_and_leave_are_in_the_history(incident, colleague) -> None:
    follow = following.join(incident, by=colleague)
    assert (follow.why, follow.added_by, follow.customer) == ("me_too", None, incident.customer)
    assert told(incident) == {"Carl Colleague": "me_too"}

    assert following.leave(incident, by=colleague)

    assert told(incident) == {}
    assert kinds(incident) == ["joined", "left"]
    assert IncidentEvent.objects.filter(kind="joined").get().data["person"] == colleague.pk


def test_twice_is_once_and_another_reason_counts(incident, colleague) -> None:
    following.join(incident, by=colleague)
    following.join(incident, by=colleague)
    following.join(incident, by=colleague, why=Follow.Why.FOLLOWS)

    assert told(incident) == {"Carl Colleague": "follows"}
    assert kinds(incident) == ["joined", "joined"]
    assert following.leave(incident, by=colleague)
    assert not following.leave(incident, by=colleague)


def test_the_desk_adds_people_of_the_same_customer(incident, colleague, agent) -> None:
    assert following.join(incident, by=agent, person=colleague).added_by == agent
    assert following.leave(incident, by=agent, person=colleague)


@pytest.mark.parametrize(
    ("whom", "sentence"),
    [
        ("stranger", "belongs to another customer"), ("agent", "belongs to another customer"),
        ("reporter", "has reported it"), ("gone", "no log-in any more"),
    ],
)  # fmt: skip
def test_the_desk_adds_nobody_else(incident, agent, stranger, reporter, town, whom, sentence) -> None:
    gone = factories.UserFactory(customer=town, is_active=False)
    person = {"stranger": stranger, "agent": agent, "reporter": reporter, "gone": gone}[whom]

    with pytest.raises(Refused, match=sentence):
        following.join(incident, by=agent, person=person)

    assert told(incident) == {}


def test_people_decide_for_themselves(incident, colleague, contact) -> None:
    with pytest.raises(Refused, match="decide for themselves"):
        following.join(incident, by=contact, person=colleague)
    following.join(incident, by=colleague)
    with pytest.raises(Refused, match="decide for themselves"):
        following.leave(incident, by=contact, person=colleague)


def test_an_unknown_reason_is_refused(incident, colleague) -> None:
    with pytest.raises(Refused, match="Please say whether"):
        following.join(incident, by=colleague, why="curious")


def test_what_is_over_is_not_joined_but_can_be_left(incident, colleague, agent) -> None:
    following.join(incident, by=colleague)
    factories.resolved(incident, agent)

    with pytest.raises(Refused):
        following.join(incident, by=colleague, why=Follow.Why.FOLLOWS)
    assert following.leave(incident, by=colleague)


def test_who_follows_sees_it_and_who_left_does_not(incident, colleague, agent) -> None:
    assert not Incident.objects.visible_to(colleague).exists()

    following.join(incident, by=agent, person=colleague)
    assert Incident.objects.visible_to(colleague).get() == incident

    following.leave(incident, by=colleague)
    assert not Incident.objects.visible_to(colleague).exists()


def test_a_follow_opens_nothing_at_another_customer(incident, stranger) -> None:
    """Whatever stands in the table: the customer comes first."""
    Follow.objects.create(
        incident=incident, customer=incident.customer, person=stranger, why="me_too", created_at=incident.opened_at
    )

    assert not Incident.objects.visible_to(stranger).filter(pk=incident.pk).exists()


def test_who_follows_may_not_withdraw_it(incident, colleague, contact, agent) -> None:
    following.join(incident, by=agent, person=colleague)
    with pytest.raises(Refused, match="Only whoever reported it"):
        lifecycle.cancel(incident, by=colleague, reason="Mine works.")

    lifecycle.cancel(incident, by=contact, reason="Not needed.")


def test_customers_see_only_that_they_follow_themselves(incident, colleague, reporter, contact, agent) -> None:
    following.join(incident, by=colleague)

    seen = {who.name: Follow.objects.visible_to(who).count() for who in (colleague, reporter, contact, agent)}
    assert seen == {"Carl Colleague": 1, "Rosa Reporter": 0, "Birte Brandt": 0, "Ines Keller": 1}
    assert not IncidentEvent.objects.visible_to(contact).filter(kind="joined").exists()


def test_merged_everybody_goes_along(incident, reporter, colleague, contact, agent, town) -> None:
    other = factories.open_incident(colleague)
    following.join(incident, by=contact, why=Follow.Why.FOLLOWS)
    following.join(incident, by=colleague)

    corrections.merge(incident, by=agent, into=other)

    assert told(other) == {"Rosa Reporter": "me_too", "Birte Brandt": "follows"}
    assert Incident.objects.visible_to(reporter).filter(pk=other.pk).exists()


def test_who_has_left_does_not_go_along(incident, reporter, colleague, agent) -> None:
    User.objects.filter(pk=reporter.pk).update(is_active=False)
    other = factories.open_incident(colleague)

    corrections.merge(incident, by=agent, into=other)

    assert told(other) == {}

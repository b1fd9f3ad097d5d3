"""Who is told that an incident is major, that they have a role, that somebody should go on; and whom news reach."""

import pytest
from django.urls import reverse

from incidents import following, majors
from incidents.models import Follow
from itsm import events
from notifications import letters
from notifications.models import Delivery
from notifications.wanted import why_not_wanted
from tests import factories


@pytest.fixture
def mate(team):
    return factories.UserFactory(name="Tomas Lund", agent=True, member_of=team)


@pytest.fixture
def major(incident, agent, lead, manager):
    majors.declare(incident, by=agent, reason="All three sites are down.")
    incident.refresh_from_db()
    return incident


def sent(kind: str) -> list[Delivery]:
    events.relay()
    return list(Delivery.objects.outside().filter(kind=kind).order_by("recipient__name"))


def test_the_lead_and_the_manager_hear_of_it(major, lead, manager) -> None:
    told = sent("declared")

    assert [each.recipient for each in told] == [lead, manager]
    letter = letters.write(told[0])
    assert letter.subject.startswith(f"Major incident: [{major.reference}]")
    assert "Ines Keller has declared a major incident: All three sites are down." in letter.body


def test_who_is_given_a_role_is_told_which(major, agent, mate) -> None:
    majors.give_role(major, by=agent, role="technical", person=mate)
    majors.give_role(major, by=agent, role="scribe", person=agent)
    majors.give_role(major, by=agent, role="safety", name="Dr Haas")

    (told,) = sent("given_role")
    assert told.recipient == mate
    assert "You have a role in this major incident: Technical lead." in letters.write(told).body


def test_who_runs_it_is_asked_for_a_successor(major, agent, mate) -> None:
    majors.hand_over(major, by=agent, to=mate, note="Tried relay 1.")
    major.major.refresh_from_db()
    majors.ask_for_successors(major.major.handover_due_at)

    (told,) = sent("handover_due")
    assert told.recipient == mate
    assert "write five lines" in letters.write(told).body


@pytest.mark.parametrize("has_left", [True, False])
def test_where_nobody_runs_it_the_lead_is_asked(major, lead, agent, has_left) -> None:
    if has_left:
        agent.is_active = False
        agent.save()
    else:
        major.major_roles.all().delete()
    majors.ask_for_successors(major.major.handover_due_at)

    assert [each.recipient for each in sent("handover_due")] == [lead]


def test_what_was_taken_back_alarms_nobody(major, agent, lead) -> None:
    told = sent("declared")
    majors.downgrade(major, by=agent, reason="A mistake.")
    told[0].incident.refresh_from_db()

    assert why_not_wanted(told[0]) == "meanwhile it is not major any more"


def test_customers_hear_nothing_of_what_the_desk_does_among_itself(major, agent, reporter, contact) -> None:
    events.relay()

    kinds = Delivery.objects.filter(recipient__in=[reporter, contact]).values_list("kind", flat=True)
    assert "received" in kinds
    assert not set(kinds) & {"declared", "given_role", "handover_due"}


def test_the_desk_sees_whom_an_update_reaches(major, as_user, agent, reporter, colleague, town) -> None:
    following.join(major, by=agent, person=colleague, why=Follow.Why.ME_TOO)
    town.contact_roles.create(kind="named_contact", name="Birte Brandt", out_of_band="+49 170 555")
    there = reverse("notifications:incident_audience", args=[major.reference])
    shown = as_user(agent).get(there).content.decode()

    assert "An update reaches 2 people" in shown
    assert reporter.name in shown
    assert colleague.name in shown
    assert "because it hits them too" in shown
    assert "has no log-in: please call" in shown
    assert 'href="tel:+49170555"' in shown


def test_of_many_it_names_a_few(major, as_user, agent, town, django_assert_max_num_queries) -> None:
    client, there = as_user(agent), reverse("notifications:incident_audience", args=[major.reference])
    client.get(there)
    with django_assert_max_num_queries(30) as few:
        client.get(there)
    for _ in range(8):
        following.join(major, by=agent, person=factories.UserFactory(customer=town), why=Follow.Why.ME_TOO)

    with django_assert_max_num_queries(len(few)):
        page = client.get(there)

    assert "and others, 8 in all" in page.content.decode()

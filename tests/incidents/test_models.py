"""What the database itself refuses, whoever writes; and what people see of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from incidents.models import Attachment, Clock, ClockAlert, Incident, Message, next_reference
from incidents.priority import MATRIX, priority
from itsm import moment
from tests import factories
from tests.incidents.moments import at, clock

Status = Incident.Status


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"priority": 0}, "incident_priority_1_to_4"),
        ({"priority": 5}, "incident_priority_1_to_4"),
        ({"status": "pending"}, "incident_waits_with_a_question"),
        ({"status": "pending", "pending_reason": "awaiting_customer"}, "incident_waits_with_a_question"),
        ({"status": "pending", "question": "Which?"}, "incident_waits_with_a_question"),
        ({"pending_reason": "awaiting_customer"}, "incident_waits_with_a_question"),
        ({"status": "restored"}, "incident_restored_is_stamped"),
        ({"status": "restored", "restored_at": at("Mon 10:00")}, "incident_restored_is_stamped"),
        ({"status": "resolved", "restored_at": at("Mon 10:00"), "restored_by": "fix"}, "incident_resolved_is_stamped"),
        (
            {"status": "closed", "restored_at": at("Mon 10:00"), "restored_by": "fix", "resolved_at": at("Mon 10:00")},
            "incident_closed_is_stamped",
        ),
    ],
)
def test_incident_that_contradicts_itself_is_refused(values, constraint, incident):
    with refused(constraint), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**values)


def test_waiting_without_a_question_is_refused_with_a_sentence(incident):
    incident.status = Status.PENDING

    with pytest.raises(ValidationError, match="question the customer can see"):
        incident.validate_constraints()


def test_form_makes_one_incident(incident):
    Incident.objects.filter(pk=incident.pk).update(client_token="3c9b3a51-6d57-4a4b-8f0c-3b7b4b7a9b1e")
    other = factories.open_incident(incident.reporter)

    with refused("incident_once_per_form"), transaction.atomic():
        Incident.objects.filter(pk=other.pk).update(client_token="3c9b3a51-6d57-4a4b-8f0c-3b7b4b7a9b1e")


def test_second_running_clock_of_a_kind_is_refused(incident):
    copy = clock(incident, "restore")
    copy.pk, copy.cycle = None, 2

    with refused("clock_one_active_a_kind"), transaction.atomic():
        copy.save()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"due_at": None}, "clock_running_is_due_sometime"), ({"state": "stopped"}, "clock_stopped_is_stamped")],
)
def test_clock_that_contradicts_itself_is_refused(values, constraint, incident):
    with refused(constraint), transaction.atomic():
        incident.clocks.filter(kind="restore").update(**values)


def test_second_alert_of_a_threshold_is_refused(incident):
    values = {"customer": incident.customer, "threshold": 100, "due_at": at("Mon 10:00"), "detected_at": moment.now()}
    ClockAlert.objects.create(clock=clock(incident, "restore"), **values)

    with refused("clock_alert_once"), transaction.atomic():
        ClockAlert.objects.create(clock=clock(incident, "restore"), **values)


def test_message_of_no_words_is_refused(incident):
    with refused("message_says_something"), transaction.atomic():
        Message.objects.filter(incident=incident).update(body="")


def test_empty_attachment_is_refused(incident, reporter):
    with refused("attachment_is_not_empty"), transaction.atomic():
        Attachment.objects.create(incident=incident, customer=incident.customer, uploaded_by=reporter, is_public=True,
                                  name="a.txt", size=0, added_at=moment.now())  # fmt: skip


def test_references_count_up():
    first, second = next_reference(), next_reference()

    assert int(second.removeprefix("INC-")) == int(first.removeprefix("INC-")) + 1


def test_priority_follows_impact_and_urgency():
    assert [[priority(impact, urgency) for urgency in (1, 2, 3)] for impact in (1, 2, 3)] == [list(r) for r in MATRIX]


# --- who sees what


def test_end_users_see_their_own_and_contacts_all_of_their_customer(incident, reporter, colleague, contact):
    assert list(Incident.objects.visible_to(reporter)) == [incident]
    assert list(Incident.objects.visible_to(contact)) == [incident]
    assert list(Incident.objects.visible_to(colleague)) == []


def test_customer_that_shares_lets_colleagues_see(incident, colleague, town):
    town.shares_incidents = True
    town.save()

    assert list(Incident.objects.visible_to(colleague)) == [incident]


def test_staff_see_what_their_teams_serve(incident, agent, lead, other_agent, stranger):
    assert [Incident.objects.visible_to(who).count() for who in (agent, lead, other_agent, stranger)] == [1, 1, 0, 0]


def test_clocks_messages_and_files_stay_with_the_incident(incident, reporter, colleague, stranger):
    assert Clock.objects.visible_to(reporter).count() == 2
    assert Message.objects.visible_to(colleague).count() == 0
    assert Clock.objects.visible_to(stranger).count() == 0


# --- queue order


def test_queue_is_by_major_then_priority_then_pressing_promise_then_age(reporter, agent):
    def opened(minute, **values):
        with moment.travel(at(f"Mon 09:{minute:02}")):
            return factories.open_incident(reporter, **values)

    low, old = opened(0), opened(1, impact=2, urgency=2)
    pressing, urgent = opened(2, impact=2, urgency=2), opened(3, impact=1, urgency=1)
    major = opened(4)
    Incident.objects.filter(pk=major.pk).update(is_major=True)
    soon = at("Mon 09:10") + timedelta(minutes=15)
    pressing.clocks.filter(kind="response").update(due_at=soon)

    queue = Incident.objects.open().in_queue_order(at("Mon 09:10"))

    assert list(queue) == [major, urgent, pressing, old, low]


def test_queue_lifts_owned_incidents_in_their_last_quarter(reporter, agent):
    with moment.travel(at("Mon 09:00")):
        first, second, third = (factories.open_incident(reporter, impact=2, urgency=2) for _ in range(3))
        factories.taken(third, agent)
    for incident in (second, third):
        incident.clocks.filter(kind="restore").update(at_risk_at=at("Mon 09:05"))

    assert list(Incident.objects.open().in_queue_order(at("Mon 09:10"))) == [third, first, second]


def test_judged_are_the_finished_and_the_overdue(reporter, agent):
    with moment.travel(at("Mon 09:00")):
        incident = factories.answered(factories.open_incident(reporter), agent)
    judged = incident.clocks.judged_between(at("Mon 00:00"), at("Tue 00:00"))
    assert [(each.kind, each.state) for each in judged] == [("response", "stopped")]

    incident.clocks.filter(kind="restore").update(breached_at=at("Mon 12:00"))

    assert judged.missed().get().kind == "restore"
    assert judged.met().get().kind == "response"

"""Putting an incident right, through the forms of its page."""

from datetime import timedelta

import pytest

from customers.models import Membership, Team
from incidents import bursts, conversation, corrections, lifecycle
from incidents.models import Incident
from itsm import events, moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.desk.pages import links, region, text
from tests.incidents.moments import at, clock, history, states

VERBS = ["wait", "go_on", "hand_over", "merge", "correct_customer", "name_service"]


@pytest.fixture
def second_line(town):
    return factories.TeamFactory(name="Second line", customers=[town], own_target_min=120)


@pytest.fixture
def another(reporter, team):
    return factories.open_incident(reporter, text="The printer again")


@pytest.fixture
def clinic(team):
    """Another customer of the same team, and somebody there."""
    customer = factories.CustomerFactory(name="Clinic", level=2)
    team.customers.add(customer)
    return factories.UserFactory(name="Nora Nurse", customer=customer)


@pytest.mark.parametrize("verb", VERBS)
def test_they_are_for_agents_of_the_customer_only(as_user, other_agent, reporter, incident, address, verb) -> None:
    assert as_user(other_agent).post(address(verb)).status_code == 404
    assert as_user(reporter).post(address(verb)).status_code == 404
    assert as_user(other_agent).get(address(verb)).status_code == 405


@pytest.mark.parametrize("verb", ["wait", "hand_over", "merge", "correct_customer"])
def test_each_is_offered_on_the_page_and_opens_its_form(desk, address, verb) -> None:
    html = desk.get(address()).content.decode()

    assert f"do={verb}#workbench" in html
    assert f'action="{address(verb)}"' in desk.get(address(), {"do": verb}).content.decode()


def test_waiting_for_a_supplier_is_told_and_stops_no_clock(desk, as_user, reporter, incident, address) -> None:
    answer = desk.post(address("wait"), {"text": "A part comes from the maker tomorrow."}, follow=True)

    assert "No clock stands still" in answer.content.decode()
    assert states(incident) == {"response": "stopped", "update": "running", "restore": "running"}
    page = as_user(reporter).get(f"/incidents/{incident.reference}/").content.decode()
    assert "Waiting for somebody else" in page
    assert "A part comes from the maker tomorrow." in page
    assert "We have a question" not in page


def test_when_the_part_is_there_it_goes_on(desk, agent, incident, address) -> None:
    lifecycle.wait_for_supplier(incident, by=agent, text="A part comes tomorrow.")
    assert links(desk.get(address()).content.decode(), "Wait for a supplier")

    answer = desk.post(address("go_on"), follow=True)

    incident.refresh_from_db()
    assert "The waiting is over" in answer.content.decode()
    assert (incident.status, incident.waits.going_on().count()) == ("in_progress", 0)


def test_two_waits_overlap_and_the_clock_waits_for_both(agent, reporter, incident) -> None:
    reasons = Incident.PendingReason
    lifecycle.ask(incident, by=agent, question="May we exchange it?", reason=reasons.AWAITING_APPROVAL)
    lifecycle.ask(incident, by=agent, question="Which one is it?")

    conversation.add(incident, by=reporter, text="The left one.")

    incident.refresh_from_db()
    assert (incident.status, incident.question) == ("pending", "May we exchange it?")
    assert clock(incident, "restore").state == "paused"
    lifecycle.go_on(incident, by=agent, reason=reasons.AWAITING_APPROVAL)
    assert clock(incident, "restore").state == "running"


def test_another_team_goes_on_with_a_target_of_its_own(desk, incident, address, second_line) -> None:
    answer = desk.post(address("hand_over"), {"team": second_line.pk}, follow=True)

    incident.refresh_from_db()
    assert "Second line has it now." in answer.content.decode()
    assert (incident.team, clock(incident, "team").target_s) == (second_line, 7200)


def test_who_is_not_in_the_other_team_has_it_no_more(desk, agent, incident, address, second_line) -> None:
    factories.taken(incident, agent)

    desk.post(address("hand_over"), {"team": second_line.pk})

    incident.refresh_from_db()
    assert (incident.owner, incident.status) == (None, "new")


def test_a_team_that_does_not_serve_the_customer_is_no_choice(desk, incident, address, stranger) -> None:
    foreign = stranger.customer.teams.get()

    assert desk.post(address("hand_over"), {"team": foreign.pk}).status_code == 422
    incident.refresh_from_db()
    assert incident.team != foreign


def test_a_double_goes_on_as_the_other(desk, agent, incident, address, another) -> None:
    conversation.update(incident, by=agent, text="We look.")

    page = text(region(desk.post(address("merge"), {"into": another.pk}, follow=True).content.decode(), "incident"))

    incident.refresh_from_db()
    assert (incident.status, incident.merged_into) == ("cancelled", another)
    assert set(states(incident).values()) == {"stopped", "cancelled"}
    assert f"Merged into {another.reference}" in page
    assert history(another)[-1] == history(incident)[-1] == "merged"


def test_the_customer_reads_where_it_goes_on(as_user, reporter, desk, incident, address, another) -> None:
    desk.post(address("merge"), {"into": another.pk})

    page = as_user(reporter).get(f"/incidents/{incident.reference}/").content.decode()
    assert f"It goes on as {another.reference}." in page


def test_the_earlier_promise_holds(agent, incident, address, another, desk) -> None:
    conversation.update(another, by=agent, text="Tomorrow.")
    late = clock(another, "update").due_at
    conversation.update(
        incident,
        by=agent,
        text="In an hour.",
        next_update_at=late - (late - clock(another, "update").started_at) / 2,
    )
    early = clock(incident, "update").due_at

    desk.post(address("merge"), {"into": another.pk})

    assert clock(another, "update").due_at == early < late


def test_only_incidents_of_the_same_customer_can_be_chosen(desk, incident, address, clinic) -> None:
    foreign = factories.open_incident(clinic)

    assert desk.post(address("merge"), {"into": foreign.pk}).status_code == 422
    assert desk.post(address("merge"), {"into": incident.pk}).status_code == 422


def test_the_customer_is_corrected_and_nobody_there_before_sees_it(
    desk, as_user, reporter, incident, address, clinic
) -> None:
    answer = desk.post(address("correct_customer"), {"who": "Nora"}, follow=True)

    incident.refresh_from_db()
    assert "It is booked on Clinic now." in answer.content.decode()
    assert (incident.customer, incident.reporter) == (clinic.customer, clinic)
    assert as_user(reporter).get(f"/incidents/{incident.reference}/").status_code == 404
    assert as_user(clinic).get(f"/incidents/{incident.reference}/").status_code == 200
    for rows in (incident.clocks, incident.events, incident.messages):
        assert set(rows.values_list("customer", flat=True)) == {clinic.customer.pk}


def test_the_right_customers_team_goes_on_with_its_own_target_from_then(office, team, reporter, agent, lead) -> None:
    clinic = factories.CustomerFactory(name="Clinic", calendar=office.calendar)
    theirs = factories.TeamFactory(name="Clinic desk", customers=[clinic], own_target_min=60)
    Membership.objects.create(team=theirs, user=lead)
    Team.objects.filter(pk=team.pk).update(own_target_min=120)
    with moment.travel(at("Mon 09:00")):
        incident = factories.taken(factories.open_incident(reporter), agent)
    with moment.travel(at("Mon 10:30")):
        corrections.correct_customer(incident, by=lead, reporter=factories.UserFactory(customer=clinic))

    incident.refresh_from_db()
    first, second = incident.clocks.filter(kind="team").order_by("cycle")
    assert (first.state, first.stopped_at, first.breached_at) == ("stopped", at("Mon 10:30"), None)
    assert (second.started_at, second.due_at) == (at("Mon 10:30"), at("Mon 11:30"))
    assert incident.team == theirs
    assert (incident.owner, incident.status) == (None, "new"), "the agent does not serve the clinic"


def test_who_serves_both_customers_keeps_it(incident, agent, clinic) -> None:
    factories.taken(incident, agent)

    corrections.correct_customer(incident, by=agent, reporter=clinic)

    incident.refresh_from_db()
    assert (incident.owner, incident.status) == (agent, "assigned")


@pytest.mark.parametrize(
    ("who", "sentence"),
    [("nobody at all", "Nobody of that name"), ("", "This field is required."), ("N", "Several people fit")],
)
def test_who_cannot_be_found_is_asked_again(desk, incident, address, clinic, who, sentence) -> None:
    factories.UserFactory(name="Nils Nurse", customer=clinic.customer)

    answer = desk.post(address("correct_customer"), {"who": who})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    incident.refresh_from_db()
    assert incident.customer != clinic.customer


def test_the_desk_says_which_service_it_is_and_what_is_agreed_for_it_holds(desk, incident, town, address) -> None:
    mail = factories.ServiceFactory(
        customer=town, name="Mail", is_critical=True, agreement={"restore": ["2 h", "4 h", "1 bd", "2 bd"]}
    )
    assert (incident.priority, incident.priority_basis) == (4, "assumed")

    desk.post(address("name_service"), {"service": mail.pk, "version": incident.version})

    incident.refresh_from_db()
    assert (incident.service, incident.priority) == (mail, 3), "a critical one is assumed to concern a group"
    assert clock(incident, "restore").due_at == incident.opened_at.replace(microsecond=0) + timedelta(days=1)
    assert history(incident)[-1] == "service_named"


def test_what_somebody_said_about_how_bad_it_is_stands(reporter, team, agent, town) -> None:
    incident = factories.open_incident(reporter, impact=3, urgency=3)
    mail = factories.ServiceFactory(customer=town, is_critical=True)

    named = corrections.name_service(incident, by=agent, service=mail)

    assert (named.priority, named.priority_basis) == (4, "agent")


def test_a_service_of_another_customer_is_refused(incident, agent, stranger) -> None:
    with pytest.raises(Refused, match="another customer"):
        corrections.name_service(incident, by=agent, service=factories.ServiceFactory(customer=stranger.customer))


def test_reports_whose_service_is_named_make_a_burst(team, town, agent) -> None:
    mail = factories.ServiceFactory(customer=town, name="Mail")
    for _ in range(3):
        named = factories.open_incident(factories.UserFactory(customer=town), "Outlook does not open")
        named = corrections.name_service(named, by=agent, service=mail)
    while events.relay():
        pass

    assert bursts.suggestion(named).reporters == 3

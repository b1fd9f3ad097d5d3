"""Inviting, changing, sending away, taking back."""

import pytest
from knox.models import AuthToken

from customers import people
from customers.models import CustomerEvent, StaffEvent, Team, User
from itsm.refusal import Refused
from tests import factories

Role = User.Role


def kinds(person) -> list[str]:
    kept = CustomerEvent.objects.filter(person=person) if person.customer_id else person.staff_history.all()
    return list(kept.order_by("pk").values_list("kind", flat=True))


def invite(by, customer=None, email="new@town.example", role="reporter", **more) -> User:
    return people.invite(by=by, customer=customer, email=email, name="Nora New", role=role, **more)


def test_an_invited_person_has_no_password_yet(lead, town) -> None:
    person = invite(lead, town, email="  New@Town.Example ")

    assert (person.email, person.customer, person.is_invited) == ("new@town.example", town, True)
    assert person.invited_at is not None
    assert kinds(person) == ["person_invited"]
    assert CustomerEvent.objects.get(person=person).actor == lead


@pytest.mark.parametrize("role", ["reporter", "contact"])
def test_a_contact_invites_their_own_people(contact, town, role) -> None:
    assert invite(contact, town, role=role).role == role


@pytest.mark.parametrize("who", ["reporter", "agent", "stranger", "other_agent", "administrator"])
def test_nobody_else_invites_to_a_customer(request, town, team, who) -> None:
    with pytest.raises(Refused, match="You do not decide"):
        invite(request.getfixturevalue(who), town)
    assert not User.objects.filter(email="new@town.example").exists()


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "administrator", "nonsense"])
def test_nobody_at_a_customer_becomes_staff(contact, lead, town, role) -> None:
    for by in (contact, lead):
        with pytest.raises(Refused, match="end user or a contact"):
            invite(by, town, role=role)


def test_who_is_here_is_named_and_not_doubled(lead, contact, town, reporter) -> None:
    with pytest.raises(Refused, match="Rosa Reporter is here already, with this address"):
        invite(contact, town, email=reporter.email.upper())
    User.objects.filter(pk=reporter.pk).update(is_active=False)
    with pytest.raises(Refused, match="Rosa Reporter is here already, without a log-in"):
        invite(lead, town, email=reporter.email)


def test_whose_entry_one_may_not_see_is_not_named(contact, lead, town, stranger, agent) -> None:
    for by, email in ((contact, stranger.email), (lead, stranger.email), (contact, agent.email)):
        with pytest.raises(Refused, match="in use elsewhere") as refused:
            invite(by, town, email=email)
        assert "Sam" not in refused.value.sentence


def test_managers_invite_into_their_own_teams_only(manager, team, stranger) -> None:
    foreign = stranger.customer.teams.get()

    person = invite(manager, role="lead", teams=[team])

    assert person.memberships.get().team == team
    assert person.memberships.get().is_lead
    assert kinds(person) == ["invited"]
    for wrong in ([foreign], [team, foreign], []):
        with pytest.raises(Refused, match=r"(?i)team"):
            invite(manager, role="agent", email="other@x.example", teams=wrong)


def test_administrators_are_made_by_administrators_only(administrator, manager, team) -> None:
    with pytest.raises(Refused, match="Only administrators"):
        invite(manager, role="administrator", teams=[team])
    assert invite(administrator, role="administrator").is_staff


@pytest.mark.parametrize("who", ["lead", "agent", "contact"])
def test_others_do_not_keep_staff(request, team, who) -> None:
    with pytest.raises(Refused, match="Only managers and administrators"):
        invite(request.getfixturevalue(who), role="agent", teams=[team])


def test_a_change_is_recorded_with_before_and_after(lead, reporter) -> None:
    people.change(reporter, by=lead, role="contact", is_vip=True)

    reporter.refresh_from_db()
    assert (reporter.role, reporter.is_vip) == ("contact", True)
    event = CustomerEvent.objects.get(person=reporter)
    assert event.data == {"role": ["reporter", "contact"], "is_vip": [False, True]}

    people.change(reporter, by=lead, role="contact", is_vip=True)
    assert kinds(reporter) == ["person_changed"], "nothing changed, nothing to record"


def test_nobody_changes_their_own_role(contact, manager, team) -> None:
    with pytest.raises(Refused, match="own role"):
        people.change(contact, by=contact, role="reporter")
    with pytest.raises(Refused, match="own role"):
        people.change(manager, by=manager, role="agent", teams=[team])


def test_a_manager_leaves_the_teams_of_others_alone(manager, team, agent, stranger) -> None:
    foreign = stranger.customer.teams.get()
    second = factories.TeamFactory(name="Second team")
    for extra in (foreign, second):
        factories.Membership.objects.create(team=extra, user=agent)
    factories.Membership.objects.create(team=second, user=manager)

    people.change(agent, by=manager, role="lead", teams=[second])

    assert set(agent.memberships.values_list("team__name", "is_lead")) == {(foreign.name, True), (second.name, True)}
    with pytest.raises(Refused, match="do not decide about"):
        people.change(agent, by=manager, role="lead", teams=[Team.objects.create(name="Elsewhere")])


def test_deactivation_ends_sessions_and_tokens_at_once(lead, reporter, log_in) -> None:
    browser, program = log_in(reporter)

    people.deactivate(reporter, by=lead)

    assert browser.get("/account/profile/")["Location"].startswith("/account/login/")
    assert program.get("/api/v1/incidents/").status_code == 401
    assert not AuthToken.objects.filter(user=reporter).exists()
    assert kinds(reporter) == ["person_deactivated"]


def test_an_old_session_does_not_come_back_to_life(lead, reporter, log_in) -> None:
    browser, program = log_in(reporter)
    people.deactivate(reporter, by=lead)

    person = people.reactivate(reporter, by=lead)

    assert person.is_active
    assert person.is_invited
    assert browser.get("/account/profile/").status_code == 302
    assert program.get("/api/v1/incidents/").status_code == 401
    assert kinds(reporter) == ["person_deactivated", "person_reactivated"]


def test_twice_is_harmless_and_recorded_once(lead, reporter) -> None:
    for verb in (people.deactivate, people.deactivate, people.reactivate, people.reactivate):
        verb(reporter, by=lead)

    assert kinds(reporter) == ["person_deactivated", "person_reactivated"]


@pytest.mark.parametrize("who", ["contact", "manager"])
def test_nobody_ends_their_own_log_in(request, who) -> None:
    person = request.getfixturevalue(who)

    with pytest.raises(Refused, match="own log-in"):
        people.deactivate(person, by=person)


@pytest.mark.parametrize("verb", [people.deactivate, people.reactivate])
def test_strangers_are_not_kept(verb, lead, contact, manager, stranger, other_agent) -> None:
    for by in (lead, contact, manager):
        with pytest.raises(Refused, match="You do not decide"):
            verb(stranger, by=by)


def test_what_happens_to_staff_is_written_in_their_own_history(manager, agent, administrator) -> None:
    people.deactivate(agent, by=manager)

    event = StaffEvent.objects.get(person=agent)
    assert (event.kind, event.actor) == ("deactivated", manager)
    assert set(StaffEvent.objects.visible_to(manager)) == {event}
    assert set(StaffEvent.objects.visible_to(administrator)) == {event}
    assert not StaffEvent.objects.visible_to(factories.UserFactory(manager=True)).exists()
    assert not CustomerEvent.objects.exists()


def test_a_second_invitation_is_for_who_has_no_password(lead, town, reporter) -> None:
    person = invite(lead, town)
    before = person.invited_at

    assert people.invite_again(person, by=lead).invited_at > before
    with pytest.raises(Refused, match="has a log-in already"):
        people.invite_again(reporter, by=lead)


def test_no_customer_is_left_to_nobody(manager, team, town, administrator) -> None:
    with pytest.raises(Refused, match="Nobody but Town desk serves"):
        people.serve(team, town, by=manager, serves=False)
    second = factories.TeamFactory(name="Second team")

    people.serve(second, town, by=administrator)
    people.serve(team, town, by=manager, serves=False)

    assert list(town.teams.all()) == [second]
    served = [event.data for event in CustomerEvent.objects.order_by("pk")]
    assert [(each["team"], each["serves"]) for each in served] == [("Second team", True), ("Town desk", False)]


def test_a_manager_does_not_give_customers_to_other_teams(manager, town, stranger) -> None:
    with pytest.raises(Refused, match="this team"):
        people.serve(stranger.customer.teams.get(), town, by=manager)

"""People and what has been agreed: what the database refuses, and who sees whom."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from customers.models import Calendar, Customer, Membership, Service, User
from tests import factories


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def test_address_is_known_once_however_it_is_written():
    factories.UserFactory(email="rosa@ostermoor.example")

    with refused("user_email_unique"), transaction.atomic():
        factories.UserFactory(email="Rosa@Ostermoor.Example")


def test_people_are_found_by_their_address_however_it_is_typed():
    rosa = User.objects.create_user("Rosa@Ostermoor.Example", "a-long-enough-password",
                                    customer=factories.CustomerFactory())  # fmt: skip

    assert rosa.email == "rosa@ostermoor.example"
    assert User.objects.get_by_natural_key("ROSA@ostermoor.example") == rosa


@pytest.mark.parametrize("role", User.Role)
def test_customer_side_belongs_to_a_customer_and_staff_to_none(role, town):
    inside = role in User.CUSTOMER_SIDE

    factories.UserFactory(role=role, customer=town if inside else None)
    with refused("user_customer_fits_role"), transaction.atomic():
        factories.UserFactory(role=role, customer=None if inside else town)


def test_wrong_side_is_refused_with_a_sentence(town):
    person = User(email="x@x.example", name="X", role=User.Role.AGENT, customer=town)

    with pytest.raises(ValidationError, match="staff belong to none"):
        person.validate_constraints()


def test_roles_say_what_somebody_may_do():
    may = {role: (User(role=role).is_agent, User(role=role).is_lead, User(role=role).is_staff) for role in User.Role}

    assert may == {
        "reporter": (False, False, False), "contact": (False, False, False), "agent": (True, False, False),
        "lead": (True, True, False), "manager": (True, True, False), "administrator": (False, False, True),
    }  # fmt: skip


def test_superuser_is_an_administrator():
    boss = User.objects.create_superuser("boss@evenkeel.example", "a-long-enough-password", name="Boss")

    assert (boss.role, boss.is_staff, boss.is_superuser) == ("administrator", True, True)


@pytest.mark.parametrize("level", [0, 6])
def test_level_is_one_to_five(level):
    with refused("customer_level_1_to_5"), transaction.atomic():
        factories.CustomerFactory(level=level)


@pytest.mark.parametrize(("level", "model"), [(None, "Guided"), (1, "Guided"), (3, "Structured"), (5, "Integrated")])
def test_support_model_is_what_the_customer_reads(level, model):
    assert Customer(level=level).support_model == model


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"tz": "Mars/Olympus", "weekly": {"mon": [["09:00", "17:00"]]}}, "not a known time zone"),
        ({"tz": "Europe/Berlin", "weekly": {}}, "no working time"),
        ({"tz": "Europe/Berlin", "weekly": {"mon": [["25:00", "26:00"]]}}, "not a time of day"),
        ("nine to five", "must be an object"),
    ],
)
def test_calendar_that_cannot_be_kept_is_refused_with_a_sentence(spec, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Calendar(name="Odd", spec=spec).full_clean()


def test_team_membership_and_service_names_are_there_once(team, agent, town):
    Service.objects.create(customer=town, name="Mail")

    with refused("membership_once"), transaction.atomic():
        Membership.objects.create(team=team, user=agent)
    with refused("service_name_once_per_customer"), transaction.atomic():
        Service.objects.create(customer=town, name="Mail")


def test_leads_of_a_team_are_its_active_leads(team, agent, lead):
    gone = factories.UserFactory(lead=True, leads=team, is_active=False)

    assert list(team.leads()) == [lead]
    assert gone not in team.leads()


def test_language_and_clock_are_the_persons_else_the_customers(town):
    person = factories.UserFactory(customer=town)
    assert (person.speaks(), person.reads_clocks_in()) == ("en-gb", "Europe/Berlin")

    person.language, person.time_zone = "de", "Europe/London"

    assert (person.speaks(), person.reads_clocks_in()) == ("de", "Europe/London")
    assert (User(role="agent").speaks(), User(role="agent").reads_clocks_in()) == ("en-gb", "UTC")


# --- who sees whom


def test_people_see_their_own_customer_only(reporter, contact, stranger, town):
    assert list(Customer.objects.visible_to(reporter)) == [town]
    assert set(User.objects.visible_to(contact)) == {reporter, contact}
    assert set(User.objects.visible_to(reporter)) == {reporter}
    assert set(Customer.objects.visible_to(stranger)) == {stranger.customer}


def test_staff_see_the_customers_of_their_teams_and_their_colleagues(agent, other_agent, reporter, stranger, town):
    assert list(Customer.objects.visible_to(agent)) == [town]
    assert set(User.objects.visible_to(agent)) == {agent, other_agent, reporter}
    assert stranger not in User.objects.visible_to(agent)


def test_services_are_seen_with_their_customer(agent, reporter, stranger, town):
    printing = factories.ServiceFactory(customer=town, name="Printing")

    assert list(Service.objects.visible_to(reporter)) == [printing]
    assert list(Service.objects.visible_to(agent)) == [printing]
    assert list(Service.objects.visible_to(stranger)) == []


def test_administrators_look_after_people_and_see_no_customers_work():
    administrator = factories.UserFactory(administrator=True)
    factories.CustomerFactory(served=True)

    assert not Customer.objects.visible_to(administrator).exists()

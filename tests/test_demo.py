"""The demo story: told once, true to time, and quiet about the past."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from customers import demo as customers_demo
from customers.models import Customer, ImprovementGoal, User
from incidents import clocks
from incidents import demo as incidents_demo
from incidents.models import Clock, Incident, IncidentEvent
from itsm import moment
from itsm.context import DEMO_LOGINS, DEMO_PASSWORD, demo_logins
from notifications import demo as notifications_demo
from notifications import sending
from notifications.models import Delivery

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # a Tuesday


def load(now):
    with moment.travel(now):
        customers_demo.seed()
        incidents_demo.seed()


def share_met(kind):
    judged = Clock.objects.judged_between(NOW - timedelta(days=90), NOW).filter(kind=kind)
    return judged.met().count() / judged.count()


def test_cast_is_complete_and_can_sign_in():
    customers_demo.seed()

    assert dict(Customer.objects.values_list("name", "level")) == {
        "Lindenfeld Hospital Group": 2, "Quillpay": 4, "Town of Ostermoor": 1
    }  # fmt: skip
    roles = Counter(User.objects.values_list("role", flat=True))
    assert (roles["agent"], roles["lead"], roles["manager"], roles["administrator"], roles["contact"]) == (
        6,
        1,
        1,
        1,
        3,
    )
    assert all(
        person.email.endswith(".example") and person.check_password(DEMO_PASSWORD) for person in User.objects.all()
    )
    assert all(customer.calendar.hours() and customer.teams.get().leads() for customer in Customer.objects.all())


def test_each_customer_has_a_goal_and_what_can_be_counted_is():
    load(NOW)

    under_way = ImprovementGoal.objects.filter(state="open")
    assert set(under_way.values_list("customer__name", flat=True)) == {
        customer.name for customer in customers_demo.customers()
    }
    assert under_way.get(key="five_services").measured is not None
    assert ImprovementGoal.objects.get(state="done").evidence


def test_log_ins_shown_are_there_in_the_order_given():
    customers_demo.seed()

    assert [login["email"] for login in demo_logins()] == list(DEMO_LOGINS)


def test_story_has_every_state_and_priority_and_believable_figures():
    load(NOW)

    assert set(Incident.objects.values_list("status", flat=True)) == set(Incident.Status.values)
    assert set(Incident.objects.values_list("priority", flat=True)) == {1, 2, 3, 4}
    assert 60 <= Incident.objects.count() <= 80
    assert Incident.objects.get(is_major=True).is_open
    assert 0.93 <= share_met("response") <= 0.98
    assert 0.80 <= share_met("restore") <= 0.95
    assert 0.93 <= share_met("update") <= 0.97


def test_story_is_true_to_time_even_on_a_sunday_night():
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    load(now)

    late = IncidentEvent.objects.filter(kind="deadline_missed")
    soon = Clock.objects.promises().filter(due_at__range=(now + timedelta(minutes=3), now + timedelta(minutes=4)))
    assert not IncidentEvent.objects.filter(occurred_at__gt=now).exists()
    assert not IncidentEvent.objects.filter(relayed_at__isnull=True).exists()
    assert all(clock.detected_at - clock.breached_at < timedelta(seconds=5) for clock in Clock.objects.missed())
    assert late.exists()
    assert soon.exists()
    assert Clock.objects.promises().filter(breached_at__lt=now).exists()
    assert clocks.sweep(now=now) == 0


def test_story_is_told_once_and_goes_on_by_itself():
    load(NOW)
    load(NOW)
    assert not IncidentEvent.objects.filter(relayed_at__isnull=True).exists()

    clocks.sweep(now=NOW + timedelta(minutes=4))

    fresh = IncidentEvent.objects.filter(relayed_at__isnull=True)
    late = fresh.get(kind="deadline_missed")
    assert late.occurred_at == NOW + timedelta(minutes=3.5)
    others = fresh.exclude(pk=late.pk).values_list("kind", "data__clock", "data__threshold")
    assert set(others) == {("clock_warned", "update", 0)}, "the nudge of another promise"


def test_bells_and_panels_tell_of_the_last_two_days_and_nothing_goes_out(settings):
    load(NOW)
    settings.SMS_URL, settings.SMS_COUNTRY = "http://127.0.0.1:9/sms", "+49"
    with moment.travel(NOW):
        notifications_demo.seed()
        notifications_demo.seed()

    told = Delivery.objects.filter(customer__in=customers_demo.customers())
    assert set(told.values_list("state", flat=True)) == {"sent"}
    assert {"portal", "email", "sms"} == set(told.values_list("channel", flat=True))
    for name in ("rosa.winter@ostermoor.example", "ines.keller@evenkeel.example", "tomas.lund@evenkeel.example"):
        bell = told.in_the_bell(User.objects.get(email=name))
        assert bell.exists(), name
        assert len(set(bell.values_list("event", "recipient"))) == bell.count()
    lines = told.filter(channel="portal")
    assert {False, True} == {line.read_at is None for line in lines}
    assert not lines.filter(event__occurred_at__gt=NOW).exists()
    assert sending.send_due("email") == 0

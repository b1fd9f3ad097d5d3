"""While a channel is itself down: the next one is taken, or a call is planned, and what was kept follows later."""

import pytest
from django.db.models.functions import Now

from customers.models import ContactRole
from incidents import conversation, following, lifecycle
from incidents.models import CallTask, Incident
from itsm import events
from notifications import availability, held, preferences
from notifications.models import Delivery
from notifications.relay import consume
from tests import factories

P1 = {"impact": 1, "urgency": 1}


@pytest.fixture(autouse=True)
def level_two(town, team, settings):
    """E-mail comes before text messages there; a gateway for these is there."""
    settings.SMS_URL = "http://127.0.0.1:9/sms"
    town.level = 2
    town.save()
    return town


@pytest.fixture
def outage(town, colleague):
    """outage("email") -> an urgent incident of a service that is itself this channel, reported by a colleague."""

    def begin(channel: str, **values) -> Incident:
        events.relay()  # what was reported before it was told as usual
        service = factories.ServiceFactory(customer=town, name=f"Their {channel}", is_channel=channel)
        incident = factories.open_incident(colleague, "It is down", service=service, **{**P1, **values})
        events.relay()
        return incident

    return begin


def update(incident: Incident, agent, text: str = "We are on it.") -> None:
    conversation.update(incident, by=agent, text=text)
    events.relay()


def rows(person, kind: str = "update") -> set[tuple[str, str, str]]:
    found = Delivery.objects.filter(recipient=person, kind=kind)
    return {(row.channel, row.state, row.held_for) for row in found}


def with_number(person, number: str = "+49 151 5550142"):
    person.phone = number
    person.save()
    return person


KEPT = ("email", "held", "down")
IN_PORTAL = ("portal", "sent", "")
TEXT = ("sms", "queued", "")
MAIL = ("email", "queued", "")


@pytest.mark.parametrize(
    ("channel", "number", "expected"),
    [
        ("email", "+49 151 5550142", {IN_PORTAL, KEPT, TEXT}), ("email", "", {IN_PORTAL, KEPT}),
        ("network", "+49 151 5550142", {IN_PORTAL, KEPT, TEXT}), ("network", "", {IN_PORTAL, KEPT}),
        ("phone", "+49 151 5550142", {IN_PORTAL, MAIL}), ("sign_in", "+49 151 5550142", {IN_PORTAL, MAIL}),
    ],
)  # fmt: skip
def test_a_channel_that_is_down_is_passed_over(outage, incident, reporter, agent, channel, number, expected) -> None:
    with_number(reporter, number)
    outage(channel)

    update(incident, agent)

    assert rows(reporter) == expected


def test_it_is_the_customers_channel_and_nobody_elses(outage, agent, stranger, other_agent) -> None:
    outage("email")
    update(factories.open_incident(stranger), other_agent)

    assert rows(stranger) == {IN_PORTAL, MAIL}


def test_people_at_the_desk_read_their_mail(outage, incident, reporter, agent) -> None:
    factories.taken(incident, agent)
    outage("network")
    conversation.add(incident, by=reporter, text="More")
    events.relay()

    assert rows(agent, "customer_wrote") == {IN_PORTAL, MAIL}


def test_out_of_band_numbers_come_first(outage, incident, reporter, agent, town) -> None:
    with_number(reporter)
    ContactRole.objects.create(customer=town, kind="safety_lead", person=reporter, out_of_band="+49 160 7654321")
    outage("email")

    update(incident, agent)

    assert Delivery.objects.get(channel="sms").address == "+49 160 7654321"


@pytest.mark.parametrize(("channel", "called"), [("email", False), ("network", True), ("sign_in", False)])
def test_whom_nothing_reaches_is_called_once(outage, incident, reporter, agent, channel, called) -> None:
    outage(channel)
    for number in range(3):
        update(incident, agent, f"Update {number}")

    calls = CallTask.objects.filter(incident=incident, why="unreached")
    assert [call.person for call in calls] == [reporter] * called
    assert incident.events.filter(kind="cannot_reach").count() == called


def test_sign_in_is_down_and_mail_is_not_wanted(outage, incident, reporter, agent) -> None:
    """The portal does not count then: the mail goes out all the same."""
    preferences.wish(reporter, "own", "email", is_wanted=False)
    outage("sign_in")

    update(incident, agent)

    assert rows(reporter) == {IN_PORTAL, MAIL}


def test_the_named_contact_is_called_where_they_are_not_reached_either(outage, reporter, contact, agent, town) -> None:
    ContactRole.objects.create(customer=town, kind="named_contact", person=contact, out_of_band="radio, channel 4")
    incident = factories.open_incident(reporter, **P1)
    outage("network")

    update(incident, agent)

    call = CallTask.objects.get(incident=incident, why="unreached")
    assert (call.person, call.number) == (contact, "radio, channel 4")


def test_a_call_once_made_is_not_planned_again(outage, incident, reporter, agent) -> None:
    outage("network")
    update(incident, agent)
    CallTask.objects.filter(why="unreached").update(done_at=Now(), outcome="reached")

    update(incident, agent, "And again.")

    assert CallTask.objects.filter(incident=incident, why="unreached").count() == 1


def test_what_was_kept_goes_out_once_it_works_again(outage, incident, reporter, colleague, agent) -> None:
    down = outage("email")
    update(incident, agent, "One")
    update(incident, agent, "Two")
    update(down, agent, "We look at the mail.")
    assert not Delivery.objects.held().filter(next_try_at__lte=Now()).exists()

    factories.restored(down, agent)
    events.relay()

    due = Delivery.objects.held().filter(next_try_at__lte=Now())
    assert {(row.recipient, row.kind, row.held_for) for row in due} == {
        (reporter, "update", "down"), (colleague, "update", "down"), (colleague, "received", "down"),
        (colleague, "restored", "down"),
    }  # fmt: skip
    said = down.events.get(kind="reached_again")
    assert (said.actor, said.data["channel"], said.data["messages"]) == (None, "email", 5)


def test_that_it_works_again_is_told_the_way_people_were_told(outage, colleague, agent) -> None:
    """By text message, as before, and in the one mail that gathers what was kept."""
    with_number(colleague)
    down = outage("email")
    update(down, agent)

    factories.restored(down, agent)
    events.relay()

    assert rows(colleague, "restored") == {IN_PORTAL, KEPT, TEXT}


def test_while_another_such_incident_goes_on_it_stays_kept(outage, incident, agent) -> None:
    first, _second = outage("email"), outage("network")
    update(incident, agent)

    factories.restored(first, agent)
    events.relay()

    assert not Delivery.objects.held().filter(next_try_at__lte=Now()).exists()


@pytest.mark.parametrize("end", ["cancel", "resolve"])
def test_each_end_of_it_releases(outage, incident, agent, end) -> None:
    down = outage("email")
    update(incident, agent)

    if end == "cancel":
        lifecycle.cancel(down, by=agent, reason="It was the cable.")
    else:
        lifecycle.resolve(lifecycle.take(down, by=agent), by=agent, note="New certificate.")
    events.relay()

    assert Delivery.objects.held().filter(next_try_at__lte=Now()).exists()


def test_one_broken_mailbox_is_no_outage(outage, incident, reporter, colleague, contact, agent) -> None:
    """Where it is not urgent, only those whom it hits are not reached by it."""
    small = outage("email", impact=3, urgency=3)
    following.join(small, by=contact, why="follows")
    following.join(small, by=reporter)
    update(incident, agent)
    assert rows(reporter) == {IN_PORTAL, MAIL}
    Delivery.objects.all().delete()

    update(small, agent)

    assert rows(colleague) == rows(reporter) == {IN_PORTAL, KEPT}
    assert rows(contact) == {IN_PORTAL, MAIL}


def test_an_outage_that_turns_out_to_be_small_is_none(outage, incident, reporter, agent) -> None:
    down = outage("email")
    update(incident, agent)

    lifecycle.prioritise(down, by=agent, impact=3, urgency=3)
    events.relay()

    assert Delivery.objects.held().filter(recipient=reporter, next_try_at__lte=Now()).exists()


def test_after_it_everything_is_as_usual(outage, incident, reporter, agent) -> None:
    factories.restored(outage("email"), agent)
    events.relay()
    update(incident, agent)

    assert rows(reporter) == {IN_PORTAL, MAIL}


def test_a_relapse_takes_the_channel_away_again(outage, incident, reporter, colleague, agent) -> None:
    down = factories.restored(outage("email"), agent)
    lifecycle.still_broken(down, by=colleague)
    update(incident, agent)

    assert rows(reporter) == {IN_PORTAL, KEPT}


@pytest.fixture
def deputy(town):
    """Speaks for the customer and has no log-in."""
    return ContactRole.objects.create(
        customer=town, kind="deputy", name="Frank Ebert", phone="555 0174", out_of_band="+49 160 5550162"
    )


def test_who_has_no_log_in_gets_a_text_message_while_channels_are_down(outage, deputy, agent) -> None:
    update(outage("email"), agent)

    texts = Delivery.objects.filter(recipient__isnull=True)
    assert {(row.name, row.address, row.channel, row.kind, row.reason, row.audience, row.rank) for row in texts} == {
        ("Frank Ebert", "+49 160 5550162", "sms", "reported", "deputy", "stakeholders", 0),
        ("Frank Ebert", "+49 160 5550162", "sms", "update", "deputy", "stakeholders", 0),
    }


def test_otherwise_they_do_not(deputy, reporter, agent) -> None:
    update(factories.open_incident(reporter, **P1), agent)

    assert not Delivery.objects.filter(recipient__isnull=True).exists()


@pytest.mark.parametrize(("change", "values"), [("kind", "stakeholder"), ("out_of_band", "radio, channel 4")])
def test_only_whom_the_policy_names_and_a_number_reaches(outage, deputy, agent, change, values) -> None:
    setattr(deputy, change, values)
    deputy.save()

    update(outage("email"), agent)

    assert not Delivery.objects.filter(recipient__isnull=True).exists()


def test_what_is_not_urgent_is_not_told_to_them(outage, deputy, agent) -> None:
    update(outage("email", impact=3, urgency=3), agent)

    assert not Delivery.objects.filter(recipient__isnull=True).exists()


def test_handed_on_twice_nothing_is_written_twice(outage, deputy, incident, agent) -> None:
    down = outage("network")
    update(down, agent)
    update(incident, agent)
    before = Delivery.objects.count(), CallTask.objects.count()

    for one in (down, incident):
        for event in one.events.order_by("pk"):
            consume(event)

    assert (Delivery.objects.count(), CallTask.objects.count()) == before


def test_release_touches_no_other_customer_and_no_other_reason(outage, incident, reporter, agent, stranger) -> None:
    outage("email")
    update(incident, agent)
    quiet = Delivery.objects.filter(held_for="down").latest("pk")
    Delivery.objects.filter(pk=quiet.pk).update(held_for="quiet")

    assert held.release(stranger.customer_id, "email") == 0
    held.release(reporter.customer_id, "email")
    assert Delivery.objects.get(pk=quiet.pk).next_try_at == quiet.next_try_at


def test_merged_into_the_outage_counts_once(outage, town, reporter, agent) -> None:
    down = outage("email")
    assert availability.down_at(town.pk) == {"email"}
    following.join(down, by=reporter)
    lifecycle.cancel(down, by=agent, reason="Nothing was wrong.")

    assert availability.down_at(town.pk) == frozenset()

"""Two entries of one person become one; nothing is left behind."""

import pytest
from django.apps import apps
from django.db import models
from knox.models import AuthToken

from customers import merging
from customers.models import ContactRole, CustomerEvent, MaturityAssessment, Service, User
from incidents.models import Incident, IncidentEvent, Message
from itsm import moment
from itsm.refusal import Refused
from notifications import relay
from notifications.models import Delivery
from tests import factories


@pytest.fixture
def twice(town, team, reporter):
    """Rosa's second entry, which has everything that one may have."""
    again = factories.UserFactory(name="R. Reporter", customer=town, phone="555 0199", is_vip=True)
    incident = factories.open_incident(again)
    for event in IncidentEvent.objects.filter(incident=incident):
        relay.consume(event)
    Service.objects.create(customer=town, name="Mail", owner=again)
    ContactRole.objects.create(customer=town, kind="named_contact", person=again)
    MaturityAssessment.objects.create(customer=town, started_by=again)
    AuthToken.objects.create(again)
    return again


def pointing_at(person: User) -> list[str]:
    found = []
    for model, field in merging.references():
        if (number := model._base_manager.filter(**{field.name: person}).count()) > 0:
            found.append(f"{model._meta.model_name}.{field.name} {number}")
    return sorted(found)


def test_whatever_pointed_at_the_one_points_at_the_other(lead, reporter, twice) -> None:
    before = pointing_at(twice)
    assert len(before) == 8, before

    merging.merge(twice, into=reporter, by=lead)

    assert pointing_at(twice) == []
    moved = set(before) - {each for each in before if each in pointing_at(reporter)}
    assert moved == set()
    assert Incident.objects.get().reporter == reporter
    assert Message.objects.get().author == reporter
    assert Delivery.objects.outside().get().recipient == reporter


def test_the_other_entry_stays_closed_and_says_where_it_went(lead, reporter, twice, log_in) -> None:
    browser, _program = log_in(twice)

    merging.merge(twice, into=reporter, by=lead)

    twice.refresh_from_db()
    reporter.refresh_from_db()
    assert (twice.is_active, twice.merged_into) == (False, reporter)
    assert (reporter.phone, reporter.is_vip, reporter.role) == ("555 0199", True, "reporter")
    assert browser.get("/account/profile/").status_code == 302
    event = CustomerEvent.objects.get(kind="person_merged")
    assert (event.person, event.actor, event.data) == (reporter, lead, {"from_entry": twice.pk})


def test_every_foreign_key_to_a_person_is_found(reporter) -> None:
    """Read off the models by another way: nobody has to remember a new one."""
    wanted = {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }

    assert {(model, field.name) for model, field in merging.references()} == wanted
    assert len(wanted) >= 25


def test_what_both_were_told_is_kept_once(lead, reporter, twice) -> None:
    event = IncidentEvent.objects.get()
    mail = Delivery.objects.outside().get()
    Delivery.objects.create(
        event=event, incident=mail.incident, customer=mail.customer, recipient=reporter, kind="received", reason="x"
    )

    merging.merge(twice, into=reporter, by=lead)

    assert Delivery.objects.outside().get().recipient == reporter


def test_entries_merged_before_follow(lead, town, reporter, twice) -> None:
    third = factories.UserFactory(customer=town)
    merging.merge(third, into=twice, by=lead)

    merging.merge(twice, into=reporter, by=lead)

    assert set(reporter.merged.all()) == {third, twice}


def test_only_entries_of_one_customer_are_merged(lead, reporter, stranger, agent, twice) -> None:
    for person, into, words in [
        (reporter, stranger, "You do not decide"),
        (stranger, reporter, "one customer"),
        (reporter, agent, "role at a customer"),
        (reporter, reporter, "one and the same"),
    ]:
        with pytest.raises(Refused, match=words):
            merging.merge(person, into=into, by=lead)
    assert reporter.reported_incidents.count() == 0


def test_what_is_over_is_not_merged(lead, reporter, twice) -> None:
    merging.merge(twice, into=reporter, by=lead)

    with pytest.raises(Refused, match="over"):
        merging.merge(twice, into=reporter, by=lead)
    with pytest.raises(Refused, match="other way round"):
        merging.merge(reporter, into=twice, by=lead)


def test_a_merge_that_fails_changes_nothing(lead, reporter, twice, monkeypatch) -> None:
    before = pointing_at(twice)
    monkeypatch.setattr(moment, "now", lambda: None)  # the last step, the line of history, needs an instant

    with pytest.raises(Exception, match="occurred_at"):
        merging.merge(twice, into=reporter, by=lead)

    assert pointing_at(twice) == before
    assert User.objects.get(pk=twice.pk).is_active

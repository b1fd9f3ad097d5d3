"""A person's own data: handed out whole, and erased for good."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.utils import translation
from knox.models import AuthToken

from customers import held, merging, people, personal_data
from customers.models import ContactRole, CustomerEvent, MaturityAssessment, Service, User
from incidents import conversation, lifecycle, links
from incidents.models import Incident, IncidentEvent
from itsm import events, moment
from itsm.refusal import Refused
from tests import factories


def test_the_tables_of_all_floors_name_every_foreign_key_to_a_person() -> None:
    named = [(table.model, table.by) for table in held.everything()]

    assert set(named) == {(model, field.name) for model, field in merging.references()}
    assert len(named) == len(set(named))


def exported(person: User, by: User) -> dict:
    return json.loads(json.dumps(personal_data.export(person, by=by), cls=DjangoJSONEncoder))


@pytest.fixture
def busy(reporter, town, agent):
    """Rosa has reported, written, and is told; others wrote too."""
    User.objects.filter(pk=reporter.pk).update(phone="555 0192", time_zone="Europe/Berlin", language="de")
    incident = factories.open_incident(reporter, text="Rosa's printer is silent")
    conversation.add(incident, by=reporter, text="It is the one at counter 2.")
    conversation.update(incident, by=agent, text="Secret of the agent's own words")
    conversation.note(incident, by=agent, text="internal")
    Service.objects.create(customer=town, name="Printing", owner=reporter)
    ContactRole.objects.create(customer=town, kind="site_lead", person=reporter, out_of_band="radio 4")
    AuthToken.objects.create(reporter)
    events.relay()
    reporter.refresh_from_db()
    return incident


def test_an_export_has_all_that_is_theirs_and_nothing_of_others(lead, reporter, colleague, busy, stranger) -> None:
    content = exported(reporter, lead)
    everything = json.dumps(content)

    assert content["person"]["email"] == reporter.email
    assert content["person"]["customer"] == "Town of Ostermoor"
    held_there = content["held"]
    assert held_there["incident_reporter"][0]["reference"] == busy.reference
    assert [each["body"] for each in held_there["message_author"]] == [
        "Rosa's printer is silent", "It is the one at counter 2.",
    ]  # fmt: skip
    assert {each["kind"] for each in held_there["delivery_recipient"]} == {"received", "update"}
    assert held_there["contactrole_person"][0]["out_of_band"] == "radio 4"
    assert held_there["service_owner"] == [{"name": "Printing"}]
    assert len(held_there["authtoken_user"]) == 1
    for foreign in ("Secret of the agent", "internal", "Ines Keller", colleague.email, stranger.email, "password"):
        assert foreign not in everything


def test_what_staff_wrote_about_customers_is_the_customers(manager, agent, busy) -> None:
    content = exported(agent, manager)

    assert len(content["held"]["message_author"]) == 2
    assert "Secret" not in json.dumps(content)
    assert content["held"]["membership_user"] == [
        {"team__name": "Town desk", "is_lead": False, "is_coordinator": False}
    ]


@pytest.mark.parametrize("who", ["reporter", "agent", "stranger", "other_agent", "administrator"])
def test_nobody_else_takes_the_data_or_erases(request, reporter, team, who) -> None:
    by = request.getfixturevalue(who)

    with pytest.raises(Refused, match="do not decide"):
        personal_data.export(reporter, by=by)
    with pytest.raises(Refused, match="do not decide"):
        personal_data.erase(reporter, by=by, typed=reporter.name)


def test_erasure_leaves_the_history_and_no_name(lead, reporter, town, busy, log_in) -> None:
    browser, program = log_in(reporter)
    link = f"/t/{links.make(busy, reporter)}/"
    name, email = reporter.name, reporter.email
    started = {"customer": town, "started_by": lead}
    MaturityAssessment.objects.create(answers=[{"level": 2, "evidence": "told", "by": name, "version": 1}], **started)
    CustomerEvent.objects.create(
        customer=town, kind="imported", occurred_at=moment.now(), data={"of": [name, f"{name} wrote"], "mail": email}
    )
    assert Client().get(link).status_code == 200

    personal_data.erase(reporter, by=lead, typed=f" {name} ")

    reporter.refresh_from_db()
    stand_in = f"Former user {reporter.pk}"
    assert (str(reporter.name), reporter.phone, reporter.time_zone, reporter.language) == (stand_in, "", "", "")
    assert reporter.email == f"erased-{reporter.pk}@erased.invalid"
    assert not reporter.is_active
    assert browser.get("/account/profile/").status_code == 302
    assert program.get("/api/v1/incidents/").status_code == 401
    assert Client().get(link).status_code == 404
    assert Incident.objects.get().reporter == reporter
    assert set(reporter.deliveries.values_list("address", "last_error")) == {("", "")}
    assert not ContactRole.objects.exists()
    assert Service.objects.get(name="Printing").owner is None
    assert MaturityAssessment.objects.get().answers[0]["by"] == stand_in
    assert CustomerEvent.objects.get(kind="imported").data == {"of": [stand_in, f"{stand_in} wrote"], "mail": stand_in}
    assert CustomerEvent.objects.get(kind="person_erased").person == reporter


def test_no_column_anywhere_still_has_the_name_or_the_address(lead, town, team) -> None:
    """Whatever table comes next: text that other people typed aside, nothing of them is left."""
    from_db = factories.UserFactory(name="Wanda Wunderlich", email="wanda@ostermoor.example", customer=town)
    log = {"by": from_db, "text": "Something is broken"}
    incident = factories.open_incident(from_db, text=log["text"])
    lifecycle.cancel(incident, by=from_db, reason="It was the plug.")
    people.change(from_db, by=lead, role="contact", is_vip=True)
    events.relay()

    personal_data.erase(from_db, by=lead, typed="Wanda Wunderlich")

    left = []
    for model in {table.model for table in held.everything()} | {User}:
        for row in model._base_manager.values():
            left += [f"{model.__name__}.{name}" for name, value in row.items() if "anda" in str(value)]
    assert left == []


def test_the_pseudonym_is_in_the_readers_language(lead, reporter, incident, as_user) -> None:
    personal_data.erase(reporter, by=lead, typed=reporter.name)
    person = User.objects.get(pk=reporter.pk)

    with translation.override("en-gb"):
        assert str(person.name) == person.first_name == f"Former user {person.pk}"
    page = as_user(lead).get(f"/desk/incidents/{incident.reference}/").content.decode()
    assert f"Former user {person.pk}" in page
    assert "Rosa" not in page


def test_an_agent_with_open_incidents_is_not_erased(manager, agent, incident) -> None:
    factories.taken(incident, agent)

    with pytest.raises(Refused, match=f"Ines Keller still has open incidents: {incident.reference}"):
        personal_data.erase(agent, by=manager, typed="Ines Keller")

    assert User.objects.get(pk=agent.pk).name == "Ines Keller"


def test_the_name_in_what_colleagues_see_of_an_agent_goes_too(manager, agent, lead, incident) -> None:
    factories.taken(incident, agent)
    lifecycle.take(incident, by=lead)

    personal_data.erase(agent, by=manager, typed="Ines Keller")

    assert "Ines" not in str(list(IncidentEvent.objects.values_list("data", flat=True)))
    assert agent.memberships.count() == 0


def test_numbers_left_with_a_report_go_and_the_other_answers_stay(lead, town, reporter, team) -> None:
    incident = factories.open_incident(
        reporter,
        details={"affected": 2, "phone": "555 0177"},
        call_back={"number": "555 0178", "when": "soon"},
    )
    assert incident.calls.get(why="call_back").number == "555 0178"

    personal_data.erase(reporter, by=lead, typed=reporter.name)

    incident.refresh_from_db()
    assert (incident.details, incident.calls.get(why="call_back").number) == ({"affected": 2}, "")


def test_the_name_must_be_typed_as_it_stands(lead, reporter) -> None:
    for typed in ("", "rosa reporter", "Rosa"):
        with pytest.raises(Refused, match="cannot be undone"):
            personal_data.erase(reporter, by=lead, typed=typed)
    assert User.objects.get(pk=reporter.pk).erased_at is None


def test_who_is_erased_does_not_come_back(lead, reporter, town) -> None:
    email = reporter.email
    personal_data.erase(reporter, by=lead, typed=reporter.name)

    with pytest.raises(Refused, match="anew"):
        people.reactivate(reporter, by=lead)
    assert people.invite(by=lead, customer=town, email=email, name="Rosa", role="reporter").pk != reporter.pk


def test_entries_merged_into_them_are_erased_with_them(lead, town, reporter) -> None:
    other = factories.UserFactory(name="R. Reporter", customer=town)
    merging.merge(other, into=reporter, by=lead)

    personal_data.erase(reporter, by=lead, typed=reporter.name)

    other.refresh_from_db()
    assert other.erased_at
    assert "Reporter" not in str(other.name)


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("Al", "Former user 7"),
        ("Al wrote", "Former user 7 wrote"),
        ("Alarm", "Alarm"),
        (["x", {"by": "al@x.example", "n": 3}], ["x", {"by": "Former user 7", "n": 3}]),
        (None, None),
    ],
)
def test_only_the_name_as_words_of_its_own_is_replaced(value, after) -> None:
    assert personal_data.scrubbed(value, ["Al", "al@x.example"], 7) == after

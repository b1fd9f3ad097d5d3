"""A known error names no other customer, and what customers or everybody read names nobody at all."""

import pytest

from incidents import lifecycle
from itsm.refusal import Refused
from problems import known_errors
from problems.naming import refuse_names
from tests import factories


@pytest.fixture
def clinic():
    """Another customer, with people and services whose names tell."""
    clinic = factories.CustomerFactory(name="Klinikum Westerau", served=True)
    factories.UserFactory(customer=clinic, name="Petra Wolff", email="petra@westerau.example")
    for name in ("KIS-Nord", "Printing", "Patient Portal", "Telephony"):
        factories.ServiceFactory(customer=clinic, name=name)
    return clinic


@pytest.mark.parametrize(
    "text",
    [
        "As at Klinikum Westerau: restart it",
        "as at KLINIKUM  WESTERAU",
        "Westerau had this too",
        "Ask Petra Wolff how",
        "ask petra wolff",
        "Write to petra@westerau.example",
        "Restart KIS-Nord first",
        "Log in to the Patient Portal",
    ],
)
def test_another_customers_names_are_refused(known, agent, clinic, text) -> None:
    known = known_errors.edit(known, by=agent, values={"workaround": text})

    with pytest.raises(Refused, match="Please take out “"):
        known_errors.publish(known, by=agent)

    known.refresh_from_db()
    assert known.status == "draft"
    assert not known.events.filter(kind="published").exists()


@pytest.mark.parametrize(
    "text",
    [
        "Printing works over printer 2; telephony is not touched",
        "The clinic calendar and the patient portal in general",
        "The westerauer road is closed",
        "Ostermoor's own printer: ask Rosa Reporter",
    ],
)
def test_plain_words_and_ones_own_names_are_not(known, agent, clinic, reporter, text) -> None:
    known = known_errors.edit(known, by=agent, values={"workaround": text})

    assert known_errors.publish(known, by=agent).status == "agents"


def test_a_name_that_two_customers_use_tells_of_none(known, agent, clinic, stranger) -> None:
    factories.ServiceFactory(customer=stranger.customer, name="Patient Portal")
    known = known_errors.edit(known, by=agent, values={"workaround": "Open the Patient Portal"})

    assert known_errors.publish(known, by=agent)


def test_other_incidents_are_not_pointed_at(known, agent, clinic) -> None:
    theirs = factories.open_incident(clinic.people.get())
    known = known_errors.edit(known, by=agent, values={"cause": f"See {theirs.reference}"})

    with pytest.raises(Refused, match=theirs.reference):
        known_errors.publish(known, by=agent)


@pytest.mark.parametrize("name", ["Rosa Reporter", "Ines Keller"])
def test_customers_read_no_names_of_people_not_even_their_own(at_the_desk, agent, lead, reporter, name) -> None:
    known = known_errors.edit(at_the_desk, by=agent, values={"workaround": f"Ask {name}"})

    with pytest.raises(Refused, match=name):
        known_errors.review(known, by=lead)


def test_what_customers_do_not_read_may_say_who_knows(at_the_desk, agent, lead, reporter) -> None:
    known = known_errors.edit(at_the_desk, by=agent, values={"cause": "Rosa Reporter found it"})

    assert known_errors.review(known, by=lead).status == "customers"


@pytest.mark.parametrize(("name", "value"), [("cause", "Found at Ostermoor"), ("symptom", "Rosa Reporter sees it")])
def test_what_is_shared_names_nobody_in_no_field(at_the_desk, agent, lead, reporter, name, value) -> None:
    known = known_errors.edit(at_the_desk, by=agent, values={name: value})

    with pytest.raises(Refused, match="Please take out"):
        known_errors.share(known, by=lead)

    known.refresh_from_db()
    assert known.customer == reporter.customer


def test_a_shared_one_stays_free_of_names(shared, agent) -> None:
    with pytest.raises(Refused, match="Ostermoor"):
        known_errors.edit(shared, by=agent, values={"risk": "Nobody at Ostermoor could print"})


def test_who_was_erased_is_named_no_more(known, reporter) -> None:
    reporter.erased_at = lifecycle.moment.now()
    reporter.save()

    refuse_names(["Ask Rosa Reporter"], of=None, people=True)

"""An answer by mail to the question how it went counts, and is no word on the incident."""

from datetime import timedelta

import pytest

from incidents import lifecycle, surveys
from incidents.models import Survey
from itsm import events, moment
from notifications.models import Delivery
from tests import factories
from tests.notifications.inbound.writing import answer, mail


@pytest.fixture
def asked(reporter, team, agent):
    """The mail that asks the reporter how it went."""
    with moment.travel(moment.now() - timedelta(hours=3)):
        factories.resolved(factories.open_incident(reporter), agent)
    surveys.ask_due()
    events.relay()
    return Delivery.objects.outside().get(kind="how_did_it_go")


def said() -> tuple:
    return Survey.objects.values_list("satisfaction", "comment", "answered_by").get()


@pytest.mark.parametrize(
    ("text", "number", "comment"),
    [
        ("4", 4, ""), ("Gut.", 4, ""), ("Sehr gut!\n\nDanke, Ines.", 5, "Danke, Ines."), ("nicht gut", 2, ""),
        ("Très bien", 5, ""), ("not satisfied", 2, ""), ("👎", 1, ""),
    ],
)  # fmt: skip
def test_a_number_or_a_word_counts(asked, receive, text, number, comment) -> None:
    before = asked.incident.messages.count()

    row = receive(answer(asked, text))

    assert (row.state, row.incident, row.why) == ("answered", asked.incident, "It answers the question how it went.")
    assert said() == (number, comment, "email")
    assert asked.incident.messages.count() == before


@pytest.mark.parametrize("text", ["OK", "Good that you ask: the other printer is silent now.", "6", "Thanks"])
def test_anything_else_is_the_customers_word(asked, receive, text) -> None:
    row = receive(answer(asked, text))

    assert (row.state, row.message.body) == ("joined", text)
    assert said()[0] is None


def test_a_bad_answer_is_called_back(asked, receive) -> None:
    receive(answer(asked, "1\n\nNobody called me."))

    assert asked.incident.calls.get().why == "unhappy"


def test_who_only_names_the_incident_answers_nothing(asked, reporter, receive) -> None:
    """Anybody can write such a mail in somebody's name."""
    row = receive(mail(reporter, "5", subject=f"Re: {asked.incident.reference}"))

    assert (row.state, said()[0]) == ("joined", None)


def test_opened_again_a_number_may_answer_anything(asked, reporter, receive) -> None:
    lifecycle.still_broken(asked.incident, by=reporter)

    assert receive(answer(asked, "2")).state == "joined"
    assert said()[0] is None


def test_of_a_report_that_was_merged_the_answer_counts(asked, reporter, agent, receive) -> None:
    into = factories.resolved(factories.open_incident(reporter, text="The same"), agent)
    type(into).objects.filter(pk=asked.incident.pk).update(merged_into=into, status="cancelled")

    assert receive(answer(asked, "5")).state == "answered"
    assert said() == (5, "", "email")


def test_it_stands_with_what_was_filed(asked, receive, agent, as_user) -> None:
    receive(answer(asked, "5"))

    page = as_user(agent).get("/desk/mail/?view=filed").content.decode()

    assert "said how it went" in page

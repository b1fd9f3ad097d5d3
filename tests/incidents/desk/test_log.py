"""Logging what a caller says."""

import pytest
from django.urls import reverse

from customers.models import User
from incidents.models import Incident
from tests import factories
from tests.incidents.desk.pages import HX, fields, region, text

LOG = reverse("incidents:desk_log")
SAID = {"text": "Nothing prints at the counter.", "impact": "2", "urgency": "1"}


def test_the_log_is_for_agents_only(as_user, client, agent, reporter) -> None:
    assert as_user(agent).get(LOG).status_code == 200
    assert as_user(reporter).get(LOG).status_code == 404
    assert client.get(LOG).url.startswith(reverse("account_login"))


def test_a_call_becomes_an_incident_of_the_caller(desk, agent, reporter) -> None:
    answer = desk.post(LOG, SAID | {"caller": reporter.email})

    incident = Incident.objects.get()
    assert answer.url == reverse("incidents:desk_incident", kwargs={"reference": incident.reference})
    assert (incident.reporter, incident.origin, incident.priority) == (reporter, "phone", 2)
    assert incident.clocks.get(kind="response").state == "stopped"


def test_the_service_is_named_as_the_customer_calls_it(desk, agent, reporter) -> None:
    mail = factories.ServiceFactory(customer=reporter.customer, name="Mail", is_critical=True)

    desk.post(LOG, SAID | {"caller": reporter.email, "which_service": "mail"})

    assert Incident.objects.get().service == mail


def test_a_service_that_is_none_of_theirs_is_named_and_nothing_is_lost(desk, team, reporter, stranger) -> None:
    factories.ServiceFactory(customer=stranger.customer, name="Payments")
    factories.ServiceFactory(customer=reporter.customer, name="Mail")

    answer = desk.post(LOG, SAID | {"caller": reporter.email, "which_service": "Payments"})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "has no service of that name. Its services: Mail." in html
    assert text(region(html, "id_text")) == SAID["text"]
    assert not Incident.objects.exists()


def test_the_services_of_whoever_calls_are_offered(desk, team, reporter, stranger) -> None:
    factories.ServiceFactory(customer=reporter.customer, name="Mail")
    factories.ServiceFactory(customer=stranger.customer, name="Payments")

    found = desk.get(LOG, {"caller": reporter.email}, headers=HX).content.decode()

    assert 'value="Mail"' in found
    assert "Payments" not in found


def test_what_was_told_is_kept_as_the_first_update(desk, agent, reporter) -> None:
    desk.post(LOG, SAID | {"caller": reporter.email, "told": "A colleague comes at eleven."})

    incident = Incident.objects.get()
    assert list(incident.messages.order_by("pk").values_list("body", "is_public"))[1:] == [
        ("A colleague comes at eleven.", True)
    ]
    assert incident.owner == agent


@pytest.mark.parametrize("words", ["Rosa Reporter", "rosa", "rosa ostermoor", "555 0178"])
def test_the_caller_is_found_by_whatever_they_say(desk, team, reporter, colleague, words) -> None:
    User.objects.filter(pk=reporter.pk).update(phone="555 0178")

    desk.post(LOG, SAID | {"caller": words})

    assert Incident.objects.get().reporter == reporter


def test_when_several_fit_the_agent_is_asked_which_and_nothing_is_lost(desk, team, reporter, colleague) -> None:
    answer = desk.post(LOG, SAID | {"caller": "Ostermoor"})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Which of them is it?" in html
    assert text(region(html, "id_text")) == SAID["text"]

    desk.post(LOG, fields_of(html) | {"which": colleague.pk})
    assert Incident.objects.get().reporter == colleague


def fields_of(html: str) -> dict[str, str]:
    return fields(html.replace('method="post" data-draft="log"', f'method="post" action="{LOG}"'), LOG)


def test_people_of_others_are_not_found(desk, team, stranger) -> None:
    answer = desk.post(LOG, SAID | {"caller": stranger.email, "which": stranger.pk})

    assert answer.status_code == 422
    assert Incident.objects.count() == 0


def test_suggestions_are_the_people_one_may_see(desk, team, reporter, stranger) -> None:
    html = desk.get(LOG, {"caller": "r"}, headers=HX).content.decode()

    assert reporter.email in html
    assert stranger.email not in html


WRONG = [(field, value) for field in ("caller", "impact", "urgency") for value in ("", " ", "²", "9" * 400)]


@pytest.mark.parametrize(("field", "value"), [*WRONG, ("text", ""), ("text", " ")])
def test_what_is_missing_or_wrong_is_said_and_the_rest_kept(desk, team, reporter, field, value) -> None:
    answer = desk.post(LOG, SAID | {"caller": reporter.email, field: value})

    assert answer.status_code == 422
    assert Incident.objects.count() == 0
    if field != "text":
        assert SAID["text"] in answer.content.decode()


def test_a_form_sent_twice_is_one_incident_with_one_word(desk, team, reporter) -> None:
    typed = fields_of(desk.get(LOG).content.decode()) | SAID | {"caller": reporter.email, "told": "We come."}

    answers = [desk.post(LOG, typed) for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert Incident.objects.get().messages.count() == 2


def test_the_log_asks_the_same_number_of_questions(desk, team, town, django_assert_num_queries) -> None:
    for _ in range(5):
        factories.UserFactory(customer=town)

    with django_assert_num_queries(4):
        desk.get(LOG)

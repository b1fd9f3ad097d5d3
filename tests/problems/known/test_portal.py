"""What customers read: only what was reviewed for them; while they type, and on a page; "this helped me" counts."""

import uuid

import pytest
from django.urls import reverse

from incidents.models import Incident
from problems import known_errors
from problems.models import KnownErrorUse

SUGGEST, KNOWN = reverse("problems:portal_suggest"), reverse("problems:portal_known")
HTMX = {"HTTP_HX_REQUEST": "true"}
SAID = "the printer at the counter is silent"


def helped(known) -> str:
    return reverse("problems:portal_helped", args=[known.pk])


def suggested(client, text=SAID, **more) -> str:
    return client.post(SUGGEST, {"text": text} | more, **HTMX).content.decode()


def test_it_is_offered_while_somebody_types(as_user, reporter, for_customers) -> None:
    client = as_user(reporter)
    home = client.get("/").content.decode()
    assert f'hx-post="{SUGGEST}"' in home

    fragment = suggested(client)

    assert fragment.lstrip().startswith('<section id="suggestions"')
    assert for_customers.workaround in fragment
    assert f'formaction="{helped(for_customers)}"' in fragment
    assert "I still need help" in fragment
    assert for_customers.workaround not in suggested(client, "printer silent")


def test_buttons_stand_behind_send(as_user, reporter) -> None:
    """The first button of a form is what Enter presses: that sends the report."""
    home = as_user(reporter).get("/").content.decode()

    assert home.index("Send now") < home.index('id="suggestions"')


def test_what_stays_at_the_desk_is_not_shown(as_user, reporter, for_customers, agent, lead) -> None:
    known_errors.edit(for_customers, by=lead, values={"risk": "Jobs are lost", "cause": "Spooler"})

    for html in (suggested(as_user(reporter)), as_user(reporter).get(KNOWN).content.decode()):
        assert for_customers.workaround in html
        assert not [word for word in ("Jobs are lost", "Spooler", "KE-", "PRB-", agent.name) if word in html]


def test_drafts_the_desks_and_retired_ones_are_not_there(as_user, reporter, at_the_desk, agent) -> None:
    client = as_user(reporter)
    assert at_the_desk.workaround not in suggested(client) + client.get(KNOWN).content.decode()
    assert client.post(helped(at_the_desk)).status_code == 404


def test_another_customers_are_not_there(as_user, stranger, for_customers) -> None:
    client = as_user(stranger)

    assert for_customers.workaround not in suggested(client) + client.get(KNOWN).content.decode()
    assert client.post(helped(for_customers)).status_code == 404


def test_what_is_shared_is_there_for_all(as_user, stranger, reporter, shared) -> None:
    for person in (stranger, reporter):
        assert shared.workaround in as_user(person).get(KNOWN).content.decode()


def test_this_helped_me_counts_and_reports_nothing(as_user, reporter, for_customers) -> None:
    client, sent = as_user(reporter), {"text": SAID, "client_token": str(uuid.uuid4())}
    for _ in range(2):
        answer = client.post(helped(for_customers), sent, follow=True)

    assert "Nothing was reported." in answer.content.decode()
    assert not Incident.objects.exists()
    for_customers.refresh_from_db()
    assert (for_customers.times_used, bool(for_customers.last_success_at)) == (1, True)
    assert KnownErrorUse.objects.get().by == reporter


def test_i_still_need_help_goes_on_with_what_was_typed(as_user, reporter, team, for_customers) -> None:
    client = as_user(reporter)
    suggested(client)

    client.post(reverse("incidents:portal_report"), {"text": SAID, "client_token": str(uuid.uuid4())})

    assert Incident.objects.get().title == SAID
    assert not KnownErrorUse.objects.exists()


def test_without_script_there_is_a_page(as_user, reporter, for_customers) -> None:
    client = as_user(reporter)
    assert KNOWN in client.get("/").content.decode()

    page = client.get(KNOWN + "?q=counter").content.decode()
    assert for_customers.workaround in page
    assert "This helped me" in page
    assert "Nothing known fits" in client.get(KNOWN + "?q=telephone").content.decode()

    client.post(helped(for_customers))
    for_customers.refresh_from_db()
    assert for_customers.times_used == 1


def test_coming_back_by_get_counts_nothing(as_user, reporter, for_customers) -> None:
    assert as_user(reporter).get(helped(for_customers)).status_code == 302
    assert not KnownErrorUse.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"text": "\x00' | & !"}, {"text": SAID, "service": "9" * 40}, {"service": "x"}])
def test_bad_input_is_no_error(as_user, reporter, for_customers, fields) -> None:
    assert as_user(reporter).post(SUGGEST, fields, **HTMX).status_code == 200
    assert as_user(reporter).post(helped(for_customers), {"client_token": "x"}).status_code == 302


def test_the_desk_has_its_own(as_user, agent, for_customers) -> None:
    assert as_user(agent).get(KNOWN).status_code == 404
    assert as_user(agent).post(SUGGEST, {"text": SAID}).status_code == 404

"""The stock at the desk, the page of one, and using it beside an incident."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Incident, Message
from itsm import events, moment
from problems import communicating, known_error_uses, known_errors
from problems.models import KnownError, Problem
from tests import factories

HTMX = {"HTTP_HX_REQUEST": "true"}
SAID = "the printer at the counter is silent"


def page_of(known) -> str:
    return reverse("problems:known_error", args=[known.pk])


def do(known, verb) -> str:
    return reverse("problems:known_act", args=[known.pk, verb])


@pytest.fixture
def silent(reporter, team) -> Incident:
    incident = factories.open_incident(reporter, text=SAID)
    events.relay()
    return incident


def apply_address(incident, known) -> str:
    return reverse("problems:apply_known_error", args=[incident.reference, known.pk])


def test_a_draft_is_written_published_and_reviewed(as_user, agent, lead, town, values) -> None:
    answer = as_user(agent).post(reverse("problems:known_new"), values | {"customer": town.pk}, follow=True)
    known = KnownError.objects.get()
    assert "The draft is kept." in answer.content.decode()

    as_user(agent).post(do(known, "publish"))
    page = as_user(agent).get(page_of(known)).content.decode()
    assert "Somebody else looks at it" in page
    answer = as_user(lead).post(do(known, "review"), follow=True)

    known.refresh_from_db()
    assert known.status == "customers"
    assert "Customers read it from now on." in answer.content.decode()


def test_what_names_another_customer_is_refused_on_the_page(as_user, agent, known, stranger) -> None:
    known_errors.edit(known, by=agent, values={"workaround": "As at Quillpay: restart it"})

    answer = as_user(agent).post(do(known, "publish"))

    assert answer.status_code == 200 or answer.status_code >= 400
    assert "Please take out “Quillpay”" in answer.content.decode()
    known.refresh_from_db()
    assert known.status == "draft"


def test_nothing_typed_is_lost(as_user, agent, known, lead, values) -> None:
    address = reverse("problems:known_change", args=[known.pk])
    typed = values | {"version": known.version, "risk": "My words", "title": ""}
    answer = as_user(agent).post(address, typed)
    assert (answer.status_code, "My words" in answer.content.decode()) == (422, True)

    known_errors.edit(known, by=lead, values={"risk": "Theirs"})
    answer = as_user(agent).post(address, typed | {"title": "T"})
    assert answer.status_code == 409
    assert "My words" in answer.content.decode()

    again = typed | {"title": "T", "version": known.version + 1}
    assert as_user(agent).post(address, again).status_code == 302


@pytest.mark.parametrize("field", ["customer", "service", "problem", "category", "title"])
def test_bad_input_is_a_sentence(as_user, agent, known, town, values, field) -> None:
    wrong = values | {"customer": town.pk, field: "x" * 300}
    for address in (reverse("problems:known_new"), reverse("problems:known_change", args=[known.pk])):
        answer = as_user(agent).post(address, wrong)
        assert answer.status_code in (422, 302)


def test_verbs_that_are_none_and_states_that_do_not_fit(as_user, agent, known) -> None:
    assert as_user(agent).post(do(known, "explode")).status_code == 404
    answer = as_user(agent).post(do(known, "withdraw"))
    assert answer.status_code == 409
    assert "Not possible now" in answer.content.decode()


@pytest.fixture
def stock(town, agent, values, at_the_desk, incident):
    """A used one, a never used one, an old one, a draft."""
    made = {"used": at_the_desk}
    for name in ("fresh", "old", "draft"):
        made[name] = known_errors.draft(town, by=agent, values=values | {"title": f"It is {name}"})
        if name != "draft":
            known_errors.publish(made[name], by=agent)
    KnownError.objects.filter(pk=made["old"].pk).update(changed_at=moment.now() - timedelta(days=200))
    known_error_uses.tell(at_the_desk, incident, by=agent, text="Try this")
    return made


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"used", "fresh", "old"}),
        ("?state=", {"used", "fresh", "old", "draft"}),
        ("?state=draft", {"draft"}),
        ("?show=never", {"fresh", "old"}),
        ("?show=stale", {"old"}),
        ("?q=fresh", {"fresh"}),
        ("?service=nonsense", set()),
        ("?state=nonsense&customer=99999&page=x", {"used", "fresh", "old", "draft"}),
    ],
)
def test_the_stock_is_searched_and_filtered(as_user, agent, stock, query, shown) -> None:
    html = as_user(agent).get(reverse("problems:known_list") + query).content.decode()

    assert {name for name, known in stock.items() if f"{known.reference} " in html} == shown


def test_by_its_reference(as_user, agent, stock) -> None:
    html = as_user(agent).get(reverse("problems:known_list") + f"?state=&q={stock['draft'].reference}").content.decode()

    assert "It is draft" in html
    assert "It is fresh" not in html


def test_beside_the_incident(as_user, agent, at_the_desk, silent) -> None:
    address = reverse("problems:incident_known_errors", args=[silent.reference])
    page = as_user(agent).get(reverse("incidents:desk_incident", args=[silent.reference])).content.decode()
    assert f'hx-get="{address}?view="' in page

    fragment = as_user(agent).get(address, **HTMX).content.decode()

    assert fragment.lstrip().startswith('<section id="known-errors"')
    assert "Apply workaround" in fragment
    assert "never used" in fragment
    assert at_the_desk.reference in as_user(agent).get(address).content.decode()  # a page without script


def test_one_click_fills_the_form(as_user, agent, at_the_desk, silent) -> None:
    address = apply_address(silent, at_the_desk)
    page = as_user(agent).get(address).content.decode()
    workbench = as_user(agent).get(address, **HTMX, HTTP_HX_TARGET="workbench").content.decode()

    for html in (page, workbench):
        assert f'action="{address}"' in html
        assert at_the_desk.workaround in html
    assert workbench.lstrip().startswith('<div id="workbench"')


@pytest.mark.parametrize(("how", "status"), [("restore", "restored"), ("", "restored"), ("tell", "in_progress")])
def test_sending_says_so_and_links_it(as_user, agent, at_the_desk, silent, how, status) -> None:
    sent = {"text": "Please switch it off and on.", "how": how, "version": silent.version,
            "client_token": str(uuid.uuid4())}  # fmt: skip
    answers = [as_user(agent).post(apply_address(silent, at_the_desk), sent) for _ in range(2)]

    silent.refresh_from_db()
    assert answers[0].status_code == 302
    assert (silent.status, silent.known_error) == (status, str(at_the_desk))
    assert at_the_desk.uses.count() == 1
    assert Message.objects.filter(body=sent["text"]).count() == 1


def test_refused_the_words_stay_in_the_same_form(as_user, agent, at_the_desk, silent) -> None:
    address = apply_address(silent, at_the_desk)
    empty = as_user(agent).post(address, {"text": " ", "version": silent.version})
    assert empty.status_code == 422
    assert f'action="{address}"' in empty.content.decode()

    stale = as_user(agent).post(address, {"text": "My own words", "version": silent.version + 5})
    assert stale.status_code == 409
    assert "My own words" in stale.content.decode()
    assert f'action="{address}"' in stale.content.decode()


def test_another_customers_is_not_there(as_user, agent, team, at_the_desk, stranger) -> None:
    team.customers.add(stranger.customer)
    theirs = factories.open_incident(stranger)

    assert as_user(agent).get(apply_address(theirs, at_the_desk)).status_code == 404


def test_whether_it_has_helped_is_asked_and_said(as_user, agent, at_the_desk, silent) -> None:
    known_error_uses.tell(at_the_desk, silent, by=agent, text="Try this")
    panel = reverse("problems:incident_known_errors", args=[silent.reference])
    assert "Has it helped?" in as_user(agent).get(panel).content.decode()
    use = at_the_desk.uses.get()

    address = reverse("problems:known_judge", args=[at_the_desk.pk, use.pk])
    answer = as_user(agent).post(address, {"worked": "no"}, **HTMX)

    use.refresh_from_db()
    assert use.worked is False
    assert "has not helped" in answer.content.decode()
    assert "Apply workaround" not in answer.content.decode()


def test_while_a_caller_speaks(as_user, agent, at_the_desk, reporter, stranger, team) -> None:
    team.customers.add(stranger.customer)

    def read_out(caller: str) -> str:
        address = reverse("problems:desk_suggest")
        return as_user(agent).post(address, {"text": SAID, "caller": caller}, **HTMX).content.decode()

    assert at_the_desk.workaround in read_out(reporter.email)
    assert at_the_desk.workaround not in read_out(stranger.email)
    assert at_the_desk.workaround not in read_out("")
    assert reverse("problems:desk_suggest") in as_user(agent).get(reverse("incidents:desk_log")).content.decode()


@pytest.fixture
def problem(at_the_desk, agent, reporter, colleague, team) -> Problem:
    incidents = [factories.open_incident(who, impact=1) for who in (reporter, colleague)]
    factories.restored(incidents[0], agent)
    events.relay()
    problem = Problem.objects.get()
    problem.incidents.set(incidents)
    KnownError.objects.filter(pk=at_the_desk.pk).update(problem=problem)
    return problem


def test_it_says_how_many_it_reaches_and_tells_them(as_user, agent, at_the_desk, problem) -> None:
    page = as_user(agent).get(page_of(at_the_desk)).content.decode()
    assert f"It reaches 2 people, in 2 open incidents of {problem.reference}." in page
    assert "Tell 2 people" in page

    sent = {"text": "Use printer 4.", "client_token": str(uuid.uuid4())}
    answers = [
        as_user(agent).post(reverse("problems:known_communicate", args=[at_the_desk.pk]), sent) for _ in range(2)
    ]
    communicating.go_on()

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Message.objects.filter(body="Use printer 4.").count() == 2
    assert "2 incidents told" in as_user(agent).get(page_of(at_the_desk)).content.decode()


@pytest.mark.parametrize("text", ["", "As at Quillpay, use printer 4"])
def test_what_cannot_be_passed_on_stays_in_its_form(as_user, agent, at_the_desk, problem, stranger, text) -> None:
    answer = as_user(agent).post(reverse("problems:known_communicate", args=[at_the_desk.pk]), {"text": text})

    assert answer.status_code >= 400
    assert text in answer.content.decode()
    assert not at_the_desk.communications.exists()


@pytest.mark.parametrize("person", ["reporter", "contact", "stranger", "other_agent"])
def test_others_are_not_let_in(as_user, for_customers, request, person) -> None:
    client = as_user(request.getfixturevalue(person))

    for address in (page_of(for_customers), reverse("problems:known_change", args=[for_customers.pk])):
        assert client.get(address).status_code == 404
    for verb in ("retire", "share"):
        assert client.post(do(for_customers, verb)).status_code == 404


@pytest.mark.parametrize("number", [1, 40])
def test_the_stock_asks_a_fixed_number_of_questions(
    as_user, agent, town, values, django_assert_num_queries, number
) -> None:
    for count in range(number):
        known_errors.draft(town, by=agent, values=values | {"title": f"No {count}"})
    client = as_user(agent)

    with django_assert_num_queries(5):
        client.get(reverse("problems:known_list") + "?state=")

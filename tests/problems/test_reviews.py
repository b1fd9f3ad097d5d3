"""The look back, and the report: drafted from the timeline, released, read by the customer's contacts."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.models import User
from incidents import conversation, following
from incidents.models import Incident
from itsm import events, moment
from itsm.refusal import Refused
from notifications.models import Delivery
from problems import actions, pdf, queries, report_words, reviews, sections
from problems.models import Problem, Report
from problems.moves import MoveRefused, Stale
from tests import factories


@pytest.fixture
def major(town, reporter, agent) -> Problem:
    """A major of level 5, told about while it happened, that works by a workaround."""
    town.level = 5
    town.save()
    service = factories.ServiceFactory(customer=town, name="Registry")
    incident = factories.open_incident(reporter, text="Nothing prints.", impact=1, urgency=1, service=service)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)
    conversation.update(incident, by=agent, text="We look at the relay.\nMore of it.")
    conversation.note(incident, by=agent, text="Kim forgot the certificate.")
    with moment.travel(moment.now() + timedelta(minutes=70)):
        factories.restored(incident, agent)
    events.relay()
    return incident.problems.get()


@pytest.fixture
def report(major, lead, contact) -> Report:
    reviews.begin(major, by=lead)
    return reviews.release(major, by=lead, text="Please read it.")


def test_the_draft_tells_what_the_timeline_knows_without_names(major, agent, lead) -> None:
    tomorrow = (moment.now() + timedelta(days=1)).date()
    actions.add(major, by=lead, kind="prevent", text="Renew it early", owner=agent, due_on=tomorrow)
    words = reviews.begin(major, by=agent).words

    assert words["what_happened"] == "Nothing prints. It worked again after 1 h 10."
    assert [line.split(":")[0] for line in words["when"].splitlines()] == ["Reported", "First answer", "Works again"]
    assert words["affected"] == "Registry: many, or the whole place. 1 person reported it."
    assert "We look at the relay." in words["did"]
    assert "Printing works over printer 2." in words["notice"]
    assert words["change"].startswith("Renew it early, by ")
    everything = " ".join(words.values())
    assert not any(secret in everything for secret in ("Kim", agent.name, major.opened_by.reporter.name))


def test_the_draft_speaks_the_customers_time(major, town, agent) -> None:
    opened = major.opened_by.opened_at
    local = opened.astimezone(ZoneInfo(town.time_zone))

    assert f"{local:%H:%M}" in reviews.begin(major, by=agent).words["when"].splitlines()[0]


def test_everybody_whom_it_hit_counts_once(major, town, reporter, agent) -> None:
    colleague = factories.UserFactory(customer=town)
    following.join(major.opened_by, by=colleague)
    factories.open_incident(colleague)
    Incident.objects.filter(reporter=colleague).update(parent=major.opened_by)

    assert reviews.begin(major, by=agent).words["affected"].endswith("2 people reported it.")


def test_what_was_done_on_another_day_says_the_day(major, agent) -> None:
    with moment.travel(moment.now() + timedelta(days=2)):
        conversation.update(major.opened_by, by=agent, text="The certificate is renewed.")

    first, *_, last = reviews.begin(major, by=agent).words["did"].splitlines()
    assert first[2] == ":"  # 10:00
    assert re.match(r"[A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d The certificate", last)


@pytest.mark.parametrize(
    ("depth", "own"), [("none", 0), ("light", 2), ("standard", 5), ("full", 7), ("trend", 9), ("", 0)]
)
def test_the_template_grows_with_the_depth(depth, own) -> None:
    assert len(sections.own_of(depth)) == own


def test_beginning_twice_is_once_and_writing_keeps_the_rest(major, agent) -> None:
    review = reviews.begin(major, by=agent)
    assert reviews.begin(major, by=agent) == review

    written = reviews.write(major, by=agent, words={"did": "We rerouted it.", "nonsense": "x"}, expected_version=1)

    assert (written.words["did"], written.words["affected"] != "", "nonsense" in written.words) == (
        "We rerouted it.", True, False,
    )  # fmt: skip
    with pytest.raises(Stale):
        reviews.write(major, by=agent, words={"did": "No."}, expected_version=1)
    with pytest.raises(Refused, match="at most"):
        reviews.write(major, by=agent, words={"did": "x" * 4001})


def test_drafting_again_keeps_what_is_our_own(major, agent) -> None:
    reviews.begin(major, by=agent)
    reviews.write(major, by=agent, words={"helped": "The runbook.", "did": "x"})

    words = reviews.draft_again(major, by=agent).words

    assert words["helped"] == "The runbook."
    assert "We look at the relay." in words["did"]


def test_released_it_is_kept_told_and_done(report, major, lead, contact) -> None:
    events.relay()
    major.refresh_from_db()
    assert (report.number, report.is_preliminary, major.reviewed_at is not None) == (1, False, True)

    told = Delivery.objects.outside().get(recipient=contact, kind="report")
    assert told.event.message.body == "Please read it."
    assert told.event.message.phase == "report"
    reviews.write(major, by=lead, words={"what_happened": "Another story."})
    report.refresh_from_db()
    assert report.content["words"]["what_happened"].startswith("Nothing prints")


def test_a_preliminary_one_leaves_the_full_one_due(major, lead) -> None:
    reviews.begin(major, by=lead)
    then = major.preliminary_due_at + timedelta(minutes=1)
    assert queries.overdue(Problem.objects.all(), then).exists()

    reviews.release(major, by=lead, text="First words.", is_preliminary=True)

    major.refresh_from_db()
    assert major.reviewed_at is None
    assert not queries.overdue(Problem.objects.all(), then).exists()
    assert queries.overdue(Problem.objects.all(), major.report_due_at + timedelta(minutes=1)).exists()


def test_who_releases_and_what(major, agent, lead) -> None:
    reviews.begin(major, by=agent)
    with pytest.raises(MoveRefused, match="looks after the problem, or by a lead"):
        reviews.release(major, by=agent, text="Here.")
    reviews.write(major, by=agent, words={"what_happened": " "})
    with pytest.raises(Refused, match="what happened"):
        reviews.release(major, by=lead, text="Here.")
    reviews.write(major, by=agent, words={"what_happened": "It broke."})
    with pytest.raises(Refused, match="at least one sentence"):
        reviews.release(major, by=lead, text=" ")

    version = reviews.begin(major, by=lead).version
    reviews.release(major, by=lead, text="Here.", expected_version=version)
    with pytest.raises(Stale):  # the second click
        reviews.release(major, by=lead, text="Here.", expected_version=version)
    assert Report.objects.count() == 1


def test_while_down_there_is_no_review(major, reporter, lead, break_again) -> None:
    reviews.begin(major, by=lead)
    break_again(major.opened_by)

    for verb in (reviews.begin, reviews.finish):
        with pytest.raises(MoveRefused, match="first it works again"):
            verb(major, by=lead)


@pytest.mark.parametrize(("level", "has_figures"), [(4, False), (5, True)])
def test_figures_where_they_are_agreed(town, major, lead, level, has_figures) -> None:
    town.level = level
    town.save()
    incident = factories.open_incident(factories.UserFactory(customer=town), impact=1, urgency=1)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)
    factories.restored(incident, lead)
    events.relay()
    problem = incident.problems.get()
    reviews.begin(problem, by=lead)

    report = reviews.release(problem, by=lead, text="Here.")

    assert bool(report.content["figures"]) == has_figures
    assert (
        any("Worked again in the agreed time" in words for _, words in report_words.report_lines(report)) == has_figures
    )


def test_contacts_read_it_as_page_and_pdf_and_nobody_else(as_user, report, contact, reporter, stranger, lead) -> None:
    page = as_user(contact).get(f"/reports/{report.pk}/")
    assert "Nothing prints." in page.content.decode()
    assert report.title in as_user(contact).get("/reports/").content.decode()

    paper = as_user(contact).get(f"/reports/{report.pk}/pdf/")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert as_user(lead).get(f"/reports/{report.pk}/pdf/").status_code == 200
    their_contact = factories.UserFactory(customer=stranger.customer, role=User.Role.CONTACT)
    for other in (reporter, their_contact):
        assert {as_user(other).get(f"/reports/{report.pk}/{end}").status_code for end in ("", "pdf/")} == {404}


@pytest.mark.parametrize(
    "words",
    [
        "<img src=file:///etc/passwd> **bold**", "Größe, Straße, Łódź, Ελλάδα, Київ, שלום, 日本", "x" * 4000,
        "line\n" * 300,
    ],
)  # fmt: skip
def test_paper_takes_any_words(report, words) -> None:
    report.content["words"]["did"] = words

    assert pdf.render(report).startswith(b"%PDF-")

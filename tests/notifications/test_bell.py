"""The bell: what is unread, live, and read by opening."""

import pytest
from django.urls import reverse

from customers.models import ContactRole
from incidents import conversation, following
from itsm import events
from notifications import bell
from notifications.models import Delivery
from tests import factories
from tests.htmx import element

HX = {"hx-request": "true"}
BELL, NEWS = "/news/bell/", "/news/"


@pytest.fixture
def told(incident, agent):
    """told(3) -> so many updates on the incident, each told to whoever reported it; the receipt comes on top."""

    def go(number: int = 1) -> None:
        for n in range(number):
            conversation.update(incident, by=agent, text=f"Update {n}")
        events.relay()

    return go


@pytest.fixture
def browser(as_user, reporter):
    return as_user(reporter)


def html_of(browser, address: str = NEWS, **more) -> str:
    answer = browser.get(address, **more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_bell_counts_what_is_unread(browser, told) -> None:
    assert "News: all read" in html_of(browser, BELL, headers=HX)

    told(2)

    html = html_of(browser, BELL, headers=HX)
    assert 'aria-label="News: 3 unread"' in html
    assert '<b class="unread" aria-hidden="true">3</b>' in html


def test_nothing_new_is_204(browser, told) -> None:
    told()
    address = BELL + html_of(browser, BELL, headers=HX).split(BELL)[1].split('"')[0]

    assert browser.get(address, headers=HX).status_code == 204
    told()
    assert browser.get(address, headers=HX).status_code == 200


def test_reading_elsewhere_is_news_too(browser, told, reporter) -> None:
    told()
    address = BELL + html_of(browser, BELL, headers=HX).split(BELL)[1].split('"')[0]

    bell.mark_read(reporter)

    assert "all read" in html_of(browser, address, headers=HX)


def test_many_are_99_and_more(reporter, incident, told, browser) -> None:
    told()
    row = Delivery.objects.get(channel="portal", kind="update")
    event = row.event
    for _ in range(110):
        event.pk = None
        event.message = None
        event.save(force_insert=True)
        row.pk, row.event = None, event
        row.public_id = bell.Delivery._meta.get_field("public_id").get_default()
        row.save(force_insert=True)

    assert "99+" in html_of(browser, BELL, headers=HX)


@pytest.mark.parametrize("number", [1, 40])
def test_the_bell_asks_one_question_more_than_who_it_is(browser, told, number, django_assert_num_queries) -> None:
    told(number)
    with django_assert_num_queries(4):  # session, person, customer, what is unread
        browser.get(BELL, headers=HX)


@pytest.mark.parametrize("number", [1, 25])
def test_the_page_asks_a_fixed_number_of_questions(browser, told, number, django_assert_num_queries) -> None:
    told(number)
    with django_assert_num_queries(7):  # session, person, customer, how many, the page, which may be opened, unread
        browser.get(NEWS)


def test_without_script_the_bell_is_a_link_on_each_page(as_user, reporter, agent, browser, incident) -> None:
    for person in (reporter, agent):
        place = element(html_of(as_user(person), "/desk/" if person == agent else "/"), "bell")
        assert f'href="{NEWS}"' in place
        assert f'hx-get="{BELL}"' in place
    assert browser.get(BELL)["Location"] == NEWS


def test_the_page_lists_the_newest_first(browser, told, incident) -> None:
    told(2)

    html = html_of(browser)

    assert html.index("Update 1") < html.index("Update 0") < html.index("We have your report")
    assert html.count("not read yet") == 3
    assert incident.reference in html


def test_it_has_pages(browser, told) -> None:
    told(35)

    assert "Update 34" in html_of(browser)
    assert "Update 0<" in html_of(browser, f"{NEWS}?page=2")
    for odd in ("0", "-1", "x", "9" * 30, "2.5"):
        assert "Update" in html_of(browser, f"{NEWS}?page={odd}")


def test_a_line_leads_to_its_incident_and_is_read(browser, told, reporter, incident) -> None:
    told(2)
    row = Delivery.objects.filter(channel="portal").latest("pk")

    answer = browser.get(f"{NEWS}{row.pk}/")

    assert answer["Location"] == reverse("incidents:portal_incident", kwargs={"reference": incident.reference})
    assert bell.unread(reporter).count == 0


def test_opening_the_incident_reads_its_lines_and_no_others(browser, told, reporter, agent, incident) -> None:
    other = factories.answered(factories.open_incident(reporter), agent)
    told(2)
    assert bell.unread(reporter).count == 5

    html_of(browser, f"/incidents/{incident.reference}/")

    left = Delivery.objects.in_the_bell(reporter).filter(read_at__isnull=True)
    assert {row.incident for row in left} == {other}


@pytest.mark.parametrize("page", ["/desk/incidents/{}/", "/desk/?incident={}"])
def test_so_it_is_at_the_desk(as_user, reporter, agent, incident, page) -> None:
    factories.taken(incident, agent)
    conversation.add(incident, by=reporter, text="More")
    events.relay()
    assert bell.unread(agent).count == 1

    html_of(as_user(agent), page.format(incident.reference))

    assert bell.unread(agent).count == 0


def test_what_one_may_not_open_reads_nothing(as_user, told, reporter, stranger, incident) -> None:
    told()
    assert as_user(stranger).get(f"/incidents/{incident.reference}/").status_code == 404
    assert bell.unread(reporter).count == 2


def test_all_are_read_at_once(browser, told, reporter) -> None:
    told(3)
    assert "Mark all as read" in html_of(browser)

    assert browser.post(f"{NEWS}read/")["Location"] == NEWS

    assert "Mark all as read" not in html_of(browser)
    assert browser.get(f"{NEWS}read/").status_code == 405


def test_others_lines_are_not_there(as_user, told, reporter, colleague, stranger, agent) -> None:
    told()
    row = Delivery.objects.filter(channel="portal").latest("pk")
    for person in (colleague, stranger, agent):
        assert as_user(person).get(f"{NEWS}{row.pk}/").status_code == 404
        assert "Update 0" not in html_of(as_user(person))
    assert bell.unread(reporter).count == 2


def test_a_mail_is_no_line(browser, told) -> None:
    told()
    mail = Delivery.objects.outside().latest("pk")

    assert browser.get(f"{NEWS}{mail.pk}/").status_code == 404


def test_who_may_not_see_it_reads_the_words_without_a_link(as_user, town, team, reporter, agent) -> None:
    town.level = 5
    town.save()
    lead = factories.UserFactory(customer=town)
    ContactRole.objects.create(customer=town, kind="site_lead", person=lead)
    factories.answered(factories.open_incident(reporter, impact=1, urgency=1), agent)
    events.relay()

    html = html_of(as_user(lead))

    assert "We are looking at the printer." in html
    assert f"{NEWS}{Delivery.objects.filter(recipient=lead, channel='portal').latest('pk').pk}/" not in html


def test_words_of_the_desk_stay_there(incident, reporter, agent, browser, told) -> None:
    """Whatever a rule says: a line never shows internal words to a customer."""
    told()
    conversation.note(incident, by=agent, text="They forgot to pay.")
    note = incident.events.get(kind="noted")
    common = {"incident": incident, "customer": incident.customer, "recipient": reporter, "kind": "update"}
    Delivery.objects.create(event=note, channel="portal", state="sent", sent_at=note.occurred_at, **common)

    assert "forgot to pay" not in html_of(browser)


def test_each_audience_reads_its_own_words(incident, reporter, browser, told) -> None:
    told()
    row = Delivery.objects.get(channel="portal", kind="update")
    row.event.message.for_others = {"stakeholders": "Words for stakeholders"}
    row.event.message.save()
    assert "Words for stakeholders" not in html_of(browser)

    Delivery.objects.filter(pk=row.pk).update(audience="stakeholders")

    assert "Words for stakeholders" in html_of(browser)


def test_whom_the_desk_added_is_told(as_user, incident, colleague, agent) -> None:
    following.join(incident, by=agent, person=colleague)
    events.relay()

    rows = Delivery.objects.filter(recipient=colleague)
    assert {(row.channel, row.kind) for row in rows} == {("portal", "joined"), ("email", "joined")}
    assert "You hear of this from now on" in html_of(as_user(colleague))


def test_who_joined_by_themselves_is_not(incident, colleague) -> None:
    following.join(incident, by=colleague)
    events.relay()

    assert not Delivery.objects.filter(recipient=colleague).exists()

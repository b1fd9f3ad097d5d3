"""The desk's panel, the queue's fold, and one click in the portal."""

import pytest
from django.urls import reverse

from incidents import bursts, children, conversation, explanation, keeping_up, lifecycle, queries, similar
from incidents.models import Incident
from itsm import events, moment
from tests import factories
from tests.incidents.moments import clock


def panel(incident) -> str:
    return reverse("incidents:desk_children", args=[incident.reference])


def body(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def desk(as_user, agent):
    return as_user(agent)


def test_the_panel_counts_first_and_shows_the_newest(desk, major, report, agent):
    flock = [children.attach(report(text=f"Report {number}"), to=major, by=agent) for number in range(22)]

    page = body(desk.get(panel(major)))

    assert "22 joined reports" in page
    assert flock[-1].reference in page
    assert flock[0].reference not in page
    assert flock[0].reference in body(desk.get(panel(major) + "?page=2"))


def test_several_who_say_no_are_a_warning(desk, major, report, agent):
    flock = [children.attach(report(), to=major, by=agent) for _ in range(3)]
    factories.restored(major, agent)
    events.relay()
    keeping_up.go_on()
    for each in flock[:2]:
        lifecycle.still_broken(Incident.objects.get(pk=each.pk), by=each.reporter)

    page = body(desk.get(panel(major)))

    assert "2 of 3 say it does not work yet" in page
    assert "1 works again" in page


def test_one_more_joins_by_its_reference(desk, major, report):
    mine = report()

    answer = desk.post(panel(major), {"do": "add", "reference": mine.reference.lower()})

    assert answer.status_code == 302
    assert Incident.objects.get(pk=mine.pk).parent == major


@pytest.mark.parametrize("said", ["", "INC-999999999", "x" * 300, "42 or so", "INC-" + "9" * 40, "\x00"])
def test_a_reference_that_is_none_is_a_sentence(desk, major, said):
    answer = desk.post(panel(major), {"do": "add", "reference": said}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "There is no incident of this reference" in body(answer)


def test_nothing_to_do_is_a_sentence(desk, major):
    answer = desk.post(panel(major), {"do": "fly"}, headers={"HX-Request": "true"})

    assert answer.status_code == 422


def test_all_of_a_burst_join_with_one_button(desk, major, report):
    mine = [report() for _ in range(3)]
    assert "Join all 3" in body(desk.get(panel(major)))

    desk.post(panel(major), {"do": "burst"}, headers={"HX-Request": "true"})

    assert {Incident.objects.get(pk=each.pk).parent for each in mine} == {major}


def test_at_triage_one_click_joins(desk, major, report):
    mine = report()
    page = body(desk.get(reverse("incidents:desk_similar", args=[mine.reference])))
    assert f"Join {major.reference}" in page

    answer = desk.post(panel(mine), {"do": "join", "reference": major.reference, "view": "open"})

    assert answer.status_code == 302
    assert Incident.objects.get(pk=mine.pk).parent == major


def test_it_is_taken_off_again(desk, major, child):
    assert major.reference in body(desk.get(panel(child)))

    desk.post(panel(major), {"do": "detach", "reference": child.reference})

    assert Incident.objects.get(pk=child.pk).parent is None


def test_of_another_parents_reports_none_is_taken_off_here(desk, major, child, report):
    answer = desk.post(panel(report()), {"do": "detach", "reference": child.reference}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert Incident.objects.get(pk=child.pk).parent == major


def test_joined_reports_are_folded_and_found(agent, major, child, report):
    now = moment.now()
    alone = report(text="Printer on fire", service=None)

    shown = {row.incident.pk: row.incident for row in queries.queue(agent, "open", now)}

    assert set(shown) == {major.pk, alone.pk}
    assert shown[major.pk].joined == 1
    assert [row.incident for row in queries.queue(agent, "open", now, search=child.reference)] == [child]
    assert [row.incident for row in queries.queue(agent, "joined", now)] == [child]
    counts = {view.key: view.count for view in queries.queue_views(agent, now)}
    assert (counts["open"], counts["joined"], counts["unowned"]) == (2, 1, 1)


def test_who_writes_words_of_their_own_is_not_folded_away(agent, major, child, colleague):
    conversation.update(major, by=agent, text="The server is down.")
    events.relay()
    keeping_up.go_on()
    conversation.add(child, by=colleague, text="Now my phone is dead as well.")

    assert child.pk in {row.incident.pk for row in queries.queue(agent, "open", moment.now())}


def test_the_promise_that_is_shown_is_the_parents(child, major, agent, colleague, as_user):
    conversation.update(major, by=agent, text="The server is down.")
    events.relay()
    keeping_up.go_on()

    [row] = queries.reports(colleague, moment.now(), mine=True, is_open=True, limit=5)
    assert row.promise.due_at == clock(major, "update").due_at


def test_the_portal_page_of_a_report_reads_the_parents_news_only(child, major, agent, reporter, colleague, as_user):
    conversation.add(major, by=reporter, text="I am in room 12, my password is x.")
    conversation.update(major, by=agent, text="The server is down.")
    conversation.note(major, by=agent, text="The old disk.")

    page = body(as_user(colleague).get(reverse("incidents:portal_incident", args=[child.reference])))

    assert "The server is down." in page
    assert "part of a larger trouble" in page
    for hidden in ("room 12", "Rosa", "old disk", major.reference):
        assert hidden not in page


def test_whoever_opens_the_portal_can_say_i_have_this_too(major, colleague, as_user):
    client = as_user(colleague)
    home = body(client.get(reverse("incidents:portal_home")))
    address = reverse("incidents:portal_i_have_this_too", args=[major.reference])
    assert "I have this too" in home
    assert "room 12" not in home
    assert address in home

    answer = client.post(address)
    mine = Incident.objects.get(reporter=colleague)
    assert answer.url == reverse("incidents:portal_incident", args=[mine.reference])
    assert client.post(address).url == answer.url
    assert "I have this too" not in body(client.get(reverse("incidents:portal_home")))


def test_strangers_are_offered_nothing(major, stranger, as_user):
    client = as_user(stranger)

    assert "I have this too" not in body(client.get(reverse("incidents:portal_home")))
    assert client.post(reverse("incidents:portal_i_have_this_too", args=[major.reference])).status_code == 404


def test_a_report_that_is_written_already_joins_with_one_click(major, report, colleague, as_user):
    mine = report(colleague)
    page = reverse("incidents:portal_incident", args=[mine.reference])
    client = as_user(colleague)
    assert "Yes, it is the same" in body(client.get(page))

    address = reverse("incidents:portal_same_trouble", args=[mine.reference, major.reference])
    assert client.post(address).url == page

    assert Incident.objects.get(pk=mine.pk).parent == major
    assert "Yes, it is the same" not in body(client.get(page))


def test_the_clocks_say_what_they_owe_to_the_parent(report, major, agent, colleague):
    mine = factories.answered(report(colleague), agent)
    other = report()
    conversation.update(major, by=agent, text="The server is down.")
    mine, other = (children.attach(each, to=major, by=agent) for each in (mine, other))
    factories.restored(major, agent)
    events.relay()
    keeping_up.go_on()

    said = {one.clock.kind: one.followed for one in explanation.explain(mine, moment.now())}
    assert "its promises, are those of this report" in said["update"]
    assert f"It ended with {major.reference}" in said["restore"]
    assert said["response"] == ""  # answered on its own, before it joined
    theirs = {one.clock.kind: one.followed for one in explanation.explain(other, moment.now())}
    assert "was given the latest news" in theirs["response"]


def test_children_make_no_burst_and_nothing_recurring(major, report, agent):
    flock = [children.attach(report(), to=major, by=agent) for _ in range(4)]
    for each in flock:
        assert bursts.notice(each, moment.now()) is None
    assert list(similar.counted(Incident.objects.filter(parent=major))) == []

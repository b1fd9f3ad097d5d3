"""Everybody whose report has joined hears what the parent says: by their own report, once, and nothing else of it."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from incidents import children, conversation, family, following, keeping_up, lifecycle
from incidents.models import Incident
from itsm import events, jobs
from notifications import fanning, letters, routing
from notifications.claiming import RELATED, Line
from notifications.models import Delivery, FanOut
from tests import factories


@pytest.fixture
def tell():
    """tell() -> what workers do until everybody has been told."""

    def go() -> None:
        events.relay()
        fanning.go_on()
        keeping_up.go_on()
        events.relay()

    return go


def mails(person):
    rows = Delivery.objects.select_related(*RELATED).filter(recipient=person, channel="email").order_by("pk")
    for row in rows:
        row.carries, row.earlier = [], []
    return list(rows)


def test_an_update_goes_to_each_by_their_own_report(child, major, agent, colleague, tell):
    tell()
    conversation.update(major, by=agent, text="The mail server is down. We restart it.")
    tell()

    update = mails(colleague)[-1]
    assert (update.kind, update.reason, update.audience, update.incident) == ("update", "reporter", "affected", child)
    letter = letters.write(update)
    assert "The mail server is down." in letter.body
    assert child.reference in letter.body
    assert major.reference not in letter.body
    assert "room 12" not in letter.body + letter.subject  # the parent's title is its reporter's word
    assert "Rosa" not in letter.body
    assert child.reference in letter.subject


def test_it_is_told_once_however_often_it_is_handed_on(child, major, agent, colleague, tell):
    conversation.update(major, by=agent, text="The server is down.")
    tell()
    before = Delivery.objects.count()
    FanOut.objects.update(done_at=None, cursor=0, seen_at=None)
    fanning.go_on()

    assert Delivery.objects.count() == before
    assert [row.kind for row in mails(colleague)].count("update") + [row.kind for row in mails(colleague)].count(
        "joined_major"
    ) == 1


def test_who_joins_later_gets_the_last_word_at_once_and_not_again(report, major, agent, colleague, tell):
    conversation.update(major, by=agent, text="First news.")
    conversation.update(major, by=agent, text="The server starts again.")
    tell()
    mine = children.attach(report(colleague), to=major, by=agent)
    tell()
    FanOut.objects.update(done_at=None, cursor=0, seen_at=None)
    fanning.go_on()

    kinds = [row.kind for row in mails(colleague)]
    assert kinds == ["received", "joined_major"]
    letter = letters.write(mails(colleague)[-1])
    assert "The server starts again." in letter.body
    assert "First news." not in letter.body
    assert "(As of " in letter.body
    assert mine.reference in letter.body


def test_before_the_first_word_they_are_told_when_it_comes(child, major, colleague, tell):
    tell()

    letter = letters.write(mails(colleague)[-1])
    assert mails(colleague)[-1].kind == "joined_major"
    assert "Next news by" in letter.body
    assert "This is known" not in letter.body


def test_i_have_this_too_is_answered_by_one_message(major, colleague, tell):
    children.report_too(major, by=colleague)
    tell()

    assert [row.kind for row in mails(colleague)] == ["joined_major"]


def test_whom_a_joined_report_hits_too_is_told(child, major, agent, town, tell):
    other = factories.UserFactory(customer=town)
    following.join(child, by=agent, person=other)
    tell()
    conversation.update(major, by=agent, text="The server is down.")
    tell()

    [update] = [row for row in mails(other) if row.kind == "update"]
    assert (update.reason, update.incident) == ("me_too", child)


def test_notes_questions_and_what_customers_say_stay_on_the_parent(child, major, agent, reporter, colleague, tell):
    tell()
    before = Delivery.objects.filter(recipient=colleague).count()
    conversation.note(major, by=agent, text="It is the old disk.")
    conversation.add(major, by=reporter, text="My password is secret.")
    lifecycle.ask(major, by=agent, question="Rosa, which room?")
    tell()

    assert Delivery.objects.filter(recipient=colleague).count() == before
    assert [event.kind for event in family.told(child)] == []


def test_works_again_comes_with_the_offer_to_say_no_and_after_the_state(child, major, agent, colleague, tell):
    tell()
    factories.restored(major, agent)
    events.relay()
    fanning.go_on()

    assert Incident.objects.get(pk=child.pk).status == "restored"
    restored = mails(colleague)[-1]
    assert (restored.kind, restored.incident) == ("restored", child)
    assert "Still not working?" in letters.write(restored).body
    events.relay()
    assert [row.kind for row in mails(colleague)].count("restored") == 1


def test_who_goes_on_alone_hears_no_more_of_the_parent(child, major, agent, colleague, tell):
    factories.restored(major, agent)
    tell()
    lifecycle.still_broken(Incident.objects.get(pk=child.pk), by=colleague)
    conversation.update(major, by=agent, text="We watch it.")
    tell()

    assert "We watch it." not in "".join(letters.write(row).body for row in mails(colleague))
    told = family.told(Incident.objects.get(pk=child.pk))
    assert [event.kind for event in told] == ["restored"]


def test_a_dissent_wakes_whoever_has_the_parent(child, major, agent, lead, colleague, tell):
    factories.restored(major, agent)
    tell()
    lifecycle.still_broken(Incident.objects.get(pk=child.pk), by=colleague)
    tell()

    told = Delivery.objects.filter(kind="still_broken").values_list("recipient", flat=True)
    assert set(told) == {agent.pk}


def test_a_relapse_of_the_parent_wakes_the_desk_once(child, major, agent, report, tell):
    for _ in range(3):
        children.attach(report(), to=major, by=agent)
    factories.restored(major, agent)
    tell()
    lifecycle.still_broken(Incident.objects.get(pk=major.pk), by=agent)
    tell()

    assert not Delivery.objects.filter(kind="still_broken", incident__parent=major).exists()


def test_batches_take_a_fixed_number_of_queries(report, major, agent, tell):
    def queries_of(number: int) -> int:
        for _ in range(number):
            children.attach(report(), to=major, by=agent)
        tell()
        conversation.update(major, by=agent, text=f"News for {number} more")
        events.relay()
        keeping_up.go_on()
        job = jobs.claim(FanOut.objects.at_work())
        with CaptureQueriesContext(connection) as seen:
            assert fanning.work(job) is False
        return len(seen)

    queries_of(1)
    assert queries_of(2) == queries_of(9)


def test_a_killed_worker_is_followed_by_another(report, major, agent, tell, monkeypatch):
    monkeypatch.setattr(fanning, "BATCH", 2)
    flock = [children.attach(report(), to=major, by=agent) for _ in range(5)]
    tell()
    conversation.update(major, by=agent, text="The server is down.")
    events.relay()
    job = jobs.claim(FanOut.objects.at_work())
    assert fanning.work(job)
    assert jobs.claim(FanOut.objects.at_work()) is None  # its sign is fresh
    FanOut.objects.filter(pk=job.pk).update(seen_at=Now() - jobs.WITHOUT_A_SIGN * 2)

    fanning.go_on()

    told = Delivery.objects.filter(kind="update", channel="email", incident__parent=major)
    assert sorted(told.values_list("incident", flat=True)) == sorted(each.pk for each in flock)
    assert FanOut.objects.get(pk=job.pk).children == 5


def test_many_come_after_the_few_who_act(report, major, agent, reporter, tell, monkeypatch):
    monkeypatch.setattr(routing, "MANY", 2)
    for _ in range(4):
        children.attach(report(), to=major, by=agent)
    tell()
    conversation.update(major, by=agent, text="The server is down.")
    events.relay()
    fanning.go_on()

    told = Delivery.objects.filter(kind="update", channel="email")
    assert set(told.filter(incident__parent=major).values_list("rank", flat=True)) == {Delivery.Rank.BULK}
    assert told.get(recipient=reporter).rank < Delivery.Rank.BULK
    Delivery.objects.exclude(kind="update").update(state="skipped")
    Delivery.objects.filter(state="queued").update(next_try_at=Now())
    assert Line("email").claim()[0].recipient == reporter


def test_joined_at_once_tells_nobody_in_a_role(major, colleague, contact, tell):
    tell()
    before = Delivery.objects.filter(recipient=contact).count()
    children.report_too(major, by=colleague)
    tell()

    assert Delivery.objects.filter(recipient=contact).count() == before

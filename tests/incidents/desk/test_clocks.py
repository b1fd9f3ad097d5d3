"""Each clock explained, in every state, and what may be decided about one."""

from datetime import timedelta

import pytest
from django.test.html import parse_html

from customers.models import ContractClass, Customer
from incidents import conversation, corrections, explanation, lifecycle
from incidents.models import Clock, ClockWaiver
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX, elements, region, text
from tests.incidents.moments import at, clock, history

P1 = {"impact": 1, "urgency": 1}


@pytest.fixture
def monday_p1(office, reporter, team):
    """A P2 of Monday, 09:00, in office hours (8 to 18)."""
    with moment.travel(at("Mon 09:00")):
        return factories.open_incident(reporter, impact=1, urgency=2)


def explained(incident, kind: str, now: str) -> explanation.Explained:
    incident.refresh_from_db()
    return next(one for one in explanation.explain(incident, at(now)) if one.clock.kind == kind)


def stretches(one: explanation.Explained) -> list[tuple[str, str, bool, str, int]]:
    there = [
        (s.start.astimezone(at("Mon 00:00").tzinfo), s.end.astimezone(at("Mon 00:00").tzinfo), s) for s in one.stretches
    ]
    return [(f"{a:%a %H:%M}", f"{b:%a %H:%M}", s.runs, s.why, s.used_s // 60) for a, b, s in there]


def test_a_clock_that_waited_says_when_and_for_what(monday_p1, agent, reporter) -> None:
    with moment.travel(at("Mon 10:00")):
        lifecycle.ask(monday_p1, by=agent, question="Which printer is it?")
    with moment.travel(at("Mon 13:00")):
        conversation.add(monday_p1, by=reporter, text="The left one.")

    one = explained(monday_p1, "restore", "Mon 14:00")

    assert stretches(one) == [
        ("Mon 09:00", "Mon 10:00", True, "", 60),
        ("Mon 10:00", "Mon 13:00", False, "Which printer is it?", 0),
        ("Mon 13:00", "Mon 14:00", True, "", 60),
    ]
    assert (one.used_s, one.customer_s) == (2 * 3600, 5 * 3600)
    assert one.rule == "P2 of a customer at level 1 (Guided): 8 h 00, in business hours (Europe/Berlin)."


def test_nights_are_in_a_stretch_but_are_not_used(monday_p1) -> None:
    one = explained(monday_p1, "restore", "Tue 09:00")

    assert stretches(one) == [("Mon 09:00", "Tue 09:00", True, "", 10 * 60 - 60 + 60)]


def test_a_relapse_tells_of_the_time_in_which_it_worked(monday_p1, agent, reporter) -> None:
    with moment.travel(at("Mon 10:00")):
        factories.restored(monday_p1, agent)
    with moment.travel(at("Mon 12:00")):
        lifecycle.still_broken(monday_p1, by=reporter)

    one = explained(monday_p1, "restore", "Mon 13:00")

    assert [(runs, why) for _from, _to, runs, why, _used in stretches(one)] == [
        (True, ""),
        (False, "it worked"),
        (True, ""),
    ]


def test_every_state_has_its_verdict(monday_p1, agent, lead) -> None:
    def stand() -> dict[str, str]:
        monday_p1.refresh_from_db()
        return {one.clock.kind: one.verdict for one in explanation.explain(monday_p1, moment.now())}

    with moment.travel(at("Mon 09:10")):
        assert stand() == {"response": "running", "restore": "running"}
        lifecycle.ask(monday_p1, by=agent, question="Which one?")
        assert stand() == {"response": "met", "update": "running", "restore": "paused"}
    with moment.travel(at("Mon 11:00")):
        lifecycle.clocks.sweep(moment.now())
        assert stand()["update"] == "late"
        conversation.update(monday_p1, by=agent, text="Sorry.")
    with moment.travel(at("Mon 11:05")):
        missed = monday_p1.clocks.get(kind="update", cycle=1)
        kept = {one.clock.pk: one.verdict for one in explanation.explain(monday_p1, moment.now())}
        assert kept[missed.pk] == "missed"
        corrections.waive(missed, by=lead, reason="The customer asked us to wait.")
        kept = {one.clock.pk: one.verdict for one in explanation.explain(monday_p1, moment.now())}
        assert kept[missed.pk] == "waived"
        lifecycle.cancel(monday_p1, by=agent, reason="A double.")
        assert stand()["restore"] == "cancelled"


def test_a_deadline_by_hand_is_named(monday_p1, agent) -> None:
    with moment.travel(at("Mon 09:30")):
        corrections.agree_deadline(monday_p1, by=agent, kind="restore", due_at=at("Fri 12:00"), reason="Birte agreed.")

    assert explained(monday_p1, "restore", "Mon 10:00").agreed_for == at("Fri 12:00")
    assert explained(monday_p1, "response", "Mon 10:00").agreed_for is None


def test_what_was_agreed_apart_from_the_level_is_not_called_the_levels(office, town, reporter, team) -> None:
    town.agreement = {"restore": ["4 h", "8 h", "3 bd", "5 bd"], "response": ["15 min", "20 min", "2 h", "8 h"]}
    town.save()
    reporter.refresh_from_db()
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, impact=1, urgency=2)

    rule = explained(incident, "response", "Mon 09:05").rule
    assert rule == "P2, agreed apart from level 1 (Guided): 20 min, in business hours (Europe/Berlin)."
    assert explained(incident, "restore", "Mon 09:05").rule.startswith("P2 of a customer at level 1 (Guided): 8 h 00")


def test_working_time_is_not_said_in_days_of_24_hours(office, reporter, team) -> None:
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter)  # P4: five days of ten hours

    assert ": 50 h 00, in business hours" in explained(incident, "restore", "Mon 10:00").rule


def test_late_by_a_new_priority_says_so(desk, monday_p1, agent, reporter) -> None:
    with moment.travel(at("Mon 09:05")):
        conversation.update(monday_p1, by=agent, text="We look.")
    with moment.travel(at("Mon 15:00")):
        lifecycle.prioritise(monday_p1, by=agent, impact=1, urgency=1)  # four hours in place of eight: over since 13:00

    one = explained(monday_p1, "restore", "Mon 15:01")
    assert (one.clock.due_at, one.clock.breached_at) == (at("Mon 13:00"), at("Mon 15:00"))
    assert one.late_by_change
    with moment.travel(at("Mon 15:01")):
        page = text(region(desk.get(f"/desk/incidents/{monday_p1.reference}/clocks/").content.decode(), "explained"))
    assert "Late since what is owed was changed, today 14:00" in page


def test_late_in_the_ordinary_way_does_not(monday_p1) -> None:
    with moment.travel(at("Tue 12:00")):
        lifecycle.clocks.sweep(moment.now())

    one = explained(monday_p1, "restore", "Tue 12:00")
    assert (one.verdict, one.late_by_change) == ("late", False)


def test_an_update_promised_sooner_than_it_must_be_is_named(desk, monday_p1, agent) -> None:
    with moment.travel(at("Mon 09:05")):
        conversation.update(monday_p1, by=agent, text="We look.", next_update_at=at("Mon 09:30"))
        assert explained(monday_p1, "update", "Mon 09:06").promised_for == at("Mon 09:30")
        page = text(region(desk.get(f"/desk/incidents/{monday_p1.reference}/clocks/").content.decode(), "explained"))
    assert "Promised for today 08:30." in page


def test_what_ran_when_nobody_works_says_so(desk, monday_p1, agent) -> None:
    with moment.travel(at("Mon 18:30")):
        conversation.update(monday_p1, by=agent, text="Tonight.", next_update_at=at("Mon 20:00"))
    with moment.travel(at("Mon 19:00")):
        page = text(region(desk.get(f"/desk/incidents/{monday_p1.reference}/clocks/").content.decode(), "explained"))

    assert "1 h 00 to update , due today 19:00" in page, "a time that was promised counts by the wall clock then"
    assert "ran today 17:30 to 18:00, outside its working hours" in page


def test_what_was_answered_while_it_stood_still_is_kept_with_its_time(desk, monday_p1, agent, reporter) -> None:
    with moment.travel(at("Mon 09:05")):
        conversation.update(monday_p1, by=agent, text="We look.")
    with moment.travel(at("Mon 09:10")):
        conversation.add(monday_p1, by=reporter, text="And the other one?")
    with moment.travel(at("Mon 09:20")):
        lifecycle.ask(monday_p1, by=agent, question="Which other one?")

    reply = explained(monday_p1, "reply", "Mon 09:21")
    assert (reply.verdict, reply.face.due_at) == ("met", at("Mon 09:40"))


def test_the_page_says_whose_time_it_shows(desk, address) -> None:
    assert "Times as a clock in UTC shows them." in text(region(desk.get(address("clocks")).content.decode(), "main"))


def test_the_page_reads_the_clock_out(desk, incident, agent, address, still) -> None:
    lifecycle.ask(incident, by=agent, question="Which printer is it?")

    shown = text(region(desk.get(address("clocks")).content.decode(), "explained"))

    assert "Restore stands still" in shown
    assert "P4 of a customer at level 1 (Guided): 5 days, around the clock." in shown
    assert "Next update runs" in shown


def test_the_incident_leads_to_the_explanation(desk, incident, address) -> None:
    assert f'href="{address("clocks")}"' in desk.get(address()).content.decode()


def test_the_script_gets_the_part_without_the_frame(desk, address) -> None:
    html = desk.get(address("clocks"), headers=HX).content.decode()

    assert "<html" not in html
    assert region(html, "explained")


def where(incident, verb: str, kind: str) -> str:
    return f"/desk/incidents/{incident.reference}/clocks/{clock(incident, kind).pk}/{verb}/"


def test_two_people_who_agree_a_deadline_at_once_do_not_undo_each_other(desk, incident, agent) -> None:
    page = where(incident, "deadline", "restore")
    seen = incident.version
    theirs = moment.now().replace(microsecond=0) + timedelta(days=3)
    corrections.agree_deadline(incident, by=agent, kind="restore", due_at=theirs, reason="Birte agreed.")
    mine = {
        "due_at": (theirs + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "reason": "Rosa agreed.",
        "version": seen,
    }

    answer = desk.post(page, mine)

    html = answer.content.decode()
    assert (answer.status_code, clock(incident, "restore").due_at) == (409, theirs)
    assert "Meanwhile somebody else changed this incident." in html
    assert ("Agreed by hand for" in html, "Rosa agreed." in html, mine["due_at"] in html) == (True, True, True)
    incident.refresh_from_db()
    assert f'name="version" value="{incident.version}"' in html
    assert desk.post(page, mine | {"version": incident.version}).status_code == 302


def test_a_deadline_is_agreed_and_taken_away_on_the_page(desk, incident) -> None:
    due = (moment.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    page = where(incident, "deadline", "restore")

    answer = desk.post(page, {"due_at": f"{due:%Y-%m-%dT%H:%M}", "reason": "Birte agreed."}, follow=True)
    assert clock(incident, "restore").due_at == due
    assert "The deadline is as agreed." in answer.content.decode()

    desk.post(page, {"due_at": "", "reason": "It was a mistake."})
    assert clock(incident, "restore").due_at != due
    assert history(incident)[-2:] == ["deadline_set", "deadline_set"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"due_at": "2020-01-01T10:00", "reason": "Agreed"}, "cannot be agreed for a time that has passed"),
        ({"due_at": "0001-01-01T00:00", "reason": "Agreed"}, ""),
        ({"due_at": "2199-12-31T23:59", "reason": "Agreed"}, "for the next five years"),
        ({"due_at": "9999-12-31T23:59", "reason": "Agreed"}, "for the next five years"),
        ({"due_at": "tomorrow", "reason": "Agreed"}, "Please give a day and a time"),
        ({"due_at": "2099-01-01T10:00", "reason": "  "}, "Please write at least one sentence."),
    ],
)
def test_what_is_no_deadline_is_refused_with_all_that_was_typed(desk, incident, typed, sentence) -> None:
    before = clock(incident, "restore").due_at

    answer = desk.post(where(incident, "deadline", "restore"), typed)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert typed["due_at"] in html
    assert clock(incident, "restore").due_at == before
    assert [one for one in elements(parse_html(html)) if one.name == "details" and ("open", None) in one.attributes]


@pytest.fixture
def missed(incident):
    Clock.objects.filter(incident=incident, kind="response").update(breached_at=moment.now())
    return clock(incident, "response")


def test_a_lead_takes_a_miss_out_of_the_count(as_user, lead, incident, missed) -> None:
    page = where(incident, "waive", "response")

    answer = as_user(lead).post(page, {"reason": "The line was cut by a digger."}, follow=True)

    assert "missed, not counted" in answer.content.decode()
    assert (missed.waiver.by, missed.waiver.reason) == (lead, "The line was cut by a digger.")
    assert history(incident)[-1] == "miss_waived"
    assert not Clock.objects.judged_between(at("2020-01-01 00:00"), moment.now() + timedelta(days=1)).exists()


def test_waived_twice_is_waived_once(as_user, lead, incident, missed) -> None:
    for _ in range(2):
        as_user(lead).post(where(incident, "waive", "response"), {"reason": "A digger."})

    assert ClockWaiver.objects.count() == 1
    assert history(incident).count("miss_waived") == 1


def test_what_was_not_missed_cannot_be_waived(as_user, lead, incident) -> None:
    answer = as_user(lead).post(where(incident, "waive", "restore"), {"reason": "Just so."})

    assert answer.status_code == 409
    assert "was not missed" in answer.content.decode()


def test_agents_do_not_decide_what_counts(desk, incident, missed) -> None:
    assert desk.post(where(incident, "waive", "response"), {"reason": "Just so."}).status_code == 404
    assert "Do not count" not in desk.get(f"/desk/incidents/{incident.reference}/clocks/").content.decode()


@pytest.mark.parametrize("cycles", [1, 3, 40])
def test_the_page_asks_the_same_number_of_questions(
    desk, incident, agent, address, cycles, django_assert_num_queries
) -> None:
    for number in range(cycles):
        conversation.update(incident, by=agent, text=f"Update {number}")
    desk.get(address("clocks"))

    with django_assert_num_queries(6):  # session, user, incident, the layers of its agreement, clocks, what it joined
        desk.get(address("clocks"))


def test_why_is_this_eight_hours(monday_p1, town) -> None:
    def why() -> str:
        return explained(monday_p1, "restore", "Mon 10:00").decided

    assert why() == "From the level Guided, as shipped."
    Customer.objects.update(agreement={"restore": ["2 h", "4 h", "3 bd", "5 bd"]})
    assert why() == "As agreed when it was reported; today something else is agreed."


def test_each_layer_that_decided_is_named(office, reporter, team) -> None:
    agreed = {"restore": ["2 h", "4 h", "3 bd", "5 bd"]}
    contract = ContractClass.objects.create(
        name="Hospital 24x7", knobs={"response": ["10 min", "20 min", "2 h", "8 h"]}
    )
    Customer.objects.update(contract=contract, agreement=agreed)
    service = factories.ServiceFactory(customer=office, name="Registry")
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, impact=1, urgency=2, service=service)

    found = {one.clock.kind: one.decided for one in explanation.explain(incident, at("Mon 09:05"))}

    assert found["response"] == "From the contract class Hospital 24x7."
    assert found["restore"] == "From what is agreed with Town of Ostermoor."


def test_a_service_that_decided_is_named(office, reporter, agent, team) -> None:
    service = factories.ServiceFactory(customer=office, name="Registry", agreement={"update": ["20 min"] * 4})
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, service=service)
        conversation.update(incident, by=agent, text="We look.")

    assert explained(incident, "update", "Mon 09:05").decided == "From what is agreed for Registry."


def test_the_same_value_at_another_level_is_as_it_was_agreed(monday_p1) -> None:
    Customer.objects.update(level=2)

    assert explained(monday_p1, "restore", "Mon 10:00").decided.startswith("As agreed when it was reported")


def test_the_page_says_which_layer_decided(desk, incident, address) -> None:
    assert "From the level Guided, as shipped." in desk.get(address("clocks")).content.decode()

"""From when a report is counted, when it is due, and what counts from it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents import corrections, duties, majors
from incidents.models import ExternalDuty, IncidentEvent
from itsm import events, moment
from itsm.refusal import Refused
from tests.incidents.moments import at


@pytest.fixture
def wednesday():
    """The domain's clock stands at Wednesday, noon."""
    with moment.travel(at("Wed 12:00")):
        yield


def of(incident, name) -> ExternalDuty:
    return incident.external_duties.get(name=name)


def test_a_major_begins_what_the_profile_names(owes, own, declare, due) -> None:
    owes("nis2")
    own("Insurer", 48)

    declare()

    assert due() == {
        "Insurer": "Wed 04 09:00",
        "NIS2: early warning": "Tue 03 09:00",
        "NIS2: notification": "Thu 05 09:00",
        "NIS2: final report": "waits",
    }


def test_what_counts_from_the_classification_begins_with_it(owes, declare, due) -> None:
    owes("dora")

    declare("Mon 11:30")

    assert due()["DORA: initial notification"] == "Mon 02 15:30"
    assert due()["DORA: initial notification, at the latest"] == "Tue 03 09:00"


def test_declared_twice_and_relayed_twice_it_is_counted_once(owes, declare, reported) -> None:
    owes("gdpr")
    declare()

    again = duties.begin(reported, at=at("Mon 12:00"))
    declare("Mon 13:00")

    assert again == []
    assert reported.external_duties.count() == 1
    assert reported.events.filter(kind="duty", data__did="begun").count() == 1


def test_without_deadlines_nothing_is_counted(declare, reported) -> None:
    declare()

    assert not reported.external_duties.exists()
    assert not reported.events.filter(kind="duty").exists()


def test_taken_back_before_it_was_handed_on_counts_nothing(owes, reported, agent) -> None:
    owes("gdpr")
    majors.declare(reported, by=agent)
    majors.downgrade(reported, by=agent, reason="It was one printer.")

    events.relay()

    assert not reported.external_duties.exists()


def test_the_next_report_counts_from_the_one_before(owes, declare, due, reported, agent, wednesday) -> None:
    owes("nis2")
    declare()

    duties.done(of(reported, "NIS2: notification"), by=agent, at=at("Wed 11:00"))

    final = of(reported, "NIS2: final report")
    assert final.counted_from == at("Wed 11:00")
    assert final.due_at == final.counted_from + timedelta(days=30)


def test_one_report_under_two_limits_is_sent_once(owes, declare, reported, agent, due, wednesday) -> None:
    owes("dora")
    declare()

    duties.done(of(reported, "DORA: initial notification"), by=agent, at=at("Mon 13:00"))

    assert of(reported, "DORA: initial notification, at the latest").done_at == at("Mon 13:00")
    assert due()["DORA: intermediate report"] == "Thu 05 13:00"
    assert due()["DORA: final report"] == "waits"


def test_a_report_that_is_not_needed_is_passed_over(owes, declare, reported, agent, wednesday) -> None:
    owes("nis2")
    declare()
    duties.done(of(reported, "NIS2: early warning"), by=agent, at=at("Mon 20:00"))

    duties.not_needed(of(reported, "NIS2: notification"), by=agent, why="The authority took the warning for it.")

    assert of(reported, "NIS2: final report").counted_from == at("Mon 20:00")


def test_a_report_without_one_before_it_counts_from_when_it_was_known(own, declare, due) -> None:
    own("Follow-up", 24, base="previous")

    declare()

    assert due() == {"Follow-up": "Tue 03 09:00"}


def test_opened_again_what_counts_from_it_waits(owes, declare, reported, agent, due, wednesday) -> None:
    owes("dora")
    declare()
    first = duties.done(of(reported, "DORA: initial notification"), by=agent, at=at("Mon 13:00"))

    first = duties.reopen(first, by=agent)

    assert (first.done_at, first.done_by, first.is_open) == (None, None, True)
    assert of(reported, "DORA: initial notification, at the latest").is_open
    assert due()["DORA: intermediate report"] == "waits"
    assert duties.reopen(first, by=agent).is_open  # twice changes nothing


def test_known_at_another_time_is_counted_anew(owes, declare, reported, agent, due, wednesday) -> None:
    owes("gdpr")
    declare()
    (duty,) = reported.external_duties.all()

    duties.recount(duty, by=agent, known_at=at("Tue 15:00"))

    assert list(due().values()) == ["Fri 06 15:00"]


def test_added_by_hand_on_any_incident(reported, agent, due, wednesday) -> None:
    duties.add(reported, by=agent, what="regime:gdpr", known_at=at("Tue 08:00"))
    duties.add(reported, by=agent, what="other", name="Works council", hours=24, known_at=at("Wed 08:00"))

    assert due() == {"GDPR: notice to the supervisory authority": "Fri 06 08:00", "Works council": "Thu 05 08:00"}
    assert not reported.is_major


def test_the_customers_own_hours_come_before_the_catalogue(reported, agent, owes, town, due, wednesday) -> None:
    owes("gdpr")
    town.external_deadlines.update(hours=36)

    assert duties.choices(reported)[0] == ("regime:gdpr", "GDPR")
    duties.add(reported, by=agent, what="regime:gdpr", known_at=at("Wed 08:00"))

    assert list(due().values()) == ["Thu 05 20:00"]
    assert "regime:gdpr" not in dict(duties.choices(reported))


def test_hours_are_hours_when_the_clocks_change(reported, agent, due) -> None:
    with moment.travel(at("2026-03-29 09:00")):  # since two it is summer time
        duties.add(reported, by=agent, what="other", name="Report", hours=24, known_at=at("2026-03-28 20:00"))

    assert due() == {"Report": "Sun 29 21:00"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"what": ""}, "choose what"),
        ({"what": "regime:no-such"}, "choose what"),
        ({"what": "own:99999999999999999999"}, "choose what"),
        ({"what": "own:1"}, "counted already"),
        ({"what": "other", "name": "", "hours": 3}, "write what"),
        ({"what": "other", "name": "x" * 121, "hours": 3}, "at most 120"),
        ({"what": "other", "name": "Report", "hours": 0}, "from 1 to 8760"),
        ({"what": "other", "name": "Report", "hours": 8761}, "from 1 to 8760"),
        ({"what": "regime:gdpr", "known_at": at("Wed 12:01")}, "lies ahead"),
        ({"what": "regime:gdpr", "known_at": at("2024-01-01 09:00")}, "more than a year"),
    ],
)
def test_what_cannot_be_counted_is_refused(reported, agent, wednesday, values, said) -> None:
    with pytest.raises(Refused) as refused:
        duties.add(reported, by=agent, **values)

    assert said in refused.value.sentence
    assert not reported.external_duties.exists()


def test_a_stranger_s_deadline_cannot_be_added(reported, agent, stranger, wednesday) -> None:
    theirs = stranger.customer.external_deadlines.create(name="Theirs", hours=3)

    with pytest.raises(Refused):
        duties.add(reported, by=agent, what=f"own:{theirs.pk}")


def test_what_is_there_is_not_added_twice(reported, agent, wednesday) -> None:
    duties.add(reported, by=agent, what="regime:gdpr")

    with pytest.raises(Refused) as refused:
        duties.add(reported, by=agent, what="regime:gdpr")

    assert (refused.value.status, "counted already" in refused.value.sentence) == (409, True)


@pytest.mark.parametrize(("sent", "said"), [("Wed 12:01", "lies ahead"), ("Mon 08:59", "before it began")])
def test_sent_before_it_began_or_in_the_future_is_refused(
    owes, declare, reported, agent, wednesday, sent, said
) -> None:
    owes("gdpr")
    declare()

    with pytest.raises(Refused) as refused:
        duties.done(reported.external_duties.get(), by=agent, at=at(sent))

    assert said in refused.value.sentence
    assert reported.external_duties.get().is_open


def test_what_waits_for_the_report_before_cannot_be_sent(owes, declare, reported, agent, wednesday) -> None:
    owes("nis2")
    declare()

    with pytest.raises(Refused) as refused:
        duties.done(of(reported, "NIS2: final report"), by=agent)

    assert "report before it" in refused.value.sentence


def test_not_needed_wants_a_reason(owes, declare, reported, agent, wednesday) -> None:
    owes("gdpr")
    declare()
    duty = reported.external_duties.get()

    for why in ("", "  \n", "x" * 301):
        with pytest.raises(Refused):
            duties.not_needed(duty, by=agent, why=why)
    assert duties.not_needed(duty, by=agent, why="No personal data.").not_needed == "No personal data."
    with pytest.raises(Refused) as twice:
        duties.done(duty, by=agent)
    assert twice.value.status == 409


def test_customers_cannot_say_it_for_us(owes, declare, reported, contact) -> None:
    owes("gdpr")
    declare()

    with pytest.raises(Refused):
        duties.done(reported.external_duties.get(), by=contact)


def test_the_right_customer_s_duties_are_not_the_wrong_one_s(owes, declare, reported, agent, team, stranger) -> None:
    owes("gdpr")
    declare()
    team.customers.add(stranger.customer)
    stranger.customer.external_deadlines.create(name="Theirs", hours=3)

    corrections.correct_customer(reported, by=agent, reporter=stranger)
    events.relay()

    (duty,) = reported.external_duties.all()
    assert (duty.name, duty.customer) == ("Theirs", stranger.customer)


def test_each_step_is_in_the_history(owes, declare, reported, agent) -> None:
    owes("gdpr")
    declare()
    duty = duties.done(reported.external_duties.get(), by=agent, at=at("Mon 12:00"))
    duties.reopen(duty, by=agent)
    duties.not_needed(duty, by=agent, why="No personal data.")

    told = [event.duty_words for event in IncidentEvent.objects.filter(kind="duty").order_by("pk")]
    name = "GDPR: notice to the supervisory authority"
    assert told == [f"{name}: {did}" for did in ("is counted from now on", "sent", "open again", "not needed")]


def test_a_face_counts_down_and_says_late_calmly(reported, agent) -> None:
    start = timezone.now()
    with moment.travel(start):
        (duty,) = duties.add(reported, by=agent, what="other", name="Report", hours=40)
    states = [duties.face(duty, start + timedelta(hours=hours)) for hours in (1, 31, 41)]

    assert [(face.state, face.tone, face.left_s) for face in states] == [
        ("runs", "calm", 39 * 3600), ("soon", "attention", 9 * 3600), ("late", "late", 3600),
    ]  # fmt: skip

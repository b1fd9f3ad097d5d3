"""The verbs of an assessment: who answers what, what is proposed, and when it comes into force."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from customers import assessment
from customers.assessment import Collides, Given
from customers.models import CustomerEvent, MaturityAssessment
from incidents import lifecycle
from incidents.models import Incident
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.customers.assessed import STRONG, TOWN, TOWN_LATER, agreed, answered, at, proposed

MONDAY = "2026-03-02 10:00"


@pytest.fixture(autouse=True)
def _monday():
    with moment.travel(at(MONDAY)):
        yield


@pytest.fixture
def draft(town, lead):
    return assessment.begin(town, by=lead)


def kinds(customer):
    return list(CustomerEvent.objects.filter(customer=customer).order_by("pk").values_list("kind", flat=True))


def major(reporter):
    incident = factories.open_incident(reporter)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)
    return incident


def test_begin_goes_on_with_what_is_under_way(town, lead, manager, draft):
    assert assessment.begin(town, by=manager) == draft
    with pytest.raises(IntegrityError), transaction.atomic():
        MaturityAssessment.objects.create(customer=town, started_by=lead)


def test_begin_is_refused_while_a_proposal_waits(town, lead):
    proposed(town, lead, TOWN)

    with pytest.raises(Refused, match="A proposal is under way"):
        assessment.begin(town, by=lead)


def test_begin_brings_the_context_of_the_last_one_and_no_answers(town, lead, draft):
    assessment.answer_context(draft, by=lead, topic="stakes", text="The registry", seen="")
    assessment.drop(assessment.finish(answered(draft, lead, TOWN), by=lead), by=lead, reason="Somebody was missing")

    again = assessment.begin(town, by=lead)

    assert (again.stakes, again.answers) == ("The registry", [None] * 15)


def test_an_answer_says_who_gave_it(draft, lead):
    found = assessment.answer(draft, by=lead, number=4, given=Given(3, "shown"))

    assert found.answers[3] == {"level": 3, "evidence": "shown", "by": "Lena Lund", "version": 1}
    assert found.answers[:3] == [None, None, None]


def test_other_questions_never_collide(draft, lead, manager):
    assessment.answer(draft, by=lead, number=4, given=Given(3, "shown"))
    found = assessment.answer(draft, by=manager, number=5, given=Given(2, "told"))

    assert [each["by"] for each in found.answers[3:5]] == ["Lena Lund", "Mona Mayer"]


def test_the_same_question_collides_and_keeps_the_first(draft, lead, manager):
    assessment.answer(draft, by=lead, number=4, given=Given(3, "shown"))

    with pytest.raises(Collides) as collision:
        assessment.answer(draft, by=manager, number=4, given=Given(2, "told"))

    assert (collision.value.status, collision.value.theirs["level"]) == (409, 3)
    assert "Lena Lund" in collision.value.sentence
    assert assessment.answer(draft, by=manager, number=4, given=Given(2, "told", 1)).answers[3]["level"] == 2


def test_the_same_answer_twice_is_no_collision(draft, lead, manager):
    assessment.answer(draft, by=lead, number=4, given=Given(3, "shown"))

    assert assessment.answer(draft, by=manager, number=4, given=Given(3, "shown")).answers[3]["by"] == "Lena Lund"


@pytest.mark.parametrize("given", [Given(6, "told"), Given(0, "told"), Given(3, "guessed"), Given(-1, "")])
def test_what_is_no_answer_is_refused(draft, lead, given):
    with pytest.raises(Refused, match="choose one of the answers"):
        assessment.answer(draft, by=lead, number=1, given=given)


def test_context_collides_by_topic(draft, lead, manager):
    assessment.answer_context(draft, by=lead, topic="stakes", text="The registry", seen="")
    found = assessment.answer_context(draft, by=manager, topic="needs", text="By phone", seen="")

    with pytest.raises(Collides) as collision:
        assessment.answer_context(draft, by=manager, topic="stakes", text="Printing", seen="")

    assert collision.value.theirs == "The registry"
    assert (found.stakes, found.needs, found.context_version) == ("The registry", "By phone", 3)
    again = assessment.answer_context(draft, by=manager, topic="stakes", text="Printing", seen="The registry")
    assert again.stakes == "Printing"


def test_finish_scores_and_proposes(town, lead):
    found = proposed(town, lead, TOWN_LATER)

    assert (found.dimensions, found.overall, found.is_complete) == ([3, 2, 2, 2, 2], 2, True)
    assert (found.level_before, found.level_proposed, found.state) == (1, 2, "proposed")
    assert kinds(town) == ["level_proposed"]


@pytest.mark.parametrize(
    ("level", "written", "step"), [(None, TOWN, 1), (None, STRONG, 2), (1, STRONG, 2), (3, STRONG, 4), (4, TOWN, 3)]
)
def test_one_level_at_a_time_and_the_real_target_is_kept(town, lead, level, written, step):
    town.level = level
    town.save()

    found = proposed(town, lead, written)

    assert (found.level_proposed, found.overall) == (step, 4 if written == STRONG else 1)


def test_finish_needs_enough_to_go_by(draft, lead):
    answered(draft, lead, "3,-,-; 3,-,-; 3,3,3; 3,3,3; 3,3,3")

    with pytest.raises(Refused, match="too little to go by"):
        assessment.finish(draft, by=lead)


def test_answers_stay_once_finished(town, lead, manager):
    found = proposed(town, lead, TOWN)

    for late in (
        lambda: assessment.answer(found, by=lead, number=1, given=Given(5, "shown", 1)),
        lambda: assessment.answer_context(found, by=lead, topic="stakes", text="Other", seen=""),
        lambda: assessment.finish(found, by=manager),
    ):
        with pytest.raises(Refused, match="answers stay as they are"):
            late()


def test_both_accept_and_it_begins_next_monday(town, lead, contact):
    found = agreed(town, lead, contact, TOWN_LATER)

    town.refresh_from_db()
    assert (found.state, found.effective_on, town.level) == ("agreed", date(2026, 3, 9), 1)
    assert assessment.come_into_force() == 0
    with moment.travel(at("2026-03-09 00:01")):
        assert assessment.come_into_force() == 1
        assert assessment.come_into_force() == 0

    town.refresh_from_db()
    found.refresh_from_db()
    assert (found.state, town.level) == ("in_force", 2)
    assert kinds(town) == ["level_proposed", "level_accepted", "level_accepted", "level_changed"]


def test_one_side_alone_changes_nothing(town, lead, contact):
    found = assessment.accept_there(proposed(town, lead, TOWN_LATER), by=contact)

    with moment.travel(at("2026-06-01 09:00")):
        assert assessment.come_into_force() == 0
    assert found.state == "proposed"


def test_accepting_for_today_begins_today(town, lead, contact):
    agreed(town, lead, contact, TOWN_LATER, date(2026, 3, 2))

    town.refresh_from_db()
    assert town.level == 2


def test_a_day_that_passed_unanswered_becomes_the_next_monday(town, lead, contact):
    found = assessment.accept_here(proposed(town, lead, TOWN_LATER), by=lead)
    with moment.travel(at("2026-03-11 10:00")):
        found = assessment.accept_there(found, by=contact)

    assert found.effective_on == date(2026, 3, 16)


@pytest.mark.parametrize(("day", "sentence"), [(date(2026, 3, 1), "has passed"), (date(2028, 3, 1), "within a year")])
def test_a_day_that_cannot_be_is_refused(town, lead, day, sentence):
    with pytest.raises(Refused, match=sentence):
        assessment.accept_here(proposed(town, lead, TOWN), by=lead, effective_on=day)


def test_going_down_takes_thirty_days_and_waits_until_nothing_is_open(town, lead, agent, contact, reporter):
    town.level = 3
    town.save()
    found = proposed(town, lead, TOWN)
    with pytest.raises(Refused, match="1 April 2026 or later"):
        assessment.accept_here(found, by=lead, effective_on=date(2026, 3, 31))
    assessment.accept_here(found, by=lead, effective_on=date(2026, 4, 1))
    with moment.travel(at("2026-03-12 10:00")):
        found = assessment.accept_there(found, by=contact)
    assert found.effective_on == date(2026, 4, 13)  # the first Monday after thirty days from the second word
    with moment.travel(at("2026-04-13 10:00")):
        incident = factories.open_incident(reporter)
        assert assessment.come_into_force() == 0
        assert "only when none is" in assessment.hindrance(town, found)
        factories.resolved(incident, agent)
        assert assessment.come_into_force() == 1

    town.refresh_from_db()
    assert (town.level, found.level_proposed) == (2, 2)


def test_no_level_changes_while_a_major_is_open(town, lead, agent, contact, reporter):
    found = agreed(town, lead, contact, TOWN_LATER)
    incident = major(reporter)
    with moment.travel(at("2026-03-09 10:00")):
        assert assessment.come_into_force() == 0
        assert f"A major incident is open ({incident.reference})" in assessment.hindrance(town, found)
        lifecycle.resolve(factories.restored(incident, agent), by=agent, note="Certificate renewed.")
        assert assessment.come_into_force() == 1


def test_nobody_accepts_while_a_major_is_open(town, lead, contact, reporter):
    found = proposed(town, lead, TOWN_LATER)
    major(reporter)

    for accept in (
        lambda: assessment.accept_here(found, by=lead),
        lambda: assessment.accept_there(found, by=contact),
    ):
        with pytest.raises(Refused, match="until it is solved"):
            accept()


def test_acceptance_is_for_lead_and_contact(town, lead, agent, contact, reporter, stranger):
    found = proposed(town, lead, TOWN)
    elsewhere = factories.UserFactory(customer=stranger.customer, role="contact")

    for by in (agent, contact, reporter):
        with pytest.raises(Refused):
            assessment.accept_here(found, by=by)
    for by in (lead, reporter, elsewhere):
        with pytest.raises(Refused):
            assessment.accept_there(found, by=by)


def test_accepting_twice_is_accepting_once(town, lead, contact):
    found = agreed(town, lead, contact, TOWN_LATER)

    assessment.accept_here(found, by=lead)
    assessment.accept_there(found, by=contact)

    assert kinds(town).count("level_accepted") == 2


def test_not_yet_keeps_the_proposal_and_the_word(town, lead, contact):
    found = proposed(town, lead, TOWN_LATER)

    assessment.say_not_yet(found, by=contact, word="After the move")

    assert CustomerEvent.objects.get(kind="level_not_yet").data["word"] == "After the move"
    assert assessment.accept_there(found, by=contact).accepted_there_by == contact
    with pytest.raises(Refused):
        assessment.say_not_yet(found, by=contact, word="Wait")


def test_drop_keeps_the_reason_and_the_level(town, lead, contact):
    found = agreed(town, lead, contact, TOWN_LATER)
    with pytest.raises(Refused, match="why"):
        assessment.drop(found, by=lead, reason="  ")

    found = assessment.drop(found, by=lead, reason="The contact left")

    town.refresh_from_db()
    assert (found.state, found.drop_reason, town.level) == ("dropped", "The contact left", 1)
    assert kinds(town)[-1] == "level_dropped"
    with pytest.raises(Refused, match="nothing to drop"):
        assessment.drop(found, by=lead, reason="Again")


def test_a_level_changed_otherwise_waits_for_people(town, lead, contact):
    agreed(town, lead, contact, TOWN_LATER)
    town.level = 4
    town.save()

    with moment.travel(at("2026-03-09 10:00")):
        assert assessment.come_into_force() == 0


def test_the_unassessed_are_offered_one_once_and_again_after_half_a_year(town):
    town.level, town.created_at = None, at("2026-02-01 09:00")
    town.save()

    assert [assessment.offer_again(), assessment.offer_again()] == [1, 0]
    with moment.travel(at("2026-07-31 09:00")):
        assert assessment.offer_again() == 0
    with moment.travel(at("2026-08-01 09:01")):
        assert [assessment.offer_again(), assessment.offer_again()] == [1, 0]
    assert kinds(town) == ["assessment_due"] * 2


def test_looking_again_is_due_months_after_the_last_in_force(town, lead, contact):
    agreed(town, lead, contact, TOWN_LATER, date(2026, 3, 2))
    town.refresh_from_db()
    town.agreement = {"reassess_months": 3}
    town.save()

    with moment.travel(at(MONDAY) + timedelta(days=90)):
        assert assessment.offer_again() == 0
    with moment.travel(at("2026-06-02 10:01")):
        assert assessment.offer_again() == 1


def test_nobody_is_reminded_while_one_is_under_way(town, lead, draft):
    with moment.travel(at("2028-01-01 09:00")):
        assert assessment.offer_again() == 0


def test_reminding_costs_the_same_however_many_are_not_due(town, django_assert_num_queries):
    for _ in range(3):
        factories.CustomerFactory(level=2)

    with django_assert_num_queries(2):
        assessment.offer_again()

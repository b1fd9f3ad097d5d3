"""What looks like an incident: of its customer, of the last 30 days, by the weights; and what people said of it."""

from datetime import timedelta

import pytest

from incidents import corrections, lifecycle, similar
from incidents.models import Incident, IncidentWords, Pairing
from itsm import events, moment
from itsm.refusal import Refused
from tests import factories

SILENT = "The printer at counter 2 is silent"


def like(incident, agent) -> list[str]:
    return [each.incident.reference for each in similar.like(incident, agent)]


@pytest.fixture
def printing(town):
    return factories.ServiceFactory(customer=town, name="Printing")


@pytest.fixture
def three(reporter, team, printing) -> list[Incident]:
    """Three reports of one trouble, and one of another."""
    texts = [SILENT, "Printer at counter 2 silent again", "printer, counter 2: silent"]
    made = [factories.open_incident(reporter, text=text, service=printing) for text in texts]
    factories.open_incident(reporter, text="Nobody can log in to the register", service=printing)
    events.relay()
    return made


def test_it_looks_like_the_others(three, agent) -> None:
    first, second, third = three

    assert set(like(first, agent)) == {second.reference, third.reference}


def test_the_weights_decide_the_order(three, agent, reporter) -> None:
    first, second, third = three
    Incident.objects.filter(pk__in=[first.pk, third.pk]).update(configuration_item="HP 4015", cause_category="hardware")
    other = factories.open_incident(reporter, text="Something else entirely")
    Incident.objects.filter(pk=other.pk).update(configuration_item="hp-4015")
    similar.index(list(Incident.objects.filter(pk__in=[first.pk, third.pk, other.pk])))

    found = similar.like(Incident.objects.get(pk=first.pk), agent)

    scores = [(each.incident.reference, each.score) for each in found]
    assert scores == [(third.reference, 3 + 2 + 1 + 2), (second.reference, 2 + 2), (other.reference, 3)]


def test_the_same_error_code_is_enough(reporter, team, agent) -> None:
    one = factories.open_incident(reporter, text="Register says ORA-12514")
    other = factories.open_incident(reporter, text="Since the weekend our archive shows ora-12514 whenever it opens")
    events.relay()

    assert like(one, agent) == [other.reference]


def test_of_another_customer_nothing_is_shown(three, stranger, agent) -> None:
    theirs = factories.open_incident(stranger, text=SILENT)
    events.relay()

    assert theirs.reference not in like(three[0], agent)


def test_what_was_merged_or_withdrawn_is_not_counted_beside_the_other(three, agent) -> None:
    first, second, third = three
    corrections.merge(second, by=agent, into=first)
    lifecycle.cancel(third, by=agent, reason="A mistake")

    assert like(first, agent) == []


def test_older_than_thirty_days_is_another_time(reporter, team, agent) -> None:
    with moment.travel(moment.now() - timedelta(days=31)):
        factories.open_incident(reporter, text=SILENT)
    fresh = factories.open_incident(reporter, text=SILENT)
    events.relay()

    assert like(fresh, agent) == []


def test_not_similar_is_not_shown_again_and_related_is(three, agent) -> None:
    first, second, third = three
    similar.pair(first, by=agent, other=second, verdict="not_similar")
    similar.pair(third, by=agent, other=first, verdict="related")
    similar.pair(third, by=agent, other=first, verdict="related")

    assert like(first, agent) == []
    assert similar.related(first, agent) == [third]
    assert Pairing.objects.count() == 2
    assert first.events.filter(kind="paired").count() == 1


def test_a_second_word_replaces_the_first(three, agent) -> None:
    first, second, _third = three
    similar.pair(first, by=agent, other=second, verdict="related")
    similar.pair(second, by=agent, other=first, verdict="not_similar")

    assert similar.related(first, agent) == []


def test_pairs_are_of_two_incidents_of_one_customer(three, agent, stranger) -> None:
    theirs = factories.open_incident(stranger)

    for other in (three[0], theirs):
        with pytest.raises(Refused):
            similar.pair(three[0], by=agent, other=other, verdict="related")


def test_who_moves_to_another_customer_leaves_its_likes_behind(three, team, agent, stranger) -> None:
    team.customers.add(stranger.customer)
    theirs = factories.open_incident(stranger, text=SILENT)
    similar.pair(three[0], by=agent, other=three[1], verdict="related")
    corrections.correct_customer(three[0], by=agent, reporter=stranger)
    events.relay()

    moved = Incident.objects.get(pk=three[0].pk)
    assert not Pairing.objects.exists()
    assert like(moved, agent) == [theirs.reference]
    assert three[0].reference not in like(three[1], agent)


def test_words_before_they_are_written_down_are_compared_all_the_same(three, agent, reporter) -> None:
    fresh = factories.open_incident(reporter, text=SILENT)  # its event is not handed on yet

    assert len(like(fresh, agent)) == 3


def test_filing_writes_no_words(reporter, team) -> None:
    factories.open_incident(reporter)

    assert not IncidentWords.objects.exists()  # a worker does


def test_older_incidents_get_their_words_little_by_little(three, agent) -> None:
    IncidentWords.objects.all().delete()
    new = factories.open_incident(three[0].reporter, text=SILENT)
    similar.index([new])

    written = []
    while number := similar.index_older(batch=2):
        written.append(number)

    assert written == [2, 2]
    assert IncidentWords.objects.count() == Incident.objects.count()
    assert similar.index_older() == 0


@pytest.mark.parametrize("text", ["🙂🙂", "…", "?"])
def test_a_report_of_nothing_but_signs_looks_like_nothing(reporter, team, agent, text) -> None:
    incident = factories.open_incident(reporter, text=text)
    events.relay()

    assert like(incident, agent) == []


@pytest.mark.parametrize("number", [1, 10, 50])
def test_it_asks_a_fixed_number_of_questions(reporter, team, agent, django_assert_num_queries, number) -> None:
    for _ in range(number):
        factories.open_incident(reporter, text=SILENT)
    incident = factories.open_incident(reporter, text=SILENT)
    events.relay()

    with django_assert_num_queries(4):
        assert like(incident, agent)

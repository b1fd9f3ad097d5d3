"""Time and clocks in words; plain datetimes, no database needed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from itsm import wording
from itsm.gallery import SampleFace

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)  # a Monday


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 1 min"),
        (59, "under 1 min"),
        (60, "1 min"),
        (25 * 60 + 59, "25 min"),
        (3600, "1 h 00"),
        (3900, "1 h 05"),
        (86399, "23 h 59"),
        (86400, "1 day"),
        (86400 + 3 * 3600, "1 day 3 h"),
        (2 * 86400 + 3 * 3600, "2 days"),
        (-180, "3 min"),
    ],
)
def test_duration_is_said_as_people_say_it(seconds, words):
    assert wording.duration_words(seconds) == words


@pytest.mark.parametrize(
    ("at", "words", "by"),
    [
        (datetime(2026, 11, 23, 15, 30, tzinfo=BERLIN), "today 15:30", "15:30"),
        (datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN), "tomorrow 10:00", "tomorrow 10:00"),
        (datetime(2026, 11, 22, 10, 0, tzinfo=BERLIN), "yesterday 10:00", "yesterday 10:00"),
        (datetime(2026, 11, 25, 12, 0, tzinfo=BERLIN), "Wed 12:00", "Wed 12:00"),
        (datetime(2026, 11, 30, 12, 0, tzinfo=BERLIN), "30 Nov 12:00", "30 Nov 12:00"),
        (datetime(2026, 12, 3, 9, 0, tzinfo=BERLIN), "3 Dec 09:00", "3 Dec 09:00"),
        (datetime(2027, 1, 4, 9, 0, tzinfo=BERLIN), "4 Jan 2027 09:00", "4 Jan 2027 09:00"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=ZoneInfo("UTC")), "tomorrow 00:30", "tomorrow 00:30"),
    ],
)
def test_due_is_said_in_the_readers_zone(at, words, by):
    with translation.override("en-gb"):
        assert (wording.due_words(at, NOW, BERLIN), wording.by_words(at, NOW, BERLIN)) == (words, by)


def face(minutes, kind="update", state="running", *, left=None, share=0.6, late=False, reason=""):
    remaining = minutes * 60 if left is None else left * 60
    return SampleFace(kind, state, NOW + timedelta(minutes=minutes), remaining, share, late, reason)


@pytest.mark.parametrize(
    ("clock", "tone", "said", "more"),
    [
        (face(25), "calm", "25 min to update", "due today 09:55"),
        (face(6, share=0.12), "attention", "6 min to update", "due today 09:36"),
        (face(-3, "response", late=True, share=0), "late", "3 min late to answer", "was due today 09:27"),
        (face(-1, share=0), "late", "1 min late to update", "was due today 09:29"),
        (face(1440, left=420), "calm", "tomorrow 09:30 update", "7 h 00 of service time left"),
        (face(120, left=60), "calm", "today 11:30 update", "1 h 00 of service time left"),
        (
            face(65, "restore", "paused", reason="asked for a photo"),
            "paused",
            "paused, 1 h 05 left to restore",
            "asked for a photo",
        ),
        (face(-9, "restore", "paused", late=True), "late", "9 min late to restore, paused", ""),
        (face(-50, "response", "stopped"), "done", "kept answer", "was due today 08:40"),
        (face(50, "restore", "stopped"), "done", "kept restore", "there was time until today 10:20"),
        (face(-50, "response", "stopped", late=True), "late", "was late answer", "was due today 08:40"),
        (replace(face(5, "reply", "stopped"), due_at=None), "done", "kept reply", ""),
        (face(50, "restore", "cancelled"), "plain", "not needed restore", ""),
    ],
)
def test_clock_says_how_it_stands(clock, tone, said, more):
    with translation.override("en-gb"):
        words = wording.clock_words(clock, NOW, BERLIN)
        sentence = wording.clock_sentence(clock, NOW, BERLIN)

    assert (words.tone, f"{words.lead} {words.rest}", sentence) == (tone, said, more)


def test_clock_counts_down_only_where_it_runs_through():
    assert wording.clock_words(face(120), NOW, BERLIN).ticks is True
    assert wording.clock_words(face(120, left=60), NOW, BERLIN).ticks is False
    assert wording.clock_words(face(60, state="paused"), NOW, BERLIN).ticks is False


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ines Karlsson", "IK"), ("Rana", "R"), ("Anna-Maria de la Cruz", "AC"), ("", ""), ("(x) y", "Y")],
)
def test_initials_are_first_and_last(name, letters):
    assert wording.initials(name) == letters


def test_status_has_words_for_both_sides():
    assert str(wording.status_words("restored", for_customer=True).label) == "Works again, we watch it"
    assert str(wording.status_words("restored", for_customer=False).label) == "Restored"
    assert wording.status_words("lost", for_customer=False).label == "lost"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (NOW - timedelta(hours=2), NOW, "today 07:30 to 09:30"),
        (NOW - timedelta(hours=20), NOW, "yesterday 13:30 to today 09:30"),
        (NOW - timedelta(hours=20), NOW - timedelta(hours=19), "yesterday 13:30 to 14:30"),
    ],
)
def test_a_span_says_the_day_again_only_when_it_is_another(start, end, words):
    with translation.override("en-gb"):
        assert wording.span_words(start, end, NOW, BERLIN) == words


def test_a_repeated_hour_says_which_of_the_two_it_is():
    first, second = (datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(hours=hours) for hours in (0, 1))

    assert wording.due_words(first, first, BERLIN) == "today 02:30 UTC+2"
    assert wording.by_words(second, first, BERLIN) == "02:30 UTC+1"
    assert wording.span_words(first, second, second, BERLIN) == "today 02:30 UTC+2 to 02:30 UTC+1"
    assert wording.due_words(second + timedelta(hours=1), second, BERLIN) == "today 03:30"


def test_offsets_may_have_half_hours_and_lie_in_the_west():
    newfoundland = ZoneInfo("America/St_Johns")
    at = datetime(2026, 11, 1, 1, 30, tzinfo=newfoundland)

    assert wording.clock_time(at) == "01:30 UTC-2:30"
    assert wording.clock_time(datetime(2026, 3, 8, 2, 30, tzinfo=newfoundland)) == "02:30"  # left out: on no clock


@pytest.mark.parametrize(
    ("seconds", "words"), [(59, "under 1 min"), (86399, "23 h 59"), (108_000, "30 h 00"), (180_300, "50 h 05")]
)
def test_working_time_has_no_days(seconds, words):
    assert wording.working_words(seconds) == words

"""What holds for every clock, whatever happens to it: found by hypothesis on random stories."""

import json
from datetime import timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from incidents.sla import ledger
from incidents.sla.ledger import Ledger, State
from tests.incidents.sla.test_hours_properties import calendars, instants, pure

KEYS = ("own", "other")
REASONS = ("customer: Which printer?", "slot: Thursday", "approval: The budget")
targets = st.integers(1, 60 * 3600)
gaps = st.one_of(st.just(0), st.integers(1, 3 * 86_400)).map(lambda seconds: timedelta(seconds=seconds))


def pausing(reason):
    return lambda clock, at: ledger.pause(clock, at, reason)


def resuming(reason):
    return lambda clock, at: ledger.resume(clock, at, reason)


def retargeting(target_s, key):
    return lambda clock, at: ledger.retarget(clock, at, target_s, key)


def fixing(ahead):
    return lambda clock, at: ledger.fix_due(clock, at + ahead if ahead else None, at)


pauses = st.sampled_from(REASONS).map(pausing)
resumes = st.sampled_from([*REASONS, None]).map(resuming)
retargets = st.builds(retargeting, targets, st.sampled_from(KEYS))
fixes = st.one_of(st.just(timedelta(0)), gaps).map(fixing)
events = st.one_of(pauses, resumes, retargets, fixes, st.just(ledger.stop))
both = st.tuples(calendars(), calendars()).map(lambda pair: dict(zip(KEYS, pair, strict=True)))


@st.composite
def stories(draw) -> Ledger:
    at = draw(instants)
    clock = ledger.begin(at, draw(targets), "own")
    for gap, event in draw(st.lists(st.tuples(gaps, events), max_size=6)):
        at += gap
        clock = event(clock, at)
    return clock


@st.composite
def at_once(draw):
    """Events of one second that do not contradict each other: no two about the same thing."""
    one, two, *_ = draw(st.permutations(REASONS))
    chosen = [pausing(one), draw(st.sampled_from([pausing(two), resuming(two), ledger.stop]))]
    chosen += [draw(retargets), draw(fixes)]
    return chosen, draw(st.permutations(chosen))


@pure
@given(stories(), gaps, at_once())
def test_the_order_of_events_of_one_second_changes_nothing(before, gap, orders) -> None:
    assume(before.state != State.STOPPED)  # there a pause finds nothing to stop, and a resume is a relapse
    at = before.last.start + gap
    one, other = before, before
    for first, second in zip(*orders, strict=True):
        one, other = first(one, at), second(other, at)

    assert one == other


@pure
@given(stories(), both, gaps, gaps)
def test_used_time_never_shrinks_nor_outruns_the_real_one(clock, known, one, other) -> None:
    now = clock.last.start + one
    used = ledger.elapsed(clock, now, known)

    assert 0 <= used <= (now - clock.started_at).total_seconds()
    assert used <= ledger.elapsed(clock, now + other, known) <= used + other.total_seconds()


@pure
@given(stories(), both)
def test_warnings_come_in_their_order_and_never_after_the_deadline(clock, known) -> None:
    found = [ledger.position(clock, share, known) for share in (0.25, 0.5, 0.75, 1)]
    reached = [at for at in found if at]

    assert all(earlier <= later for earlier, later in pairwise(reached))
    assert found[: len(reached)] == reached, "a later share is not reached before an earlier one"
    if clock.state == State.RUNNING and not clock.fixed_due:
        assert found[-1] == ledger.due(clock, known)


@pure
@given(stories(), both, gaps, events, gaps)
def test_a_miss_stays_whatever_happens_later(clock, known, waited, event, later) -> None:
    """Later is a second later: within one, the order of events must not matter."""
    now = clock.last.start + waited + timedelta(seconds=1)
    missed = ledger.breach(clock, now, known)
    after = ledger.breach(event(clock, now), now + later, known)

    assert missed is None or after == missed


@pure
@given(stories())
def test_what_is_stored_is_what_is_read(clock) -> None:
    stored = json.loads(json.dumps(ledger.to_json(clock)))

    assert ledger.from_json(stored) == clock
    assert all(one.end == two.start for one, two in pairwise(clock.segments))

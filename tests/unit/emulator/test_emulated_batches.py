from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.emulator.batch_engine import COURSES, Batch, BatchStore, Course, Fate, Phase, course_of
from providers.emulator.clock import Clock
from providers.emulator.prompt_cache import Prefix, PromptCache

MADE = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY_S = 86_400.0
FINAL = (Phase.ENDED, Phase.CANCELED, Phase.EXPIRED, Phase.FAILED)

SECONDS = st.floats(min_value=0, max_value=2 * DAY_S)


def batch(size: int = 4, fault: str = "", **course: Any) -> Batch:
    return Batch("b1", "key", MADE, size, course=Course(**course) if course else course_of(fault))


def idle(_place: int, _at: datetime) -> dict[str, Any]:
    return {}


def after(seconds: float) -> datetime:
    return MADE + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("at_s", "phase", "done"),
    [(0, "waiting", 0), (4.9, "waiting", 0), (5, "running", 0), (6, "running", 2), (7, "ended", 4), (1e9, "ended", 4)],
)
def test_a_batch_waits_runs_and_ends(at_s: float, phase: str, done: int) -> None:
    made = batch()

    assert made.phase(after(at_s)) == phase
    assert made.tally(after(at_s))[Fate.DONE] == done


def test_an_empty_batch_ends_with_its_validation() -> None:
    assert batch(0).phase(after(5)) is Phase.ENDED


def test_the_largest_batch_still_fits_into_its_window() -> None:
    assert batch(100_000).phase(after(DAY_S - 1)) is Phase.ENDED


def test_what_is_done_when_somebody_cancels_stays_done() -> None:
    made = batch().canceled(after(6))

    assert [made.phase(after(at)) for at in (6, 15.9, 16)] == [Phase.CANCELING, Phase.CANCELING, Phase.CANCELED]
    assert made.tally(after(15)) == {Fate.WAITING: 2, Fate.DONE: 2, Fate.CANCELED: 0, Fate.EXPIRED: 0}
    assert made.tally(after(16)) == {Fate.WAITING: 0, Fate.DONE: 2, Fate.CANCELED: 2, Fate.EXPIRED: 0}


def test_a_batch_that_has_ended_or_is_being_canceled_is_not_canceled_again() -> None:
    once = batch().canceled(after(6))

    assert once.canceled(after(9)) is once
    assert batch().canceled(after(7)) == batch()


def test_half_of_a_batch_can_meet_the_end_of_its_window() -> None:
    made = batch(fault="batch_expired")

    assert made.phase(after(DAY_S - 1)) is Phase.RUNNING
    assert made.phase(after(DAY_S)) is Phase.EXPIRED
    assert made.tally(after(DAY_S)) == {Fate.WAITING: 0, Fate.DONE: 2, Fate.CANCELED: 0, Fate.EXPIRED: 2}


def test_a_batch_that_fails_its_validation_runs_nothing() -> None:
    made = batch(fault="batch_failed")

    assert [made.phase(after(at)) for at in (4, 5)] == [Phase.WAITING, Phase.FAILED]
    assert made.tally(after(DAY_S))[Fate.WAITING] == 4
    assert made.canceled(after(1)).phase(after(20)) is Phase.CANCELED


def test_results_come_once_each_twice_or_not_at_all() -> None:
    end = after(60)

    assert sorted(batch(40).delivered(end)) == list(range(40))
    assert list(batch(40).delivered(end)) != list(range(40))
    assert set(Counter(batch(40, "batch_repeats").delivered(end)).values()) == {1, 2}
    assert len(list(batch(40, "batch_loses").delivered(end))) == 20


def test_the_window_is_the_vendor_s() -> None:
    assert course_of("batch_expired", 2 * DAY_S).window_s == 2 * DAY_S
    assert course_of("no such fault") == Course()


@given(
    size=st.integers(min_value=0, max_value=30),
    course=st.builds(
        Course,
        starts_after_s=st.floats(min_value=0, max_value=DAY_S),
        each_s=st.floats(min_value=0, max_value=DAY_S),
        fails=st.booleans(),
        stalls=st.booleans(),
    ),
    cancel_s=st.none() | SECONDS,
    times=st.lists(SECONDS, min_size=2, max_size=6).map(sorted),
)
def test_a_batch_only_moves_forward_and_every_item_meets_one_fate(
    size: int, course: Course, cancel_s: float | None, times: list[float]
) -> None:
    made = Batch("b1", "key", MADE, size, course=course)
    if cancel_s is not None:
        made = made.canceled(after(cancel_s))
        times = [time for time in times if time >= cancel_s]
    seen = [(made.phase(after(time)), made.tally(after(time))) for time in times]

    for (phase, tally), (later_phase, later_tally) in pairwise(seen):
        assert phase not in FINAL or (later_phase, later_tally) == (phase, tally)
        assert later_tally[Fate.DONE] >= tally[Fate.DONE]
    for phase, tally in seen:
        assert sum(tally.values()) == size
        assert phase not in FINAL or phase is Phase.FAILED or tally[Fate.WAITING] == 0
        assert phase in FINAL or tally[Fate.CANCELED] == tally[Fate.EXPIRED] == 0
    assert made.phase(after(10 * DAY_S)) in FINAL


def test_each_item_is_worked_out_once_and_only_when_its_time_has_come() -> None:
    store, worked = BatchStore(), list[tuple[int, datetime]]()

    def perform(place: int, at: datetime) -> dict[str, Any]:
        worked.append((place, at))
        return {"place": place}

    made = store.open("anthropic", batch(3), perform)
    store.settle(after(5))
    store.settle(after(6))
    first = len(worked)
    found = store.results("anthropic", made, after(60))
    store.settle(after(61))

    assert (first, found) == (2, {0: {"place": 0}, 1: {"place": 1}, 2: {"place": 2}})
    assert worked == [(0, after(5.5)), (1, after(6)), (2, after(6.5))]


def test_a_store_shows_a_key_its_own_batches_in_its_own_dialect() -> None:
    store = BatchStore()
    for number in (1, 2):
        store.open("anthropic", Batch(f"b{number}", "key", MADE, 1), idle)

    assert [found.id for found in store.of("anthropic", "key")] == ["b2", "b1"]
    assert store.of("anthropic", "other") == store.of("gemini", "key") == []
    assert store.find("anthropic", "other", "b1") is None
    assert store.find("gemini", "key", "b1") is None
    assert store.find("anthropic", "key", "b3") is None


def test_a_store_cancels_and_forgets() -> None:
    store = BatchStore()
    made = store.open("gemini", batch(), idle)

    canceled = store.cancel("gemini", made, after(1))

    assert store.find("gemini", "key", "b1") == canceled != made
    store.remove("gemini", made)
    assert store.find("gemini", "key", "b1") is None


def test_every_fault_of_batches_has_a_course_of_its_own() -> None:
    assert len({*COURSES.values(), Course()}) == len(COURSES) + 1


# --- What batches and caches stand on


def test_the_clock_can_be_set_moved_ahead_and_set_right() -> None:
    clock = Clock(lambda: MADE)

    clock.set(after(-500))
    clock.advance(90)
    clock.advance(10.5)
    moved = clock.now()
    clock.reset()

    assert (moved, clock.now()) == (after(-399.5), MADE)


def test_the_longest_remembered_prefix_wins() -> None:
    cache, prefixes = PromptCache(), [Prefix("a", 10), Prefix("b", 30), Prefix("c", 20)]
    cache.write(("key", "model"), prefixes[1:], MADE)

    assert cache.longest(("key", "model"), prefixes, MADE) == 30
    assert cache.longest(("key", "model"), prefixes[:1], MADE) == 0
    assert cache.longest(("key", "model"), (), MADE) == 0

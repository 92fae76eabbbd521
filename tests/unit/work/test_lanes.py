"""Whose turn it is among the lanes, and how a worker's queues follow from it."""

from collections import Counter

import pytest

from orchestrator.queues import LaneCycle, lane_of, of_provider
from orchestrator.work.lanes import FEWEST_MESSAGES, LANES, MESSAGES_PER_SLOT, TURNS, Lane, order, share, window


def test_of_ten_turns_each_lane_begins_its_share() -> None:
    assert Counter(order(turn)[0] for turn in range(10)) == {"interactive": 6, "standard": 3, "bulk": 1}
    assert [order(turn) for turn in range(10)] == [order(turn + len(TURNS)) for turn in range(10)]


def test_every_turn_serves_every_lane_once_and_the_more_urgent_first() -> None:
    for turn in range(10):
        _, *rest = order(turn)

        assert set(order(turn)) == set(LANES)
        assert rest == sorted(rest, key=LANES.index)


@pytest.mark.parametrize(("slots", "messages"), [(0, FEWEST_MESSAGES), (1, FEWEST_MESSAGES), (32, 96)])
def test_a_window_is_some_messages_a_slot_and_never_so_few_that_a_job_does_not_fit(slots: int, messages: int) -> None:
    assert window(slots) == messages
    assert MESSAGES_PER_SLOT in (2, 3, 4)  # what the promise says


@pytest.mark.parametrize("lane", LANES)
def test_a_queue_tells_its_lane(lane: Lane) -> None:
    assert lane_of(of_provider("openai", lane)) == lane


@pytest.mark.parametrize("queue", ["synthesis", "delivery", "maintenance", "ask.extractive"])
def test_what_has_no_lane_in_its_name_is_in_the_standard_one(queue: str) -> None:
    assert lane_of(queue) == "standard"


def test_with_all_lanes_full_the_messages_taken_are_their_shares() -> None:
    cycle = LaneCycle([of_provider(provider, lane) for provider in ("a", "b") for lane in LANES])
    taken: Counter[str] = Counter()

    for _ in range(1_000):
        first = cycle.consume(6)[0]  # every queue is full: the first one asked has a message
        taken[lane_of(first)] += 1
        cycle.rotate(first)

    assert taken == {"interactive": 600, "standard": 300, "bulk": 100}


def test_an_urgent_message_is_found_before_others_in_most_turns_and_within_one_more_in_all() -> None:
    cycle = LaneCycle([of_provider("a", lane) for lane in LANES])
    places = []
    for _ in range(10):
        places.append(cycle.consume(3).index("ask.a.interactive"))
        cycle.rotate("ask.a.bulk")

    assert sorted(places) == [0] * 6 + [1] * 4


def test_providers_of_a_lane_take_turns() -> None:
    cycle = LaneCycle(["ask.a", "ask.b", "ask.c"])
    served = []
    for _ in range(6):
        served.append(cycle.consume(3)[0])
        cycle.rotate(served[-1])

    assert served == ["ask.a", "ask.b", "ask.c"] * 2


def test_queues_come_and_go() -> None:
    cycle = LaneCycle()
    assert cycle.consume(0) == []

    cycle.update(["ask.a", "ask.b"])
    cycle.rotate("ask.a")
    cycle.rotate("one that has gone")

    assert cycle.consume(2) == ["ask.b", "ask.a"]
    assert cycle.consume(1) == ["ask.b"]


@pytest.mark.parametrize(
    ("lane", "busy", "part"),
    [
        ("interactive", ("interactive", "standard", "bulk"), 0.6),
        ("bulk", ("interactive", "standard", "bulk"), 0.1),
        ("bulk", ("bulk",), 1.0),
        ("bulk", (), 1.0),
        ("standard", ("bulk",), 0.75),
    ],
)
def test_a_lane_may_count_on_its_turns_among_those_that_are_busy(
    lane: Lane, busy: tuple[Lane, ...], part: float
) -> None:
    assert share(lane, busy) == pytest.approx(part)

"""Who lets messages stand although it has a hand free is deaf; who is idle, busy or at work is not."""

import pytest

from orchestrator.work.hearing import Hearing

AFTER_S = 60.0
LOOKS = [(float(now_s), 0) for now_s in range(0, 130, 10)]


def found(**seen: bool) -> list[float]:
    hearing = Hearing(AFTER_S, 0.0)
    return [now_s for now_s, taken in LOOKS if hearing.is_deaf(now_s, taken=taken, **seen)]


def test_a_free_hand_that_lets_messages_stand_is_deaf_after_the_time_and_not_before() -> None:
    assert found(waits=True, busy=False)[0] == AFTER_S


@pytest.mark.parametrize(("waits", "busy"), [(False, False), (True, True), (False, True)])
def test_who_has_nothing_to_take_or_no_hand_free_is_well(waits: bool, busy: bool) -> None:
    assert found(waits=waits, busy=busy) == []


def test_each_message_that_is_taken_begins_the_time_anew() -> None:
    hearing = Hearing(AFTER_S, 0.0)
    slow = [hearing.is_deaf(25.0 * look, waits=True, busy=False, taken=look // 2) for look in range(9)]

    assert not any(slow)
    assert not hearing.is_deaf(220.0, waits=True, busy=False, taken=4)
    assert not hearing.is_deaf(245.0, waits=True, busy=False, taken=4)
    assert hearing.is_deaf(260.0, waits=True, busy=False, taken=4)


def test_one_empty_look_is_enough_to_be_well() -> None:
    hearing = Hearing(AFTER_S, 0.0)
    seen = [hearing.is_deaf(now_s, waits=now_s != 50.0, busy=False, taken=0) for now_s in (25.0, 50.0, 75.0, 100.0)]

    assert not any(seen)
    assert hearing.is_deaf(110.0, waits=True, busy=False, taken=0)


def test_who_stood_still_for_long_is_not_deaf_when_it_wakes() -> None:
    hearing = Hearing(AFTER_S, 0.0)

    assert not hearing.is_deaf(500.0, waits=True, busy=False, taken=0)
    assert not hearing.is_deaf(525.0, waits=True, busy=False, taken=0)

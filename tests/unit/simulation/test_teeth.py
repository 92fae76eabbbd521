"""Every mechanism is needed: without it, a schedule is known that breaks a law. So the laws would see it missing."""

import pytest

from ops.drills.simulation.laws import Broken
from ops.drills.simulation.mechanisms import NAMES, without
from ops.drills.simulation.world import World

# The first seed that finds each missing, and by which law. Once schedules are drawn otherwise than before, the drill
# finds the new ones: `python -P -m ops.drills.simulation --without NAME`.
FOUND: dict[str, tuple[int, str]] = {
    "leases": (154, "a fate is unknown for a reason"),
    "fences": (5, "the panel counts its seats"),
    "unfenced_ledger": (7, "a paid answer is never thrown away"),
    "booked_once": (5, "sums are sums of the ledger"),
    "departures_fenced": (1, "no call leaves after the end"),
    "takers_write_off": (409, "one call of a seat at a time"),
    "worst_case": (0, "the bank is the ledger"),
    "ambiguity_bound": (64, "no call is paid twice"),
    "adoption": (340, "what is paid is used first"),
    "poison_bound": (46, "poison stays in its box"),
    "holds": (2, "never above the bound"),
    "generations": (2039, "never above the bound"),
    "endings_final": (5, "terminal is final"),
    "one_synthesis": (0, "one result"),
    "cancels_end_seats": (1, "no call leaves after the end"),
    "spool": (178, "a paid answer is never thrown away"),
    "asks_again": (0, "time suffices where all is well"),
    "rings_again": (20, "time suffices where all is well"),
    "expiry": (10, "every job ends in time"),
    "sweeps": (2, "every call ends"),
    "known_calls": (3728, "one call of a seat at a time"),
    "claims_bounded": (4116, "poison stays in its box"),
    "tiers_bounded": (10786, "no seat pays for more than its tiers"),
}


def test_every_mechanism_has_its_seed() -> None:
    assert set(FOUND) == set(NAMES)


@pytest.mark.parametrize("name", FOUND)
def test_without_a_mechanism_a_law_breaks(name: str) -> None:
    seed, law = FOUND[name]

    with pytest.raises(Broken) as broken:
        World(seed, without(name)).run()

    assert broken.value.law == law


@pytest.mark.parametrize("name", FOUND)
def test_with_it_none_does(name: str) -> None:
    World(FOUND[name][0]).run()

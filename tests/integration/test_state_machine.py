"""The simulation's machine is the product's: the same operations, in random order, leave the same rows in both."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

import pytest

from ops.drills.simulation.targets import HELD_UP, OUT_OF_TIME, SPENT, UNBILLED, UNKNOWN, UNREADABLE
from orchestrator.settings import Settings
from tests.integration.twins import LEASE_S, Twins, image, rows, twins
from tests.integration.workers_in_test import CATALOG, opened_with
from tests.servers import Tenant

ERRORS = (*UNBILLED, *UNKNOWN, OUT_OF_TIME, UNREADABLE, HELD_UP, SPENT)
KEYS = {"OPENAI_API_KEY": "key-of-nobody", "AIMLAPI_API_KEY": "key-of-nobody"}  # no call is made
STEPS = 60
LINGERS = 6  # steps after a job's end, when all that still comes is late
# How likely each operation is; each seed has a taste of its own besides, so that it leads elsewhere.
WEIGHTS = {
    "claim": 6,
    "send": 6,
    "answer": 2,
    "waste": 1,
    "fail": 2,
    "abandon": 1,
    "renew": 1,
    "lose holder": 4,
    "end lease": 1,
    "end wait": 3,
    "look": 1,
    "free": 2,
    "sweep": 1,
    "raise generation": 1,
    "begin synthesis": 3,
    "lose synthesis": 2,
    "end synthesis": 2,
    "cancel": 0.2,
    "expire": 0.2,
    "close late": 0.4,
}
PLENTY_MICRO_USD = 10**9
MOST_TOKENS = 200  # of a reply: it costs less than its bound
HELD_IN_MIND = 5  # claims that are still acted under, lost ones among them

Step = Callable[[], None]


@pytest.fixture(autouse=True)
def _in_a_worker(settings: Settings) -> Iterator[None]:
    with opened_with(CATALOG, settings.model_copy(update={"lease_s": LEASE_S}), KEYS):
        yield


# What chance comes to too seldom. A number is a seat for the first four, else the place of a claim, the first being 0.
STORIES = {
    "a message takes over a lost seat, and both holders answer": (
        "claim 0, send 0, end lease 0, claim 0, send 1, answer 0, answer 1, answer 1"
    ),
    "an answer that came late is adopted": "claim 0, send 0, lose holder 0, answer 0, claim 0, sweep",
    "of two late answers the first is adopted, and closes the panel": (
        "claim 1, fail 0, claim 0, send 1, lose holder 0, claim 0, send 2, lose holder 0, answer 2, answer 1, claim 0"
    ),
    "a seat kills three holders": (
        "claim 0, lose holder 0, claim 0, send 1, lose holder 0, claim 0, send 2, lose holder 0, claim 0, answer 2"
    ),
    "a message comes for what has killed three holders": (
        "claim 0, end lease 0, claim 0, end lease 0, claim 0, end lease 0, claim 0, lose holder 0"
    ),
    "a synthesis is lost three times": (
        "claim 0, send 0, answer 0, claim 1, send 1, answer 1, begin synthesis, lose synthesis, lose synthesis,"
        " end synthesis, lose synthesis, end synthesis"
    ),
    "a synthesis is lost four times": (
        "claim 0, send 0, answer 0, claim 1, send 1, answer 1, begin synthesis, lose synthesis, lose synthesis,"
        " lose synthesis, end synthesis, end synthesis"
    ),
    "a late seat's answer comes after its panel was closed": (
        "claim 0, send 0, answer 0, claim 1, send 1, close late, answer 1, begin synthesis, end synthesis, sweep"
    ),
    "a holder is told to stop": "claim 0, send 0, abandon 0, claim 0, send 1, answer 1, claim 1, abandon 2, claim 1",
    "a job is canceled under its call": "claim 0, send 0, claim 1, cancel, send 1, answer 0, sweep, cancel, expire",
    "a call is held under older counters": "claim 0, raise generation, send 0, claim 1, send 1, answer 1",
    "the fate of two calls is not known": (
        "claim 0, send 0, lose holder 0, claim 0, send 1, lose holder 0, claim 0, fail 2, claim 0, send 3, answer 3"
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_story_leaves_the_same_rows(tenant: Tenant, story: str) -> None:
    both = twins(tenant.id, seat_count=2, bound_micro_usd=PLENTY_MICRO_USD, quorum=1)

    for told in STORIES[story].split(", "):
        name, _, number = told.rpartition(" ") if told[-1].isdigit() else (told, "", "0")
        _told(both, name, int(number))

        assert rows(both) == image(both), told


def _told(both: Twins, name: str, number: int) -> None:
    if name in {"claim", "lose holder", "end lease", "end wait"}:
        steps: dict[str, Callable[[int], None]] = {
            "claim": both.claim,
            "lose holder": both.lose_holder,
            "end lease": both.end_lease,
            "end wait": both.end_wait,
        }
        steps[name](number)
    elif name in {"send", "answer", "fail", "abandon"}:
        pair = both.works[number]
        of_claim: dict[str, Step] = {
            "send": lambda: both.send(pair),
            "answer": lambda: both.answer(pair, MOST_TOKENS),
            "fail": lambda: both.fail(pair, UNREADABLE),
            "abandon": lambda: both.abandon(pair),
        }
        of_claim[name]()
    else:
        _possible(both, Random(0))[name]()


@pytest.mark.parametrize("seed", range(8))
def test_the_same_operations_leave_the_same_rows(tenant: Tenant, seed: int) -> None:
    chance = Random(seed)
    taste = {name: weight * chance.choice((0.2, 1, 5)) for name, weight in WEIGHTS.items()}
    both, done, lingers = _anew(tenant, chance), [""], 0

    for _ in range(STEPS):
        if lingers > LINGERS:
            both, done, lingers = _anew(tenant, chance), [""], 0
        name, step = _drawn(both, chance, taste)
        done.append(name)
        step()
        lingers += both.is_over

        assert rows(both) == image(both), done


def _anew(tenant: Tenant, chance: Random) -> Twins:
    return twins(
        tenant.id,
        seat_count=chance.randint(1, 2),
        bound_micro_usd=chance.choice((PLENTY_MICRO_USD, PLENTY_MICRO_USD, 1)),
        quorum=chance.randint(1, 2),
    )


def _drawn(both: Twins, chance: Random, taste: Mapping[str, float]) -> tuple[str, Step]:
    """Something that can be done now."""
    can = _possible(both, chance)
    name = chance.choices([*can], [taste[name] for name in can])[0]
    return name, can[name]


def _possible(both: Twins, chance: Random) -> dict[str, Step]:
    seat = chance.randrange(len(both.job.seats))
    can: dict[str, Step] = {
        "claim": lambda: both.claim(seat),
        "end lease": lambda: both.end_lease(seat),
        "end wait": lambda: both.end_wait(seat),
        "look": lambda: both.look(seat),
        "lose holder": lambda: both.lose_holder(seat),
        "sweep": both.sweep,
        "raise generation": both.raise_generation,
        "begin synthesis": both.begin_synthesis,
    }
    if both.found:
        row, found = chance.choice(both.found[-3:])
        can["free"] = lambda: both.free(row, found)
    if both.panels:
        panel, read = both.panels[-1]
        can["end synthesis"] = lambda: both.end_synthesis(panel, read)
        can["lose synthesis"] = both.lose_synthesis
    can |= {"cancel": both.cancel, "expire": both.expire, "close late": both.close_late}
    return can | (_of_worker(both, chance) if both.works else {})


def _of_worker(both: Twins, chance: Random) -> dict[str, Step]:
    """What can be done under a claim, be it lost: mostly the latest one."""
    pair = both.works[-1] if chance.random() < 0.6 else chance.choice(both.works[-HELD_IN_MIND:])
    tokens, error = chance.randint(1, MOST_TOKENS), chance.choice(ERRORS)
    return {
        "send": lambda: both.send(pair),
        "answer": lambda: both.answer(pair, tokens),
        "waste": lambda: both.waste(pair, tokens),
        "fail": lambda: both.fail(pair, error),
        "abandon": lambda: both.abandon(pair),
        "renew": both.renew,
    }

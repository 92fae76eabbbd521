"""How long consensus takes, and whether its memory stays flat: a report, offline.

    python -m ops.bench.synthesis [--repeats 30]

A panel's items stand in as few lists as hold them or are spread over all five, as models do; both are measured. Texts
are of made-up words, half of them said by most seats in other words. Times are wall-clock, median and 95th percentile
over the repeats, in one process. Memory is what Python holds (tracemalloc), after a first run and after all repeats.
"""

import argparse
import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Sequence
from statistics import median, quantiles
from typing import Final

from orchestrator.analysis.identity import in_order, item_id, told_apart
from orchestrator.analysis.items import KINDS, Candidate, Evidence, Item, Kind, Summary
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Synthesis, drive

UTTERANCES: Final = 1_500  # an hour
SHAPES: Final = (  # seats, items a seat, in how many lists (none holds more than 50), and the milliseconds promised
    (5, 30, 1, 20.0),
    (5, 30, 5, 20.0),
    (10, 100, 2, 150.0),
    (10, 100, 5, 150.0),
)
GROWTH_KIB: Final = 64  # more than this over all repeats is a leak, not noise
SYLLABLES: Final = "ba ce di fo gu ha ke li mo nu pa re si to vu za".split()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. 1: a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m ops.bench.synthesis", description="Time consensus.")
    parser.add_argument("--repeats", type=int, default=30)
    repeats = parser.parse_args(arguments).repeats
    print(
        f"{'seats x items':16}{'lists':>6}{'median ms':>12}{'p95 ms':>10}{'promised':>10}{'kept':>6}{'growth KiB':>12}"
    )
    kept = True
    for seats, items, lists, promised_ms in SHAPES:
        inputs = panel(seats, items, KINDS[:lists])
        times_ms = sorted(_timed_ms(inputs) for _ in range(repeats))
        grown_kib = _grown_kib(inputs, repeats)
        p95_ms = quantiles(times_ms, n=20)[-1]
        kept = kept and median(times_ms) <= promised_ms and grown_kib <= GROWTH_KIB
        print(
            f"{f'{seats} x {items}':16}{lists:6}{median(times_ms):12.1f}{p95_ms:10.1f}{promised_ms:10.0f}"
            f"{len(_run(inputs)):6}{grown_kib:12.1f}"
        )
    return 0 if kept else 1


def panel(seats: int, items: int, kinds: Sequence[Kind]) -> Inputs:
    """Seats with so many items each, dealt to the kinds in turn; the same in every run."""
    chance = random.Random(seats * 1_000 + items)  # noqa: S311  made-up words
    matters = [_matter(chance) for _ in range(items * 3 // 2)]
    candidates = {seat: _candidate(chance, chance.sample(matters, items), kinds, seat) for seat in range(seats)}
    places = {f"s{number}": number for number in range(UTTERANCES)}
    return Inputs(candidates=candidates, places=places, quorum=seats // 2 + 1)


def _matter(chance: random.Random) -> tuple[list[str], int, int]:
    """What is said, where, and which list it belongs to."""
    words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(14)]
    return words, chance.randrange(1, UTTERANCES - 1), chance.randrange(len(KINDS))


def _candidate(
    chance: random.Random, matters: Sequence[tuple[list[str], int, int]], kinds: Sequence[Kind], seat: int
) -> Candidate:
    lists: dict[Kind, list[Item]] = {kind: [] for kind in kinds}
    for said, place, list_no in matters:
        kind = kinds[list_no % len(kinds)]
        lists[kind].append(_item(chance, said, place, kind, seat))
    places = {f"s{number}": number for number in range(UTTERANCES)}
    told: dict[str, tuple[Item, ...]] = {kind: told_apart(in_order(found, places)) for kind, found in lists.items()}
    return Candidate(language="en", summary=Summary(text=f"Seat {seat}.", bullets=()), **told)


def _item(chance: random.Random, said: Sequence[str], place: int, kind: Kind, seat: int) -> Item:
    named = f"s{place + chance.choice((-1, 0, 0, 0, 1))}"
    return Item(
        id=item_id(kind, (named,)),
        text=" ".join(chance.sample(said, 10)),
        evidence=(Evidence(utterances=(named,), quote=" ".join(said)),),
        confidence=round(chance.random(), 4),
        seats=(seat,),
        verified=True,
    )


def _run(inputs: Inputs) -> list[Item]:
    found = drive(STRATEGIES["consensus"].strategy(inputs), [])
    assert isinstance(found, Synthesis)  # noqa: S101  consensus asks nobody
    return [item for kind in KINDS for item in found.of(kind)]


def _timed_ms(inputs: Inputs) -> float:
    began = time.perf_counter()
    _run(inputs)
    return (time.perf_counter() - began) * 1_000


def _grown_kib(inputs: Inputs, repeats: int) -> float:
    _run(inputs)
    gc.collect()
    tracemalloc.start()
    try:
        _run(inputs)
        gc.collect()
        before, _peak = tracemalloc.get_traced_memory()
        for _ in range(min(repeats, 5)):
            _run(inputs)
        gc.collect()
        after, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / 1_024


if __name__ == "__main__":
    sys.exit(main())

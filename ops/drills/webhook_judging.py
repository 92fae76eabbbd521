"""What webhooks promise, held against what a receiver saw. Pure: the receiver, the feed and the rows are the witnesses.

| promise | measured by |
|---|---|
| nothing is missing | the feed's events, of the kinds that the endpoint listens to, against the ids that came |
| nothing is made up | the other way round |
| one event, one message | the bytes and the id that came with each request of an event |
| every message is signed | each request, checked with the endpoint's secret at the time when it came |
| nothing is given up | the deliveries' states, at rest |
| quick while all is well | the time from an event to its first request, p99, of phases without a fault |
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.webhook_client import NotVerified, verify_webhook
from ops.drills.receiver import Received

PROMISED_S: Final = 2.0
SHARE: Final = 0.99
DONE: Final = "delivered"


@dataclass(frozen=True)
class Phase:
    """A part of the course: seconds from each of its events to the first request, the shortest first."""

    name: str
    late_s: Sequence[float]


@dataclass(frozen=True)
class Facts:
    """What all witnesses say, once all is at rest.

    Args:
        wanted: the feed's events that the endpoint listens to.
        seen: each request, in the order in which they came.
        states: how many deliveries are in each state.
        well, storm: phases without a fault, and the one with all of them.
        deaths: processes that ended although nobody had ended them.
    """

    wanted: Collection[str]
    seen: Sequence[Received]
    secret: str
    states: Mapping[str, int]
    well: Sequence[Phase]
    storm: Phase
    kills: int
    kills_asked: int
    deaths: int = 0


@dataclass(frozen=True)
class Line:
    """A line of the report. `kept` None: a figure that promises nothing."""

    what: str
    found: str
    kept: bool | None = None


def judged(facts: Facts) -> tuple[Line, ...]:
    """Every promise with what was found, in the order of the report."""
    storm = Line(f"first attempts, {facts.storm.name}", _quantiles(facts.storm))
    return (*_course(facts), *_messages(facts), *(_quick(phase) for phase in facts.well), storm)


def is_sound(lines: Sequence[Line]) -> bool:
    return all(line.kept is not False for line in lines)


def table(lines: Sequence[Line]) -> str:
    words = {True: "kept", False: "BROKEN", None: ""}
    rows = [f"| {line.what} | {line.found} | {words[line.kept]} |" for line in lines]
    return "\n".join(["| what | found | promise |", "|---|---:|---|", *rows])


def first_late_s(seen: Sequence[Received], after: int) -> tuple[float, ...]:
    """Seconds from each event to its first request, shortest first, of those whose first is not among the `after`."""
    known = {one.event_id for one in seen[:after]}
    first: dict[str, float] = {}
    for one in seen[after:]:
        if one.event_id not in known:
            first.setdefault(one.event_id, one.at - happened_at(one.body))
    return tuple(sorted(first.values()))


def happened_at(body: bytes) -> float:
    """When the event of this message happened, in seconds since 1970."""
    return datetime.fromisoformat(json.loads(body)["timestamp"]).timestamp()


def _course(facts: Facts) -> Iterator[Line]:
    bodies = {one.event_id for one in facts.seen}
    yield Line("sender killed", f"{facts.kills} times", facts.kills == facts.kills_asked)
    yield Line("ended by themselves", f"{facts.deaths} processes", facts.deaths == 0)
    yield Line("requests that came", f"{len(facts.seen):,}")
    yield Line("of them again", f"{len(facts.seen) - len(bodies):,}")


def _messages(facts: Facts) -> Iterator[Line]:
    bodies: defaultdict[str, set[bytes]] = defaultdict(set)
    ids: defaultdict[bytes, set[str]] = defaultdict(set)
    for one in facts.seen:
        bodies[one.event_id].add(one.body)
        ids[one.body].add(one.event_id)
    missing, odd = {*facts.wanted} - {*bodies}, {*bodies} - {*facts.wanted}
    changed = sum(len(found) > 1 for found in bodies.values())
    renamed = sum(len(found) > 1 for found in ids.values())
    forged = sum(not _fits(facts.secret, one) for one in facts.seen)
    others = {state: many for state, many in facts.states.items() if state != DONE}
    yield Line("events of the feed", f"{len(facts.wanted):,}", len(facts.wanted) > 0)
    yield Line("missing", f"{len(missing):,}", not missing)
    yield Line("unknown to the feed", f"{len(odd):,}", not odd)
    yield Line("with other bytes in another attempt", f"{changed:,}", not changed)
    yield Line("messages under a second id", f"{renamed:,}", not renamed)
    yield Line("signatures that do not fit", f"{forged:,}", not forged)
    yield Line("deliveries that did not arrive", f"{sum(others.values()):,}", not others)


def _quick(phase: Phase) -> Line:
    kept = bool(phase.late_s) and _quantile(phase.late_s, SHARE) < PROMISED_S
    return Line(f"first attempts, {phase.name}", _quantiles(phase), kept)


def _quantiles(phase: Phase) -> str:
    if not phase.late_s:
        return "none"
    p50, p99 = _quantile(phase.late_s, 0.5), _quantile(phase.late_s, SHARE)
    return f"{len(phase.late_s):,}: p50 {p50:.2f} s, p99 {p99:.2f} s"


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def _fits(secret: str, one: Received) -> bool:
    try:
        verify_webhook(secret, one.headers, one.body, datetime.fromtimestamp(one.at).astimezone())
    except NotVerified:
        return False
    return True

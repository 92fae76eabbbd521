"""What Redis must be like. Pure.

Sources: Redis, "Key eviction", "Persistence" and redis.conf of 7.2; ADR 0024 for what a restart takes.
"""

from dataclasses import dataclass
from typing import Final

from orchestrator.safety.findings import Finding, Rule, Verdict, judge

OLDEST: Final = 7  # older ones keep scripts over a restart, see providers/scripts.py


@dataclass(frozen=True)
class RedisFacts:
    """What a Redis or Valkey says of itself; None where it will not.

    `most_bytes` is 0 where memory has no limit; `idle_timeout_s` is 0 where idle connections are kept. `unrouted`
    counts messages in the queue that nobody consumes.
    """

    version: str | None
    eviction: str | None
    most_bytes: int | None
    is_appended: bool | None
    idle_timeout_s: int | None
    unrouted: int | None


RULES: Final[tuple[Rule[RedisFacts], ...]] = (
    Rule(
        name="redis-too-old",
        setting="redis_version",
        value=lambda told: told.version,
        is_safe=lambda told: _major(told.version) >= OLDEST,
        wrong="Redis {found} keeps scripts over a restart, so that counters it lost would be taken for true.",
        remedy="Run Redis 7.0 or newer, or Valkey.",
    ),
    Rule(
        name="redis-evicts",
        setting="maxmemory-policy",
        value=lambda told: told.eviction,
        is_safe=lambda told: told.eviction == "noeviction",
        wrong="Redis forgets messages and counters when its memory is full (maxmemory-policy {found}).",
        remedy="Set `maxmemory-policy noeviction` in redis.conf and restart, or run"
        " `redis-cli CONFIG SET maxmemory-policy noeviction`; a full Redis then refuses, and jobs wait in PostgreSQL.",
    ),
    Rule(
        name="redis-memory-unbounded",
        setting="maxmemory",
        value=lambda told: told.most_bytes,
        is_safe=lambda told: told.most_bytes != 0,
        verdict=Verdict.WARNS,
        wrong="Redis may take all memory of its machine (maxmemory {found}).",
        remedy="Set `maxmemory 512mb`, or what the machine can spare.",
    ),
    Rule(
        name="redis-not-persistent",
        setting="appendonly",
        value=lambda told: told.is_appended,
        is_safe=lambda told: told.is_appended is True,
        verdict=Verdict.WARNS,  # everything in it can be rebuilt; it costs seconds, not data
        wrong="Redis forgets everything at a restart (appendonly {found}); jobs then stand still until they are found.",
        remedy="Set `appendonly yes` and `appendfsync everysec`.",
    ),
    Rule(
        name="redis-drops-idle-connections",
        setting="timeout",
        value=lambda told: told.idle_timeout_s,
        is_safe=lambda told: told.idle_timeout_s == 0,
        verdict=Verdict.WARNS,
        wrong="Redis closes connections that are idle for {found} s, and the next command on such a one fails.",
        remedy="Set `timeout 0` and `tcp-keepalive 60`.",
    ),
    Rule(
        name="messages-unrouted",
        setting="the queue unrouted",
        value=lambda told: told.unrouted,
        is_safe=lambda told: told.unrouted == 0,
        verdict=Verdict.WARNS,
        wrong="Messages without a route stand in the queue `unrouted`, which nobody consumes: {found}.",
        remedy='Keep one for a report and delete the list: "Messages in `unrouted`" in ops/handbook/operations.md.',
    ),
)


def findings(facts: RedisFacts) -> tuple[Finding, ...]:
    return judge(RULES, facts)


def _major(version: str | None) -> int:
    """0 for what is no version."""
    first = (version or "").partition(".")[0]
    return int(first) if first.isascii() and first.isdigit() else 0

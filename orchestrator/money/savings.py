"""What was saved against a declared reference, and by which lever. Pure, exact, in integer micro-dollars.

The reference: every seat of a panel of the declared size asks the declared model, directly, at its list price, without
any cache. From there to what was really paid the levers are taken in a fixed order, so that they add up exactly:

    panel         fewer seats than the reference asks; below zero where more were asked
    routing       other models than the reference
    caching       what providers found in their prompt caches, less what they asked for writing to them
    service_tier  tiers and hours that cost less, or more
    channel       a reseller's mark-up or discount against the vendor's own price
    dedupe        steps that were not run since a stored answer served
    batch         calls that a vendor's batch lane ran
    overhead      what was paid and of no use: failed, unreadable, of unknown fate, too late; never above zero

A saving is claimed only while the reference's prices are fresh. Source: shared design page providers.md, section 5.6.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal, TypeAlias, get_args

from providers.calls import Value

Lever: TypeAlias = Literal["panel", "routing", "caching", "service_tier", "channel", "dedupe", "batch", "overhead"]
LEVERS: Final[tuple[Lever, ...]] = get_args(Lever)

REFERENCE_SEATS: Final = 3  # the panel of the quality policy, which asks for what the reference stands for


class JobSums(Value):
    """The rows of one job, or of all jobs that used as many answers, added up by attempt.

    Sums are enough: levers are differences of sums, and a panel's size is all that the jobs of a group must have in
    common. The built-in models are left out: they replace nothing.

    `used` attempts of each job became candidates: the first five sums are theirs. `wasted_micro_usd` is the cost of all
    others, those of unknown fate among them.
    """

    used: int
    reference_micro_usd: int = 0
    direct_micro_usd: int = 0
    cached_micro_usd: int = 0
    tier_micro_usd: int = 0
    cost_micro_usd: int = 0
    wasted_micro_usd: int = 0


class Reference(Value):
    """Against what: a target, the day on which the prices were read, and whether that is too long ago."""

    target: str
    price_date: date
    stale: bool
    seats: int = REFERENCE_SEATS


class Savings(Value):
    """`levers` add up to `saved_micro_usd`. `saved_micro_usd` and `saved_percent` are None where nothing is claimed."""

    reference: Reference
    reference_micro_usd: int
    actual_micro_usd: int
    levers: dict[Lever, int]
    saved_micro_usd: int | None
    saved_percent: float | None
    claim: str


def savings(jobs: Iterable[JobSums], reference: Reference) -> Savings:
    """Add up the jobs of a period, or groups of them."""
    rows = list(jobs)
    levers = {lever: sum(_levers(row, reference.seats)[lever] for row in rows) for lever in LEVERS}
    expected = sum(_reference_total(row, reference.seats) for row in rows)
    actual = sum(row.cost_micro_usd + row.wasted_micro_usd for row in rows)
    if reference.stale:
        return _unclaimed(reference, expected, actual, levers, f"its prices are of {reference.price_date}, too old")
    if expected == 0:
        return _unclaimed(reference, expected, actual, levers, "no answer of a model was used")
    percent = round(100 * (expected - actual) / expected, 1)
    return Savings(
        reference=reference,
        reference_micro_usd=expected,
        actual_micro_usd=actual,
        levers=levers,
        saved_micro_usd=expected - actual,
        saved_percent=percent,
        claim=(
            f"saved {percent:g} % against {reference.target} on each of {reference.seats} seats,"
            f" list prices of {reference.price_date}"
        ),
    )


def _levers(row: JobSums, seats: int) -> Mapping[Lever, int]:
    return {
        "panel": _reference_total(row, seats) - row.reference_micro_usd,
        "routing": row.reference_micro_usd - row.direct_micro_usd,
        "caching": row.direct_micro_usd - row.cached_micro_usd,
        "service_tier": row.cached_micro_usd - row.tier_micro_usd,
        "channel": row.tier_micro_usd - row.cost_micro_usd,
        "dedupe": 0,  # no stored answer serves a second job yet: there are no such rows
        "batch": 0,  # nor does any call go by a vendor's batch lane
        "overhead": -row.wasted_micro_usd,
    }


def _reference_total(row: JobSums, seats: int) -> int:
    """What the reference's panel would have cost: each of its seats the mean of those that were used, rounded down."""
    return row.reference_micro_usd * seats // row.used if row.used else 0


def _unclaimed(reference: Reference, expected: int, actual: int, levers: dict[Lever, int], why: str) -> Savings:
    """Figures without a claim. The levers stay: they are sums of rows, whatever is made of them."""
    return Savings(
        reference=reference,
        reference_micro_usd=expected,
        actual_micro_usd=actual,
        levers={} if reference.stale else levers,
        saved_micro_usd=None,
        saved_percent=None,
        claim=f"no saving is claimed against {reference.target}: {why}",
    )

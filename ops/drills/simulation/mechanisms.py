"""What the product relies on, one switch each. A run with one of them off must break a law.

That is how the laws show their teeth: a law that no missing mechanism breaks would pass whatever the product did.
"""

from dataclasses import dataclass, fields, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Mechanisms:
    """Each is what its name says as long as it is True."""

    leases: bool = True  # a seat that somebody holds is not claimed before its lease has run out
    fences: bool = True  # a seat's state is written under the epoch of its claim alone
    unfenced_ledger: bool = True  # an answer is booked whoever brings it
    booked_once: bool = True  # a call that has ended is not booked again
    departures_fenced: bool = True  # `sent` is committed under a live lease alone
    takers_write_off: bool = True  # who takes a seat over books what its lost holder left
    worst_case: bool = True  # a call of unknown fate is booked at its bound, not at nothing
    ambiguity_bound: bool = True  # a seat whose calls have an unknown fate twice over is asked for money no more
    adoption: bool = True  # an answer that came late is used before another one is paid for
    poison_bound: bool = True  # a seat that kills its holders is given up
    holds: bool = True  # a call leaves only if its worst case still fits into its job's bound
    generations: bool = True  # a hold of counters that were set anew since lets no call leave
    endings_final: bool = True  # a job that has ended is moved no more
    one_synthesis: bool = True  # one ring of the chord wins, and one result is written
    cancels_end_seats: bool = True  # a cancel takes the seats from those who work on them
    spool: bool = True  # an answer that cannot be booked lies on the disk until it can
    asks_again: bool = True  # the reconciler publishes asks that nobody heard, and frees seats of lost holders
    rings_again: bool = True  # the reconciler rings for a closed panel that nobody synthesised
    expiry: bool = True  # the reconciler ends jobs that are past their deadline
    sweeps: bool = True  # the reconciler writes off calls that were left in seats which have ended
    known_calls: bool = True  # a failure moves a seat only if the rows know its call: a crash may have forgotten it
    claims_bounded: bool = True  # no message takes over a seat that has killed its holders as often as is allowed
    tiers_bounded: bool = True  # a seat that has paid for its tiers pays no more, be its last holder lost or not
    asks_carry_epochs: bool = True  # an ask is heard for the epoch that it was published in, or for the claim of it
    grace: bool = True  # seats that are late are canceled, a while after the quorum has answered
    releases: bool = True  # a worker that is told to stop lets its seats go at once


AS_BUILT: Final = Mechanisms()
# They spare time and calls, and no law needs them: tests of the product itself miss them.
SPARING: Final = ("asks_carry_epochs", "grace", "releases")
NAMES: Final = tuple(field.name for field in fields(Mechanisms) if field.name not in SPARING)


def without(*names: str) -> Mechanisms:
    """The product as it is, but for these mechanisms."""
    return replace(AS_BUILT, **dict.fromkeys(names, False))

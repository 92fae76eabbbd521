"""What the domain refuses, one class per thing that the caller should do; `api/problems.py` has a row for each.

DomainError
├── InvalidRequest          mend the request (with JSON pointers)
│   ├── UnknownStrategy
│   ├── UnknownModel
│   └── PanelTooSmall
├── UnparseableTranscript   mend the file at `line`
├── EmptyTranscript         send one with words in it
├── MaxCostTooLow           raise max_cost_usd to the bound, or ask for less
├── BudgetExhausted         wait until the budget's period ends, or raise its limit
├── AdmissionStopped        an operator must look at the tenant's bills first
├── IdempotencyMismatch     use another key for another body
├── NotFound                the id names nothing of this tenant's
├── Erased                  its content is gone for good; hand the meeting in again
├── AlreadyTerminal         the job has ended otherwise; nothing to do
├── BatchRefused            mend the lines that are named, as an atomic batch takes all or none
├── NotReplayable           wait for the job's end, or replay one that has stored answers
├── BeyondOwnKey            ask with a key that may do all that the other one shall do, and lasts as long
├── KeyEnded                make another key: one that has ended stays so
├── TooMany                 delete one of the things of this kind first
├── QueueFull               so many jobs of the tenant wait already: come back in `retry_after_s`
├── Overloaded              too much waits, or comes at once: come back in `retry_after_s`
└── Unavailable             a store is away: come back in `retry_after_s`
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import JsonValue


class DomainError(Exception):
    """Base. `code` is the stable word of the HTTP contract."""

    code: ClassVar[str] = "domain-error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(DomainError):
    """`pointer` is the JSON pointer of the field at fault; "" is the whole body."""

    code = "invalid-request"

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class UnknownStrategy(InvalidRequest):
    code = "unknown-strategy"


class UnknownModel(InvalidRequest):
    code = "unknown-model"


class PanelTooSmall(InvalidRequest):
    code = "panel-too-small"


class UnparseableTranscript(DomainError):
    """`line` counts from 1; `offset` counts characters from 0; None where the format has no such place."""

    code = "unparseable-transcript"

    def __init__(self, message: str, *, line: int | None = None, offset: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.offset = offset


class EmptyTranscript(DomainError):
    code = "empty-transcript"


class MaxCostTooLow(DomainError):
    code = "max-cost-too-low"

    def __init__(self, message: str, *, bound_micro_usd: int) -> None:
        super().__init__(message)
        self.bound_micro_usd = bound_micro_usd


class BudgetExhausted(DomainError):
    """`scope` is the budget in words; `resets_at` when its period ends, None where it has none."""

    code = "budget-exhausted"

    def __init__(self, message: str, *, scope: str, resets_at: datetime | None) -> None:
        super().__init__(message)
        self.scope = scope
        self.resets_at = resets_at


class AdmissionStopped(DomainError):
    code = "admission-stopped"


class IdempotencyMismatch(DomainError):
    code = "idempotency-mismatch"


class NotFound(DomainError):
    code = "not-found"


class Erased(DomainError):
    code = "erased"


class AlreadyTerminal(DomainError):
    code = "terminal"


class BatchRefused(DomainError):
    """`lines` are the problems of the first lines that are not good, each with its number."""

    code = "batch-refused"

    def __init__(self, message: str, *, lines: Sequence[Mapping[str, JsonValue]]) -> None:
        super().__init__(message)
        self.lines = tuple(lines)


class NotReplayable(DomainError):
    code = "not-replayable"


class TooMany(DomainError):
    code = "too-many"


class BeyondOwnKey(DomainError):
    code = "beyond-own-key"


class KeyEnded(DomainError):
    code = "key-ended"


class QueueFull(DomainError):
    code = "queue-full"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Overloaded(DomainError):
    code = "overloaded"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    code = "unavailable"

    def __init__(self, message: str, *, retry_after_s: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

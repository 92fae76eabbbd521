"""From rows to the dead letters of the HTTP contract. Pure but for the rows it is given."""

from collections.abc import Callable, Sequence

from api.dead_letter_schemas import (
    DeadLetterCountView,
    DeadLetterLinksView,
    DeadLetterView,
    LostSeatView,
    RequeuedView,
    RequeueView,
)
from api.views import maybe, moment, usd
from orchestrator.errors import DomainError
from orchestrator.requeuing import Outcome, Requeued
from orchestrator.storage.dead_letters import DeadLetter, LostSeat, Tally
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject


def letter(row: DeadLetter, seats: Sequence[LostSeat]) -> DeadLetterView:
    lost = [seat for seat in seats if seat.status != SeatStatus.ANSWERED]
    here = f"/v1/jobs/{row.id}"
    return DeadLetterView.model_validate(
        {
            "job_id": row.id,
            "status": row.status.value,
            "reason": row.reason,
            "detail": row.detail,
            "answered": len(seats) - len(lost),
            "lost": [LostSeatView(seat=seat.seat, asked=seat.asked, reason=seat.reason) for seat in lost],
            "attempts": sum(seat.attempts for seat in seats),
            "retries": row.retries,
            "spent_usd": usd(row.spent_micro_usd),
            "reference": row.reference,
            "batch_id": row.batch_id,
            "created_at": moment(row.created_at),
            "finished_at": moment(row.finished_at),
            "erased_at": maybe(row.erased_at),
            "links": DeadLetterLinksView(self=here, retry=f"{here}/retry"),
        }
    )


def count(row: Tally) -> DeadLetterCountView:
    return DeadLetterCountView.model_validate({**row.model_dump(), "status": row.status.value})


def requeued(done: Requeued, told: Callable[[DomainError], JsonObject], *, dry_run: bool) -> RequeueView:
    """`told` makes a problem document of a refusal."""
    outcomes = [one.outcome for one in done.judged]
    return RequeueView(
        dry_run=dry_run,
        requeued=outcomes.count(Outcome.REQUEUED),
        unchanged=outcomes.count(Outcome.UNCHANGED),
        refused=outcomes.count(Outcome.REFUSED),
        data=tuple(
            RequeuedView(
                job_id=one.job_id, outcome=one.outcome, problem=None if one.refusal is None else told(one.refusal)
            )
            for one in done.judged
        ),
        more=done.more,
    )

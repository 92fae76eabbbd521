"""From rows to the Batch of the HTTP contract. Pure but for the rows it is given."""

from collections.abc import Mapping, Sequence

from api.batch_schemas import (
    BatchCostView,
    BatchLinksView,
    BatchView,
    CountsView,
    LineErrorPage,
    LineErrorView,
)
from api.views import maybe, moment, usd
from orchestrator.storage.batches import BatchRow, LineRow
from orchestrator.work import batches
from orchestrator.work.batches import BatchStatus, Tally
from orchestrator.work.lanes import Lane
from orchestrator.work.queueing import Line


def batch(row: BatchRow, tallies: Sequence[Tally], lines: Mapping[Lane, Line], refused: Sequence[LineRow]) -> BatchView:
    status = batches.status(row)
    counts = {status.value: count for status, count in batches.counts(tallies).items()}
    goes = status in {BatchStatus.RUNNING, BatchStatus.CANCELING, BatchStatus.FINISHED, BatchStatus.CANCELED}
    eta_s = batches.eta_s(tallies, lines) if goes else None
    here = f"/v1/batches/{row.id}"
    return BatchView(
        id=row.id,
        version=row.version,
        status=status.value,
        atomic=row.atomic,
        lines=row.lines,
        jobs=row.jobs,
        refused=row.refused,
        counts=CountsView(**counts),
        cost=BatchCostView(
            bound_usd=usd(sum(tally.bound_micro_usd for tally in tallies)),
            expected_usd=usd(sum(tally.expected_micro_usd for tally in tallies)),
            spent_usd=usd(sum(tally.spent_micro_usd for tally in tallies)),
        ),
        progress=round(batches.progress(tallies, row.refused), 4),
        eta_s=None if eta_s is None else round(eta_s, 1),
        errors=tuple(_error(line) for line in refused),
        created_at=moment(row.created_at),
        received_at=maybe(row.received_at),
        paused_at=maybe(row.paused_at),
        canceled_at=maybe(row.canceled_at),
        finished_at=maybe(row.finished_at),
        links=BatchLinksView(
            self=here, results=f"{here}/results", errors=f"{here}/errors", jobs=f"/v1/jobs?batch_id={row.id}"
        ),
    )


def errors(found: Sequence[LineRow], limit: int) -> LineErrorPage:
    """A page of `limit`; one more line was looked for, which tells whether there is another page."""
    shown = found[:limit]
    more = shown[-1].line if len(found) > limit else None
    return LineErrorPage(data=tuple(_error(line) for line in shown), next_after=more)


def _error(line: LineRow) -> LineErrorView:
    return LineErrorView(line=line.line, custom_id=line.custom_id, error=line.error or {})

"""From rows to the Job of the HTTP contract. Pure but for the rows it is given."""

from collections.abc import Sequence
from typing import Final

from api.schemas import JobView
from orchestrator.analysis.items import Analysis
from orchestrator.storage import job_documents
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import SeatRow
from providers.calls import JsonObject

# How the contract writes money and times.
usd: Final = job_documents.usd
moment: Final = job_documents.moment
maybe: Final = job_documents.maybe


def job(row: JobRow, seats: Sequence[SeatRow], result: JsonObject | None) -> JobView:
    analysis = None if result is None else Analysis.model_validate(result)
    return JobView.model_validate({**job_documents.job(row, seats), "result": analysis})

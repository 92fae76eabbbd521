"""From rows to what a job's seats have found so far. Pure but for the rows it is given."""

from collections.abc import Mapping, Sequence
from typing import Final

from api import wording
from api.partial_schemas import PartialView
from orchestrator.analysis import partials
from orchestrator.analysis.items import Candidate
from orchestrator.meeting.transcript import Transcript
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import SeatRow
from orchestrator.work.jobs import TERMINAL
from orchestrator.work.parts import calls
from orchestrator.work.seats import ANALYST, SeatStatus
from providers.calls import JsonObject

_OPEN: Final = (SeatStatus.PENDING, SeatStatus.RUNNING)
PLACES: Final = 3


def partial(
    row: JobRow, seats: Sequence[SeatRow], documents: Mapping[int, JsonObject], transcript: Transcript
) -> PartialView:
    """What the panel has found so far.

    Args:
        documents: the seats' candidates as they are stored.
        transcript: of the job, whose utterances the candidates name.
    """
    panel = [seat for seat in seats if seat.role == ANALYST]
    places = {utterance.id: place for place, utterance in enumerate(transcript.utterances)}
    found = partials.so_far({seat: Candidate.model_validate(one) for seat, one in documents.items()}, places)
    return PartialView(
        job_id=row.id,
        version=row.version,
        status=row.status.value,
        label=_label(row, len(documents), len(panel)),
        seats_answered=len(documents),
        seats_total=len(panel),
        progress=_progress(row, panel),
        **found,
    )


def _label(row: JobRow, answered: int, total: int) -> str:
    state = "never synthesised" if row.status in TERMINAL else "not synthesised yet"
    return f"{state}: what {answered} of {wording.count(total, 'seat')} found, each item proved, none decided on"


def _progress(row: JobRow, panel: Sequence[SeatRow]) -> float:
    if row.status in TERMINAL:
        return 1.0
    return round(sum(map(_done, panel)) / (len(panel) + 1), PLACES)


def _done(seat: SeatRow) -> float:
    return len(seat.parts_served) / calls(seat.plan.cut) if seat.status in _OPEN else 1.0

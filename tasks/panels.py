"""A closed panel as its synthesis reads it: the job, its seats, what they brought, what was asked since."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from orchestrator.analysis.items import Candidate, Kind
from orchestrator.analysis.labels import SeatFact
from orchestrator.analysis.records import records as factors_of
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing import contexts
from orchestrator.storage import attempts, candidates, jobs, questions, records, seats, transcripts
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.questions import Asked
from orchestrator.storage.seats import SeatRow
from orchestrator.synthesis.flow import Role
from orchestrator.work.parts import calls
from orchestrator.work.seats import ANALYST, SeatPlan, SeatStatus
from providers.calls import Target
from tasks import resources
from tasks.meeting_facts import meeting_type


@dataclass(frozen=True)
class Panel:
    """A closed panel, claimed. The job's context is by the votes of its seats.

    `seats` are all of the job's; `asked` the synthesis' own questions, by digest; `records` the factors that an
    expertise goes by. `unreadable` answers were paid for and of no use; `places` are those of the utterances in the
    meeting, by id.
    """

    job: JobRow
    seats: list[SeatRow]
    candidates: dict[int, Candidate]
    asked: dict[str, Asked]
    records: Mapping[int, Mapping[Kind, float]]
    unreadable: int
    transcript: Transcript
    places: dict[str, int]

    @property
    def analysts(self) -> list[SeatRow]:
        """The seats of the panel itself."""
        return [seat for seat in self.seats if seat.role == ANALYST]

    def callers(self, role: Role) -> list[SeatPlan]:
        """Whom the plan has ready for a role's questions, in the order in which they are asked."""
        ready = (SeatPlan.model_validate(plan, strict=False) for plan in self.job.callers)
        return [plan for plan in ready if plan.role == role]

    @property
    def models(self) -> dict[int, str]:
        """Which model answered, by seat of the panel."""
        return {seat.seat: seat.served for seat in self.analysts if seat.served}

    @property
    def facts(self) -> tuple[SeatFact, ...]:
        """How each seat of the panel ended."""
        return tuple(
            SeatFact(
                seat=seat.seat,
                asked=Target.parse(seat.asked),
                served=Target.parse(seat.served) if seat.served else None,
                answered=seat.status is SeatStatus.ANSWERED,
                reason=seat.reason,
                parts=calls(seat.plan.cut),
                heard=tuple(map(Target.parse, seat.parts_served)),
            )
            for seat in self.analysts
        )


def claim(job_id: str, lease_s: float) -> Panel | None:
    """Take the synthesis of a job whose panel has closed; None: somebody else has it, or there is nothing to do."""
    # A claim that a crash forgets is made again; the result's commit is durable.
    with resources.current().database.tenant_of(job_id, durable=False) as connection:
        job = jobs.claim_synthesis(connection, job_id, lease_s)
        if job is None:
            return None
        documents, rows = candidates.read(connection, job_id), seats.of_job(connection, job_id)
        brought = {seat: Candidate.model_validate(document) for seat, document in documents.items()}
        job = _voted(job, brought)
        transcript = transcripts.read(connection, job.transcript_id)
        return Panel(
            job=job,
            seats=rows,
            candidates=brought,
            asked=questions.of_job(connection, job_id) if job.callers else {},
            records=_records(connection, job, rows) if job.strategy_planned == "expertise" else {},
            unreadable=attempts.unusable(connection, job_id) + sum(row.unreadable for row in rows),
            transcript=transcript,
            places={utterance.id: place for place, utterance in enumerate(transcript.utterances)},
        )


def _voted(job: JobRow, brought: Mapping[int, Candidate]) -> JobRow:
    """The job with what its seats say of what type the meeting is; they were asked only where that was unsure."""
    votes = [candidate.meeting_type for candidate in brought.values() if candidate.meeting_type]
    return job.model_copy(update={"context": contexts.after_votes(job.context, votes)})


def _records(connection: Connection, job: JobRow, rows: list[SeatRow]) -> dict[int, dict[Kind, float]]:
    """The factors of the panel's seats: those that the job went by before, else what its models' records say now."""
    if job.records is not None:
        return records.factors(job.records)
    models = {row.seat: row.served for row in rows if row.role == ANALYST and row.served}
    # A replay goes by what was known when the job that it was made from came in.
    first = job if job.replay_of is None else jobs.read(connection, job.replay_of)
    found = factors_of(models, records.tallies(connection, meeting_type(job), before=first.created_at))
    records.remember(connection, job.id, found)
    return found

"""Rows to start a storage test from."""

from sqlalchemy import Connection

from orchestrator.ids import new_id
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.storage import intentions, jobs, seats, transcripts
from orchestrator.storage.engine import Database
from orchestrator.storage.intentions import Intended, Intention
from orchestrator.storage.seats import Claim
from orchestrator.work.seats import SeatPlan
from providers.calls import Target

MEETING = Transcript(
    utterances=(
        Utterance(id="u1", speaker="Ann", start_s=0.0, end_s=2.0, text="Let us decide on the battery."),
        Utterance(id="u2", speaker="Bob", start_s=2.0, end_s=5.0, text="We will use the conventional battery."),
        Utterance(id="u3", speaker="Ann", start_s=5.0, end_s=8.0, text="Bob, please send the report by Friday."),
    )
)


BUILT_IN = (
    Target(provider="extractive", model="cue-rules"),
    Target(provider="extractive", model="central-sentences"),
)


def add_job(
    database: Database,
    tenant: str,
    *,
    seat_count: int = 2,
    deadline_s: float = 300.0,
    ladder: tuple[Target, ...] = BUILT_IN,
    bound_micro_usd: int = 0,
    quorum: int = 1,
) -> str:
    """A queued job, whose seats are extractive unless a ladder is named; returns its id."""
    job_id = new_id("job")
    plans = [SeatPlan(seat=n, role="analyst", asked=ladder[0], ladder=ladder) for n in range(seat_count)]
    with database.tenant(tenant) as connection:
        values = {
            "id": job_id,
            "transcript_id": transcripts.add(connection, MEETING),
            "boundary": "test",
            "strategy_asked": "auto",
            "strategy_planned": "consensus",
            "strategy_reason": "for the test",
            "policy": "balanced",
            "priority": "standard",
            "quorum": quorum,
            "open_seats": seat_count,
            "context": {"words": MEETING.words, "duration_s": 8.0},
            "catalog_version": "test",
            "prompt_version": "test",
            "bound_micro_usd": bound_micro_usd,
            "tags": [],
            "metadata": {},
        }
        jobs.add(connection, values, deadline_s=deadline_s)
        seats.add(connection, job_id, plans)
    return job_id


def intend(
    connection: Connection,
    attempt_id: str,
    claim: Claim,
    *,
    target: Target | None = None,
    bound_micro_usd: int = 10,
    project: str | None = None,
) -> Intended:
    """The intention to call, as a worker writes it."""
    intention = Intention(
        id=attempt_id,
        rung=0,
        target=target or Target(provider="openai", model="gpt-6-luna"),
        bound_micro_usd=bound_micro_usd,
        project=project,
        price_version="test",
        service_tier="standard",
    )
    return intentions.intend(connection, claim, intention)

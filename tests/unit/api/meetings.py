"""A small meeting, its analysis and its job, for the tests of what people see. Written for these tests."""

from datetime import UTC, datetime, timedelta

from api.schemas import (
    ContextView,
    CostView,
    JobView,
    LinksView,
    ParticipantView,
    SeatStatus,
    SeatView,
    StrategyView,
    UsageView,
)
from api.timeline_schemas import StageView
from orchestrator.analysis.items import Analysis, Due, Evidence, Item, Kind, Missed, Owner, Provenance, Quality, Summary
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.work.attempts import AttemptState
from orchestrator.work.timeline import StageKind

BEGUN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def transcript() -> Transcript:
    lines = (
        ("u1", "Ann", 0.0, "Shall we ship on Friday?"),
        ("u2", "Ben", 61.5, "Yes, let us ship on Friday."),
        ("u3", "Ann", 65.0, "Then I will write the notes by Thursday."),
        ("u4", None, None, "Fine."),
    )
    return Transcript(
        utterances=tuple(Utterance(id=i, speaker=who, start_s=at, text=text) for i, who, at, text in lines)
    )


def item(
    text: str,
    proof: tuple[str, ...],
    quote: str,
    *,
    seats: tuple[int, ...] = (0, 1),
    owner: str | None = None,
    due: Due | None = None,
    verified: bool = True,
) -> Item:
    return Item(
        id=f"itm_{text}",
        text=text,
        evidence=(Evidence(utterances=proof, quote=quote, start_s=None),),
        confidence=0.87,
        seats=seats,
        verified=verified,
        owner=Owner(name=owner) if owner else None,
        due=due,
    )


def analysis(**changed: tuple[Item, ...] | tuple[Missed, ...] | Summary) -> Analysis:
    items: dict[Kind, tuple[Item, ...]] = {
        "topics": (),
        "decisions": (item("Ship on Friday", ("u1", "u2"), "ship on Friday"),),
        "action_items": (
            item(
                "Write the notes",
                ("u3",),
                "I will write the notes by Thursday",
                seats=(1,),
                owner="Ann",
                due=Due(text="by Thursday", date="2026-11-26"),
            ),
            item("Tell the others", ("u4",), "Fine.", verified=False),
        ),
        "risks": (),
        "questions": (),
    }
    whole = Analysis(
        language="en",
        summary=Summary(text="The release goes out on Friday.", bullets=("Notes come first.",)),
        **items,
        quality=Quality(score=0.91, components={"evidence": 1.0, "agreement": 0.74}),
        provenance=Provenance(seats=(0, 1), strategy="consensus", prompt_version="p1", catalog_version="c1"),
    )
    return whole.model_copy(update=changed)


def seat(number: int, status: SeatStatus = "answered", *, reason: str | None = None, failovers: int = 0) -> SeatView:
    return SeatView(
        seat=number,
        role="analyst",
        asked=f"acme/model-{number}",
        served=f"acme/model-{number}" if status == "answered" else None,
        provider="acme",
        status=status,
        attempts=0 if status == "pending" else 1 + failovers,
        failovers=failovers,
        reason=reason,
        latency_s=1.9 if status == "answered" else None,
        cost_usd="0.004210",
        usage=UsageView(input_tokens=1200, cached_input_tokens=0, output_tokens=300, reasoning_tokens=0),
    )


def job(**changed: object) -> JobView:
    """A job that succeeded with two of two seats."""
    return JobView(
        id="job_1",
        version=7,
        status="succeeded",
        degraded=False,
        label="consensus of 2",
        degradations=(),
        strategy=StrategyView(asked="auto", ran="consensus", reason="Two seats sit."),
        policy="balanced",
        priority="standard",
        quorum=2,
        context=ContextView(
            type="planning",
            language="en",
            industry=None,
            title="Release planning",
            participants=(ParticipantView(name="Ann"), ParticipantView(name="Ben")),
            duration_s=70.0,
            words=21,
        ),
        seats=(seat(0), seat(1)),
        cost=CostView(bound_usd="0.081000", held_usd="0.000000", spent_usd="0.008420"),
        result=analysis(),
        error=None,
        reference="crm-4711",
        tags=(),
        metadata={},
        created_at=written(after(0)),
        started_at=written(after(0.08)),
        finished_at=written(after(2.9)),
        deadline_at=written(after(300)),
        links=LinksView(
            self="/v1/jobs/job_1",
            events="/v1/jobs/job_1/events",
            report="/v1/jobs/job_1/report",
            timeline="/v1/jobs/job_1/timeline",
        ),
    ).model_copy(update=changed)


def ran(kind: StageKind, start_s: float, end_s: float | None) -> StageView:
    return StageView(
        stage=kind,
        started_at=written(after(start_s)),
        ended_at=None if end_s is None else written(after(end_s)),
        took_s=None if end_s is None else round(end_s - start_s, 3),
    )


def called(
    number: int,
    start_s: float,
    end_s: float | None,
    *,
    state: str | None = None,
    error: str | None = None,
    role: str = "analyst",
    hedge: bool = False,
) -> StageView:
    """A call of a seat; without an `end_s` it is under way."""
    stands = AttemptState(state or ("sent" if end_s is None else "answered"))
    told = {
        "seat": number,
        "role": role,
        "target": f"acme/model-{number}",
        "state": stands,
        "hedge": hedge,
        "cost_usd": "0.004210" if stands is AttemptState.ANSWERED else "0.000000",
        "error": error,
    }
    return ran(StageKind.ATTEMPT, start_s, end_s).model_copy(update=told)


def stages() -> tuple[StageView, ...]:
    """The course of `job()`: its second seat is refused once."""
    return (
        ran(StageKind.QUEUED, 0, 0.1),
        called(0, 0.1, 2.0),
        called(1, 0.1, 0.4, state="refused", error="rate limited"),
        called(1, 0.5, 2.5),
        ran(StageKind.SYNTHESIS, 2.5, 2.9),
        ran(StageKind.DELIVERY, 2.9, 2.95),
    )

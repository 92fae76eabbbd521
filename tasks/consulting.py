"""Runs a job's strategy over what its seats brought, and puts its questions to leads and judges.

A question gets a seat of its own: it is leased, held, paid and failed over like any other, beside those that the
strategy put at the same time. The panel is open again meanwhile, and its closing rings the synthesis once more, which
starts over from the stored replies. Nobody is waited for here.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

import structlog

from orchestrator import failpoints
from orchestrator.analysis.beside import Beside, RoleFact
from orchestrator.storage import questions
from orchestrator.storage.questions import digest
from orchestrator.storage.seats import SeatRow
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Needs, Question, Replies, Role, Synthesis, drive
from orchestrator.work.quorum import KEPT_FOR_THE_END_S
from orchestrator.work.seats import Bell, SeatPlan
from providers.calls import Target
from tasks import resources
from tasks.meeting_facts import facts
from tasks.panels import Panel

log = structlog.get_logger()

LEAST_S: Final = 5.0  # no model reads a panel's drafts and answers in less: then the synthesis goes on without

# By role the seats that were asked, in the order of the questions; None: nobody could be had for it.
_Called: TypeAlias = defaultdict[Role, list[int | None]]


class Conducted(NamedTuple):
    """A synthesis, and what its strategy had beside the candidates."""

    synthesis: Synthesis
    beside: Beside


class _Round(NamedTuple):
    """What is known of questions that were put together: the replies, whether any is still to come, and those that
    were never asked, each with whom to ask (None: nobody is left).
    """

    replies: Replies
    waits: bool
    unasked: Sequence[tuple[Question, SeatPlan | None]]


def conduct(panel: Panel, strategy: str) -> Conducted | None:
    """Run the strategy to its end; None: it waits for answers, or is somebody else's by now."""
    inputs, rounds = _inputs(panel), list[Replies]()
    called: defaultdict[Role, list[int | None]] = defaultdict(list)
    while isinstance(step := drive(STRATEGIES[strategy].strategy(inputs), rounds), Needs):
        found = _look(panel, step.questions, called)
        if found.waits or _ask(panel, found.unasked):
            return None
        rounds.append(found.replies)
    return Conducted(step, _beside(panel, step, called))


def _look(panel: Panel, questions: Sequence[Question], called: _Called) -> _Round:
    """What is known of these questions; adds to `called` whose they are."""
    known = [panel.asked.get(digest(question)) for question in questions]
    unasked = []
    for question, asked in zip(questions, known, strict=True):
        nth = called[question.role]
        if asked is None:
            unasked.append((question, next(iter(panel.callers(question.role)[len(nth) :]), None)))
        nth.append(None if asked is None else asked.seat)
    return _Round(
        replies=tuple(None if asked is None else asked.reply for asked in known),
        waits=any(asked is not None and asked.open for asked in known),
        unasked=unasked,
    )


def _ask(panel: Panel, unasked: Sequence[tuple[Question, SeatPlan | None]]) -> bool:
    """Put them to models, all at once. False: nobody can be had for any, and the synthesis goes on without.

    A replay asks nobody, but where it was told that it may. Where the job has been taken over or has ended meanwhile
    nothing is asked, and nothing goes on here: True.
    """
    if not unasked:
        return False
    here = resources.current()
    left_s = (panel.job.deadline_at - here.dispatch.now()).total_seconds() - KEPT_FOR_THE_END_S
    may_ask = left_s >= LEAST_S and (panel.job.replay_of is None or panel.job.may_call)
    put = [(question, plan) for question, plan in unasked if may_ask and plan is not None]
    with here.database.tenant(panel.job.tenant_id) as connection:
        seats = questions.ask(connection, panel.job, put, late_after_s=left_s) if put else []
        if seats is not None:
            left = [question for question, plan in unasked if not may_ask or plan is None]
            questions.pass_over(connection, panel.job, left)
    if not put:
        return False
    failpoints.reach("synthesis.asked")
    for seat, (_question, plan) in zip(seats or (), put, strict=False):
        _ring_for(panel, seat, plan)
    return True


def _ring_for(panel: Panel, seat: int, plan: SeatPlan) -> None:
    log.info("synthesize.asks", role=plan.role, seat=seat, target=str(plan.ladder[0]))
    bell = Bell(job=panel.job.id, seat=seat, provider=plan.ladder[0].provider, lane=panel.job.priority)
    resources.current().dispatch.repeat_ask(bell)


def _inputs(panel: Panel) -> Inputs:
    ready: dict[Role, int] = {"lead": len(panel.callers("lead")), "judge": len(panel.callers("judge"))}
    return Inputs(
        candidates=panel.candidates,
        places=panel.places,
        quorum=panel.job.quorum,
        records=panel.records,
        families=_families(panel),
        at_hand=ready,
        boundary=panel.job.boundary,
        spoken=facts(panel.job).language,
    )


def _families(panel: Panel) -> dict[int, str]:
    """Of the models that answered; one that has left the catalog is its own family."""
    catalog = resources.current().catalog
    served = {seat: Target.parse(model) for seat, model in panel.models.items()}
    return {
        seat: catalog.model(target).family if catalog.knows(target) else str(target) for seat, target in served.items()
    }


def _beside(panel: Panel, synthesis: Synthesis, called: _Called) -> Beside:
    return Beside(
        asked=synthesis.asked,
        heard=synthesis.heard,
        roles=tuple(_roles(panel, called)),
        recorded=sum(seat in panel.records for seat in panel.candidates),
        winner=synthesis.winner,
    )


def _roles(panel: Panel, called: _Called) -> Iterator[RoleFact]:
    """Those who stood ready, each role's in the order in which they are asked."""
    rows = {row.seat: row for row in panel.seats}
    roles: tuple[Role, ...] = ("lead", "judge")
    for role in roles:
        seats = called.get(role, ())
        for nth, plan in enumerate(panel.callers(role)):
            seat = seats[nth] if nth < len(seats) else None
            yield _role_fact(role, plan, None if seat is None else rows[seat], passed_over=nth < len(seats))


def _role_fact(role: Role, plan: SeatPlan, row: SeatRow | None, *, passed_over: bool) -> RoleFact:
    if row is None:
        reason = "too little time was left" if passed_over else None
        return RoleFact(role=role, asked=plan.asked, reason=reason)
    served = Target.parse(row.served) if row.served else None
    return RoleFact(role=role, asked=plan.asked, served=served, reason=row.reason, seat=row.seat)

"""Makes a job over the stored answers of another, and finds whom its strategy may ask.

Without `allow_calls` nobody is asked, and neither budgets nor stops are. With it, the strategy is run in advance over
the candidates: that tells its questions, which of them were answered before, and who is to be paid for the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.amendments import Amendments
from orchestrator.analysis.items import Candidate
from orchestrator.errors import AdmissionStopped
from orchestrator.ids import new_id
from orchestrator.intake import ASKS
from orchestrator.meeting.transcript import Transcript
from orchestrator.money import admission
from orchestrator.money.balances import Balances
from orchestrator.posted import turn_of
from orchestrator.routing import contexts
from orchestrator.routing import replays as planning
from orchestrator.routing.case import Case
from orchestrator.routing.consultation import Consulted, consult
from orchestrator.routing.live import Live
from orchestrator.routing.market import Market
from orchestrator.routing.replays import ReplayPlan, ReplayRequest
from orchestrator.routing.request import AnalysisRequest, PostedTranscript, RoutingWish
from orchestrator.steering import UNSTEERED, Steering
from orchestrator.storage import budgets, candidates, idempotency, jobs, questions, replays, tenants, transcripts
from orchestrator.storage.idempotency import Submitted
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.questions import Heard
from orchestrator.storage.replays import Held
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Needs, Question, Replies, drive
from orchestrator.work.scopes import Balance
from orchestrator.work.seats import ANALYST, SeatPlan
from providers.catalog import Catalog


@dataclass(frozen=True)
class _Purse:
    """What is looked up before the transaction: how the budgets stand that would pay, and how models have fared."""

    balances: tuple[Balance, ...]
    live: Live


@dataclass(frozen=True, kw_only=True)
class Replaying(Amendments):
    """`reachable` are the providers that have a key. `balances` None: this process takes in no jobs of callers, and
    asks no budget. `steering`: what the house says to planning.
    """

    catalog: Catalog
    reachable: frozenset[str]
    balances: Balances | None = None
    steering: Steering = UNSTEERED

    def replay(
        self, tenant: str, job_id: str, wish: ReplayRequest, *, idempotency_key: str | None = None, digest: bytes = b""
    ) -> Submitted:
        """Make a job over the stored answers of another. It asks nobody and costs nothing, unless it is allowed to.

        Raises:
            NotFound: the tenant has no such job.
            NotReplayable: it has not ended, was canceled, or no seat of it brought an answer.
            InvalidRequest (and below): there is no such strategy, or it cannot be run over these seats.
            MaxCostTooLow, BudgetExhausted, AdmissionStopped: calls were allowed, and there is no money for them.
            QueueFull: too many replays of the tenant are under way.
            IdempotencyMismatch: the key belongs to another body.
            Unavailable: PostgreSQL is away; nothing was stored, or all of it, and the same key finds out which.
        """
        replay_id = new_id("job")
        purse = self._purse(tenant, job_id) if wish.allow_calls else None
        with self.database.tenant(tenant) as connection:
            if idempotency_key is not None:
                known = idempotency.remember_key(connection, idempotency_key, digest, replay_id)
                if known is not None:
                    return idempotency.earlier(known, digest)
            replays.require_room(connection)
            source = replays.hold(connection, job_id)
            plan = planning.plan(wish, source.facts)
            if purse is None:
                replays.add(connection, replay_id, source, plan, at=self.now())
            else:
                self._add(connection, replay_id, source, plan, wish, purse)
        failpoints.reach("replay.committed")
        self.ring(replay_id)
        return Submitted(job_id=replay_id, replayed=False)

    def _purse(self, tenant: str, job_id: str) -> _Purse:
        """Not within a transaction: counters may have to be set in others, and live figures need their own."""
        with self.database.tenant(tenant) as connection:
            project = jobs.read(connection, job_id).project
            limits = budgets.limits(connection, project)
        today = self.now().astimezone(UTC).date()
        found = () if self.balances is None else self.balances.limited(tenant, project, today, limits)
        return _Purse(found, self.steering.live())

    def _add(
        self, connection: Connection, replay_id: str, source: Held, plan: ReplayPlan, wish: ReplayRequest, purse: _Purse
    ) -> None:
        """With whom its strategy may ask.

        Raises:
            MaxCostTooLow, BudgetExhausted, AdmissionStopped: somebody is to be asked, and there is no money for that.
        """
        transcript = transcripts.read(connection, source.job.transcript_id)
        asked, heard = _rehearse(connection, plan.strategy, _inputs(connection, source.job, plan, transcript))
        known = {place: one.plan for place, one in heard.items()}
        case = self._case(source.job, wish, transcript, purse.live)
        found = consult(plan.strategy, asked, known, self._panel(source, plan), case)
        if found.asks:
            self._require_money(connection, source.job.tenant_id, found, purse)
        reused = [heard[place] for place in found.reused]
        told = plan.model_copy(update={"reason": ". ".join((plan.reason, *found.notes))})
        replays.add(connection, replay_id, source, told, at=self.now(), consulted=found, heard=reused)

    def _require_money(self, connection: Connection, tenant: str, found: Consulted, purse: _Purse) -> None:
        stopped = tenants.why_stopped(connection, tenant)
        if stopped is not None:
            raise AdmissionStopped(f"New calls are not made: {stopped}; without allow_calls a replay needs none.")
        admission.require_room(purse.balances, found.needed_micro_usd)

    def _panel(self, source: Held, plan: ReplayPlan) -> list[SeatPlan]:
        """The models that answered; one that has left the catalog is no contestant that anybody could favour."""
        served = {seat: source.served[seat] for seat in plan.answered if seat in source.served}
        return [
            SeatPlan(seat=seat, role=ANALYST, asked=target, ladder=(target,))
            for seat, target in served.items()
            if self.catalog.knows(target)
        ]

    def _case(self, job: JobRow, wish: ReplayRequest, transcript: Transcript, live: Live) -> Case:
        """The replay as a request: with the policy that the job's seats were planned with, and its demands."""
        request = _as_request(job, wish)
        constraints = self.steering.constraints.and_those_of(request.routing)
        multi_model = self.steering.features.multi_model_synthesis
        return Case(
            request=request,
            # What is shown is the question, which counts with the longest that there may be.
            market=Market(self.catalog, self.reachable, self.now(), (), constraints, multi_model),
            context=contexts.found_in(job.context),
            live=live,
            yardstick=self.steering.yardstick,
            turn=turn_of(transcript),
            asks=ASKS,
        )


def _as_request(job: JobRow, wish: ReplayRequest) -> AnalysisRequest:
    said = {
        "transcript": PostedTranscript(transcript_id=job.transcript_id),
        "strategy": wish.strategy,
        "policy": job.policy_planned or job.policy,
        "routing": RoutingWish.model_validate(job.context.get("routing") or {}, strict=False),
        "allow_substitution": job.context.get("allow_substitution", True),  # older jobs did not say
        "priority": job.priority,
        "max_cost_usd": wish.max_cost_usd,
    }
    return AnalysisRequest.model_validate(said, strict=False)


def _rehearse(connection: Connection, strategy: str, inputs: Inputs) -> tuple[Sequence[Question], Mapping[int, Heard]]:
    """What the strategy asks, as far as the stored replies lead it, and those replies, by the places of questions."""
    asked: list[Question] = []
    found: dict[int, Heard] = {}
    rounds: list[Replies] = []
    while isinstance(step := drive(STRATEGIES[strategy].strategy(inputs), rounds), Needs):
        said = questions.heard(connection, step.questions)
        known = [said.get(questions.digest(question)) for question in step.questions]
        found |= {place: one for place, one in enumerate(known, len(asked)) if one is not None}
        asked += step.questions
        if None in known:
            break
        rounds.append([one.reply for one in known if one is not None])
    return asked, found


def _inputs(connection: Connection, job: JobRow, plan: ReplayPlan, transcript: Transcript) -> Inputs:
    """What the synthesis will go by, with everybody at hand; but for records and families, by which nobody asks."""
    documents = candidates.read(connection, job.id)
    return Inputs(
        candidates={seat: Candidate.model_validate(documents[seat]) for seat in plan.answered},
        places={utterance.id: place for place, utterance in enumerate(transcript.utterances)},
        quorum=plan.quorum,
        at_hand=STRATEGIES[plan.strategy].asks,
        boundary=job.boundary,
        spoken=contexts.facts_in(job.context).language,
    )

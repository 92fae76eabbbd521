"""A job under several strategies, against a double of the wire."""

import json

import httpx
import pytest

from api.client import Problem
from api.comparing import ROOM_TRIES, Comparison, compare
from api.schemas import JobView, StrategyView
from orchestrator.analysis.items import Analysis
from tests.unit.api.meetings import analysis, item, job
from tests.unit.api.test_api_client import client, refused, shown

OTHER = analysis(decisions=(item("Hire two testers", ("u1", "u9"), "hire two"),))
TOO_SMALL = refused(422, code="panel-too-small", detail="expertise needs at least 2 seats.")


def replay(strategy: str, result: Analysis | None, **changed: object) -> JobView:
    ran = StrategyView(asked=strategy, ran=strategy, reason="as asked")
    made = job(id=f"job_{strategy}", result=result, strategy=ran, label=f"{strategy} of 2", replay_of="job_1")
    return made.model_copy(update=changed)


class Service:
    """Has one job and answers a replay under each strategy with what it is told, in order; the last one again."""

    def __init__(self, own: JobView, **outcomes: list[JobView | httpx.Response]) -> None:
        self._own = own
        self._outcomes = outcomes
        self._made: dict[str, JobView] = {}
        self.asked: list[str] = []
        self.allowed: list[bool] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if request.method == "POST":
            posted = json.loads(request.content)
            self.allowed.append(posted.get("allow_calls", False))
            return self._replay(posted["strategy"])
        job_id = request.url.path.rpartition("/")[2]
        return shown(self._own if job_id == self._own.id else self._made[job_id])

    def _replay(self, strategy: str) -> httpx.Response:
        of = self._outcomes[strategy]
        outcome = of.pop(0) if len(of) > 1 else of[0]
        if isinstance(outcome, httpx.Response):
            return outcome
        self._made[outcome.id] = outcome
        return shown(outcome.model_copy(update={"status": "running", "result": None}), 202)


def compared(service: Service, *strategies: str) -> Comparison:
    return compare(client(service), "job_1", strategies, sleep=lambda _: None)


def test_each_replay_is_told_beside_the_jobs_own_result() -> None:
    service = Service(job(), consensus=[replay("consensus", analysis())], single=[replay("single", OTHER)])

    found = compared(service, "consensus", "single")

    same, other = found.replays
    assert (found.own.strategy, found.own.items["action_items"], found.own.cost_usd) == ("consensus", 2, "0.008420")
    assert same.figures is not None
    assert (same.identical, same.figures.job, same.figures.label) == (True, "job_consensus", "consensus of 2")
    assert other.identical is False
    assert other.differences is not None
    assert [one.item.text for one in other.differences.gone] == ["Ship on Friday"]
    assert [one.item.text for one in other.differences.new] == ["Hire two testers"]
    assert len(other.differences.same) == 2
    assert service.asked[:3] == ["GET /v1/jobs/job_1", *["POST /v1/jobs/job_1/replay"] * 2]


def test_a_strategy_that_does_not_fit_is_told_in_its_place() -> None:
    found = compared(Service(job(), expertise=[TOO_SMALL], single=[replay("single", OTHER)]), "expertise", "single")

    first, second = found.replays
    assert first.problem is not None
    assert (first.figures, first.differences, first.problem["code"]) == (None, None, "panel-too-small")
    assert second.figures is not None


def test_calls_may_be_allowed_and_one_without_money_is_told_in_its_place() -> None:
    broke = refused(402, code="budget-exhausted", detail="The budget has nothing left.")
    service = Service(job(), hierarchical=[broke], single=[replay("single", OTHER)])

    found = compare(client(service), "job_1", ("hierarchical", "single"), allow_calls=True, sleep=lambda _: None)

    assert [one.problem and one.problem["code"] for one in found.replays] == ["budget-exhausted", None]
    assert service.allowed == [True, True]


def test_a_job_without_a_result_has_figures_of_its_replays_alone() -> None:
    own = job(status="failed", result=None, label=None, strategy=StrategyView(asked="auto", ran=None, reason=""))

    found = compared(Service(own, single=[replay("single", OTHER)]), "single")

    assert (found.own.items, found.own.quality, found.own.strategy) == ({}, None, "auto")
    assert (found.replays[0].differences, found.replays[0].identical) == (None, False)


def test_a_replay_that_failed_tells_why() -> None:
    failed = replay("single", None, status="failed", error={"code": "synthesis-failed", "detail": "It never ended."})

    found = compared(Service(job(), single=[failed]), "single")

    assert found.replays[0].problem == {"code": "synthesis-failed", "detail": "It never ended."}
    assert found.replays[0].figures is not None
    assert found.replays[0].figures.status == "failed"


@pytest.mark.parametrize(("status", "code"), [(404, "not-found"), (409, "not-replayable"), (403, "forbidden")])
def test_what_concerns_the_job_itself_is_raised(status: int, code: str) -> None:
    with pytest.raises(Problem) as caught:
        compared(Service(job(), single=[refused(status, code=code)]), "single")

    assert caught.value.code == code


def test_where_there_is_no_room_it_waits_for_some() -> None:
    full = refused(429, code="queue-full")

    found = compared(Service(job(), single=[full, full, replay("single", OTHER)]), "single")

    assert found.replays[0].figures is not None


def test_it_does_not_wait_for_ever() -> None:
    service = Service(job(), single=[refused(429, code="queue-full")])

    with pytest.raises(Problem):
        compared(service, "single")

    assert len(service.asked) == ROOM_TRIES + 2


def test_a_comparison_can_be_read_again_from_its_line() -> None:
    found = compared(Service(job(), single=[replay("single", OTHER)]), "single")

    assert Comparison.model_validate_json(found.model_dump_json()) == found

"""The part of the client that hands in jobs and sees them to their end."""

from collections.abc import AsyncGenerator, Callable
from typing import Final, TypeAlias

from pydantic import BaseModel

from api import client_answers
from api.client_answers import place, query
from api.client_calls import TIMEOUT_S, Calls
from api.client_errors import NotInTime
from api.client_verbs import Series, Verb
from api.plan_schemas import PlanView
from api.schemas import TERMINAL, JobPage, JobView
from orchestrator.routing.request import AnalysisRequest
from providers.calls import JsonObject

LONG_POLL_S: Final = 20.0  # the contract allows 60; proxies between often cut a silent connection at 30
LOOK_EVERY_S: Final = 0.15  # how often a watched job is looked at; people see no difference below

Filter: TypeAlias = str | int | None


class JobCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def submit(self, request: AnalysisRequest | JsonObject, idempotency_key: str | None = None) -> JobView:
        """Hand in a transcript: with a key again for a moment if the service is away, else once.

        Raises:
            Problem: the request was refused; nothing was stored.
            Unreachable: no answer; whether the job exists is known only to an idempotency key.
        """
        return await self._tell(JobView, "POST", "/v1/jobs", _document(request), idempotency_key)

    @Verb
    async def plan(self, request: AnalysisRequest | JsonObject) -> PlanView:
        """What the request would be as a job: its seats, what it may cost, and why. Nothing is stored or asked.

        Raises:
            Problem: there is no plan for it.
        """
        return await self._tell(PlanView, "POST", "/v1/plans", _document(request))

    @Verb
    async def get(self, job_id: str, wait_s: float = 0) -> JobView:
        """The job as it is, or as it is once it has ended or `wait_s` (0 to 60) have passed."""
        return await self._job(job_id, wait_s)

    @Verb
    async def wait(self, job_id: str, timeout_s: float, on_change: Callable[[JobView], None] | None = None) -> JobView:
        """The job once it has ended. `on_change` is called with each new version, the last one included.

        Raises:
            NotInTime: it had not ended after `timeout_s`.
        """
        deadline = self._clock() + timeout_s
        seen = 0
        while True:
            left_s = max(0.0, deadline - self._clock())
            job = await self._job(job_id, 0 if on_change else round(min(LONG_POLL_S, left_s), 1))
            if on_change and job.version > seen:
                seen = job.version
                on_change(job)
            if job.status in TERMINAL:
                return job
            if self._clock() >= deadline:
                raise NotInTime(job, timeout_s)
            if on_change:
                await self._sleep(LOOK_EVERY_S)

    @Verb
    async def jobs(self, /, **filters: Filter) -> JobPage:
        """A page of jobs, newest first, without results. Filters: limit, cursor, status, reference, tag, batch_id."""
        return await self._ask(JobPage, f"/v1/jobs{query(**filters)}")

    @Series
    async def every_job(self, /, **filters: Filter) -> AsyncGenerator[JobView, None]:
        """All jobs, newest first, without results, page after page. The same filters; `limit` is that of a page."""
        async for page in self._pages(JobPage, lambda page: page.next_cursor, "/v1/jobs", **filters):
            for job in page.data:
                yield job

    @Verb
    async def cancel(self, job_id: str) -> JobView:
        """Stop a job. Safe to repeat.

        Raises:
            Problem: `terminal`, it had already ended otherwise.
        """
        return await self._tell(JobView, "POST", place("jobs", job_id, "cancel"), {})

    @Verb
    async def retry(self, job_id: str) -> JobView:
        """Have a failed, canceled or expired job go on from the seats that are missing. Safe to repeat.

        Raises:
            Problem: `terminal`, it has succeeded.
        """
        return await self._tell(JobView, "POST", place("jobs", job_id, "retry"), {})

    @Verb
    async def report(self, job_id: str) -> str:
        """The job as an HTML page for people."""
        return (await self._get(place("jobs", job_id, "report"))).body.decode("utf-8", "replace")

    @Verb
    async def ready(self) -> JsonObject:
        """What the service says about itself and its stores.

        Raises:
            Problem: it is up but cannot work.
        """
        return client_answers.body(await self._get("/health/ready")) or {}

    async def _job(self, job_id: str, wait_s: float) -> JobView:
        wish = f"?wait_s={wait_s:g}" if wait_s else ""
        return await self._ask(JobView, place("jobs", job_id) + wish, TIMEOUT_S + wait_s)


def _document(request: BaseModel | JsonObject) -> JsonObject:
    return request.model_dump(mode="json", exclude_unset=True) if isinstance(request, BaseModel) else request

"""The part of the client that reads what a job's seats have found so far."""

from http import HTTPStatus

from api.client_answers import place, query
from api.client_calls import TIMEOUT_S, Calls, Request
from api.client_errors import Problem
from api.client_verbs import Verb
from api.partial_schemas import PartialView
from api.schemas import JobView


class PartialCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def partial(self, job_id: str, seen: PartialView | None = None, wait_s: float = 0) -> PartialView | JobView:
        """The verified items that a job's seats have found so far, nothing synthesised; the Job once it has succeeded.

        Args:
            seen: what was read last; it comes back if the job has not gone on.
            wait_s: 0 to 60: wait so long at most for the job to go on from `seen`.

        Raises:
            Problem: `erased`, nothing of the job's content is left.
        """
        path = place("jobs", job_id, "partial") + query(wait_s=wait_s or None)
        known = {} if seen is None else {"if-none-match": f'"{seen.version}"'}
        try:
            answer = await self._done(Request("GET", path, b"", known, TIMEOUT_S + wait_s, again=True))
        except Problem as told:
            if told.status == HTTPStatus.NOT_MODIFIED and seen is not None:
                return seen
            if told.status == HTTPStatus.SEE_OTHER:
                return await self._ask(JobView, place("jobs", job_id))
            raise
        return self._read(PartialView, answer.body)

"""The part of the client for jobs that ended badly."""

from collections.abc import AsyncGenerator, Sequence

from pydantic import JsonValue

from api.client_answers import query
from api.client_calls import Calls
from api.client_verbs import Series, Verb
from api.dead_letter_schemas import DeadLetterPage, DeadLetterView, RequeueView
from api.job_client import Filter
from providers.calls import JsonObject

_PATH = "/v1/dead-letters"


class DeadLetterCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def dead_letters(self, /, **filters: Filter) -> DeadLetterPage:
        """A page of jobs that ended badly, newest first, with reasons, and how many there are of each.

        Filters: status, reason, seat_reason, reference, tag, project, batch_id, created_after, created_before, limit,
        cursor.
        """
        return await self._ask(DeadLetterPage, f"{_PATH}{query(**filters)}")

    @Series
    async def every_dead_letter(self, /, **filters: Filter) -> AsyncGenerator[DeadLetterView, None]:
        """All of them, newest first, page after page. The same filters; `limit` is that of a page."""
        async for page in self._pages(DeadLetterPage, lambda page: page.next_cursor, _PATH, **filters):
            for letter in page.data:
                yield letter

    @Verb
    async def requeue(
        self,
        job_ids: Sequence[str] | None = None,
        *,
        filter: JsonObject | None = None,  # noqa: A002  the contract's name
        limit: int = 100,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> RequeueView:
        """Have these jobs go on, or the oldest `limit` that `filter` means ({}: all that failed or expired).

        Safe to repeat: what goes on already stays as it is. With a key it is sent again for a moment if the service is
        away, and leaves alone what has failed again meanwhile.

        Raises:
            Problem: the call is wrong, or the key belongs to another; what is refused of single jobs is in the answer.
        """
        named: list[JsonValue] | None = None if job_ids is None else list(job_ids)
        given: JsonObject = {"limit": limit, "dry_run": dry_run}
        meant: JsonObject = {"filter": filter} if named is None else {"job_ids": named}
        return await self._tell(RequeueView, "POST", f"{_PATH}/requeue", given | meant, idempotency_key)

"""The part of the client for what comes after a result: what people say of it, and its erasure."""

from collections.abc import AsyncGenerator

from api.client_answers import place, query
from api.client_calls import Calls
from api.client_verbs import Series, Verb
from api.erasure_schemas import ErasureView
from api.feedback_schemas import FeedbackPage, FeedbackView
from orchestrator.analysis.items import Verdict
from providers.calls import JsonObject


class AftermathCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def erase(self, job_id: str) -> ErasureView:
        """Forget what was said in a job's meeting, for good; what was paid stays known. Safe to repeat."""
        return await self._tell(ErasureView, "DELETE", place("jobs", job_id), {})

    @Verb
    async def feedback(
        self,
        job_id: str,
        verdict: Verdict,
        *,
        item_id: str | None = None,
        text: str | None = None,
        score: float | None = None,
    ) -> FeedbackView:
        """Say what an item, or the whole result, is worth. Said again it replaces what was said before.

        Args:
            text: how it should be; `edited` and `missing` need it.
            score: from 0 to 1.

        Raises:
            Problem: `not-found`, there is no such job or item; `erased`.
        """
        body: JsonObject = {"job_id": job_id, "verdict": verdict, "item_id": item_id, "text": text, "score": score}
        return await self._tell(FeedbackView, "POST", "/v1/feedback", body)

    @Verb
    async def feedback_page(
        self, *, job_id: str | None = None, verdict: Verdict | None = None, limit: int = 50, cursor: str | None = None
    ) -> FeedbackPage:
        """What was said, newest first, of one job or of all."""
        asked = query(job_id=job_id, verdict=verdict, limit=limit, cursor=cursor)
        return await self._ask(FeedbackPage, f"/v1/feedback{asked}")

    @Series
    async def every_feedback(
        self, *, job_id: str | None = None, verdict: Verdict | None = None
    ) -> AsyncGenerator[FeedbackView, None]:
        """All that was said, newest first, page after page."""
        wanted = {"job_id": job_id, "verdict": verdict}
        async for page in self._pages(FeedbackPage, lambda page: page.next_cursor, "/v1/feedback", **wanted):
            for said in page.data:
                yield said

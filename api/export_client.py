"""The part of the client that fetches a job for other tools."""

from api.client_answers import place, query
from api.client_calls import Calls
from api.client_verbs import Verb
from api.result_schemas import ResultUrlView
from api.schemas import ExportFormat
from api.timeline_schemas import TimelineView
from providers.calls import JsonObject


class ExportCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def export(self, job_id: str, wanted: ExportFormat) -> bytes:
        """The items of a finished job as a file: Markdown, CSV, iCalendar or JSON, all in UTF-8.

        Raises:
            Problem: `no-result`, the job has not ended, or ended without one.
        """
        return (await self._get(place("jobs", job_id, "export") + query(format=wanted))).body

    @Verb
    async def timeline(self, job_id: str) -> TimelineView:
        """From when to when the job waited, called, was put together and delivered."""
        return await self._ask(TimelineView, place("jobs", job_id, "timeline"))

    @Verb
    async def result_url(self, job_id: str, expires_in_s: float | None = None) -> ResultUrlView:
        """A link that opens the result without a key, for that long at most. Whoever has it can read it.

        Raises:
            Problem: `no-result`, as above; `erased`.
        """
        body: JsonObject = {} if expires_in_s is None else {"expires_in_s": expires_in_s}
        return await self._tell(ResultUrlView, "POST", place("jobs", job_id, "result-url"), body)

"""The part of the client that follows events."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Final

from api.client_answers import place, query
from api.client_calls import Busy, Calls
from api.client_errors import Unreachable
from api.client_verbs import Series, Verb
from api.event_schemas import EventView, FeedEventView, FeedView
from orchestrator.work.events import is_end
from providers import sse

PAGE: Final = 500
SILENT_S: Final = 40.0  # two heartbeats, and time for a slow link: whoever is silent for longer is gone
PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 5.0, 5.0, 5.0)  # after connections that brought nothing: 21 s in all


class EventCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Series
    async def stream(self, job_id: str, after: int = 0) -> AsyncGenerator[EventView, None]:
        """Each event of a job after that version, once and in order, until the job has ended.

        A connection that breaks is opened again where it broke off. Close the iterator to leave early.

        Raises:
            Unreachable: it could not be opened again within some twenty seconds.
        """
        path, seen, has_ended, pauses = place("jobs", job_id, "events"), after, False, iter(PAUSES_S)
        while True:
            asked_s = 0.0
            try:
                async with self._follow(path, {"last-event-id": str(seen)}, SILENT_S) as opened:
                    if opened.status == HTTPStatus.NO_CONTENT:
                        return
                    parser = sse.Parser()  # of this connection: what a cut left half is sent again
                    async for piece in opened.pieces:
                        for event in self._events_in(parser.feed(piece)):
                            yield event
                            seen, pauses = event.version or seen, iter(PAUSES_S)
                            # What follows an end is said of an ended job, unless the job goes on.
                            has_ended = is_end(event.type) or (has_ended and event.type != "job.queued")
                if has_ended:
                    return
            except (ConnectionError, TimeoutError) as error:
                asked_s = error.after_s if isinstance(error, Busy) else 0.0
            pause_s = next(pauses, None)
            if pause_s is None:
                raise Unreachable(
                    f"The events of {job_id} can be followed no further than to version {seen}. "
                    f"Is {self.url} still there?"
                )
            await self._sleep(max(pause_s, asked_s))

    @Verb
    async def feed(self, after: int = 0, limit: int = PAGE) -> FeedView:
        """A page of the feed: the events of all jobs and budgets after that number. Go on with `after=page.next`."""
        return await self._page(after, limit)

    @Series
    async def events(self, after: int = 0) -> AsyncGenerator[FeedEventView, None]:
        """All events of the feed after that number, as far as it has come. Their numbers have no gaps."""
        while (page := await self._page(after, PAGE)).data:
            for event in page.data:
                yield event
            after = page.next

    def _events_in(self, told: list[sse.Event]) -> list[EventView]:
        return [self._read(EventView, one.data.encode()) for one in told]

    async def _page(self, after: int, limit: int) -> FeedView:
        return await self._ask(FeedView, f"/v1/events{query(after=after, limit=limit)}")

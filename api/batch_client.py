"""The part of the client that hands in many jobs and reads what they came to."""

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import Final, TypeAlias

from api.batch_schemas import ENDED, BatchPage, BatchView, LineErrorPage, LineErrorView, ResultLine
from api.client_answers import place, query
from api.client_calls import Busy, Calls
from api.client_errors import Unreachable
from api.client_verbs import Series, Verb
from providers.calls import JsonObject

LOOK_EVERY_S: Final = 1.0  # at a batch, which takes minutes
TRIES: Final = 4  # in a row, of a stream of results that brings nothing

Job: TypeAlias = JsonObject | bytes


class BatchCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def create_batch(
        self,
        jobs: Iterable[Job],
        *,
        defaults: JsonObject | None = None,
        atomic: bool = False,
        idempotency_key: str | None = None,
    ) -> BatchView:
        """Hand in many jobs while they are made; none is kept in memory.

        A call that broke off is repeated with its key and the same jobs: what was taken in is not taken in again. Jobs
        that can be gone through twice, as those of a list can, are sent again here if the service is away for a moment.

        Args:
            jobs: bodies of jobs, with a `custom_id` if wanted; bytes are a line of NDJSON as it stands.
            defaults: fields for all of them that do not say otherwise.
            atomic: all or none. Else bad ones are told in the batch's `errors`, and the others run.

        Raises:
            Problem: nothing was taken in, or not all of it; with `batch-refused` its `lines` say why.
        """
        return await self._upload(
            BatchView,
            f"/v1/batches?atomic={str(atomic).lower()}",
            "application/x-ndjson",
            lambda: _ndjson(jobs, defaults),
            idempotency_key,
            again=iter(jobs) is not jobs,
        )

    @Verb
    async def reprocess(
        self, which: JsonObject, *, defaults: JsonObject | None = None, idempotency_key: str | None = None
    ) -> BatchView:
        """Have stored meetings analysed anew: those of the jobs that `which` means, such as `{"tag": "weekly"}`."""
        body = json.dumps({"reprocess": which, "defaults": defaults or {}}).encode()
        return await self._upload(BatchView, "/v1/batches", "application/json", body, idempotency_key, again=True)

    @Verb
    async def batch(self, batch_id: str) -> BatchView:
        """A batch as it stands."""
        return await self._batch(batch_id)

    @Verb
    async def batches(self, limit: int = 20, cursor: str | None = None) -> BatchPage:
        """A page of batches, newest first."""
        return await self._ask(BatchPage, f"/v1/batches{query(limit=limit, cursor=cursor)}")

    @Series
    async def every_batch(self) -> AsyncGenerator[BatchView, None]:
        """All batches, newest first, page after page."""
        async for page in self._pages(BatchPage, lambda page: page.next_cursor, "/v1/batches"):
            for batch in page.data:
                yield batch

    @Series
    async def batch_errors(self, batch_id: str) -> AsyncGenerator[LineErrorView, None]:
        """All lines that became no job, page after page."""
        after: int | None = 0
        while after is not None:
            page = await self._ask(LineErrorPage, place("batches", batch_id, "errors") + query(after=after))
            for error in page.data:
                yield error
            after = page.next_after

    @Series
    async def batch_results(self, batch_id: str, after: int = 0) -> AsyncGenerator[ResultLine, None]:
        """Results in the order of lines, from the one behind `after` to the first that has not ended.

        A stream that breaks is opened again behind the last line that it brought.

        Raises:
            Unreachable: that was so again and again, without a line between.
        """
        tries = 0
        while True:
            try:
                path = place("batches", batch_id, "results") + query(after=after)
                async with aclosing(self._lines(path)) as lines:
                    async for line in lines:
                        result = ResultLine.model_validate_json(line)
                        after, tries = result.line, 0
                        yield result
            except (ConnectionError, TimeoutError) as error:
                tries += 1
                if tries == TRIES:
                    raise Unreachable(f"The connection to {self.url} breaks again and again ({error}).") from None
                await self._sleep(error.after_s if isinstance(error, Busy) else 0.0)
                await self._batch(batch_id)  # whether the service is there, for a moment's time
            else:
                return

    @Verb
    async def wait_batch(self, batch_id: str, on_look: Callable[[BatchView], None] = lambda _: None) -> BatchView:
        """The batch once it has ended; `on_look` sees it about every second."""
        while True:
            batch = await self._batch(batch_id)
            on_look(batch)
            if batch.status in ENDED:
                return batch
            await self._sleep(LOOK_EVERY_S)

    @Verb
    async def pause_batch(self, batch_id: str) -> BatchView:
        """Hold back its jobs that wait. Safe to repeat."""
        return await self._tell(BatchView, "POST", place("batches", batch_id, "pause"), {})

    @Verb
    async def resume_batch(self, batch_id: str) -> BatchView:
        """Let them wait for their turn again. Safe to repeat."""
        return await self._tell(BatchView, "POST", place("batches", batch_id, "resume"), {})

    @Verb
    async def cancel_batch(self, batch_id: str) -> BatchView:
        """End all of its open jobs. Safe to repeat."""
        return await self._tell(BatchView, "POST", place("batches", batch_id, "cancel"), {})

    @Verb
    async def retry_batch(self, batch_id: str) -> BatchView:
        """Have its failed, expired and canceled jobs go on. Safe to repeat."""
        return await self._tell(BatchView, "POST", place("batches", batch_id, "retry"), {})

    async def _batch(self, batch_id: str) -> BatchView:
        return await self._ask(BatchView, place("batches", batch_id))


def _ndjson(jobs: Iterable[Job], defaults: Mapping[str, object] | None) -> Iterator[bytes]:
    if defaults:
        yield _line({"defaults": dict(defaults)})
    for job in jobs:
        yield job.rstrip(b"\r\n") + b"\n" if isinstance(job, bytes) else _line(job)


def _line(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace") + b"\n"

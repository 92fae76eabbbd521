"""Makes the lines of a batch that analyses stored meetings anew, without their being sent again.

Each meeting once, however many jobs it had, and in the order of the first of those that are meant. A new job takes over
what its caller had said of the meeting, and the names that it has there, unless the call says otherwise.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Connection

from orchestrator.batches.taking import PostedLine, Told
from orchestrator.errors import InvalidRequest
from orchestrator.routing.contexts import found_in
from orchestrator.routing.request import AnalysisRequest
from orchestrator.storage import batch_sources, batches
from orchestrator.storage.batch_sources import SourceRow, Which
from orchestrator.storage.engine import Database
from orchestrator.work.batches import MOST_LINES
from providers.calls import JsonObject

_TOLD_ALWAYS: Final = ("title", "started_at", "participants", "glossary")  # never found out
_FOUND: Final = ("type", "industry", "language")
_TAKEN_OVER: Final = ("project", "reference", "tags", "metadata")


@dataclass(frozen=True)
class Reprocessing:
    """The meetings that are meant, and what is said for all of their new jobs (fields of a request)."""

    database: Database
    which: Which
    defaults: JsonObject
    told: Told

    def require_some(self, tenant: str) -> None:
        """Raises InvalidRequest: there is no such meeting, or there are too many."""
        with self.database.tenant(tenant) as connection:
            found = batch_sources.meetings(connection, self.which, MOST_LINES + 1)
        if not found:
            raise InvalidRequest("No stored meeting is meant by this.", pointer="/reprocess")
        if found > MOST_LINES:
            raise InvalidRequest(f"More than {MOST_LINES} meetings are meant by this.", pointer="/reprocess")

    def next_lines(self, tenant: str, batch_id: str, limit: int) -> tuple[PostedLine, ...]:
        """Some that follow what the batch has taken in; none: it has all."""
        with self.database.tenant(tenant) as connection:
            batch = batches.read(connection, batch_id)
            if batch.received_at is not None:
                return ()  # an earlier call had found all of them
            # Its own jobs, and those that come while it is made, are not meant.
            before = min(self.which.created_before or batch.created_at, batch.created_at)
            which = self.which.model_copy(update={"created_before": before})
            place = batch_sources.last(connection, batch_id)
            fresh: list[SourceRow] = []
            while len(fresh) < limit and (found := batch_sources.after(connection, which, place, limit)):
                place = found[-1].id
                fresh.extend(_unseen(connection, batch_id, fresh, found))
        return tuple(self._line(batch.lines + place, row) for place, row in enumerate(fresh[:limit], 1))

    def _line(self, number: int, source: SourceRow) -> PostedLine:
        digest = hashlib.sha256(source.id.encode()).digest()
        taken_over = {name: getattr(source, name) for name in _TAKEN_OVER}
        asked = {"meeting": _facts(source.context), **taken_over, **self.defaults}
        body = json.dumps({**asked, "transcript": {"transcript_id": source.transcript_id}})
        try:
            request = AnalysisRequest.model_validate_json(body)
        except ValidationError as error:
            # What an earlier release took in need not be what this one takes in.
            refusal = InvalidRequest(f"The job's own words are no longer taken: {error.error_count()} faults.")
            return PostedLine(number=number, digest=digest, custom_id=source.id, problem=self.told(refusal))
        return PostedLine(number=number, digest=digest, custom_id=source.id, request=request)


def _unseen(
    connection: Connection, batch_id: str, fresh: Sequence[SourceRow], found: Sequence[SourceRow]
) -> Iterator[SourceRow]:
    seen = batch_sources.taken(connection, batch_id, [row.transcript_id for row in found])
    seen |= {row.transcript_id for row in fresh}
    for row in found:
        if row.transcript_id not in seen:
            seen.add(row.transcript_id)
            yield row


def _facts(context: JsonObject) -> JsonObject:
    """What the caller said of the meeting: findings are found anew."""
    facts = {name: context[name] for name in _TOLD_ALWAYS if context.get(name)}
    found = found_in(context)
    for name in _FOUND:
        finding = None if found is None else getattr(found, name)
        if finding is not None and finding.told:
            facts[name] = context.get(name)
    return facts

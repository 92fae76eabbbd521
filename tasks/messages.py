"""What endpoints are told of an event: the bytes of its message, in each manner that an owner may choose."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from orchestrator.delivery import bodies
from orchestrator.delivery.bodies import LeftOut, Manner
from orchestrator.storage import job_documents, jobs, results, seats
from orchestrator.storage.feed import EventRow
from orchestrator.tenancy.result_links import ResultLinks
from orchestrator.work.events import is_end, shown
from providers.calls import JsonObject, Value

MOST_BYTES: Final = 262_144  # of a full body: what a receiver of JSON commonly takes without being told to
BYTES_AT_ONCE: Final = 2_097_152  # so many are held in memory, and made while the tenant's endpoints are held
SUCCESS: Final = "job.succeeded"
ERASURE: Final = "job.erased"


@dataclass(frozen=True)
class Terms:
    """What messages may hold, by the house's settings. `links` None: no link to a result is made.

    `at_once`: how many bytes of messages one transaction makes; the event that passes it is its last.
    """

    most_bytes: int = MOST_BYTES
    links: ResultLinks | None = None
    at_once: int = BYTES_AT_ONCE


class Wish(Value):
    """What a job wants told, and how its caller knows it. `erased`: by now it is."""

    reference: str | None
    erased: bool
    webhook_id: str | None
    events: frozenset[str]
    manner: Manner


@dataclass(frozen=True)
class Messages:
    """The messages of one transaction of a tenant, each made once, however many endpoints it goes to.

    The jobs they are about must be held against erasure by that transaction: what is made here is kept in rows that an
    erasure deletes, if it finds them.
    """

    connection: Connection
    tenant: str
    terms: Terms
    _made: dict[tuple[str, Manner], bytes] = field(default_factory=dict)

    def body(self, event: EventRow, wish: Wish | None, manner: Manner) -> bytes:
        """The bytes for an endpoint of that manner."""
        key = event.id, self._as_differs(event, manner)
        if key not in self._made:
            self._made[key] = self._body(event, wish, key[1])
        return self._made[key]

    def _as_differs(self, event: EventRow, manner: Manner) -> Manner:
        """The manner, but for what makes no difference to this event."""
        return Manner(
            payload=manner.payload if event.job_id is not None and is_end(event.type) else "thin",
            result_url=manner.result_url and event.type == SUCCESS and self.terms.links is not None,
        )

    def _body(self, event: EventRow, wish: Wish | None, manner: Manner) -> bytes:
        data: JsonObject = {**self._data(event, wish), "sequence": event.number}
        if event.job_id is None or wish is None:
            return bodies.body(event.type, event.at, data)
        if manner.result_url and self.terms.links is not None and not wish.erased:
            url = self.terms.links.url(self.tenant, event.job_id, self.terms.links.until(event.at))
            data["links"] = {**bodies.links(event.job_id), "result": url}
        if manner.payload == "thin":
            return bodies.body(event.type, event.at, data)
        return bodies.full(event.type, event.at, data, self._job(event.job_id, event.sequence), self.terms.most_bytes)

    def _data(self, event: EventRow, wish: Wish | None) -> JsonObject:
        if event.job_id is None:
            return shown(event.type, event.data)
        if event.type == ERASURE:
            return bodies.of_erasure(event.job_id, event.sequence or 0)
        reference = None if wish is None else wish.reference
        return shown(event.type, event.data) | bodies.of_job(event.job_id, event.sequence or 0, reference)

    def _job(self, job_id: str, version: int | None) -> JsonObject | LeftOut:
        """The job as it was when it reached that version, if it is still so."""
        row = jobs.read(self.connection, job_id)
        if row.erased_at is not None:
            return LeftOut.ERASED
        if row.version != version:
            return LeftOut.CHANGED
        result = results.read_result(self.connection, job_id)
        return job_documents.with_result(row, seats.of_job(self.connection, job_id), result)

"""Why the provider was asked as often as it was: each request by the kind of its call, and the bank against the ledger.

The emulator's log is the witness of what was asked, its bank of what was billed; the rows say why. Pure but for `read`.

    used          its answer is the seat's
    of no use     it was paid for and could not be read, so that the seat asked once more
    unknown       its fate was not known at some time, so that the seat may have asked once more
    refused       the provider was asked and billed nothing
    never left    it was intended, and no byte of it left
    open          it is still under way
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from ops.bench.slice_rig import Emulator
from ops.drills.storm import evidence, judging
from ops.drills.storm.evidence import Bank, Call
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from providers.http import Http, open_http

BOOKS_S: Final = 60.0  # a log of ten thousand requests is some megabytes
LOOKS: Final = "models"  # the endpoint of lists of models, by which health is told: free, and about no call
_OPEN: Final = frozenset({AttemptState.INTENDED, AttemptState.SENT})


@dataclass(frozen=True)
class Account:
    """All that was asked. `calls` and `requests` by kind of call, `endpoints` as the provider saw it; micro-dollars."""

    calls: Mapping[str, int]
    requests: Mapping[str, int]
    endpoints: Mapping[str, int]
    banked: int
    booked: int
    broken: tuple[str, ...]

    def told(self) -> list[str]:
        """A line for each kind."""
        kinds = (f"{kind:>12}: {self.calls[kind]} calls, {self.requests[kind]} requests" for kind in self.calls)
        looks = f"{'looks':>12}: {self.endpoints.get(LOOKS, 0)} requests, free, for the health of the provider"
        return [*kinds, looks, f"{'money':>12}: bank ${self.banked / 1e6:.6f}, ledger ${self.booked / 1e6:.6f}"]


class _Request(BaseModel):
    endpoint: str


class _Log(BaseModel):
    requests: tuple[_Request, ...]
    waiting: int


def read(database: Database, emulator: Emulator, patience_s: float = 0.0) -> Account:
    """The account of everything so far, once the provider has nothing under way any more or time is over.

    Raises:
        Unavailable, ConnectionError: somebody does not answer.
    """
    until = time.monotonic() + patience_s
    with closing(open_http(emulator.url, {}, BOOKS_S)) as http:
        while (log := _read_log(http)).waiting and time.monotonic() < until:
            time.sleep(1.0)
        found = evidence.read(database, http, ())
        bank = Bank.model_validate_json(http.get("/_control/bank").body)
    endpoints = Counter(request.endpoint for request in log.requests)
    return account(found.calls, endpoints, found.strangers, bank.total_micro_usd)


def _read_log(http: Http) -> _Log:
    return _Log.model_validate_json(http.get("/_control/log").body)


def account(calls: Iterable[Call], endpoints: Mapping[str, int], strangers: Mapping[str, int], banked: int) -> Account:
    """Join them. `strangers` is what the bank billed under ids that no row knows."""
    every = tuple(calls)
    made, requests = Counter(map(kind, every)), Counter[str]()
    for call in every:
        requests[kind(call)] += call.requests
    booked = sum(call.booked for call in every)
    nobodys = sum(count for name, count in endpoints.items() if name != LOOKS) - sum(requests.values())
    broken = [what for what, _ in (*judging.books(every), *judging.paid_twice(every))]
    broken += [f"the bank billed {cost} micro-dollars under {name or 'no id'}" for name, cost in strangers.items()]
    if nobodys:
        broken.append(f"{nobodys} requests for an answer are of no call that a row knows")
    broken += _unbalanced(made, banked, booked)
    return Account(made, requests, endpoints, banked, booked, tuple(broken))


def kind(call: Call) -> str:
    """Its word in the table at the top."""
    if call.state in _OPEN:
        return "open"
    if call.unknown:
        return "unknown"
    if call.unusable:
        return "of no use"
    if call.state is AttemptState.ANSWERED:
        return "used"
    return "refused" if call.requests else "never left"


def _unbalanced(made: Mapping[str, int], banked: int, booked: int) -> Iterator[str]:
    """Calls of unknown fate are booked at their bound; without one the two are the same to the micro-dollar."""
    if not made.get("unknown") and not made.get("open") and banked != booked:
        yield f"the bank has {banked} micro-dollars, the ledger {booked}"
    if made.get("open"):
        yield f"{made['open']} calls are left as under way"

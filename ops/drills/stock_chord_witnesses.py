"""Reads what the witnesses of the stock drill have written: none of it went through Redis."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from ops.bench.slice_rig import NoRig
from ops.drills.stock_chord_tasks import seat_of
from ops.drills.stock_chord_verdict import Body, HandedIn, Paid
from providers.http import Http


@dataclass(frozen=True)
class Calls:
    """The provider's log: how many requests are settled, how many wait, which were paid."""

    settled: int
    waiting: int
    paid: tuple[Paid, ...]


class _Entry(BaseModel):
    call_id: str
    request_id: str
    arrived_at: datetime
    billed_micro_usd: int


class _Log(BaseModel):
    requests: tuple[_Entry, ...]
    waiting: int


class _Bank(BaseModel):
    requests: Mapping[str, int]


class _HandedIn(BaseModel):
    job: str
    at: float
    refused: str | None


class _Body(BaseModel):
    job: str
    seats: tuple[int, ...]
    at: float


def calls(provider: Http) -> Calls:
    """Ask the provider.

    Raises:
        NoRig: its log names other payments than its bank.
    """
    bank = _Bank.model_validate_json(provider.get("/_control/bank").body).requests
    log = _Log.model_validate_json(provider.get("/_control/log").body)
    billed = {entry.request_id: entry for entry in log.requests if entry.billed_micro_usd}
    # The bank was asked first: what it has, the log must have.
    if any(name not in billed or billed[name].billed_micro_usd != charge for name, charge in bank.items()):
        raise NoRig("The emulator's log and its bank differ.")
    return Calls(len(log.requests), log.waiting, tuple(map(_paid, billed.values())))


def handed_in(file: Path) -> list[HandedIn]:
    """The client's log."""
    found = map(_HandedIn.model_validate_json, _lines(file))
    return [HandedIn(line.job, line.at, accepted=line.refused is None) for line in found]


def bodies(file: Path) -> list[Body]:
    """The bodies' file, which is not there before the first has run."""
    return [Body(line.job, line.seats, line.at) for line in map(_Body.model_validate_json, _lines(file))]


def _paid(entry: _Entry) -> Paid:
    return Paid(seat_of(entry.call_id), entry.billed_micro_usd, entry.arrived_at.timestamp())


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines() if file.exists() else []

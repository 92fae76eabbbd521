"""What the routes share; `api/app.py` builds it once per process."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends
from redis import Redis
from starlette.requests import HTTPConnection

from api.gateway import Gateway
from api.key_uses import KeyUses
from api.known_keys import KnownKeys
from api.metrics import Figures
from api.rates import Rates
from api.shared_rates import SharedRates
from api.standings import Standings
from api.streams import Streams
from api.turns import Turns
from api.uploads import Uploads
from api.waiting import Hub
from orchestrator.delivery.addresses import Network
from orchestrator.dispatch import Dispatch
from orchestrator.errors import NotFound
from orchestrator.money.balances import Balances
from orchestrator.storage.clock import HouseClock
from orchestrator.storage.engine import Database
from orchestrator.tenancy.result_links import ResultLinks
from orchestrator.tenancy.vault import Vault

_BATCH_ID: Final = re.compile(r"bat_[0-9a-z]{26}")
_JOB_ID: Final = re.compile(r"job_[0-9a-z]{26}")


@dataclass(frozen=True)
class House:
    """Everything a route may touch."""

    database: Database
    clock: HouseClock
    redis: Redis
    dispatch: Dispatch
    balances: Balances
    figures: Figures
    standings: Standings
    hub: Hub
    streams: Streams
    pepper: str
    known_keys: KnownKeys
    key_uses: KeyUses
    vault: Vault
    result_links: ResultLinks
    result_rates: Rates
    webhook_networks: tuple[Network, ...]
    rates: SharedRates
    gateway: Gateway | None
    doors: Turns
    submits: Turns
    partials: Turns
    uploads: Uploads


async def house(connection: HTTPConnection) -> House:
    found: House = connection.app.state.house
    return found


def known_job(job_id: str) -> str:
    """Raises NotFound: no job can have this id, so that no odd character reaches a store."""
    if not _JOB_ID.fullmatch(job_id):
        raise NotFound("There is no such job.")
    return job_id


async def known_batch(batch_id: str) -> str:
    """Raises NotFound: no batch can have this id."""
    if not _BATCH_ID.fullmatch(batch_id):
        raise NotFound("There is no such batch.")
    return batch_id


async def known_shape(job_id: str) -> str:
    """`known_job` of a path, without a thread."""
    return known_job(job_id)


Here = Annotated[House, Depends(house)]
JobId = Annotated[str, Depends(known_shape)]
BatchId = Annotated[str, Depends(known_batch)]

"""What the routes share; `api/app.py` builds it once per process."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from redis import Redis

from api.known_keys import KnownKeys
from api.metrics import Figures
from api.turns import Turns
from api.waiting import Hub
from orchestrator.dispatch import Dispatch
from orchestrator.errors import NotFound
from orchestrator.money.balances import Balances
from orchestrator.storage.clock import HouseClock
from orchestrator.storage.engine import Database

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
    hub: Hub
    pepper: str
    known_keys: KnownKeys
    doors: Turns
    submits: Turns


async def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


async def known_shape(job_id: str) -> str:
    """Raises NotFound: no job can have this id, so that no odd character reaches a store."""
    if not _JOB_ID.fullmatch(job_id):
        raise NotFound("There is no such job.")
    return job_id


Here = Annotated[House, Depends(house)]
JobId = Annotated[str, Depends(known_shape)]

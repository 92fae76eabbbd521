"""What the routes share; `api/app.py` builds it once per process."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from redis import Redis

from api.waiting import Hub
from orchestrator.dispatch import Dispatch
from orchestrator.storage.engine import Database


@dataclass(frozen=True)
class House:
    """Everything a route may touch."""

    database: Database
    redis: Redis
    dispatch: Dispatch
    hub: Hub
    pepper: str


def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


Here = Annotated[House, Depends(house)]

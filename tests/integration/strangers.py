"""Two tenants: one that has one of each kind of thing, and one that asks for it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from api.app import build
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.servers import Tenant, new_tenant

Statement: TypeAlias = tuple[str, Any]

TRIES: Final = 5
LOOKS_FOR_A_KEY: Final = "meetingmind_key_owner"
JOB: Final = {"transcript": {"content": "Ann: We ship on Friday."}, "panel": {"models": ["extractive/cue-rules"]}}
HOOK: Final = {"url": "https://hooks.example.com/", "events": ["job.failed"]}
_IDS: Final = re.compile(r"(?:job|bat|whk|dlv|trn|req|key)_[0-9a-z]{26}")
_TIMES: Final = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z")


class Answer(NamedTuple):
    """All that a caller sees but for what names one request among others."""

    status: int
    headers: dict[str, str]
    words: str


@dataclass(frozen=True)
class Two:
    """The API in this process, the tenant that has one of each kind of thing, and one that has none of them."""

    http: TestClient
    owner: Tenant
    stranger: Tenant
    things: dict[str, str]

    def asked(self, method: str, path: str, thing: str, **more: Any) -> tuple[Answer, list[Statement]]:
        """What the stranger is answered, and the statements that were executed for it, once his key is known."""
        for _ in range(TRIES):
            with listened() as statements:
                answer = self.http.request(
                    method,
                    re.sub(r"\{\w+\}", thing, path),
                    headers={"Authorization": f"Bearer {self.stranger.key}"},
                    **more,
                )
            if not any(LOOKS_FOR_A_KEY in statement for statement, _ in statements):
                return told(answer), statements
        raise AssertionError("the key is forgotten again and again")


@contextmanager
def strangers(settings: Settings, database: Database) -> Iterator[Two]:
    owner, stranger = new_tenant(database, "owner"), new_tenant(database, "stranger")
    with TestClient(build(settings)) as http:
        mine = {"Authorization": f"Bearer {owner.key}"}
        things = {
            "job_id": http.post("/v1/jobs", json=JOB, headers=mine).json()["id"],
            "batch_id": http.post("/v1/batches", json={"jobs": [JOB]}, headers=mine).json()["id"],
            "webhook_id": http.post("/v1/webhooks", json=HOOK, headers=mine).json()["id"],
        }
        things["key_id"] = http.post("/v1/keys", json={"name": "one", "scopes": ["read"]}, headers=mine).json()["id"]
        sent = http.post(f"/v1/webhooks/{things['webhook_id']}/test", headers=mine)
        with database.system() as connection:
            stored = connection.execute(text("SELECT id FROM transcripts LIMIT 1")).scalar_one()
        yield Two(http, owner, stranger, {**things, "delivery_id": sent.json()["id"], "transcript_id": stored})


@contextmanager
def listened() -> Iterator[list[Statement]]:
    """The statements of requests, as they come; what clocks and watchers execute meanwhile is not theirs."""
    found: list[Statement] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if threading.current_thread().name.startswith("AnyIO worker thread"):
            found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def told(answer: Any) -> Answer:
    """Of the test client's own type."""
    headers = {
        name: _IDS.sub("ID", value) for name, value in answer.headers.items() if not name.startswith("ratelimit")
    }
    return Answer(answer.status_code, headers, _TIMES.sub("TIME", _IDS.sub("ID", answer.text)))

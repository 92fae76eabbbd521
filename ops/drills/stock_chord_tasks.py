"""The stock application: a Celery chord on the Redis backend as Celery's own pages show it, and its two programs.

    python -P -m ops.drills.stock_chord_tasks work WIRING NAME
    python -P -m ops.drills.stock_chord_tasks publish WIRING NAME JOBS SECONDS

`work` is a worker, `publish` the client that hands in a number of jobs evenly over some seconds. WIRING is JSON. There
are no rows, no leases and no reconciler, and kombu is as it was installed: what Celery and Redis keep is all there is.

Where there is a choice, the settings are those that keep more: see `settings`.

Source: Celery 5.7.0 and kombu 5.7.0 as installed, their user guide ("Canvas", "Tasks", "Using Redis").
"""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from celery import Celery, chord
from celery.signals import worker_ready
from pydantic import BaseModel, ConfigDict

SEATS: Final = 3
QUEUES: Final = ("llm.first", "llm.second")  # by place of the provider; a header that fails goes on to the other
BODY_QUEUE: Final = "body"
PROVIDERS: Final = ("/openai/v1", "/aimlapi/v1")
MODEL: Final = "emulated-stock"
MOST_RETRIES: Final = 8
CALL_TIMEOUT_S: Final = 5.0  # far above the call's time and below the visibility timeout, as the guide asks

ASK: Final = "stock.ask"
JOIN: Final = "stock.join"

Pool = Literal["threads", "prefork"]


class Wiring(BaseModel):
    """What the processes of the application share. `folder` takes the bodies' file, the client's and signs of life."""

    model_config = ConfigDict(frozen=True)

    redis_url: str
    provider_url: str
    folder: Path
    pool: Pool
    concurrency: int
    visibility_timeout_s: float

    @property
    def bodies(self) -> Path:
        return self.folder / "bodies.jsonl"

    @property
    def handed_in(self) -> Path:
        return self.folder / "handed-in.jsonl"

    def ready(self, name: str) -> Path:
        """Is there once that process does its work."""
        return self.folder / f"{name}.ready"


def settings(wiring: Wiring) -> dict[str, object]:
    """Every setting that is not Celery's default."""
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_serializer": "json",
        # A lost worker's message comes back, for both pools.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,  # little waits inside a worker
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # a worker looks for Redis for ever
        "broker_transport_options": {
            "visibility_timeout": wiring.visibility_timeout_s,
            # By default a lost worker's messages are looked for every 100 s, and whoever dies while looking keeps all
            # others from it for 300 s. Here they are back a second after the visibility timeout.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 10,
            # By default a publish waits for ever on a link that is half open.
            "socket_timeout": 5.0,
            "socket_connect_timeout": 2.0,
            # The default of 10 refuses acknowledgements of a busy worker.
            "max_connections": wiring.concurrency + 20,
        },
    }


def build(wiring: Wiring) -> Celery:
    """The application with its two tasks; connects to nothing yet.

    The tasks are the application's own: shared ones would be those of every other in the same process too.
    """
    app = Celery("stock", broker=wiring.redis_url, backend=wiring.redis_url)
    app.conf.update(settings(wiring))
    app.conf.update(stock_provider_url=wiring.provider_url, stock_bodies=str(wiring.bodies))
    app.task(name=ASK, bind=True, max_retries=MOST_RETRIES)(ask)
    app.task(name=JOIN, bind=True)(join)
    return app


def ask(self: Any, *, job: str, seat: int, provider: int) -> dict[str, object]:
    """Header: one paid call. What fails goes on to the other provider's queue."""
    try:
        answer = _paid_call(self.app.conf.stock_provider_url, provider, call_id(job, seat))
    except (OSError, HTTPException) as error:
        other = 1 - provider
        onward = {"job": job, "seat": seat, "provider": other}
        raise self.retry(exc=error, kwargs=onward, queue=QUEUES[other], countdown=0) from error
    return {"seat": seat, "answer": answer}


def join(self: Any, parts: Sequence[Mapping[str, object]], *, job: str) -> None:
    """Body: writes down that it ran, and with which parts, where no Redis is needed."""
    line = {"job": job, "seats": [part["seat"] for part in parts], "at": time.time()}
    append(Path(self.app.conf.stock_bodies), line)


def call_id(job: str, seat: int) -> str:
    """Under this the provider books the call; `seat_of` reads it."""
    return f"{job}.{seat}"


def seat_of(given: str) -> tuple[str, int]:
    """The job and the seat of a call id."""
    job, _, seat = given.rpartition(".")
    return job, int(seat)


def append(file: Path, line: Mapping[str, object]) -> None:
    """Write a line at the end, in one piece: many processes may do it at once, and a kill -9 takes nothing back."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, json.dumps(line).encode() + b"\n")
    finally:
        os.close(descriptor)


def _paid_call(provider_url: str, provider: int, named: str) -> str:
    """Raises OSError and HTTPException: no answer came, or a refusal."""
    address = urlsplit(provider_url)
    question = {"model": MODEL, "messages": [{"role": "user", "content": f"What was decided? ({named})"}]}
    headers = {
        "content-type": "application/json",
        "authorization": "Bearer emulated-key-of-the-stock-drill",
        "x-client-request-id": named,
    }
    connection = HTTPConnection(str(address.hostname), address.port or 80, timeout=CALL_TIMEOUT_S)
    try:
        connection.request("POST", f"{PROVIDERS[provider]}/chat/completions", json.dumps(question), headers)
        reply = connection.getresponse()
        text = reply.read()
    finally:
        connection.close()
    if reply.status >= 300:
        raise HTTPException(f"refused with {reply.status}")
    return str(json.loads(text)["choices"][0]["message"]["content"])


def _work(wiring: Wiring, name: str) -> None:
    @worker_ready.connect(weak=False)
    def tell(**_given: object) -> None:
        wiring.ready(name).touch()

    build(wiring).worker_main(
        [
            "worker",
            f"--pool={wiring.pool}",
            f"--concurrency={wiring.concurrency}",
            f"--queues={','.join((*QUEUES, BODY_QUEUE))}",
            f"--hostname={name}@stock",
            # Talk among workers costs each start a second and carries no task.
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )


def _publish(wiring: Wiring, name: str, jobs: int, over_s: float) -> None:
    app = build(wiring)
    wiring.ready(name).touch()
    began = time.monotonic()
    for number in range(jobs):
        time.sleep(max(0.0, began + over_s * number / jobs - time.monotonic()))
        append(wiring.handed_in, _handed_in(app, f"job-{number}"))


def _handed_in(app: Celery, job: str) -> dict[str, object]:
    """Publish a chord; what the client's log says of it."""
    at = time.time()
    header = [app.tasks[ASK].s(job=job, seat=seat, provider=0).set(queue=QUEUES[0]) for seat in range(SEATS)]
    try:
        chord(header)(app.tasks[JOIN].s(job=job).set(queue=BODY_QUEUE))
    except Exception as error:  # noqa: BLE001 - whatever it is, this client was told that its job was not taken
        return {"job": job, "at": at, "refused": type(error).__name__}
    return {"job": job, "at": at, "refused": None}


def main(given: Sequence[str]) -> None:
    """Be a worker, or the client."""
    role, wiring, name, *rest = given
    wired = Wiring.model_validate_json(wiring)
    if role == "work":
        _work(wired, name)
    else:
        _publish(wired, name, int(rest[0]), float(rest[1]))


if __name__ == "__main__":
    main(sys.argv[1:])

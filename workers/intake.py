"""What a worker takes in, and what becomes of the rest. It is decided before Celery acts on a message.

    sealed by this house, and understood     worked on
    sealed, but newer than this release      given back through PostgreSQL, until a process that knows it is there
    not sealed, or not made like ours        refused: logged, counted, gone

Celery 5.7 drops a task that it does not know, and unpacks a message unchecked: one whose body is no `[args, kwargs,
embed]` raises through the worker's event loop, the worker exits, the broker hands the message to the next one, and that
exits too. A task's strategy, which Celery lets every task choose, stands before that, and so does the consumer's own
way with unknown tasks.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

import structlog
from celery import Celery
from celery.exceptions import InvalidTaskError
from celery.worker.consumer import Consumer
from celery.worker.strategy import default
from kombu.exceptions import DecodeError

from orchestrator import failpoints, names
from orchestrator.errors import Unavailable
from orchestrator.seal import Seal
from providers.calls import JsonObject
from tasks import returned

log = structlog.get_logger()

Receive: TypeAlias = Callable[..., None]

LONGEST_PAUSE_S: Final = 2.0  # between two tries to reach Redis
AGAIN_S: Final = 2.0  # while PostgreSQL is away a message that shall go back to it waits in this worker

_MISSHAPEN: Final = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError, DecodeError)


def guard(app: Celery, seal: Seal) -> None:
    """Give every task of the application, Celery's own too, the careful strategy, and its workers our consumer."""

    def careful(task: Any, app: Celery, consumer: Any) -> Receive:
        return _careful(default(task, app, consumer), task.name, seal, consumer)

    for task in app.tasks.values():
        task.Strategy = careful
    app.conf.worker_consumer = type("Intake", (_Intake,), {"seal": seal})


class _Intake(Consumer):
    """Celery's consumer, but that it gives back what it does not know instead of dropping it."""

    seal: Seal

    def ensure_connected(self, conn: Any) -> Any:
        # Kombu waits 2, 4, 6 ... 30 s between its tries: after a minute without Redis a worker sat idle for 13 s with
        # Redis back (measured). A try every two seconds costs nobody anything.
        conn.ensure_connection = partial(conn.ensure_connection, interval_max=LONGEST_PAUSE_S)
        return super().ensure_connected(conn)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:  # noqa: ARG002 - Celery names them
        name = str(message.headers.get("task"))
        try:
            _check(self.seal, name, message)
        except InvalidTaskError as error:
            self.on_invalid_task(body, message, error)
        else:
            _give_back(self, message, f"no task {name}")

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:  # noqa: ARG002 - Celery names them
        # Not Celery's own words: they have the whole message in them, whatever that is.
        log.error("message.refused", task=str((message.headers or {}).get("task"))[:100], why=str(exc))
        returned.count("refused")
        message.reject_log_error(log, self.connection_errors)


def _careful(receive: Receive, name: str, seal: Seal, consumer: Any) -> Receive:
    """Celery's own strategy behind our questions, with every fault of a message turned into a refusal."""

    def received(message: Any, *args: Any, **kwargs: Any) -> None:
        schema = _check(seal, name, message)
        if schema > names.MESSAGE_SCHEMA:
            _give_back(consumer, message, f"schema {schema}")
            return
        failpoints.reach("worker.popped")
        try:
            receive(message, *args, **kwargs)
        except _MISSHAPEN as error:
            raise InvalidTaskError(f"The message is not made like ours: {type(error).__name__}.") from error

    return received


def _check(seal: Seal, name: str, message: Any) -> int:
    """The schema of a sealed message. Raises InvalidTaskError: it is not sealed, or not made like ours."""
    try:
        arguments: JsonObject = message.payload[1]
        fits = seal.fits(name, arguments)
        schema = arguments.get("schema")
    except _MISSHAPEN as error:
        raise InvalidTaskError(f"The message is not made like ours: {type(error).__name__}.") from error
    if not fits or not isinstance(schema, int):
        raise InvalidTaskError("The message has no seal of this house.")
    return schema


def _give_back(consumer: Any, message: Any, why: str) -> None:
    """Lay the message down in PostgreSQL, then let the broker forget it."""
    try:
        returned.lay_down(message)
    except Unavailable:
        consumer.timer.call_after(AGAIN_S, _give_back, (consumer, message, why))
        return
    failpoints.reach("message.kept")
    log.warning("message.given_back", why=why)
    message.ack_log_error(log, consumer.connection_errors)

"""Sends what is due to webhooks: a thread that takes deliveries, and a few that make one attempt each.

No attempt waits in the broker: what is due stands in rows, and who takes it moves its time ahead. So a sender that is
killed delays what it had for half a minute and loses nothing; the receiver may then see an event twice, with one id.

An endpoint that is slow or dead has few of the threads: one if its last attempts failed in a row, `EACH` otherwise.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

import structlog

from orchestrator import failpoints
from orchestrator.delivery import schedule, signing
from orchestrator.delivery.addresses import Network
from orchestrator.delivery.endpoints import endpoint
from orchestrator.delivery.schedule import DeliveryState, Verdict
from orchestrator.errors import InvalidRequest, NotFound, Unavailable
from orchestrator.storage import deliveries, webhooks
from orchestrator.storage.deliveries import AttemptLine, Taken
from orchestrator.storage.engine import Database
from orchestrator.tenancy.vault import Unreadable, Vault
from providers.sockets import Cancel
from tasks.messages import Terms
from tasks.posting import Answer, Poster, retry_after_s
from tasks.telling import tell
from tasks.threads import Background

log = structlog.get_logger()

TIMEOUT_S: Final = 15.0
THREADS: Final = 32  # they wait for receivers, and compute next to nothing
EACH: Final = 4  # attempts at one endpoint at a time
IN_A_ROW: Final = 3  # attempts that failed: an endpoint that fails now and then is not dead
LOOK_EVERY_S: Final = 0.5
AFTER_TROUBLE_S: Final = 1.0


class Sender:
    """Runs from `start` to `stop`.

    Args:
        allowed: networks inside which an operator lets webhooks go.
        now: PostgreSQL's clock, by which a message is dated.
        terms: what messages may hold.
        poster: who sends; given by tests that have a receiver of their own.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        allowed: tuple[Network, ...],
        now: Callable[[], datetime],
        *,
        terms: Terms | None = None,
        cancel: Cancel | None = None,
        poster: Poster | None = None,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._vault = vault
        self._allowed = allowed
        self._now = now
        self._terms = terms or Terms()
        self._cancel = cancel or Cancel()
        self._poster = poster or Poster(allowed, TIMEOUT_S, self._cancel)
        self._look_every_s = look_every_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()  # attempts in a row, by endpoint
        self._news = threading.Event()  # an attempt has ended: there is room
        self._thread = Background("sender", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more and cut what is under way: it is due again in a moment. Safe to repeat."""
        self._news.set()
        self._cancel.cancel()
        self._thread.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._news.clear()
            try:
                took = tell(self._database, self._terms) + self._take()
            except Unavailable as error:
                log.warning("sender.store_away", error=error.message)
                stopping.wait(AFTER_TROUBLE_S)
                continue
            except Exception:
                log.exception("sender.failed")
                stopping.wait(AFTER_TROUBLE_S)
                continue
            if not took:
                self._news.wait(self._look_every_s)

    def _take(self) -> int:
        """Take what is due and there is room for. Returns how many."""
        with self._lock:
            room = THREADS - self._under_way.total()
            busy = [hook for hook, count in self._under_way.items() if count >= self._most_of(hook)]
            cautious = [*(hook for hook in self._failed if self._is_failing(hook)), *self._under_way]
        if room <= 0:
            return 0
        with self._database.system() as connection:
            taken = deliveries.take(connection, room, each=EACH, cautious=cautious, busy=busy)
        for one in taken:
            with self._lock:
                self._under_way[one.webhook_id] += 1
            self._threads.submit(self._attempt, one)
        return len(taken)

    def _most_of(self, hook: str) -> int:
        return 1 if self._is_failing(hook) else EACH

    def _is_failing(self, hook: str) -> bool:
        return self._failed[hook] >= IN_A_ROW

    def _attempt(self, taken: Taken) -> None:
        try:
            self._send(taken)
        except (Unavailable, NotFound) as error:
            log.warning("sender.put_off", delivery=taken.id, error=type(error).__name__)
        except Exception:
            log.exception("sender.attempt_failed", delivery=taken.id)
        finally:
            with self._lock:
                self._under_way[taken.webhook_id] -= 1
                if self._under_way[taken.webhook_id] <= 0:
                    del self._under_way[taken.webhook_id]
            self._news.set()

    def _send(self, taken: Taken) -> None:
        began = time.monotonic()
        answer = self._answer(taken)
        if answer is None:
            return
        took_ms = int((time.monotonic() - began) * 1000)
        failpoints.reach("hook.posted")
        if self._cancel.canceled and answer.status is None:
            return  # it was cut by us: no failure of the receiver's
        now = self._now()
        asked_s = retry_after_s(answer.retry_after, now)
        found = schedule.verdict(
            answer.status,
            taken.tries,
            retry_after_s=asked_s,
            chance=random.random(),  # noqa: S311 - jitter is no secret
        )
        self._conclude(taken, answer, found, took_ms, now)

    def _answer(self, taken: Taken) -> Answer | None:
        """What the endpoint says to it. None: it is gone or switched off, and with it the delivery."""
        with self._database.tenant(taken.tenant_id) as connection:
            hook = webhooks.read(connection, taken.webhook_id)
            if hook.disabled_at is not None:
                return None
        now = self._now()
        try:
            secrets = [self._vault.unseal(hook.tenant_id, hook.id, sealed) for sealed in hook.secrets_at(now)]
            where = endpoint(hook.url, self._allowed)
        except (Unreadable, InvalidRequest) as error:
            return Answer(error=str(error))
        return self._poster.post(where, taken.body, signing.headers(taken.event_id, now, taken.body, secrets))

    def _conclude(self, taken: Taken, answer: Answer, found: Verdict, took_ms: int, now: datetime) -> None:
        line = AttemptLine(
            delivery_id=taken.id,
            number=taken.attempts,
            status=answer.status,
            error=answer.error,
            took_ms=took_ms,
            at=now,
        )
        with self._database.tenant(taken.tenant_id) as connection:
            deliveries.concluded(connection, taken, found, line)
            if found.gone:
                webhooks.disable(connection, taken.webhook_id, schedule.NO_LONGER)
                deliveries.give_up_all(connection, taken.webhook_id)
        with self._lock:
            if found.state is DeliveryState.DELIVERED:
                del self._failed[taken.webhook_id]
            else:
                self._failed[taken.webhook_id] += 1
        log.info("webhook.attempted", delivery=taken.id, status=answer.status, error=answer.error, state=found.state)

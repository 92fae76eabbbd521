"""A worker that lives and takes nothing in ends itself; one with nothing to take in does not."""

import time
from pathlib import Path

from redis import Redis

from orchestrator.settings import Settings
from tests.acceptance.processes import Processes, closing, until
from tests.integration.workers_in_test import Queues, producer

AFTER_S = 1.5


def test_a_worker_that_takes_nothing_in_although_messages_stand_ends_to_be_started_anew(
    tmp_path: Path, environment: dict[str, str], settings: Settings, redis: "Redis", redis_prefix: str
) -> None:
    queues, celery = Queues(redis, redis_prefix), producer(settings)
    with closing(Processes(tmp_path, environment | {"MEETINGMIND_DEAF_AFTER_S": str(AFTER_S)})) as processes:
        processes.start("delivery", "workers", "delivery")
        processes.await_ready("delivery")
        (hears,) = until(lambda: celery.control.inspect(timeout=1.0).active_queues(), "it answers", 30.0)
        assert celery.control.cancel_consumer("delivery", reply=True, timeout=5.0, destination=[hears])
        idle_until = time.monotonic() + 3 * AFTER_S
        until(lambda: time.monotonic() > idle_until, "it has been idle for long enough")
        idle = processes.running["delivery"].poll()

        queues.push("delivery", b"{}")
        code = until(lambda: (ended := processes.running["delivery"].poll()) is not None and (ended,), "it ends", 40.0)

        assert idle is None
        assert code == (0,)
        assert processes.log("delivery").count("worker.deaf") == 1
        assert len(queues.read("delivery")) == 1

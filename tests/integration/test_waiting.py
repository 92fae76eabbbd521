"""A long poll whose hint is lost is answered all the same, by the look behind it."""

import threading
import time
from typing import Any, Final

from fastapi.testclient import TestClient

from api.app import build
from api.waiting import LOOK_EVERY_S
from orchestrator.settings import Settings
from tests.integration.strangers import JOB
from tests.servers import Tenant

LONGEST_S: Final = 60.0


def test_a_lost_hint_costs_a_look_and_not_the_whole_wait(settings: Settings, tenant: Tenant) -> None:
    """Hints of the second house go to a channel of its own, so that the first never hears of what it does."""
    mine = {"Authorization": f"Bearer {tenant.key}"}
    elsewhere = settings.model_copy(update={"redis_prefix": f"{settings.redis_prefix}elsewhere:"})
    with TestClient(build(settings)) as here, TestClient(build(elsewhere)) as there:
        job = here.post("/v1/jobs", json=JOB, headers=mine).json()["id"]
        answers: list[Any] = []

        def poll() -> None:
            answers.append(here.get(f"/v1/jobs/{job}", params={"wait_s": LONGEST_S}, headers=mine))

        waiting = threading.Thread(target=poll)
        waiting.start()
        while job not in here.app.state.house.hub._waiters:  # type: ignore[attr-defined]  # Starlette's own
            time.sleep(0.01)
            assert waiting.is_alive()
        began = time.monotonic()
        assert there.post(f"/v1/jobs/{job}/cancel", headers=mine).status_code == 200
        waiting.join(2 * LONGEST_S)

        assert answers[0].json()["status"] == "canceled"
        assert LOOK_EVERY_S < LONGEST_S / 4
        assert time.monotonic() - began < LONGEST_S / 2

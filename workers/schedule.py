"""What beat sends, and how often. Each entry is safe to send twice; the work itself holds an advisory lock.

What jobs need to go on does not stand here: a broker that loses messages must not lose its own repair
(`tasks/reconciler.py`).

Entries live in memory: beat has no file to lose, and a restart only means an early round.
"""

from datetime import timedelta
from typing import Final, TypeAlias

from celery import Celery

from orchestrator import names, queues
from orchestrator.canvas import sealed
from orchestrator.seal import Seal
from orchestrator.settings import Settings

Entry: TypeAlias = dict[str, object]

WATCH_BUDGETS_EVERY_S: Final = 5.0  # a crossing is told within that
LOOK_AFTER_EVERY_S: Final = (
    10.0  # a third of how long a look is believed: no provider is looked at more often than that
)


def install(app: Celery, settings: Settings) -> None:
    """Give the application its schedule."""
    app.conf.beat_schedule = entries(settings)
    app.conf.beat_max_loop_interval = WATCH_BUDGETS_EVERY_S
    app.conf.beat_scheduler = "celery.beat:Scheduler"


def entries(settings: Settings) -> dict[str, Entry]:
    seal = Seal(settings.key_pepper.get_secret_value())
    return {
        "watch budgets": _round(seal, names.WATCH_BUDGETS, WATCH_BUDGETS_EVERY_S),
        "look after providers": _round(seal, names.LOOK_AFTER, LOOK_AFTER_EVERY_S),
    }


def _round(seal: Seal, task: str, every_s: float) -> Entry:
    return {
        "task": task,
        "schedule": timedelta(seconds=every_s),
        "kwargs": sealed(seal, task, {}),
        # A round that found no worker in time is pointless: the next one stands behind it.
        "options": {"queue": queues.MAINTENANCE, "expires": 2 * every_s, "argsrepr": "", "kwargsrepr": "round"},
    }

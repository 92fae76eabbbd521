"""The worker's Celery application: the tasks are imported here, by name, so that a missing one fails at start."""

from celery import Celery

from orchestrator import broker, names
from orchestrator.seal import Seal
from orchestrator.settings import Settings
from providers.catalog import Catalog
from tasks import ask, deliver, look_after, synthesize, watch_budgets
from workers import intake

TASK_ROOMS = (ask, deliver, look_after, synthesize, watch_budgets)


def build(settings: Settings, catalog: Catalog) -> Celery:
    """Raises LookupError: a task of `orchestrator/names.py` is not registered."""
    broker.survive_broker_restarts()
    broker.take_refused_writes_for_absence()
    app = broker.build(
        settings.redis_url.get_secret_value(), settings.redis_prefix, catalog, task_events=settings.task_events
    )
    app.finalize()
    intake.guard(app, Seal(settings.key_pepper.get_secret_value()))
    missing = sorted(name for name in names.ALL if name not in app.tasks)
    if missing:
        raise LookupError(f"No task is registered under {', '.join(missing)}.")
    return app

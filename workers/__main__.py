"""`python -m workers PROFILE`: one worker process. PROFILE: ask, synthesis, delivery, maintenance, beat or migrate."""

import signal
import sys
from typing import Final, get_args

from celery import Celery
from celery.utils.nodenames import host_format

from orchestrator import logs, readiness
from orchestrator.queues import Profile
from orchestrator.settings import Settings, from_environment, provider_keys
from providers.catalog import Catalog, load
from workers import app, lifecycle, profiles, schedule

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)
COMMANDS: Final = (*PROFILES, "beat", "migrate")


def main(arguments: list[str]) -> int:
    """Run until told to stop. Returns the exit code: 2 for a wrong word on the command line."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m workers {{{','.join(COMMANDS)}}}", file=sys.stderr)  # noqa: T201 - a usage line
        return 2
    command = arguments[0]
    settings = from_environment()
    logs.configure(process=command, level=settings.log_level, form=settings.log_format)
    if command == "migrate":
        from orchestrator.storage import migrate  # noqa: PLC0415 - alembic costs every other start a fifth of a second

        migrate.upgrade(settings.database_url.get_secret_value())
        return 0
    catalog = load()
    celery = app.build(settings, catalog)
    if command == "beat":
        return _beat(celery, settings)
    return _worker(celery, settings, catalog, next(profile for profile in PROFILES if profile == command))


def _worker(celery: Celery, settings: Settings, catalog: Catalog, profile: Profile) -> int:
    kind = profiles.kind(profile, settings, catalog)
    lifecycle.attach(celery, settings, catalog, provider_keys(catalog), process=profile)
    worker = celery.Worker(
        pool_cls="threads",
        concurrency=kind.slots,
        queues=list(kind.queues),
        hostname=host_format(f"{profile}@%h"),
        loglevel=settings.log_level,
        task_events=settings.task_events,
        without_gossip=True,
        without_mingle=True,
        optimization="fair",
    )
    worker.start()
    return int(worker.exitcode or 0)


def _beat(celery: Celery, settings: Settings) -> int:
    schedule.install(celery, settings)
    readiness.announce(settings.ready_file)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        celery.Beat(loglevel=settings.log_level, quiet=True).run()
    except (KeyboardInterrupt, SystemExit):
        return 0
    finally:
        readiness.withdraw(settings.ready_file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

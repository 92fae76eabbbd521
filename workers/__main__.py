"""`python -m workers PROFILE`: one worker process. PROFILE: ask, ask-interactive, synthesis, delivery, maintenance or
beat.

Two errands of the operator's end by themselves: `migrate` brings the database to this release, `key TENANT` makes a
key for a tenant, and the tenant if it is new, and prints the key, which is shown this once (`workers/key_errand.py`).
"""

import os
import signal
import sys
from typing import Final, get_args

from celery import Celery, signals
from celery.utils.nodenames import host_format

from orchestrator import failpoints, logs, readiness
from orchestrator.queues import ASKING, Profile
from orchestrator.safety import examination
from orchestrator.safety.start import StartCheck
from orchestrator.settings import ProviderKey, Settings, from_environment, load_catalog, provider_keys
from providers.catalog import Catalog
from workers import app, key_errand, lifecycle, profiles, schedule

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)
SERVES: Final = (*PROFILES, "beat")
COMMANDS: Final = (*SERVES, "migrate", "key")
USAGE: Final = f"usage: python -m workers {{{','.join((*SERVES, 'migrate', f'key {key_errand.SYNOPSIS}'))}}}"


def main(arguments: list[str]) -> int:
    """Run until told to stop. Returns the exit code: 2 for a wrong word on the command line.

    Raises:
        SystemExit: 78 for a setting that is unsafe; 1 for one that is missing or wrong.
    """
    match arguments:
        case ["migrate"]:
            return _migrate(_begin("migrate"))
        case ["key", *words] if (wish := key_errand.wish(words)) is not None:
            print(key_errand.make(_begin("key"), wish))  # noqa: T201 - what was asked for
            return 0
        case [command] if command in SERVES:
            return _serve(command, _begin(command))
    print(USAGE, file=sys.stderr)  # noqa: T201 - for people
    return 2


def _begin(command: str) -> Settings:
    settings = from_environment()
    logs.configure(process=command, level=settings.log_level, form=settings.log_format)
    failpoints.arm(settings.failpoints)
    return settings


def _migrate(settings: Settings) -> int:
    from orchestrator.storage import migrate  # noqa: PLC0415 - alembic costs every other start a fifth of a second

    migrate.upgrade(settings.database_url.get_secret_value())
    return 0


def _serve(command: str, settings: Settings) -> int:
    catalog = load_catalog(settings)
    celery, providers = app.build(settings, catalog), provider_keys(catalog)
    check = StartCheck(examination.subject(settings, celery, providers, keeps_answers=command in ASKING))
    check.make()
    if command == "beat":
        return _beat(celery, settings)
    # A worker is ready when it has found its broker: then what was put off is made up for.
    signals.worker_ready.connect(lambda **_: check.make_up(), weak=False)
    return _worker(celery, settings, catalog, providers, next(profile for profile in PROFILES if profile == command))


def _worker(
    celery: Celery, settings: Settings, catalog: Catalog, providers: dict[str, ProviderKey], profile: Profile
) -> int:
    kind = profiles.kind(profile, settings, catalog)
    lifecycle.attach(celery, settings, catalog, providers, kind)
    worker = celery.Worker(
        pool_cls="threads",
        concurrency=kind.slots,
        queues=list(kind.queues),
        hostname=host_format(f"{profile}-{os.getpid()}@%h"),  # two of a kind are two workers
        loglevel=settings.log_level,
        task_events=settings.task_events,
        without_heartbeat=not settings.task_events,  # an event every two seconds, which Flower alone looks at
        without_gossip=True,
        without_mingle=True,
        optimization="fair",
        quiet=True,  # its banner is no line of a log, and ends the process where stdout takes no more
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

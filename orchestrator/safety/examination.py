"""Everything that is looked at, in one order: Celery, Redis, PostgreSQL, our own settings.

Stores are asked once, now, each within a few seconds; one that does not answer is a finding, and nothing is raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import celery
from celery import Celery

from orchestrator.errors import Unavailable
from orchestrator.safety import (
    celery_rules,
    findings,
    house_rules,
    postgres_reading,
    postgres_rules,
    redis_reading,
    redis_rules,
)
from orchestrator.safety.celery_rules import CeleryFacts
from orchestrator.safety.findings import Finding
from orchestrator.settings import DEFAULT_PROVIDER_TIMEOUT_S, ProviderKey, Settings


@dataclass(frozen=True)
class Subject:
    """A process as it is told to be.

    Args:
        celery: the application that it runs or publishes by.
        database_url: None where there is no such store here; the same for `redis_url`.
        providers: those that can be reached; the most patient has the longest task.
        keeps_answers: whether it is one of those that write to `spool_dir`.
    """

    celery: Celery
    database_url: str | None
    redis_url: str | None
    redis_prefix: str
    providers: Mapping[str, ProviderKey]
    spool_dir: Path | None
    keeps_answers: bool


def subject(
    settings: Settings, app: Celery, providers: Mapping[str, ProviderKey], *, keeps_answers: bool = False
) -> Subject:
    """One of our own processes, by its settings."""
    return Subject(
        celery=app,
        database_url=settings.database_url.get_secret_value(),
        redis_url=settings.redis_url.get_secret_value(),
        redis_prefix=settings.redis_prefix,
        providers=providers,
        spool_dir=settings.spool_dir,
        keeps_answers=keeps_answers,
    )


def examine(examined: Subject) -> tuple[Finding, ...]:
    """One finding for each check, those that are well included."""
    return (
        *celery_rules.findings(_celery_facts(examined)),
        *_redis(examined.redis_url, examined.redis_prefix),
        *_postgres(examined.database_url),
        *(house_rules.findings(_house_facts(examined)) if examined.keeps_answers else ()),
    )


def _redis(url: str | None, prefix: str) -> tuple[Finding, ...]:
    if url is None:
        return (findings.unasked("Redis", "REDIS_URL"),)
    try:
        return redis_rules.findings(redis_reading.read(url, prefix))
    except Unavailable as error:
        return (findings.away("Redis", "REDIS_URL", error.message),)


def _postgres(url: str | None) -> tuple[Finding, ...]:
    if url is None:
        return (findings.unasked("PostgreSQL", "DATABASE_URL"),)
    try:
        return postgres_rules.findings(postgres_reading.read(url))
    except Unavailable as error:
        return (findings.away("PostgreSQL", "DATABASE_URL", error.message),)


def _celery_facts(examined: Subject) -> CeleryFacts:
    settings = examined.celery.conf
    longest = house_rules.longest_task(
        {name: key.timeout_s for name, key in examined.providers.items()}, DEFAULT_PROVIDER_TIMEOUT_S
    )
    return CeleryFacts(
        version=celery.__version__,
        accept_content=tuple(settings.accept_content),
        task_acks_late=settings.task_acks_late,
        task_reject_on_worker_lost=settings.task_reject_on_worker_lost,
        worker_prefetch_multiplier=settings.worker_prefetch_multiplier,
        worker_soft_shutdown_timeout=settings.worker_soft_shutdown_timeout,
        task_create_missing_queues=settings.task_create_missing_queues,
        task_always_eager=settings.task_always_eager,
        result_backend=settings.result_backend,
        result_backend_always_retry=settings.result_backend_always_retry,
        worker_deduplicate_successful_tasks=settings.worker_deduplicate_successful_tasks,
        visibility_timeout_s=settings.broker_transport_options["visibility_timeout"],
        leads_elsewhere=_leads_elsewhere(examined),
        longest_task_s=longest.seconds,
        longest_task=longest.what,
    )


def _leads_elsewhere(examined: Subject) -> tuple[str, ...]:
    """Celery's own variables win over what the application was given. Values may hold passwords: names will do."""
    settings, told = examined.celery.conf, examined.redis_url
    addresses = ("broker_url", "broker_read_url", "broker_write_url")
    return tuple(name for name in addresses if told is not None and getattr(settings, name) != told)


def _house_facts(examined: Subject) -> house_rules.HouseFacts:
    return house_rules.HouseFacts(spool="" if examined.spool_dir is None else str(examined.spool_dir))

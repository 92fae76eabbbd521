"""Every rule: what is safe, what warns, what refuses, and that each says so by name, with the value and a remedy."""

from dataclasses import fields, replace
from typing import Any, NamedTuple

import pytest

from orchestrator import chords
from orchestrator.safety import celery_rules, house_rules, postgres_rules, redis_rules
from orchestrator.safety.celery_rules import CeleryFacts
from orchestrator.safety.findings import Finding, Verdict
from orchestrator.safety.house_rules import TASK_MARGIN_S, HouseFacts, LongestTask
from orchestrator.safety.postgres_rules import PostgresFacts, Power
from orchestrator.safety.redis_rules import RedisFacts
from providers import scripts

OK, WARNS, UNSAFE = Verdict.OK, Verdict.WARNS, Verdict.UNSAFE

REDIS = RedisFacts(
    version="7.2.14", eviction="noeviction", most_bytes=512, is_appended=True, idle_timeout_s=0, unrouted=0
)
POSTGRES = PostgresFacts(
    version=180_004,
    synchronous_commit="on",
    standbys="",
    fsync=True,
    full_page_writes=True,
    data_sync_retry=False,
    is_private=False,
    login=Power.PLAIN,
    app_role=Power.PLAIN,
    unguarded=(),
)
CELERY = CeleryFacts(
    version="5.7.0",
    accept_content=("json",),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=30.0,
    task_create_missing_queues=False,
    task_always_eager=False,
    result_backend="orchestrator.chords:RowsBackend",
    result_backend_always_retry=False,
    worker_deduplicate_successful_tasks=False,
    visibility_timeout_s=3_600.0,
    leads_elsewhere=(),
    longest_task_s=420.0,
    longest_task="an ask of openai",
)


class Case(NamedTuple):
    """With these facts the check of this name has this verdict."""

    name: str
    verdict: Verdict
    changed: dict[str, Any]


REDIS_CASES = [
    Case("redis-too-old", UNSAFE, {"version": "6.2.6"}),
    Case("redis-too-old", UNSAFE, {"version": "unheard of"}),
    Case("redis-too-old", OK, {"version": "7.0.0"}),
    Case("redis-too-old", OK, {"version": "10.1"}),
    Case("redis-evicts", UNSAFE, {"eviction": "allkeys-lru"}),
    Case("redis-evicts", UNSAFE, {"eviction": "volatile-ttl"}),  # counters of a month have a lifetime
    Case("redis-memory-unbounded", WARNS, {"most_bytes": 0}),
    Case("redis-not-persistent", WARNS, {"is_appended": False}),
    Case("redis-drops-idle-connections", WARNS, {"idle_timeout_s": 300}),
    Case("messages-unrouted", WARNS, {"unrouted": 3}),
]
POSTGRES_CASES = [
    Case("postgres-too-old", UNSAFE, {"version": 140_019}),
    Case("postgres-too-old", OK, {"version": 150_000}),
    Case("postgres-not-synchronous", UNSAFE, {"synchronous_commit": "off"}),
    Case("postgres-not-synchronous", UNSAFE, {"synchronous_commit": "local", "standbys": "FIRST 1 (b)"}),
    Case("postgres-not-synchronous", OK, {"synchronous_commit": "local"}),
    Case("postgres-not-synchronous", OK, {"synchronous_commit": "remote_write"}),
    Case("postgres-not-synchronous", OK, {"synchronous_commit": "remote_apply", "standbys": "FIRST 1 (b)"}),
    Case("postgres-does-not-sync", UNSAFE, {"fsync": False}),
    Case("postgres-tears-pages", WARNS, {"full_page_writes": False}),
    Case("postgres-trusts-a-failed-sync", UNSAFE, {"data_sync_retry": True}),
    Case("postgres-not-migrated", WARNS, {"app_role": Power.MISSING}),
    Case("postgres-app-role-bypasses-rls", OK, {"app_role": Power.MISSING}),
    Case("postgres-app-role-bypasses-rls", UNSAFE, {"app_role": Power.SUPERUSER}),
    Case("postgres-app-role-bypasses-rls", UNSAFE, {"app_role": Power.BYPASSRLS}),
    Case("postgres-tables-unguarded", UNSAFE, {"unguarded": ("jobs", "seats")}),
    Case("postgres-login-sees-all", WARNS, {"login": Power.SUPERUSER}),
    Case("postgres-login-sees-all", WARNS, {"login": Power.INHERITS}),
    Case("postgres-login-sees-all", OK, {"login": Power.SUPERUSER, "is_private": True}),
]
CELERY_CASES = [
    Case("celery-too-old", UNSAFE, {"version": "5.6.9"}),
    Case("celery-too-old", UNSAFE, {"version": "3.1.26"}),
    Case("celery-too-old", UNSAFE, {"version": "unknown"}),
    Case("celery-too-old", OK, {"version": "5.7.0rc1"}),
    Case("celery-too-old", OK, {"version": "6.0.0"}),
    Case("broker-elsewhere", UNSAFE, {"leads_elsewhere": ("broker_url", "broker_read_url")}),
    Case("chords-not-in-rows", UNSAFE, {"result_backend": "redis"}),
    Case("visibility-timeout", UNSAFE, {"longest_task_s": 3_600.0}),
    Case("visibility-timeout", OK, {"longest_task_s": 3_599.0}),
    Case("acks-early", UNSAFE, {"task_acks_late": False}),
    Case("lost-workers-acknowledge", UNSAFE, {"task_reject_on_worker_lost": False}),
    Case("prefetches", UNSAFE, {"worker_prefetch_multiplier": 4}),
    Case("prefetches", UNSAFE, {"worker_prefetch_multiplier": 0}),  # no limit at all
    Case("accepts-more-than-json", UNSAFE, {"accept_content": ("json", "pickle")}),
    Case("results-are-retried", UNSAFE, {"result_backend_always_retry": True}),
    Case("deduplicates-tasks", UNSAFE, {"worker_deduplicate_successful_tasks": True}),
    Case("makes-queues", UNSAFE, {"task_create_missing_queues": True}),
    Case("runs-in-the-caller", UNSAFE, {"task_always_eager": True}),
    Case("stops-hard", UNSAFE, {"worker_soft_shutdown_timeout": 0.0}),
]


def found(case: Case) -> Finding:
    """What the check of this name says of sound facts with this change."""
    if case in REDIS_CASES:
        told = redis_rules.findings(replace(REDIS, **case.changed))
    elif case in POSTGRES_CASES:
        told = postgres_rules.findings(replace(POSTGRES, **case.changed))
    else:
        told = celery_rules.findings(replace(CELERY, **case.changed))
    return {one.name: one for one in told}[case.name]


@pytest.mark.parametrize("case", [*REDIS_CASES, *POSTGRES_CASES, *CELERY_CASES], ids=str)
def test_a_setting_is_judged_by_name(case: Case) -> None:
    assert found(case).verdict is case.verdict


@pytest.mark.parametrize(
    "case", [c for c in (*REDIS_CASES, *POSTGRES_CASES, *CELERY_CASES) if c.verdict != OK], ids=str
)
def test_whoever_is_refused_or_warned_is_told_the_value_and_what_to_do(case: Case) -> None:
    told = found(case)

    assert told.found
    assert told.found in told.wrong
    assert told.wrong.endswith(".")
    assert told.remedy.endswith(".")


def test_sound_facts_are_well_in_every_check() -> None:
    told = (
        *redis_rules.findings(REDIS),
        *postgres_rules.findings(POSTGRES),
        *celery_rules.findings(CELERY),
        *house_rules.findings(HouseFacts(spool="/var/spool")),
    )

    assert {one.verdict for one in told} == {OK}


def test_every_check_can_fail_and_has_a_name_of_its_own() -> None:
    names = [
        *(rule.name for rule in redis_rules.RULES),
        *(rule.name for rule in postgres_rules.RULES),
        *(rule.name for rule in celery_rules.RULES),
    ]
    shown_to_fail = {case.name for case in (*REDIS_CASES, *POSTGRES_CASES, *CELERY_CASES) if case.verdict != OK}

    assert len(names) == len(set(names))
    assert set(names) == shown_to_fail


def test_a_redis_that_says_nothing_is_warned_of_and_never_refused() -> None:
    nothing = RedisFacts(**{field.name: None for field in fields(RedisFacts)})

    assert {one.verdict for one in redis_rules.findings(nothing)} == {WARNS}


def test_a_postgres_that_hides_its_settings_is_warned_of_and_never_refused() -> None:
    hidden = replace(
        POSTGRES,
        version=None,
        synchronous_commit=None,
        standbys=None,
        fsync=None,
        full_page_writes=None,
        data_sync_retry=None,
    )

    assert [one.name for one in postgres_rules.findings(hidden) if one.verdict is WARNS] == [
        "postgres-too-old",
        "postgres-not-synchronous",
        "postgres-does-not-sync",
        "postgres-tears-pages",
        "postgres-trusts-a-failed-sync",
    ]
    assert not [one for one in postgres_rules.findings(hidden) if one.verdict is UNSAFE]


def test_a_visibility_timeout_that_is_too_short_names_the_task_that_outlasts_it() -> None:
    told = found(Case("visibility-timeout", UNSAFE, {"longest_task_s": 3_900.0}))

    assert told.found == "3600 s; an ask of openai, the longest task, may take 3900"


def test_the_oldest_redis_is_the_one_that_the_scripts_ask_for() -> None:
    assert redis_rules.OLDEST == scripts.OLDEST


def test_the_backend_that_is_asked_for_is_the_one_that_counts_chords_in_rows() -> None:
    assert f"{chords.__name__}:{chords.RowsBackend.__name__}" == celery_rules.RESULT_BACKEND


def test_a_house_without_a_spool_is_warned() -> None:
    (told,) = house_rules.findings(HouseFacts(spool=""))

    assert (told.name, told.verdict, told.found) == ("spool-not-set", WARNS, "not set")


def test_the_longest_task_is_the_ask_of_the_most_patient_provider() -> None:
    longest = house_rules.longest_task({"openai": 120.0, "google": 900.0}, otherwise_s=1.0)

    assert longest == LongestTask(900.0 + TASK_MARGIN_S, "an ask of google")


def test_without_a_provider_the_longest_task_has_the_usual_limit() -> None:
    assert house_rules.longest_task({}, otherwise_s=120.0) == LongestTask(120.0 + TASK_MARGIN_S, "an ask")

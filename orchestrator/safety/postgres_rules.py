"""What PostgreSQL must be like, since its rows are the truth. Pure.

Source: PostgreSQL 18 manual, chapters "Write Ahead Log" and "Row Security Policies"; ADRs 0017 and 0018.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from orchestrator.safety.findings import Finding, Rule, Verdict, judge

OLDEST: Final = 150_000  # as server_version_num has it: 15.0, the feature set that tables and statements keep to

_DURABLE: Final = frozenset({"on", "remote_apply", "remote_write"})  # each waits for this server's disk and more


class Power(StrEnum):
    """By what a role sees rows that no policy shows it."""

    PLAIN = "plain"  # by nothing
    SUPERUSER = "superuser"
    BYPASSRLS = "BYPASSRLS"
    INHERITS = "inherits meetingmind_system"
    MISSING = "missing"  # there is no such role yet


@dataclass(frozen=True)
class PostgresFacts:
    """What a PostgreSQL says of itself and of our login; None where it will not.

    Args:
        version: server_version_num.
        standbys: synchronous_standby_names; empty where no commit waits for a standby.
        is_private: it listens on no network, so that its socket's folder is the access rule.
        unguarded: tables of tenants on which row-level security is not forced.
    """

    version: int | None
    synchronous_commit: str | None
    standbys: str | None
    fsync: bool | None
    full_page_writes: bool | None
    data_sync_retry: bool | None
    is_private: bool
    login: Power
    app_role: Power
    unguarded: tuple[str, ...]


def is_durable(told: PostgresFacts) -> bool:
    """Whether an answered commit outlives a crash, and a failover where a standby was named for that."""
    if told.synchronous_commit == "local":
        return not told.standbys
    return told.synchronous_commit in _DURABLE


RULES: Final[tuple[Rule[PostgresFacts], ...]] = (
    Rule(
        name="postgres-too-old",
        setting="server_version",
        value=lambda told: None if told.version is None else told.version // 10_000,
        is_safe=lambda told: (told.version or 0) >= OLDEST,
        wrong="PostgreSQL {found} lacks what our tables and statements use.",
        remedy="Run PostgreSQL 15 or newer.",
    ),
    Rule(
        name="postgres-not-synchronous",
        setting="synchronous_commit",
        value=lambda told: told.synchronous_commit,
        is_safe=is_durable,
        wrong="PostgreSQL answers a commit before it is safe (synchronous_commit {found}): a crash or a failover takes"
        " accepted jobs and paid answers.",
        remedy="Set `synchronous_commit = on` where it was changed: postgresql.conf, ALTER DATABASE or ALTER ROLE.",
    ),
    Rule(
        name="postgres-does-not-sync",
        setting="fsync",
        value=lambda told: told.fsync,
        is_safe=lambda told: told.fsync is True,
        wrong="PostgreSQL never waits for its disk (fsync {found}): a power cut can destroy the whole database.",
        remedy="Set `fsync = on` in postgresql.conf and reload.",
    ),
    Rule(
        name="postgres-tears-pages",
        setting="full_page_writes",
        value=lambda told: told.full_page_writes,
        is_safe=lambda told: told.full_page_writes is True,
        verdict=Verdict.WARNS,  # copy-on-write file systems and managed stores turn it off with good reason
        wrong="PostgreSQL cannot mend a page that a power cut tore (full_page_writes {found}).",
        remedy="Set `full_page_writes = on`, unless the storage itself never tears a page, as ZFS does not.",
    ),
    Rule(
        name="postgres-trusts-a-failed-sync",
        setting="data_sync_retry",
        value=lambda told: told.data_sync_retry,
        is_safe=lambda told: told.data_sync_retry is False,
        wrong="PostgreSQL goes on after its disk failed to sync (data_sync_retry {found}): what the disk dropped counts"
        " as written.",
        remedy="Set `data_sync_retry = off` in postgresql.conf and restart it; then it recovers from its log.",
    ),
    Rule(
        name="postgres-not-migrated",
        setting="the role meetingmind_app",
        value=lambda told: "done" if told.app_role is not Power.MISSING else "not yet",
        is_safe=lambda told: told.app_role is not Power.MISSING,
        verdict=Verdict.WARNS,  # nothing can be read or written meanwhile, and that is loud enough
        wrong="The database has not been made ready (migration {found}): there is no role meetingmind_app.",
        remedy="Run `python -P -m workers migrate`.",
    ),
    Rule(
        name="postgres-app-role-bypasses-rls",
        setting="the role meetingmind_app",
        value=lambda told: told.app_role,
        is_safe=lambda told: told.app_role in {Power.PLAIN, Power.MISSING},
        wrong="The role meetingmind_app passes by row-level security ({found}): a tenant could see another's meetings.",
        remedy="Run `ALTER ROLE meetingmind_app NOSUPERUSER NOBYPASSRLS` as PostgreSQL's superuser.",
    ),
    Rule(
        name="postgres-tables-unguarded",
        setting="row-level security",
        value=lambda told: told.unguarded,
        is_safe=lambda told: not told.unguarded,
        wrong="Row-level security is not forced on {found}, so one tenant could see another's rows.",
        remedy="Run `ALTER TABLE ... ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY` for each of them.",
    ),
    Rule(
        name="postgres-login-sees-all",
        setting="the power of our login",
        value=lambda told: f"{told.login}, on a private socket" if told.is_private else told.login,
        # The embedded server's login made its cluster, and nobody else reaches its socket (ADR 0017).
        is_safe=lambda told: told.login is Power.PLAIN or told.is_private,
        verdict=Verdict.WARNS,  # every transaction takes a role first, and the role decides
        wrong="Our login sees every tenant's rows before it takes a role ({found}).",
        remedy="Use a login like the one in ops/docker/login.sql: NOSUPERUSER NOBYPASSRLS NOINHERIT.",
    ),
)


def findings(facts: PostgresFacts) -> tuple[Finding, ...]:
    return judge(RULES, facts)

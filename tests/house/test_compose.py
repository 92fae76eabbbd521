"""docker-compose.yml does what it says, as far as that can be told without an engine. Every check is shown to bite."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.settings import Settings
from tests.house import compose
from tests.house.checkout import ROOT
from tests.house.compose import Compose

TEXT = (ROOT / "docker-compose.yml").read_text()
DOCUMENTED = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", (ROOT / "ops/env.example").read_text(), re.MULTILINE))


def unexplained_variables(found: Compose) -> list[str]:
    return compose.unexplained_variables(found, DOCUMENTED)


CHECKS: tuple[Callable[[Compose], list[str]], ...] = (
    compose.dangling_references,
    unexplained_variables,
    compose.loose_images,
    compose.waits_in_vain,
    compose.refused_commands,
    compose.missing_processes,
    compose.foreign_settings,
    compose.open_ports,
    compose.soft_services,
    compose.lost_spools,
    compose.homeless_uploads,
    compose.open_flower,
)

# The check, what is replaced, by what.
MUTATIONS = [
    (compose.dangling_references, "- rows:/var", "- rowz:/var"),
    (compose.dangling_references, "networks: [stores, outside]", "networks: [stores, inside]"),
    (compose.dangling_references, "migrate: { condition", "migrations: { condition"),
    (compose.dangling_references, "./ops/docker/login.sql:", "./ops/docker/logon.sql:"),
    (unexplained_variables, "${MEETINGMIND_PORT:-8787}", "${PORT:-8787}"),
    (unexplained_variables, "${MEETINGMIND_PORT:-8787}", "${MEETINGMIND_PORT}"),
    (unexplained_variables, "${POSTGRES_PASSWORD:?", "${POSTGRES_PASSWORD:-"),
    (compose.loose_images, "redis:7.2.14-bookworm", "redis:7"),
    (compose.loose_images, "redis:7.2.14-bookworm", "redis:latest"),
    (compose.loose_images, "redis:7.2.14-bookworm", "redis"),
    (compose.loose_images, "meetingmind:0.1.0", "meetingmind:0.0.9"),
    (compose.waits_in_vain, "test: [CMD, pg_isready", "tests: [CMD, pg_isready"),
    (compose.waits_in_vain, "restart: on-failure:5", "restart: always"),
    (compose.refused_commands, "workers, synthesis]", "workers, synthesise]"),
    (compose.refused_commands, "--host, 0.0.0.0", "--hots, 0.0.0.0"),
    (compose.refused_commands, "[celery, flower]", "[celery, flowers]"),
    (compose.refused_commands, "-m, api,", "-m, apis,"),
    (compose.missing_processes, "workers, maintenance]", "workers, delivery]"),
    (compose.missing_processes, "-m, api,", "-m, workers,"),
    (compose.foreign_settings, "MEETINGMIND_LEASE_S:", "MEETINGMIND_LEASE:"),
    (compose.foreign_settings, "  REDIS_URL:", "  REDIS_ADDRESS:"),
    (compose.foreign_settings, "${MEETINGMIND_LEASE_S:-30}", "${MEETINGMIND_LEASE_S:-soon}"),
    (compose.foreign_settings, "  DEEPSEEK_API_KEY:", "  DEEPSEEK_BASE_URL_2:"),
    (compose.open_ports, '"127.0.0.1:${MEETINGMIND_PORT', '"${MEETINGMIND_PORT'),
    (compose.soft_services, "read_only: true", "read_only: false"),
    (compose.soft_services, "{ internal: true }", "{}"),
    (
        compose.soft_services,
        "    networks: [stores]\n    healthcheck:\n      # Over",
        '    ports: ["127.0.0.1:5432:5432"]\n    networks: [stores]\n    healthcheck:\n      # Over',
    ),
    (compose.lost_spools, "- spool:/var/lib/meetingmind/spool", "- spool:/var/lib/meetingmind"),
    (compose.lost_spools, "- spool:/var", "- ./spool:/var"),
    (compose.lost_spools, "MEETINGMIND_SPOOL_DIR: /", "# /"),
    (compose.homeless_uploads, "TMPDIR: /var", "# /var"),
    (compose.homeless_uploads, "- uploads:/var", "- ./uploads:/var"),
    (compose.open_flower, "FLOWER_READ_ONLY: ", "FLOWER_READ_WRITE: "),
    (compose.open_flower, "${FLOWER_BASIC_AUTH:?", "${FLOWER_BASIC_AUTH:-"),
    (compose.open_flower, "[celery, flower]", "[celery, flower, '--basic-auth=a:b']"),
]


def schema_accepts(file: Path) -> bool:
    """Whether the compose specification's own schema, which the checker carries, takes the file."""
    done = subprocess.run(
        [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file],
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_file_passes(check: Callable[[Compose], list[str]]) -> None:
    assert check(compose.read(TEXT)) == []


@pytest.mark.parametrize(
    ("check", "old", "new"), MUTATIONS, ids=[f"{check.__name__}: {new.strip()[:40]}" for check, _, new in MUTATIONS]
)
def test_a_damaged_copy_is_complained_of(check: Callable[[Compose], list[str]], old: str, new: str) -> None:
    assert old in TEXT

    assert check(compose.read(TEXT.replace(old, new)))


def test_every_check_has_a_copy_that_it_complains_of() -> None:
    assert {check for check, _, _ in MUTATIONS} == set(CHECKS)


def test_the_schema_of_compose_takes_the_file() -> None:
    assert schema_accepts(ROOT / "docker-compose.yml")


@pytest.mark.parametrize(
    ("old", "new"), [("restart: on-failure:5", "restarts: no"), ("service_healthy", "service_wealthy")]
)
def test_the_schema_of_compose_refuses_a_damaged_copy(tmp_path: Path, old: str, new: str) -> None:
    copy = tmp_path / "docker-compose.yml"
    copy.write_text(TEXT.replace(old, new))

    assert not schema_accepts(copy)


def test_a_default_of_compose_is_the_default_of_the_house() -> None:
    fields = {field.alias: field for field in Settings.model_fields.values() if field.alias}
    shown = {name: value for name, sign, value in compose.VARIABLE.findall(TEXT) if sign == ":-" and name in fields}
    full = Settings.model_validate_strings(
        {"DATABASE_URL": "x", "REDIS_URL": "x", "MEETINGMIND_KEY_PEPPER": "0" * 16, **shown}, by_alias=True
    )

    assert len(shown) >= 6
    for name in shown:
        key = next(key for key, field in Settings.model_fields.items() if field.alias == name)
        assert getattr(full, key) == fields[name].default, name


def test_flower_hears_the_keys_that_the_workers_write() -> None:
    """Started by `celery --broker` it can be told no prefix, so there must be none."""
    services = compose.read(TEXT).services
    prefixes = {
        one.environment["MEETINGMIND_REDIS_PREFIX"]
        for one in services.values()
        if "MEETINGMIND_REDIS_PREFIX" in one.environment
    }

    assert prefixes == {""}
    assert services["flower"].environment["CELERY_BROKER_URL"] == services["api"].environment["REDIS_URL"]

"""The environment, read once by each composition root into one frozen value. No other module looks at it.

Provider keys and addresses have the names that the catalog gives them (`OPENAI_API_KEY`, `OPENAI_BASE_URL`,
`OPENAI_TIMEOUT` ...); everything else is a field below. `ops/env.example` lists both, and a test holds it to that.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PostgresDsn, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from providers.calls import Value
from providers.catalog import Catalog, ProviderCard

DEFAULT_PROVIDER_TIMEOUT_S = 120.0  # a long answer of a reasoning model takes a minute or two; flex tiers set their own


class ProviderKey(Value):
    """How one provider is reached: its key, and where and how long if not as the catalog says."""

    provider: str
    key: SecretStr
    base_url: str
    timeout_s: float = Field(gt=0)


class Settings(BaseSettings):
    """Everything that a process may be told. Unset secrets have no default: a start without them fails."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: Annotated[SecretStr, Field(alias="DATABASE_URL")]
    redis_url: Annotated[SecretStr, Field(alias="REDIS_URL")]
    key_pepper: Annotated[SecretStr, Field(alias="MEETINGMIND_KEY_PEPPER", min_length=16)]
    redis_prefix: Annotated[str, Field(alias="MEETINGMIND_REDIS_PREFIX", pattern=r"^[a-z0-9:_-]{0,40}$")] = "mm:"
    ready_file: Annotated[Path | None, Field(alias="MEETINGMIND_READY_FILE")] = None
    log_format: Annotated[Literal["json", "text"], Field(alias="MEETINGMIND_LOG_FORMAT")] = "json"
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(alias="MEETINGMIND_LOG_LEVEL")] = "INFO"
    task_events: Annotated[bool, Field(alias="MEETINGMIND_TASK_EVENTS")] = True
    ask_slots: Annotated[int, Field(alias="MEETINGMIND_ASK_SLOTS", ge=1, le=1000)] = 32
    pool_size: Annotated[int, Field(alias="MEETINGMIND_POOL_SIZE", ge=1, le=200)] = 12
    lease_s: Annotated[float, Field(alias="MEETINGMIND_LEASE_S", ge=0.5, le=600)] = 30.0
    reconcile_every_s: Annotated[float, Field(alias="MEETINGMIND_RECONCILE_EVERY_S", ge=0.2, le=60)] = 5.0
    unclaimed_after_s: Annotated[float, Field(alias="MEETINGMIND_UNCLAIMED_AFTER_S", ge=0.5, le=600)] = 30.0


def from_environment() -> Settings:
    """Read the settings of this process.

    Raises:
        SystemExit: a variable is missing or wrong; the message names each, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
        raise SystemExit(f"The settings do not fit. {wrong}. See ops/env.example.") from None


def provider_keys(catalog: Catalog, environment: Mapping[str, str] | None = None) -> dict[str, ProviderKey]:
    """The providers that have a key, in catalog order. `environment` is for tests; the default is the real one."""
    source = os.environ if environment is None else environment
    return {
        card.id: _provider_key(card, source)
        for card in catalog.providers
        if card.key_variable and source.get(card.key_variable, "").strip()
    }


def given_servers() -> tuple[str | None, str | None]:
    """The database and Redis that the user named, None where the embedded one shall serve."""
    return os.environ.get("DATABASE_URL") or None, os.environ.get("REDIS_URL") or None


def given_server() -> tuple[str | None, str | None]:
    """The address and the key of a running service that the command line shall talk to."""
    return os.environ.get("MEETINGMIND_URL") or None, os.environ.get("MEETINGMIND_API_KEY") or None


def given_data_dir() -> Path | None:
    """Where the embedded stack keeps its data, if the user said so."""
    named = os.environ.get("MEETINGMIND_DATA_DIR")
    return Path(named).expanduser() if named else None


def inherited_environment() -> dict[str, str]:
    """A copy of what this process was given, to hand on to a child."""
    return dict(os.environ)


def check_database_url(url: str) -> str:
    """Raises ValueError: the address is not one of PostgreSQL."""
    TypeAdapter(PostgresDsn).validate_python(url)
    return url


def _provider_key(card: ProviderCard, source: Mapping[str, str]) -> ProviderKey:
    return ProviderKey(
        provider=card.id,
        key=SecretStr(source[card.key_variable].strip()),
        base_url=source.get(card.base_url_variable, "").strip() or card.base_url,
        timeout_s=_seconds(source.get(card.timeout_variable, ""), card.timeout_variable),
    )


def _seconds(text: str, variable: str) -> float:
    if not text.strip():
        return DEFAULT_PROVIDER_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise SystemExit(f"{variable} must be a number of seconds between 0 and 3600.")
    return seconds

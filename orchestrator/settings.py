"""The environment, read once by each composition root into one frozen value. No other module looks at it.

Provider keys and addresses have the names that the catalog gives them (`OPENAI_API_KEY`, `OPENAI_BASE_URL`,
`OPENAI_TIMEOUT` ...); everything else is a field below. `ops/env.example` lists both, and a test holds it to that. The
catalog itself is read here too, as what a house adds to it is a file that the environment names.
"""

import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, PostgresDsn, SecretStr, TypeAdapter, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from orchestrator.setting_words import address, file_or_none, word_or_none, words
from providers.calls import Value
from providers.catalog import Catalog, ProviderCard, Region, load
from providers.catalog_merge import CatalogError
from providers.keyring import split_keys

MOST_TERMS = 1_000  # of the house, kept with each job; a longer list is a dictionary
MOST_TERM_CHARACTERS = 200

DEFAULT_PROVIDER_TIMEOUT_S = 120.0  # a long answer of a reasoning model takes a minute or two; flex tiers set their own

_Kind = TypeVar("_Kind", bound=BaseSettings)


class ProviderKey(Value):
    """How one provider is reached: its keys, and where and how long if not as the catalog says.

    A server of our own that wants no key has one all the same, the empty one.
    """

    provider: str
    keys: tuple[SecretStr, ...] = Field(min_length=1)
    base_url: str
    timeout_s: float = Field(gt=0)


class CatalogSettings(BaseSettings):
    """What a house adds to the catalog that ships, and the providers in the order in which failover shall ask them."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    catalog_file: Annotated[
        Path | None, NoDecode, BeforeValidator(file_or_none), Field(alias="MEETINGMIND_CATALOG")
    ] = None
    failover_order: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(words), Field(alias="MEETINGMIND_FAILOVER_ORDER")
    ] = ()


class ExaminedSettings(CatalogSettings):
    """What `doctor` looks at beside the servers, which need not be named for it."""

    redis_prefix: Annotated[str, Field(alias="MEETINGMIND_REDIS_PREFIX", pattern=r"^[a-z0-9:_-]{0,40}$")] = "mm:"
    spool_dir: Annotated[Path | None, NoDecode, BeforeValidator(file_or_none), Field(alias="MEETINGMIND_SPOOL_DIR")] = (
        None
    )


class Settings(ExaminedSettings):
    """Everything that a process may be told. Unset secrets have no default: a start without them fails."""

    database_url: Annotated[SecretStr, Field(alias="DATABASE_URL")]
    redis_url: Annotated[SecretStr, Field(alias="REDIS_URL")]
    key_pepper: Annotated[SecretStr, Field(alias="MEETINGMIND_KEY_PEPPER", min_length=16)]
    monthly_budget: Annotated[Decimal, Field(alias="AI_MONTHLY_BUDGET", ge=0, le=1_000_000_000, decimal_places=6)] = (
        Decimal("5000.00")
    )
    regions: Annotated[tuple[Region, ...], NoDecode, BeforeValidator(words), Field(alias="MEETINGMIND_REGIONS")] = ()
    zero_retention: Annotated[bool, Field(alias="MEETINGMIND_ZERO_RETENTION")] = False
    routing_strategy: Annotated[
        Literal["preference", "performance", "cost", "round-robin"] | None,
        BeforeValidator(word_or_none),
        Field(alias="MEETINGMIND_ROUTING_STRATEGY"),
    ] = None
    redaction: Annotated[
        tuple[Literal["email", "url", "iban", "payment_card", "ip", "phone", "person"], ...],
        NoDecode,
        BeforeValidator(words),
        Field(alias="MEETINGMIND_REDACTION"),
    ] = ()
    redaction_terms_file: Annotated[
        Path | None, NoDecode, BeforeValidator(file_or_none), Field(alias="MEETINGMIND_REDACTION_TERMS_FILE")
    ] = None
    performance_weighting: Annotated[float, Field(alias="MEETINGMIND_PERFORMANCE_WEIGHTING", ge=0, le=1)] = 0.3
    webhook_networks: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        NoDecode,
        BeforeValidator(words),
        Field(alias="MEETINGMIND_WEBHOOK_NETWORKS"),
    ] = ()
    webhook_body_bytes: Annotated[int, Field(alias="MEETINGMIND_WEBHOOK_BODY_BYTES", ge=4_096, le=4_194_304)] = 262_144
    public_url: Annotated[
        str,
        BeforeValidator(address),
        Field(alias="MEETINGMIND_PUBLIC_URL", pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$"),
    ] = ""
    result_link_s: Annotated[float, Field(alias="MEETINGMIND_RESULT_LINK_S", ge=60, le=2_592_000)] = 86_400.0
    gateway_secret: Annotated[
        Annotated[SecretStr, Field(min_length=32)] | None,
        BeforeValidator(word_or_none),
        Field(alias="MEETINGMIND_GATEWAY_SECRET"),
    ] = None
    gateway_networks: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        NoDecode,
        BeforeValidator(words),
        Field(alias="MEETINGMIND_GATEWAY_NETWORKS"),
    ] = ()
    metrics_prefix: Annotated[str, Field(alias="MEETINGMIND_METRICS_PREFIX", pattern=r"^[a-z][a-z0-9_]{0,39}$")] = (
        "meetingmind"
    )
    ready_file: Annotated[Path | None, Field(alias="MEETINGMIND_READY_FILE")] = None
    log_format: Annotated[Literal["json", "text"], Field(alias="MEETINGMIND_LOG_FORMAT")] = "json"
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(alias="MEETINGMIND_LOG_LEVEL")] = "INFO"
    failpoints: Annotated[
        Path | None, NoDecode, BeforeValidator(file_or_none), Field(alias="MEETINGMIND_FAILPOINTS")
    ] = None
    task_events: Annotated[bool, Field(alias="MEETINGMIND_TASK_EVENTS")] = True
    ask_slots: Annotated[int, Field(alias="MEETINGMIND_ASK_SLOTS", ge=1, le=1000)] = 32
    interactive_slots: Annotated[int, Field(alias="MEETINGMIND_INTERACTIVE_SLOTS", ge=1, le=1000)] = 32
    context_aware_routing: Annotated[bool, Field(alias="FEATURE_CONTEXT_AWARE_ROUTING")] = True
    multi_model_synthesis: Annotated[bool, Field(alias="FEATURE_MULTI_MODEL_SYNTHESIS")] = True
    hedging: Annotated[bool, Field(alias="MEETINGMIND_HEDGING")] = False
    tenant_calls: Annotated[int, Field(alias="MEETINGMIND_TENANT_CALLS", ge=1, le=1_000_000)] = 1_000
    tenant_waiting: Annotated[int, Field(alias="MEETINGMIND_TENANT_WAITING", ge=1, le=10_000_000)] = 50_000
    tenant_scheduled: Annotated[int, Field(alias="MEETINGMIND_TENANT_SCHEDULED", ge=1, le=10_000_000)] = 50_000
    requests_per_minute: Annotated[int, Field(alias="MEETINGMIND_REQUESTS_PER_MINUTE", ge=0, le=10_000_000)] = 60_000
    connections: Annotated[int, Field(alias="MEETINGMIND_CONNECTIONS", ge=16, le=1_000_000)] = 4_000
    pool_size: Annotated[int, Field(alias="MEETINGMIND_POOL_SIZE", ge=1, le=200)] = 12
    lease_s: Annotated[float, Field(alias="MEETINGMIND_LEASE_S", ge=0.5, le=600)] = 30.0
    grace_s: Annotated[float, Field(alias="MEETINGMIND_GRACE_S", ge=0, le=3600)] = 20.0
    reconcile_every_s: Annotated[float, Field(alias="MEETINGMIND_RECONCILE_EVERY_S", ge=0.2, le=60)] = 5.0
    circuit_open_s: Annotated[float, Field(alias="MEETINGMIND_CIRCUIT_OPEN_S", ge=0.1, le=600)] = 5.0
    deaf_after_s: Annotated[float, Field(alias="MEETINGMIND_DEAF_AFTER_S", ge=1, le=3600)] = 60.0
    unclaimed_after_s: Annotated[float, Field(alias="MEETINGMIND_UNCLAIMED_AFTER_S", ge=0.5, le=600)] = 10.0

    @model_validator(mode="after")
    def _gateway_is_whole(self) -> Self:
        if (self.gateway_secret is None) != (not self.gateway_networks):
            raise ValueError("MEETINGMIND_GATEWAY_SECRET and MEETINGMIND_GATEWAY_NETWORKS go together")
        return self

    @property
    def monthly_budget_micro_usd(self) -> int:
        """What all tenants together may spend in a calendar month."""
        return int(self.monthly_budget * 1_000_000)


def from_environment() -> Settings:
    """Read the settings of this process.

    Raises:
        SystemExit: a variable is missing or wrong; the message names each, never its value.
    """
    return _fitting(Settings)


def require_fitting() -> None:
    """Judge all that this process was told, though servers and pepper may not be there yet. Raises as above."""
    later = {"DATABASE_URL": "later", "REDIS_URL": "later", "MEETINGMIND_KEY_PEPPER": "what is made later"}
    _fitting(Settings, **{name: value for name, value in later.items() if not os.environ.get(name)})


def examined_settings() -> ExaminedSettings:
    """Those of them that `doctor` needs. Raises as `from_environment`."""
    return _fitting(ExaminedSettings)


def redaction_terms(settings: Settings) -> tuple[str, ...]:
    """What the house hides from every model beside what has a known form: a term a line; "#" begins a remark.

    Raises:
        SystemExit: 78, after a line on stderr: the file cannot be read, or holds what cannot be a term.
    """
    if settings.redaction_terms_file is None:
        return ()
    try:
        return _terms(settings.redaction_terms_file.read_text("utf-8"))
    except (OSError, ValueError) as error:  # of bytes that are no UTF-8, too
        print(f"MEETINGMIND_REDACTION_TERMS_FILE: {error}", file=sys.stderr)  # noqa: T201 - before there is a log
        raise SystemExit(os.EX_CONFIG) from None


def load_catalog(settings: CatalogSettings | None = None) -> Catalog:
    """The catalog of this house: what ships, and what the file adds that it was told of.

    Raises:
        SystemExit: the file cannot be read or does not fit; the message names the entry and the field.
    """
    told = settings or CatalogSettings()
    try:
        extra = None if told.catalog_file is None else told.catalog_file.read_text("utf-8")
        return load(extra, told.failover_order)
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"MEETINGMIND_CATALOG: {told.catalog_file} cannot be read: {error}.") from None
    except CatalogError as error:
        raise SystemExit(f"The catalog does not fit. {_origin(told)}{error}.") from None


def provider_keys(catalog: Catalog, environment: Mapping[str, str] | None = None) -> dict[str, ProviderKey]:
    """The providers that can be reached, in catalog order. `environment` is for tests; the default is the real one.

    That takes a key, or a card that wants none, and an address, of the environment or the catalog.
    """
    source = os.environ if environment is None else environment
    found = (_provider_key(card, source) for card in catalog.providers if card.dialect != "extractive")
    return {key.provider: key for key in found if key is not None}


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


def _fitting(kind: type[_Kind], **given: Any) -> _Kind:
    try:
        return kind(**given)
    except ValidationError as error:
        wrong = "; ".join(": ".join((*map(str, one["loc"][:1]), one["msg"])) for one in error.errors())
        raise SystemExit(f"The settings do not fit. {wrong}. See ops/env.example.") from None


def _terms(text: str) -> tuple[str, ...]:
    lines = [(number, " ".join(line.split())) for number, line in enumerate(text.splitlines(), 1)]
    told = [(number, line) for number, line in lines if line and not line.startswith("#")]
    for number, line in told:
        if len(line) > MOST_TERM_CHARACTERS or not any(map(str.isalnum, line)):
            raise ValueError(
                f"line {number} is no term: {MOST_TERM_CHARACTERS} characters at most, a letter among them"
            )
    if len(told) > MOST_TERMS:
        raise ValueError(f"it has {len(told)} terms, and may have {MOST_TERMS}")
    return tuple(dict.fromkeys(line for _number, line in told))


def _origin(told: CatalogSettings) -> str:
    """Which variables had a part in it."""
    parts = ("MEETINGMIND_CATALOG" * bool(told.catalog_file), "MEETINGMIND_FAILOVER_ORDER" * bool(told.failover_order))
    return f"{', '.join(part for part in parts if part)}: "


def _provider_key(card: ProviderCard, source: Mapping[str, str]) -> ProviderKey | None:
    keys = split_keys(source.get(card.key_variable, "")) if card.key_variable else ("",)
    base_url = source.get(card.base_url_variable, "").strip() or card.base_url
    if not keys or not base_url:
        return None
    return ProviderKey(
        provider=card.id,
        keys=tuple(SecretStr(key) for key in keys),
        base_url=base_url,
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

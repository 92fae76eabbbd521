"""What the environment says of providers and of the catalog, and what a user is told where it does not fit."""

from pathlib import Path

import pytest

from orchestrator.settings import (
    CatalogSettings,
    ProviderKey,
    Settings,
    from_environment,
    load_catalog,
    provider_keys,
    require_fitting,
)
from providers.catalog import load

CATALOG = load()
CELLAR = """
[[providers]]
id = "cellar"
name = "The server in the cellar"
dialect = "openai_chat"
base_url_variable = "CELLAR_URL"

[[models]]
provider = "cellar"
id = "llama"
base = "openai/gpt-6-luna"
"""


SHARED = "what a gateway and a house share"


@pytest.fixture
def catalog_file(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(CELLAR)
    return file


def shown(key: ProviderKey) -> tuple[str, ...]:
    return tuple(one.get_secret_value() for one in key.keys)


def test_without_any_key_no_provider_is_reached() -> None:
    assert provider_keys(CATALOG, {}) == {}
    assert provider_keys(CATALOG, {"OPENAI_API_KEY": " , "}) == {}


@pytest.mark.parametrize("text", ["one,two", "one two", " one,\n two, one ,"])
def test_a_variable_holds_any_number_of_keys(text: str) -> None:
    keys = provider_keys(CATALOG, {"OPENAI_API_KEY": text})

    assert shown(keys["openai"]) == ("one", "two")


def test_a_key_is_not_shown_by_accident() -> None:
    assert "sk-1" not in repr(provider_keys(CATALOG, {"OPENAI_API_KEY": "sk-1"}))


@pytest.mark.parametrize("card", [card for card in CATALOG.providers if card.key_variable], ids=lambda card: card.id)
def test_every_provider_has_its_three_variables(card: object) -> None:
    found = CATALOG.provider(getattr(card, "id"))  # noqa: B009
    environment = {
        found.key_variable: "k",
        found.base_url_variable: "https://proxy.example/v9 ",
        found.timeout_variable: "7.5",
    }

    keys = provider_keys(CATALOG, environment)

    assert list(keys) == [found.id]
    assert (shown(keys[found.id]), keys[found.id].base_url) == (("k",), "https://proxy.example/v9")
    assert keys[found.id].timeout_s == 7.5


def test_the_keys_of_several_providers_come_in_catalog_order() -> None:
    keys = provider_keys(CATALOG, {"ANTHROPIC_API_KEY": "a", "AIMLAPI_API_KEY": "b", "GOOGLE_API_KEY": "c"})

    assert list(keys) == ["aimlapi", "google", "anthropic"]
    assert keys["anthropic"].base_url == "https://api.anthropic.com"
    assert keys["anthropic"].timeout_s == 120


def test_azure_is_reached_when_its_address_is_given_too() -> None:
    key = {"AZURE_OPENAI_API_KEY": "k"}
    address = {"AZURE_OPENAI_BASE_URL": "https://res.openai.azure.com/openai/v1"}

    assert provider_keys(CATALOG, key) == {}
    assert list(provider_keys(CATALOG, key | address)) == ["azure"]


def test_a_server_that_wants_no_key_is_reached_by_its_address() -> None:
    catalog = load(CELLAR)

    assert provider_keys(catalog, {}) == {}
    found = provider_keys(catalog, {"CELLAR_URL": "http://cellar.example/v1"})
    assert list(found) == ["cellar"]
    assert shown(found["cellar"]) == ("",)


@pytest.mark.parametrize("seconds", ["soon", "0", "-1", "3601", "nan", "inf"])
def test_a_time_limit_that_is_none_is_named(seconds: str) -> None:
    with pytest.raises(SystemExit, match="OPENAI_TIMEOUT must be a number of seconds"):
        provider_keys(CATALOG, {"OPENAI_API_KEY": "k", "OPENAI_TIMEOUT": seconds})


def test_without_a_file_and_an_order_the_catalog_is_the_one_that_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGMIND_CATALOG", " ")
    monkeypatch.setenv("MEETINGMIND_FAILOVER_ORDER", "")

    assert load_catalog() == CATALOG


def test_the_catalog_has_what_the_file_adds_in_the_order_that_was_set(
    catalog_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEETINGMIND_CATALOG", str(catalog_file))
    monkeypatch.setenv("MEETINGMIND_FAILOVER_ORDER", "cellar, openai")

    catalog = load_catalog()

    assert [card.id for card in catalog.providers][:3] == ["cellar", "openai", "aimlapi"]
    assert catalog.failover_order == ("cellar", "openai")
    assert catalog.version != CATALOG.version


def test_what_was_read_already_is_not_read_again(catalog_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGMIND_CATALOG", str(catalog_file))
    settings = CatalogSettings()
    monkeypatch.delenv("MEETINGMIND_CATALOG")

    assert load_catalog(settings).provider("cellar").name == "The server in the cellar"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"

    with pytest.raises(SystemExit, match=r"MEETINGMIND_CATALOG: .*none\.toml cannot be read"):
        load_catalog(CatalogSettings(catalog_file=missing))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"id = "])
def test_a_file_that_is_no_toml_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)

    with pytest.raises(SystemExit, match="MEETINGMIND_CATALOG"):
        load_catalog(CatalogSettings(catalog_file=file))


def test_an_entry_that_does_not_fit_is_named_with_its_field(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(CELLAR + 'tier = "cheap"\n')

    with pytest.raises(SystemExit, match="MEETINGMIND_CATALOG: models: cellar/llama: tier: Input should be"):
        load_catalog(CatalogSettings(catalog_file=file))


def test_an_order_of_strangers_is_refused() -> None:
    with pytest.raises(SystemExit, match="MEETINGMIND_FAILOVER_ORDER: failover_order: 'opnai' is no provider"):
        load_catalog(CatalogSettings(failover_order=("opnai",)))


@pytest.mark.parametrize(
    ("text", "folder"),
    [("", None), (" ", None), ("/srv/spool", Path("/srv/spool")), ("~/spool", Path.home() / "spool")],
)
def test_a_spool_is_a_folder_and_an_empty_word_is_none(text: str, folder: Path | None) -> None:
    settings = Settings.model_validate_strings(
        {"DATABASE_URL": "x", "REDIS_URL": "x", "MEETINGMIND_KEY_PEPPER": "0" * 16, "MEETINGMIND_SPOOL_DIR": text}
    )

    assert settings.spool_dir == folder


def test_what_is_told_is_judged_before_servers_and_a_pepper_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "MEETINGMIND_KEY_PEPPER"):
        monkeypatch.delenv(name, raising=False)
    require_fitting()

    monkeypatch.setenv("AI_MONTHLY_BUDGET", "a lot")
    with pytest.raises(SystemExit, match="AI_MONTHLY_BUDGET") as refusal:
        require_fitting()
    assert "a lot" not in str(refusal.value)


def test_a_pepper_that_is_told_is_judged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGMIND_KEY_PEPPER", "short")

    with pytest.raises(SystemExit, match="MEETINGMIND_KEY_PEPPER"):
        require_fitting()


@pytest.mark.parametrize(
    "half",
    [
        {"MEETINGMIND_GATEWAY_SECRET": SHARED},
        {"MEETINGMIND_GATEWAY_NETWORKS": "10.0.3.0/28"},
        {"MEETINGMIND_GATEWAY_SECRET": "too short", "MEETINGMIND_GATEWAY_NETWORKS": "10.0.3.0/28"},
        {
            "MEETINGMIND_GATEWAY_SECRET": SHARED,
            "MEETINGMIND_GATEWAY_NETWORKS": "10.0.3.7/28",
        },
        {"MEETINGMIND_METRICS_PREFIX": "9 lives"},
    ],
)
def test_half_a_gateway_is_none_and_nothing_starts(monkeypatch: pytest.MonkeyPatch, half: dict[str, str]) -> None:
    needed = {"DATABASE_URL": "x", "REDIS_URL": "x", "MEETINGMIND_KEY_PEPPER": "a pepper for tests"}
    for name, value in {**needed, **half}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as refused:
        from_environment()

    assert "MEETINGMIND_" in str(refused.value)
    assert "house share" not in str(refused.value)


def test_a_whole_gateway_and_none_at_all_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MEETINGMIND_KEY_PEPPER", "a pepper for tests")

    monkeypatch.setenv("MEETINGMIND_GATEWAY_SECRET", " ")
    assert from_environment().gateway_secret is None

    monkeypatch.setenv("MEETINGMIND_GATEWAY_SECRET", SHARED)
    monkeypatch.setenv("MEETINGMIND_GATEWAY_NETWORKS", "10.0.3.0/28, fd00::/64")
    assert len(from_environment().gateway_networks) == 2

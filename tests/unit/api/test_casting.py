"""Who is played by whom in a drill, and that nobody is asked at a real address."""

import pytest

from api.cli import casting
from api.cli.casting import NOWHERE, STAGES, Cast, Player
from api.cli.exits import USAGE, Told
from orchestrator.settings import provider_keys
from providers import catalog
from providers.catalog import Catalog
from providers.emulator import models, personas

URL = "http://127.0.0.1:4711"
SOLD = frozenset(("gpt-6-luna",))
PROVIDER = """
[[providers]]
id = "{id}"
name = "{id}"
dialect = "openai_chat"
base_url = "https://{id}.invalid/v1"
key_variable = "{key_variable}"
base_url_variable = "{base_url_variable}"
timeout_variable = "{timeout_variable}"

[[models]]
provider = "{id}"
id = "{model}"
base = "openai/gpt-6-luna"
"""


def house(**field: str) -> Catalog:
    """The catalog with a provider of the house's own in front."""
    words = {
        "id": "acme",
        "key_variable": "ACME_API_KEY",
        "base_url_variable": "ACME_BASE_URL",
        "timeout_variable": "ACME_TIMEOUT",
        "model": "emulated-large",
    }
    return catalog.load(PROVIDER.format(**(words | field)), ["acme"])


def cast(cards: Catalog, **environment: str) -> Cast:
    return casting.cast(cards, provider_keys(cards, environment), SOLD)


def names(found: Cast) -> list[str]:
    return [player.provider for player in found.players]


@pytest.mark.parametrize(("name", "stage"), STAGES.items())
def test_a_stage_is_where_the_emulator_plays_that_vendor(name: str, stage: casting.Stage) -> None:
    assert personas.at(f"{stage.path}/models").name == stage.persona
    assert catalog.load().provider(name).base_url_variable


def test_the_bare_address_plays_openai_and_sells_what_the_name_promises() -> None:
    assert personas.at(f"{casting.OPEN_STAGE.path}/chat/completions").name == casting.OPEN_STAGE.persona
    assert models.find(f"{casting.ANY_NAME}large")


def test_without_keys_the_usual_four_are_played() -> None:
    found = cast(catalog.load())

    assert names(found) == ["aimlapi", "openai", "google", "anthropic"]
    assert found.is_usual


def test_with_keys_those_are_played_in_the_order_of_the_house() -> None:
    cards = catalog.load(None, ["deepseek", "openai"])

    found = cast(cards, OPENAI_API_KEY="a", DEEPSEEK_API_KEY="b,c", GOOGLE_API_KEY=" ")

    assert names(found) == ["deepseek", "openai"]
    assert not found.is_usual
    assert (found.left_out, found.down) == ((), ())


def test_keys_are_made_up_and_told_apart_by_their_last_four_characters() -> None:
    found = cast(catalog.load())

    assert len({player.key[-4:] for player in found.players}) == 4
    assert all(len(player.key) > 12 for player in found.players)


@pytest.mark.parametrize("model", ["emulated-large", "gpt-6-luna"])
def test_a_provider_of_ones_own_is_played_if_its_models_are_sold(model: str) -> None:
    found = cast(house(model=model), ACME_API_KEY="a")

    assert [(player.provider, player.path) for player in found.players] == [("acme", "/v1")]


@pytest.mark.parametrize("field", [{"model": "llama-4"}, {"base_url_variable": ""}])
def test_one_that_cannot_be_played_is_left_out_and_said(field: dict[str, str]) -> None:
    found = cast(house(**field), ACME_API_KEY="a", OPENAI_API_KEY="b")

    assert names(found) == ["openai"]
    assert found.left_out == ("acme",)


def test_azure_is_left_out_and_if_it_is_all_there_is_the_usual_ones_are_played() -> None:
    found = cast(catalog.load(), AZURE_OPENAI_API_KEY="a", AZURE_OPENAI_BASE_URL="https://mine.invalid")

    assert found.left_out == ("azure",)
    assert found.is_usual


def test_one_that_wants_no_key_stays_and_is_down() -> None:
    cards = house(key_variable="")

    found = cast(cards, OPENAI_API_KEY="b")

    assert (names(found), found.down, found.left_out) == (["openai"], ("acme",), ())
    drilled = casting.environment({}, cards, found.players, URL)
    assert provider_keys(cards, drilled)["acme"].base_url == NOWHERE


@pytest.mark.parametrize(
    ("own", "variable", "expected"), [("5", "ACME_TIMEOUT", 5.0), ("90", "ACME_TIMEOUT", 8.0), ("", "", 120.0)]
)
def test_patience_is_short_where_it_can_be_set_and_never_longer_than_the_users(
    own: str, variable: str, expected: float
) -> None:
    cards = house(timeout_variable=variable)

    found = cast(cards, ACME_API_KEY="a", **({variable: own} if variable else {}))

    assert found.players[0].timeout_s == expected
    drilled = casting.environment({}, cards, found.players, URL)
    assert provider_keys(cards, drilled)["acme"].timeout_s == expected


def test_the_stack_is_given_made_up_keys_and_the_emulators_addresses_and_keeps_the_rest() -> None:
    cards = catalog.load()
    mine = {
        "PATH": "/bin",
        "MEETINGMIND_FAILOVER_ORDER": "google,openai",
        "OPENAI_API_KEY": "real-1",
        "DEEPSEEK_BASE_URL": "https://proxy.invalid",
        "AZURE_OPENAI_API_KEY": "real-2",
        "DATABASE_URL": "postgresql://mine",
        "REDIS_URL": "redis://mine",
        "MEETINGMIND_API_KEY": "real-3",
    }
    player = Player("openai", "openai", "/openai/v1", "drill-key-0001", 8.0)

    drilled = casting.environment(mine, cards, [player], URL)

    found = provider_keys(cards, drilled)
    assert list(found) == ["openai"]
    assert found["openai"].base_url == f"{URL}/openai/v1"
    assert not [value for value in drilled.values() if "real" in value or "mine" in value or "proxy" in value]
    assert (drilled["PATH"], drilled["MEETINGMIND_FAILOVER_ORDER"]) == ("/bin", "google,openai")


@pytest.mark.parametrize("key_variable", ["", "OPENAI_API_KEY"])
def test_a_provider_that_would_be_asked_at_its_real_address_ends_the_drill(key_variable: str) -> None:
    cards = house(key_variable=key_variable, base_url_variable="")
    found = cast(cards, OPENAI_API_KEY="a")

    with pytest.raises(Told, match="keep acme from its real address") as caught:
        casting.environment({}, cards, found.players, URL)

    assert caught.value.code == USAGE

"""Who is played by whom in a drill: the user's providers, and the emulator's stages that can stand for them. Pure.

    a provider that the emulator knows     is played where it stands
    another, that speaks OpenAI's dialect  is played on the emulator's bare address, if all its models are sold there
    any other                              is left out: without its key the stack does not ask it
    one that wants no key                  cannot be left out: it stays, and is down

No address of the real world stays in the environment of the drill's stack; `environment` sees to that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from api.cli.exits import USAGE, Told
from orchestrator.settings import DEFAULT_PROVIDER_TIMEOUT_S, ProviderKey, provider_keys
from providers.catalog import Catalog, ProviderCard

TIMEOUT_S: Final = 8.0  # so that a provider which never ends its answer does not hold the drill for two minutes a call
DEFAULT_TIERS: Final = 4  # played where the user has no key: the first four of the catalog's order
NOWHERE: Final = "http://127.0.0.1:1/v1"  # no program listens on port 1
# The user's servers and service are not the drill's, and their secrets not its business.
LEFT_BEHIND: Final = (
    "DATABASE_URL",
    "REDIS_URL",
    "MEETINGMIND_DATA_DIR",
    "MEETINGMIND_KEY_PEPPER",
    "MEETINGMIND_URL",
    "MEETINGMIND_API_KEY",
    "MEETINGMIND_READY_FILE",
)


@dataclass(frozen=True)
class Stage:
    """A vendor as the emulator plays it: the name in its script, and the path where it answers."""

    persona: str
    path: str


STAGES: Final[dict[str, Stage]] = {
    "aimlapi": Stage("aimlapi", "/aimlapi/v1"),
    "openai": Stage("openai", "/openai/v1"),
    "google": Stage("gemini", "/gemini"),
    "anthropic": Stage("anthropic", "/anthropic"),
    "openrouter": Stage("openrouter", "/openrouter/api/v1"),
    "deepseek": Stage("deepseek", "/deepseek"),
}
OPEN_STAGE: Final = Stage("openai", "/v1")
ANY_NAME: Final = "emulated-"  # the emulator sells any model whose name begins so


@dataclass(frozen=True)
class Player:
    """A provider of the user's that the emulator plays. `key` is made up; its last four characters are its own."""

    provider: str
    persona: str
    path: str
    key: str
    timeout_s: float


@dataclass(frozen=True)
class Cast:
    """`players` in the order of failover; `down` want no key, and so stay though nobody plays them.

    `is_usual`: the user has no key for any that can be played, so the usual ones are.
    """

    players: tuple[Player, ...]
    left_out: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    is_usual: bool = False


def cast(catalog: Catalog, keyed: Mapping[str, ProviderKey], sold: Collection[str]) -> Cast:
    """Find a stage for each provider that the user can reach.

    Args:
        keyed: the user's own reachable providers, with their timeouts.
        sold: the models that the emulator lists at its bare address.
    """
    reached = [card for card in catalog.providers if card.id in keyed]
    stages = {card.id: _stage(card, catalog, sold) for card in reached if card.key_variable}
    found = {name: stage for name, stage in stages.items() if stage is not None}
    usual = {card.id: STAGES[card.id] for card in catalog.providers if card.id in STAGES}
    chosen = found or dict(list(usual.items())[:DEFAULT_TIERS])
    return Cast(
        players=tuple(
            _player(number, catalog.provider(name), stage, keyed.get(name))
            for number, (name, stage) in enumerate(chosen.items(), 1)
        ),
        left_out=tuple(name for name, stage in stages.items() if stage is None),
        down=tuple(card.id for card in reached if not card.key_variable),
        is_usual=not found,
    )


def environment(mine: Mapping[str, str], catalog: Catalog, players: Collection[Player], url: str) -> dict[str, str]:
    """The user's environment, with the emulator in place of every provider.

    Raises:
        Told: a provider could still be reached at its real address.
    """
    drilled = {name: value for name, value in mine.items() if name not in LEFT_BEHIND}
    for card in catalog.providers:
        drilled.pop(card.key_variable, None)
        if card.base_url_variable:
            drilled[card.base_url_variable] = NOWHERE
    for player in players:
        card = catalog.provider(player.provider)
        drilled |= {card.key_variable: player.key, card.base_url_variable: url + player.path}
        if card.timeout_variable:
            drilled[card.timeout_variable] = f"{player.timeout_s:g}"
    _check(catalog, drilled, url)
    return drilled


def _stage(card: ProviderCard, catalog: Catalog, sold: Collection[str]) -> Stage | None:
    if not card.base_url_variable:
        return None
    return STAGES.get(card.id) or (OPEN_STAGE if _fits_the_open_stage(card, catalog, sold) else None)


def _fits_the_open_stage(card: ProviderCard, catalog: Catalog, sold: Collection[str]) -> bool:
    models = [model.id for model in catalog.models if model.provider == card.id]
    speaks = card.dialect == "openai_chat" and card.key_header == "authorization" and not card.path
    return speaks and all(model in sold or model.startswith(ANY_NAME) for model in models)


def _player(number: int, card: ProviderCard, stage: Stage, own: ProviderKey | None) -> Player:
    own_s = own.timeout_s if own else DEFAULT_PROVIDER_TIMEOUT_S
    timeout_s = min(TIMEOUT_S, own_s) if card.timeout_variable else own_s
    return Player(card.id, stage.persona, stage.path, f"drill-key-{number:04}", timeout_s)


def _check(catalog: Catalog, drilled: Mapping[str, str], url: str) -> None:
    for name, key in provider_keys(catalog, drilled).items():
        if key.base_url != NOWHERE and not key.base_url.startswith(f"{url}/"):
            raise Told(
                f"A drill cannot keep {name} from its real address. Give it a base_url_variable of its own in the"
                " catalog.",
                code=USAGE,
            )

"""Our dialects against the emulator's vendors: who is reached where, one exchange, and what both sides say of it.

The emulator was written from the vendors' page by another hand than the dialects, so that a misreading by either shows
as a difference between what our client made of an answer and what the emulator's books say was asked and billed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import SecretStr

from orchestrator.analysis import prompts
from orchestrator.meeting import reading
from orchestrator.meeting.transcript import Transcript
from providers import catalog, pricing
from providers.calls import Call, Message, Reply, Target, Tool
from providers.catalog import ModelCard
from providers.client import Client, ProviderAccess
from providers.errors import ProviderError
from providers.sockets import Cancel
from tests.acceptance.processes import Emulator

# A Friday noon before the first retirement and the first announced rise of a price, and outside DeepSeek's peak hours:
# every model of the catalog is sold, at the first row of its prices.
NOON: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
CATALOG: Final = catalog.load()
PATIENCE_S: Final = 20.0

_SAMPLE: Final = Path(__file__).resolve().parents[2] / "api" / "samples" / "ami-es2005a.vtt"
_BOUNDARY: Final = "c0nf0rm"
_SHORT: Final = 24  # utterances: a meeting of a minute or two


@dataclass(frozen=True)
class Vendor:
    """Where the emulator plays a provider, under which name, and the model there that can do most."""

    persona: str
    base: str
    model: str
    another: str


VENDORS: Final[Mapping[str, Vendor]] = {
    "openai": Vendor("openai", "/openai/v1", "gpt-6-luna", "gpt-6.1-terra"),
    "aimlapi": Vendor("aimlapi", "/aimlapi/v1", "openai/gpt-6-luna", "google/gemini-3-8-flash"),
    "azure": Vendor("azure", "/azure/openai/v1", "gpt-6-luna", "gpt-6.1-terra"),
    "openrouter": Vendor("openrouter", "/openrouter/api/v1", "openai/gpt-6-luna", "anthropic/claude-sonnet-5.5"),
    "deepseek": Vendor("deepseek", "/deepseek", "deepseek-flash", "deepseek-v4-pro"),
    "google": Vendor("gemini", "/gemini", "gemini-3.5-flash-lite", "gemini-3.8-flash"),
    "anthropic": Vendor("anthropic", "/anthropic", "claude-haiku-5-5", "claude-sonnet-5-5"),
}
SEATS: Final = tuple(Target(provider=provider, model=vendor.model) for provider, vendor in VENDORS.items())


def key_of(provider: str) -> str:
    """A key with a sign that is quoted in addresses, so that more than one spelling of it could leak."""
    return f"sk/{provider}+conformance=0123456789"


def models(provider: str = "") -> tuple[ModelCard, ...]:
    """Every model of the catalog that goes over a wire."""
    return tuple(card for card in CATALOG.models if card.provider in VENDORS and provider in ("", card.provider))


@cache
def meeting(utterances: int | None = _SHORT, times: int = 1) -> tuple[Message, ...]:
    """The prompt of a seat for a real meeting, or for its beginning; `times` over, for one that has no end."""
    spoken = reading.read(_SAMPLE.read_text("utf-8"), "vtt").utterances[:utterances]
    told = [one.model_copy(update={"id": f"r{turn}-{one.id}"}) for turn in range(times) for one in spoken]
    return prompts.messages(Transcript(utterances=tuple(told)), _BOUNDARY)


WEATHER: Final = Tool(
    name="weather_at",
    description="Tells the weather at a place.",
    parameters={
        "type": "object",
        "properties": {"place": {"type": "string"}},
        "required": ["place"],
        "additionalProperties": False,
    },
)

_NUMBERS: Final = count(1)


def question(*, text: str = "Say a few words about the harbour.", **wishes: Any) -> Call:
    """A plain call, with an id of its own."""
    plain: dict[str, Any] = {
        "call_id": f"conform-{next(_NUMBERS)}",
        "messages": (Message(role="system", text="Answer briefly."), Message(role="user", text=text)),
        "max_output_tokens": 8_000,
        "timeout_s": PATIENCE_S,
    }
    return Call(**(plain | wishes))


def analysis(*, utterances: int | None = _SHORT, **wishes: Any) -> Call:
    """What a seat of a panel asks."""
    asked = {"messages": meeting(utterances), "schema_name": prompts.SCHEMA_NAME, "json_schema": prompts.SCHEMA}
    return question(**(asked | wishes))


@dataclass(frozen=True)
class Exchange:
    """One call as both sides tell it. `sent`: our client says that a byte left; `entry`: the emulator's line of it."""

    call: Call
    result: Reply | ProviderError
    sent: bool
    entry: dict[str, Any] | None

    @property
    def reply(self) -> Reply:
        assert isinstance(self.result, Reply), f"{type(self.result).__name__}: {self.result}"
        return self.result

    @property
    def error(self) -> ProviderError:
        assert isinstance(self.result, ProviderError), self.result
        return self.result

    @property
    def billed_micro_usd(self) -> int:
        """What the emulator's bank took for it."""
        return int(self.entry["billed_micro_usd"]) if self.entry else 0


class Stage:
    """The running emulator at `NOON`, and clients that take it for every provider."""

    def __init__(self, folder: Path) -> None:
        self.emulator = Emulator(folder)
        access = {provider: self._access(provider) for provider in VENDORS}
        self.client = Client(access, CATALOG)
        self.hasty = Client(access, CATALOG, progress_timeout_s=0.15)

    def open(self, at: datetime = NOON) -> None:
        """Forget what was, and let it be that time."""
        self.emulator.order("reset")
        self.emulator.order("clock", at=at.isoformat())

    def strike(self, target: Target, fault: str, **args: Any) -> None:
        """Let the fault meet every request of the provider from now on."""
        match: dict[str, Any] = {"persona": VENDORS[target.provider].persona}
        self.emulator.order("faults", match=match, fault=fault, args=args)

    def ask(self, target: Target, call: Call, *, hasty: bool = False) -> Exchange:
        """Put the call, and look up what the emulator noted."""
        before, left = len(self.emulator.requests()), list[bool]()
        client = self.hasty if hasty else self.client
        result: Reply | ProviderError
        try:
            result = client.ask(target, call, cancel=Cancel(), on_sent=lambda: left.append(True))
        except ProviderError as error:
            result = error
        noted = self.emulator.requests()[before:]
        assert len(noted) <= 1, noted
        return Exchange(call, result, bool(left), noted[0] if noted else None)

    def close(self) -> None:
        self.client.close()
        self.hasty.close()
        self.emulator.close()

    def _access(self, provider: str) -> ProviderAccess:
        return ProviderAccess(
            provider=provider,
            base_url=self.emulator.url + VENDORS[provider].base,
            keys=(SecretStr(key_of(provider)),),
            timeout_s=PATIENCE_S,
        )


def priced(target: Target, result: Reply | ProviderError, at: datetime = NOON) -> int:
    """What we book for it: by the card of the model that served, at the tier that ran. A failure names no tier."""
    served = CATALOG.served(target.provider, result.model_served)
    assert served is not None, f"{target} was served by {result.model_served!r}, which the catalog does not know"
    assert result.usage is not None
    tier = result.tier_served if isinstance(result, Reply) else "standard"
    return pricing.cost(result.usage, served, at, service_tier=tier)


Way = Literal["whole", "streamed"]
WAYS: Final[tuple[Way, ...]] = ("whole", "streamed")

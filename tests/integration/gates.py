"""What the tests of the gate share: a catalog of two invented providers, outcomes, a clock that a test drives."""

from datetime import date

from providers.calls import Finish, Reply, Target, Usage
from providers.catalog import Catalog, ModelCard, Price, ProviderCard

REPLY = Reply(text="yes", finish=Finish.STOP, model_served="large", usage=Usage(input_tokens=70, output_tokens=10))
ACME = Target(provider="acme", model="large")
BOLT = Target(provider="bolt", model="vendor/large")
FREE = ProviderCard(id="acme", name="Acme", dialect="openai_chat")


class Clock:
    """Redis' milliseconds, as a test drives them."""

    def __init__(self, now_ms: int = 1_790_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def pass_s(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)


def catalog(*cards: ProviderCard) -> Catalog:
    """Two providers unless others are named, with the models of `ACME` and `BOLT`."""
    price = Price(
        since=date(2026, 1, 1),
        input_micro_usd=1,
        cached_input_micro_usd=1,
        cache_write_micro_usd=1,
        output_micro_usd=1,
    )
    providers = cards or (FREE, ProviderCard(id="bolt", name="Bolt", dialect="openai_chat"))
    models = [
        ModelCard(
            provider=target.provider,
            id=target.model,
            tier="economy",
            window_tokens=1_000,
            max_output_tokens=100,
            equivalent="large",
            prices=(price,),
        )
        for target in (ACME, BOLT)
        if target.provider in {card.id for card in providers}
    ]
    return Catalog(version="test", providers=providers, models=tuple(models))

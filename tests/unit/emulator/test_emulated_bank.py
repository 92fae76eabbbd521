from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers import catalog, pricing
from providers.calls import Target, Usage
from providers.emulator import models
from providers.emulator.bank import Bank, Tokens, cost_micro_usd
from providers.emulator.log import mask

TODAY = date(2026, 11, 20)
CATALOG = catalog.load()
COUNTS = st.integers(min_value=0, max_value=400_000)


@pytest.mark.parametrize(
    ("tokens", "model", "cost"),
    [
        (Tokens(prompt=1_000_000, completion=0), "emulated-3", 200_000),  # over the cliff: twice the input
        (Tokens(prompt=200_000, completion=100_000), "gpt-6-luna", 70_000),
        (Tokens(prompt=300_000, completion=100_000), "gpt-6-luna", 60_000 + 75_000),
        (Tokens(prompt=10, completion=0, cached=10), "gpt-6-luna", 1),  # a tenth of a micro-dollar is rounded up
        (Tokens(prompt=8, completion=0, cache_written=8), "gpt-6.1-terra", 10),
        (Tokens(prompt=0, completion=0), "gpt-6-astra", 0),
    ],
)
def test_an_exchange_costs(tokens: Tokens, model: str, cost: int) -> None:
    found = models.find(model)

    assert found is not None
    assert cost_micro_usd(tokens, found, TODAY) == cost


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", model) for model in models.MODELS.values()] + [("aimlapi", model) for model in models.RESOLD.values()],
    ids=lambda value: value.id if isinstance(value, models.Model) else value,
)
@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(
    fresh=COUNTS, cached=COUNTS, written=COUNTS, answer=COUNTS, reasoning=COUNTS, day=st.sampled_from([0, 10, 11, 42])
)
def test_two_price_lists_typed_by_different_hands_agree(
    provider: str, model: models.Model, fresh: int, cached: int, written: int, answer: int, reasoning: int, day: int
) -> None:
    target = Target(provider=provider, model=model.id)
    if not CATALOG.knows(target):
        assert model.id in {"openai/gpt-5-6-luna", "openai/gpt-6-sol", "openai/gpt-6-astra"}
        return
    at = datetime(2026, 11, 20, 12, tzinfo=UTC) + day * (datetime(2026, 1, 2) - datetime(2026, 1, 1))  # noqa: DTZ001
    usage = Usage(
        input_tokens=fresh,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=answer,
        reasoning_tokens=reasoning,
    )

    ours = pricing.cost(usage, CATALOG.model(target), at)

    tokens = Tokens(fresh + cached + written, answer + reasoning, cached, written, reasoning)
    assert cost_micro_usd(tokens, model, at.date()) == ours


def test_a_dated_snapshot_is_the_model_itself() -> None:
    assert models.find("gpt-6-luna-2026-09-22") == models.find("gpt-6-luna")
    assert models.find("gpt-6-luna-mini") is None


def test_a_model_of_a_test_may_have_a_small_window() -> None:
    narrow, wide = models.find("emulated-window-16k-red"), models.find("emulated-red")

    assert narrow is not None
    assert wide is not None
    assert (narrow.window_tokens, narrow.input_micro_usd) == (16_000, wide.input_micro_usd)
    assert wide.window_tokens == 922_000


def test_the_reseller_takes_dots_and_dashes_and_is_five_per_cent_dearer() -> None:
    dashed, dotted = models.find_resold("openai/gpt-6-1-terra"), models.find_resold("openai/gpt-6.1-terra")
    emulated = models.find_resold("emulated-1")

    assert dashed is not None
    assert dotted is not None
    assert emulated is not None
    assert dashed.input_micro_usd == dotted.input_micro_usd == 1_050_000
    assert emulated.output_micro_usd == 525_000
    assert models.find_resold("gpt-6-luna") is None


def test_the_statement_adds_up_and_groups_by_the_caller_s_id() -> None:
    bank = Bank()
    bank.charge("req_1", "seat-1", 70)
    bank.charge("req_2", "seat-1", 30)
    bank.charge("req_3", "", 5)

    assert bank.statement() == {
        "total_micro_usd": 105,
        "requests": {"req_1": 70, "req_2": 30, "req_3": 5},
        "by_client_request_id": {"seat-1": 100},
    }


def test_a_request_is_charged_once() -> None:
    bank = Bank()
    bank.charge("req_1", "seat-1", 70)

    with pytest.raises(ValueError, match="already billed"):
        bank.charge("req_1", "seat-1", 70)


@given(st.text(min_size=1, max_size=60))
def test_a_masked_key_shows_four_characters_at_most(key: str) -> None:
    masked = mask(key)

    assert len(masked) <= 7
    assert key not in masked or key in "***"

"""What every dialect shares: the header of the key, and the effort that a model is asked for."""

from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Call, Effort, Message
from providers.catalog import ModelCard, Price, ProviderCard
from providers.wire import EFFORTS, credentials, effort, json_output

KeyHeader = Literal["authorization", "api-key", "x-api-key", "x-goog-api-key"]


def provider(key_header: KeyHeader) -> ProviderCard:
    return ProviderCard(id="p", name="P", dialect="openai_chat", key_header=key_header)


def model(efforts: tuple[Effort, ...], default: Effort | Literal[""] = "") -> ModelCard:
    price = Price(
        since=date(2026, 1, 1),
        input_micro_usd=1,
        cached_input_micro_usd=1,
        cache_write_micro_usd=1,
        output_micro_usd=1,
    )
    return ModelCard(
        provider="p",
        id="m",
        tier="economy",
        window_tokens=1_000,
        max_output_tokens=100,
        equivalent="economy",
        efforts=efforts,
        reasoning_effort=default,
        prices=(price,),
    )


def call(wish: Effort | None) -> Call:
    return Call(
        call_id="c", messages=(Message(role="user", text="Hi"),), max_output_tokens=10, timeout_s=1, effort=wish
    )


@pytest.mark.parametrize(
    ("key_header", "value"),
    [("authorization", "Bearer k-1"), ("api-key", "k-1"), ("x-api-key", "k-1"), ("x-goog-api-key", "k-1")],
)
def test_the_key_travels_in_the_header_of_its_provider(key_header: KeyHeader, value: str) -> None:
    assert credentials("k-1", provider(key_header)) == {key_header: value}


def test_no_key_sends_no_header() -> None:
    assert credentials("", provider("authorization")) == {}


@pytest.mark.parametrize(
    ("wish", "efforts", "default", "sent"),
    [
        (None, (), "", ""),
        (None, (), "low", "low"),
        (None, ("low", "high"), "high", "high"),
        ("high", (), "low", "low"),  # a model without a choice is asked for what its card says
        ("high", ("low", "high"), "low", "high"),
        ("medium", ("low", "high"), "", "low"),  # as near to both: the lower
        ("xhigh", ("none", "low", "medium"), "", "medium"),
        ("none", ("low", "medium"), "", "low"),
        ("max", ("low", "xhigh"), "low", "xhigh"),
    ],
)
def test_the_effort_nearest_to_the_wish_is_sent(
    wish: Effort | None, efforts: tuple[Effort, ...], default: Effort | Literal[""], sent: str
) -> None:
    assert effort(call(wish), model(efforts, default)) == sent


@given(st.sampled_from(EFFORTS), st.lists(st.sampled_from(EFFORTS), min_size=1, unique=True))
def test_a_model_is_never_sent_an_effort_that_it_does_not_take(wish: Effort, efforts: list[Effort]) -> None:
    sent = effort(call(wish), model(tuple(efforts)))

    assert sent in efforts
    assert wish not in efforts or sent == wish


@pytest.mark.parametrize(("own", "promised"), [("", "schema"), ("object", "object"), ("schema", "schema")])
def test_a_model_s_own_way_to_json_goes_before_its_provider_s(
    own: Literal["", "schema", "object"], promised: str
) -> None:
    card = model(()).model_copy(update={"json_output": own})

    assert json_output(provider("api-key"), card) == promised

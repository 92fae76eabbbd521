"""What a provider of the OpenAI family says that an exchange cost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import JsonObject
from providers.dialects.openai_usage import reported_cost_micro_usd, told


def cost(document: JsonObject, **headers: str) -> int | None:
    return reported_cost_micro_usd(document, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("usd", "micro_usd"),
    [
        (0, 0),
        (0.0, 0),
        (1, 1_000_000),
        (0.01075, 10_750),
        (2.475e-05, 25),
        (1e-9, 1),
        (0.1 + 0.2, 300_000),  # the noise of a sum costs nothing
        (1e-15, 0),
        (-0.01, None),
        (100_000, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ("0.01", None),
        (None, None),
        ({"total_cost": 0.01}, None),
    ],
)
def test_a_reported_cost_is_rounded_up_to_micro_dollars(usd: JsonValue, micro_usd: int | None) -> None:
    assert cost({"usage": {"cost": usd}}) == micro_usd
    assert cost({"meta": {"usage": {"usd_spent": usd, "credits_used": 3}}}) == micro_usd


@pytest.mark.parametrize(
    ("text", "micro_usd"),
    [
        ("0.01075", 10_750),
        (" 0.01075 ", 10_750),
        ("1e-05", 10),
        ("0", 0),
        ("999999", None),
        ("999999999e99", None),
        ("-1", None),
        ("free", None),
        ("nan", None),
        ("٣", None),
        ("", None),
    ],
)
def test_a_cost_in_a_header_is_read(text: str, micro_usd: int | None) -> None:
    assert cost({}, x_aimlapi_usd_spent=text) == micro_usd


def test_the_body_is_asked_before_the_header() -> None:
    assert cost({"meta": {"usage": {"usd_spent": 0.000002}}}, x_aimlapi_usd_spent="0.000001") == 2
    assert cost({"meta": {"usage": {"credits_used": 17}}}, x_aimlapi_usd_spent="0.000001") == 1


def test_an_aggregators_fee_for_ones_own_key_is_not_the_price() -> None:
    assert cost({"usage": {"cost": 0.0001, "is_byok": True}}) is None
    assert cost({"usage": {"cost": 0.0001, "is_byok": False}}) == 100


@pytest.mark.parametrize("document", [{}, {"usage": None}, {"meta": []}, {"meta": {"usage": 3}}])
def test_a_document_without_a_cost_names_none(document: JsonObject) -> None:
    assert cost(document) is None


@given(st.decimals(min_value=0, max_value=1_000, places=9))
def test_what_is_booked_is_never_less_than_what_was_said_nor_a_micro_dollar_more(usd: Decimal) -> None:
    micro_usd = cost({}, x_aimlapi_usd_spent=f"{usd:f}")

    assert micro_usd is not None
    assert 0 <= micro_usd - usd * 1_000_000 < 1


@given(st.integers(1, 1_000), st.integers(0, 2_000), st.integers(0, 2_000), st.integers(0, 2_000))
def test_the_classes_of_the_prompt_add_up_to_it_whatever_its_details_claim(
    prompt: int, cached: int, written: int, images: int
) -> None:
    details: JsonObject = {"cached_tokens": cached, "cache_write_tokens": written, "image_tokens": images}

    usage = told({"usage": {"prompt_tokens": prompt, "prompt_tokens_details": details}})

    assert usage is not None
    assert sum(usage.model_dump(exclude={"estimated"}).values()) == prompt

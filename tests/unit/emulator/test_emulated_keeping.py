import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.emulator import gemini_embeddings as embeddings
from providers.emulator import gemini_refusals as refusals
from providers.emulator.gemini_answers import read_prompt
from providers.emulator.gemini_generate import GenerateRequest, check
from providers.emulator.gemini_models import MODELS, storage_micro_usd
from providers.emulator.gemini_prompt import CachedPrompt, read
from providers.emulator.gemini_store import CachedContent, Shelf
from providers.emulator.prompt_cache import PromptCache
from providers.emulator.refusals import Reason, Refusal

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MODEL = "gemini-3.8-flash"
HELLO: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
LONG: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [{"role": "user", "parts": [{"text": "word " * 5_000}]}],
}


def kept(asked: dict[str, Any]) -> CachedPrompt:
    texts, pieces = read(asked)
    return CachedPrompt("cachedContents/1", MODEL, texts, pieces, asked)


def accepted(**changes: Any) -> GenerateRequest:
    body = HELLO | {"cachedContent": "cachedContents/1"} | changes
    return check(body, MODEL, NOW.date(), find_cached={"cachedContents/1": kept(LONG)}.get)


def refused(body: dict[str, Any], *, one: bool = True, model: str = "gemini-embedding-001") -> Reason:
    with pytest.raises(Refusal) as caught:
        embeddings.check(body, model, one=one)
    return caught.value.reason


# --- What is kept, and for whom


def test_a_thing_is_seen_by_its_owner_until_its_time_is_over() -> None:
    shelf: Shelf[str] = Shelf()
    end = NOW + timedelta(seconds=10)
    shelf.put("a", "ann", "first", end)
    shelf.put("b", "ann", "second", end + timedelta(seconds=10))
    shelf.put("c", "boris", "third", end)

    assert (shelf.find("a", "ann", NOW), shelf.find("a", "boris", NOW), shelf.find("a", "ann", end)) == (
        "first",
        None,
        None,
    )
    assert (shelf.of("ann", NOW), shelf.of("ann", end), shelf.of("nobody", NOW)) == (
        ["second", "first"],
        ["second"],
        [],
    )
    assert (shelf.take_expired(end), shelf.take_expired(end)) == (["first", "third"], [])


def test_a_name_is_remembered_when_the_thing_is_gone() -> None:
    shelf: Shelf[str] = Shelf()
    shelf.put("a", "ann", "first", NOW + timedelta(days=1))

    shelf.remove("a")
    shelf.remove("a")

    assert shelf.find("a", "ann", NOW) is None
    assert (shelf.has_known("a"), shelf.has_known("b")) == (True, False)


# --- Caches


def test_a_named_cache_stands_before_the_prompt_and_is_read_from_there() -> None:
    request = accepted()

    plain, _ = read_prompt(check(HELLO, MODEL, NOW.date()), PromptCache(), "key", NOW)
    tokens, _ = read_prompt(request, PromptCache(), "key", NOW)

    assert request.texts == (*kept(LONG).texts, "Hello")
    assert tokens.cached == kept(LONG).tokens == tokens.prompt - plain.prompt


def test_what_is_remembered_besides_a_named_cache_is_read_as_well() -> None:
    turns = [*HELLO["contents"], {"role": "model", "parts": [{"text": "x " * 100}]}, *HELLO["contents"]]
    request, cache = accepted(contents=turns), PromptCache()
    cache.write(("key", MODEL), request.prefixes(), NOW)

    tokens, _ = read_prompt(request, cache, "key", NOW)

    assert kept(LONG).tokens < tokens.cached < tokens.prompt


@pytest.mark.parametrize("name", ["cachedContents/2", 7, "1"])
def test_a_cache_of_another_name_is_not_found(name: object) -> None:
    with pytest.raises(Refusal) as caught:
        accepted(cachedContent=name)

    assert (caught.value.reason.status, refusals.name_of(caught.value.reason)) == (403, "PERMISSION_DENIED")


def test_a_cache_is_for_the_model_that_it_was_made_for() -> None:
    with pytest.raises(Refusal) as caught:
        check(
            HELLO | {"cachedContent": "cachedContents/1"},
            "gemini-3.7-flash",
            NOW.date(),
            find_cached={"cachedContents/1": kept(LONG)}.get,
        )

    assert "has to be the same" in caught.value.reason.message


@given(seconds=st.floats(min_value=0, max_value=10**8), tokens=st.integers(min_value=0, max_value=10**6))
def test_keeping_is_billed_by_the_hour_and_never_past_the_end(seconds: float, tokens: int) -> None:
    end = NOW + timedelta(hours=2)
    prompt = kept(LONG)
    cached = CachedContent(prompt, MODELS[MODEL], "", NOW, NOW, end, "")

    cost = cached.storage_micro_usd(NOW + timedelta(seconds=seconds))

    assert 0 <= cost <= prompt.tokens
    assert storage_micro_usd(tokens, MODELS[MODEL], 7_200.0) == tokens
    assert storage_micro_usd(tokens, MODELS["gemini-4-argon"], 7_200.0) == 0


# --- Embeddings


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "content is empty"),
        ({"content": {"parts": [{"text": ""}]}}, "content is empty"),
        ({"content": {"parts": [{"text": "x"}]}, "outputDimensionality": 0}, "output_dimensionality"),
        ({"content": {"parts": [{"text": "x"}]}, "output_dimensionality": 3_073}, "output_dimensionality"),
        ({"content": {"parts": [{"text": "x"}]}, "outputDimensionality": True}, "output_dimensionality"),
        ({"content": {"parts": [{"text": "x"}]}, "model": "models/gemini-embedding-2"}, "does not match"),
        ({"content": {"parts": [{"text": "word " * 3_000}]}}, "exceeds the maximum number of tokens"),
        ({"content": {"parts": [{"text": "x"}]}, "input": "x"}, 'Unknown name "input"'),
    ],
)
def test_an_embedding_is_refused(body: dict[str, Any], words: str) -> None:
    one, many = refused(body), refused({"requests": [body]}, one=False)

    assert (one.status, many.status) == (400, 400)
    assert words in one.message
    assert words in many.message


@pytest.mark.parametrize("count", [0, embeddings.MAX_REQUESTS + 1])
def test_embeddings_are_refused_by_their_number(count: int) -> None:
    row = {"content": {"parts": [{"text": "x"}]}}

    assert "requests" in refused({"requests": [row] * count}, one=False).message


def test_a_model_that_writes_does_not_embed() -> None:
    assert refused({"content": {"parts": [{"text": "x"}]}}, model=MODEL).status == 404


@given(texts=st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=5), seed=st.integers(0, 9))
def test_each_text_has_its_own_unit_vector_and_all_are_billed_at_once(texts: list[str], seed: int) -> None:
    rows: list[Any] = [{"content": {"parts": [{"text": text}]}, "outputDimensionality": 64} for text in texts]
    request = embeddings.check({"requests": rows}, "gemini-embedding-2", one=False)

    written: Any = embeddings.whole(request, seed)

    vectors = [row["values"] for row in written["embeddings"]]
    assert all(math.isclose(math.hypot(*values), 1.0, rel_tol=1e-9) for values in vectors)
    assert len({tuple(values) for values in vectors}) == len(set(texts))
    assert request.cost_micro_usd == math.ceil(request.tokens * 0.2)
    assert request.texts == tuple(texts)

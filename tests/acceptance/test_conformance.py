"""Our three dialects over sockets against the emulator's seven vendors, which another author wrote from the same page.

Whatever one of the two misread shows here: a request that the vendor refuses, a token or a micro-dollar on which our
books and its bank differ, a failure that we take for another one.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import jsonschema
import pytest

from orchestrator.analysis import prompts
from providers.calls import Call, Effort, Finish, Image, Message, Reply, Target, Usage
from providers.catalog import ModelCard
from providers.client import DIALECTS
from providers.emulator.script import FAULTS
from providers.errors import (
    CutOff,
    DeadlineExceeded,
    ModelNotFound,
    ProviderError,
    RateLimited,
    Refused,
    Stalled,
    Unauthenticated,
)
from providers.keyring import spellings
from tests.acceptance import conformance_faults as faults
from tests.acceptance.conformance import (
    CATALOG,
    NOON,
    SEATS,
    VENDORS,
    WAYS,
    WEATHER,
    Exchange,
    Stage,
    Way,
    analysis,
    key_of,
    meeting,
    models,
    priced,
    question,
)
from tests.acceptance.processes import closing

MODELS = models()
EFFORTS = [(card, effort) for card in MODELS for effort in card.efforts]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

# Where a repeated prompt is cheaper: by a marker, a key, an end user that we send, or unasked (section 4).
REMEMBERING = frozenset({"openai", "azure", "deepseek", "google", "anthropic"})

of_every_model = pytest.mark.parametrize("card", MODELS, ids=lambda card: str(card.target))
at_every_seat = pytest.mark.parametrize("seat", SEATS, ids=lambda seat: seat.provider)
either_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with closing(Stage(tmp_path_factory.mktemp("conformance"))) as stage:
        yield stage


@pytest.fixture
def stage(_running: Stage) -> Stage:
    """The module's emulator and clients, its script and books as new."""
    _running.open()
    return _running


def check_books(target: Target, exchange: Exchange, at: datetime = NOON) -> Reply:
    """The reply, if our books and the vendor's agree on it to the token and to the micro-dollar."""
    reply, entry = exchange.reply, exchange.entry
    assert entry is not None
    assert not reply.usage.estimated
    assert (read(reply.usage), written(reply.usage)) == (entry["prompt_tokens"], entry["completion_tokens"])
    assert priced(target, reply, at) == exchange.billed_micro_usd > 0
    if target.provider in ("aimlapi", "openrouter"):
        assert reply.reported_cost_micro_usd == exchange.billed_micro_usd
    return reply


def read(usage: Usage) -> int:
    return usage.input_tokens + usage.cached_input_tokens + usage.cache_write_tokens


def written(usage: Usage) -> int:
    return usage.output_tokens + usage.reasoning_tokens


def test_the_kit_plays_every_provider_that_goes_over_a_wire() -> None:
    assert set(VENDORS) == {card.id for card in CATALOG.providers if card.dialect in DIALECTS}
    assert all(CATALOG.knows(seat) for seat in SEATS)


# --- Answers


@of_every_model
@either_way
def test_whatever_the_catalog_sends_is_accepted_and_paid_to_the_micro_dollar(
    stage: Stage, card: ModelCard, way: Way
) -> None:
    asked = question(user="tenant-1", temperature=0.2, stream=way == "streamed")

    reply = check_books(card.target, stage.ask(card.target, asked))

    assert reply.text
    assert reply.finish is Finish.STOP
    assert reply.request_id


@of_every_model
def test_a_meeting_is_analysed_by_the_schema_and_a_stream_brings_the_same_words(stage: Stage, card: ModelCard) -> None:
    whole = check_books(card.target, stage.ask(card.target, analysis()))
    streamed = check_books(card.target, stage.ask(card.target, analysis(stream=True)))

    jsonschema.validate(json.loads(whole.text), prompts.SCHEMA)
    assert streamed.text == whole.text
    assert streamed.usage == whole.usage
    assert streamed.model_served == whole.model_served


@pytest.mark.parametrize(("card", "effort"), EFFORTS, ids=lambda value: str(getattr(value, "target", value)))
def test_every_effort_that_a_card_names_is_one_that_the_model_takes(
    stage: Stage, card: ModelCard, effort: Effort
) -> None:
    check_books(card.target, stage.ask(card.target, question(effort=effort)))


@pytest.mark.parametrize(
    "card", [card for card in MODELS if card.flex_percent < 100], ids=lambda card: str(card.target)
)
@either_way
def test_the_flex_tier_is_granted_named_and_cheaper(stage: Stage, card: ModelCard, way: Way) -> None:
    streams = way == "streamed"
    flex = stage.ask(card.target, analysis(service_tier="flex", stream=streams))
    standard = stage.ask(card.target, analysis(stream=streams))

    assert check_books(card.target, flex).tier_served == "flex"
    assert check_books(card.target, standard).tier_served != "flex"
    assert flex.billed_micro_usd < standard.billed_micro_usd


@of_every_model
@either_way
def test_a_prefix_that_is_sent_again_costs_what_the_cache_costs(stage: Stage, card: ModelCard, way: Way) -> None:
    system, transcript = meeting(None, times=2)
    messages = (system, transcript.model_copy(update={"cached": True}), Message(role="user", text="Say it briefly."))
    tier = "flex" if card.flex_percent < 100 else "standard"
    asked = [question(messages=messages, user="tenant-1", stream=way == "streamed") for _ in range(2)]
    asked.append(asked[1].model_copy(update={"call_id": "conform-again", "service_tier": tier}))

    replies = [check_books(card.target, stage.ask(card.target, call)) for call in asked]

    remembers = card.provider in REMEMBERING or (card.provider == "openrouter" and card.cache_min_tokens > 0)
    assert [reply.usage.cached_input_tokens > 1_000 for reply in replies] == [False, remembers, remembers]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("anthropic/claude-haiku-5-5", 80_000),
        ("aimlapi/anthropic/claude-haiku-5-5", 100_001),
        ("openrouter/anthropic/claude-haiku-5.5", 100_001),
        ("google/gemini-2.5-pro", 200_001),
        ("openai/gpt-6-luna", 272_001),
    ],
)
def test_a_prompt_over_the_cliff_is_priced_anew_as_a_whole(stage: Stage, target: str, words: int) -> None:
    seat = Target.parse(target)
    cliff = max(row.over_prompt_tokens for row in CATALOG.model(seat).prices)

    under = check_books(seat, stage.ask(seat, question(text="word " * (words // 2))))
    over = check_books(seat, stage.ask(seat, question(text="word " * words)))

    assert read(under.usage) < cliff < read(over.usage)


@pytest.mark.parametrize(
    ("target", "before", "after"),
    [
        ("google/gemini-4-argon", "2026-11-30T23:59", "2026-12-01T00:00"),
        ("google/gemini-3.8-flash", "2026-12-31T23:59", "2027-01-01T00:00"),
        ("aimlapi/google/gemini-4-argon", "2026-11-30T23:59", "2026-12-01T00:00"),
        ("openrouter/google/gemini-3.8-flash", "2026-12-31T23:59", "2027-01-01T00:00"),
        ("deepseek/deepseek-flash", "2026-11-20T00:59", "2026-11-20T01:00"),
        ("deepseek/deepseek-v4-pro", "2026-11-20T10:00", "2026-11-20T09:59"),
        ("deepseek/deepseek-v4-pro", "2026-11-21T02:00", "2026-11-23T02:00"),
    ],
)
def test_prices_move_by_the_clock_on_both_sides_at_once(stage: Stage, target: str, before: str, after: str) -> None:
    seat = Target.parse(target)
    billed = []
    for instant in (before, after):
        at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        stage.open(at)
        exchange = stage.ask(seat, analysis())
        check_books(seat, exchange, at)
        billed.append(exchange.billed_micro_usd)

    assert billed[1] in (2 * billed[0], 2 * billed[0] - 1)  # each is rounded up once


# Azure is left out: what is deployed there stays until its owner takes it away.
@pytest.mark.parametrize(
    "card",
    [card for card in MODELS if card.retires_on is not None and card.provider != "azure"],
    ids=lambda card: str(card.target),
)
def test_a_model_is_there_until_the_day_that_its_card_names(stage: Stage, card: ModelCard) -> None:
    assert card.retires_on is not None
    midnight = datetime.combine(card.retires_on, datetime.min.time(), UTC)
    last = midnight - timedelta(minutes=1)

    stage.open(last)
    check_books(card.target, stage.ask(card.target, question()), last)
    stage.open(midnight)
    gone = stage.ask(card.target, question())

    if isinstance(gone.result, Reply):  # served by another one from then on, at that one's price (section 5.2)
        assert f"{card.provider}/{gone.reply.model_served}" == card.replaced_by
        check_books(card.target, gone, midnight)
    else:
        assert type(gone.error) is ModelNotFound


# --- Tools and images


@pytest.mark.parametrize("card", [card for card in MODELS if "tools" in card.takes], ids=lambda card: str(card.target))
@either_way
def test_a_tool_is_called_and_its_result_taken_back(stage: Stage, card: ModelCard, way: Way) -> None:
    streams = way == "streamed"
    asked = question(tools=(WEATHER,), tool_choice="required", stream=streams)
    called = check_books(card.target, stage.ask(card.target, asked))
    if "forced_tools" in card.takes:
        assert called.finish is Finish.TOOL_CALLS
        assert [one.name for one in called.tool_calls] == [WEATHER.name]
        jsonschema.validate(json.loads(called.tool_calls[0].arguments), WEATHER.parameters)

    turns = [Message(role="assistant", text=called.text, tool_calls=called.tool_calls)]
    turns += [Message(role="tool", text='{"sky": "grey"}', tool_call_id=one.id) for one in called.tool_calls]
    if not called.tool_calls:
        turns.append(Message(role="user", text="Thank you."))
    again = question(messages=(*asked.messages, *turns), tools=(WEATHER,), stream=streams)
    reply = check_books(card.target, stage.ask(card.target, again))

    assert reply.finish is Finish.STOP
    assert reply.text


@pytest.mark.parametrize(
    "card", [card for card in MODELS if "tools" not in card.takes], ids=lambda card: str(card.target)
)
def test_tools_are_refused_before_a_byte_leaves_where_the_card_has_none(stage: Stage, card: ModelCard) -> None:
    exchange = stage.ask(card.target, question(tools=(WEATHER,)))

    assert type(exchange.error) is Refused
    assert not exchange.sent
    assert exchange.entry is None


@of_every_model
def test_images_are_shown_where_the_card_says_so_and_kept_back_elsewhere(stage: Stage, card: ModelCard) -> None:
    images = (Image(base64=PIXEL), Image(url="https://pictures.example/harbour.jpg", media_type="image/jpeg"))
    exchange = stage.ask(card.target, question(messages=(Message(role="user", text="What is it?", images=images),)))

    if "images" in card.takes:
        check_books(card.target, exchange)
    else:
        assert type(exchange.error) is Refused
        assert not exchange.sent
        assert exchange.entry is None


# --- Failures


def meet(stage: Stage, seat: Target, fault: str, call: Call) -> Exchange:
    """One call that meets the fault, with what has to hold for each of them."""
    stage.strike(seat, fault, **faults.ARGS.get(fault, {}))
    exchange = stage.ask(seat, call, hasty=fault in faults.STANDSTILLS)
    if isinstance(exchange.result, ProviderError):
        error = exchange.result
        assert error.provider == seat.provider
        assert exchange.billed_micro_usd == 0 or error.may_be_billed
        assert not any(spelling in f"{error} {error.args!r} {error.request_id}" for spelling in secrets(seat))
    return exchange


def secrets(seat: Target) -> tuple[str, ...]:
    return spellings(key_of(seat.provider))


def test_the_tables_name_every_fault_that_the_emulator_can_play() -> None:
    assert set(faults.ALL) | faults.NOT_OF_CHATS == FAULTS
    parts = (faults.REFUSALS, faults.DEEDS, faults.LIES, faults.MISHAPS, faults.STANDSTILLS)
    assert sum(map(len, parts)) == len(faults.ALL)


@at_every_seat
@pytest.mark.parametrize("fault", faults.REFUSALS)
@either_way
def test_a_refusal_is_named_as_the_vendor_s_table_names_it_and_costs_nothing(
    stage: Stage, seat: Target, fault: str, way: Way
) -> None:
    exchange = meet(stage, seat, fault, question(stream=way == "streamed"))

    assert type(exchange.result) is faults.REFUSALS[fault].at(seat.provider, way)
    assert (exchange.billed_micro_usd == 0) is isinstance(exchange.result, ProviderError)


@at_every_seat
@pytest.mark.parametrize("fault", [fault for fault in faults.DEEDS if fault != "other_model"])
@either_way
def test_what_a_model_did_is_named_and_billed_to_the_micro_dollar(
    stage: Stage, seat: Target, fault: str, way: Way
) -> None:
    exchange = meet(stage, seat, fault, analysis(stream=way == "streamed"))

    assert type(exchange.result) is faults.DEEDS[fault].at(seat.provider, way)
    if isinstance(exchange.result, Reply):
        check_books(seat, exchange)
    else:
        error, entry = exchange.error, exchange.entry
        assert entry is not None
        assert error.usage is not None
        assert (read(error.usage), written(error.usage)) == (entry["prompt_tokens"], entry["completion_tokens"])
        assert priced(seat, error) == exchange.billed_micro_usd > 0


@at_every_seat
@pytest.mark.parametrize("fault", faults.LIES)
@either_way
def test_a_wrong_body_around_good_work_is_named_and_may_be_billed(
    stage: Stage, seat: Target, fault: str, way: Way
) -> None:
    exchange = meet(stage, seat, fault, analysis(stream=way == "streamed"))

    assert type(exchange.result) is faults.LIES[fault].at(seat.provider, way)
    assert (exchange.billed_micro_usd == 0) is (fault in faults.UNBILLED)


@at_every_seat
@pytest.mark.parametrize("fault", ["usage_missing", "usage_negative"])
@either_way
def test_a_usage_that_is_not_told_is_estimated_near_what_was_billed(
    stage: Stage, seat: Target, fault: str, way: Way
) -> None:
    exchange = meet(stage, seat, fault, analysis(stream=way == "streamed"))

    assert exchange.reply.usage.estimated
    assert 0.6 < priced(seat, exchange.reply) / exchange.billed_micro_usd < 2.5  # the clamp of section 6


@at_every_seat
@pytest.mark.parametrize("fault", faults.MISHAPS)
@either_way
def test_a_broken_way_is_told_from_a_strange_one(stage: Stage, seat: Target, fault: str, way: Way) -> None:
    exchange = meet(stage, seat, fault, analysis(stream=way == "streamed"))

    assert type(exchange.result) is faults.MISHAPS[fault].at(seat.provider, way)
    assert (exchange.billed_micro_usd == 0) is (fault in faults.UNBILLED)
    if isinstance(exchange.result, Reply):
        jsonschema.validate(json.loads(check_books(seat, exchange).text), prompts.SCHEMA)


@at_every_seat
@pytest.mark.parametrize("fault", faults.STANDSTILLS)
@either_way
def test_an_answer_that_does_not_get_on_ends_in_time(stage: Stage, seat: Target, fault: str, way: Way) -> None:
    patience_s = 0.25 if way == "whole" else 5.0  # a stream has to be cut long before
    exchange = meet(stage, seat, fault, analysis(utterances=6, stream=way == "streamed", timeout_s=patience_s))

    assert type(exchange.result) is faults.STANDSTILLS[fault].at(seat.provider, way)


@at_every_seat
def test_comments_keep_no_stream_alive(stage: Stage, seat: Target) -> None:
    stage.strike(seat, "stall_mid", comments=True, interval_ms=40)

    exchange = stage.ask(seat, analysis(stream=True, timeout_s=5), hasty=True)

    assert type(exchange.error) is Stalled
    assert exchange.error.usage is not None


@at_every_seat
def test_a_stream_that_gets_on_too_slowly_meets_the_deadline(stage: Stage, seat: Target) -> None:
    stage.emulator.order("latency", chunk_ms=20)

    exchange = stage.ask(seat, analysis(stream=True, timeout_s=0.4))

    assert type(exchange.error) is DeadlineExceeded
    assert exchange.error.may_be_billed
    assert exchange.billed_micro_usd > 0


@at_every_seat
@either_way
def test_another_model_than_the_one_asked_for_is_named_and_sets_the_price(stage: Stage, seat: Target, way: Way) -> None:
    another = VENDORS[seat.provider].another
    stage.strike(seat, "other_model", model=another)

    exchange = stage.ask(seat, analysis(stream=way == "streamed"))

    assert check_books(seat, exchange).model_served == another


@at_every_seat
@either_way
def test_signs_that_some_take_for_the_end_of_a_line_stay_in_the_words(stage: Stage, seat: Target, way: Way) -> None:
    plain = stage.ask(seat, analysis(stream=way == "streamed")).reply
    stage.strike(seat, "odd_characters")

    odd = stage.ask(seat, analysis(stream=way == "streamed")).reply

    strange = "\u2028\u2029\u0085\U0001f600\U00020000"
    assert (strange in odd.text) is (seat.provider in faults.FAMILY)  # the other two personas do not play it
    assert odd.text.replace(strange, "") == plain.text


def test_an_answer_that_wants_to_be_asked_on_is_cut_off_and_billed(stage: Stage) -> None:
    argon = Target(provider="google", model="gemini-4-argon")

    exchange = meet(stage, argon, "continuation", analysis())

    assert type(exchange.error) is CutOff
    assert priced(argon, exchange.error) == exchange.billed_micro_usd > 0


@pytest.mark.parametrize("provider", ["anthropic", "google"])
@either_way
def test_a_model_that_is_free_to_call_a_tool_may_call_it(stage: Stage, provider: str, way: Way) -> None:
    seat = next(seat for seat in SEATS if seat.provider == provider)
    stage.strike(seat, "tool_call")

    exchange = stage.ask(seat, question(tools=(WEATHER,), stream=way == "streamed"))

    assert [one.name for one in check_books(seat, exchange).tool_calls] == [WEATHER.name]


# --- Waits and limits


@at_every_seat
@pytest.mark.parametrize(
    ("args", "wait_s", "at_google_s"),
    [
        ({}, None, 14.0),  # Google's own
        ({"retry_after": "7"}, 7.0, 7.0),
        ({"retry_after": "1.5"}, 1.5, 1.5),
        ({"retry_after": "7", "retry_after_ms": "820"}, 0.82, 7.0),  # Google knows no such header
        ({"retry_after_date_s": 30}, 30.0, 30.0),
        ({"retry_after": "-3"}, None, None),
    ],
    ids=str,
)
def test_the_wait_that_a_rate_limit_asks_for_is_heard(
    stage: Stage, seat: Target, args: dict[str, str], wait_s: float | None, at_google_s: float | None
) -> None:
    stage.strike(seat, "429", **args)

    error = stage.ask(seat, question()).error

    assert isinstance(error, RateLimited)
    expected = at_google_s if seat.provider == "google" else wait_s
    slack_s = 1.01 if "retry_after_date_s" in args else 1e-6  # a date has whole seconds
    assert error.retry_after_s == (expected if expected is None else pytest.approx(expected, abs=slack_s))


def test_a_payment_in_flight_says_when_it_will_have_cleared(stage: Stage) -> None:
    seat = next(seat for seat in SEATS if seat.provider == "openrouter")

    error = meet(stage, seat, "402_in_flight", question()).error

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 5.0


@at_every_seat
@pytest.mark.parametrize("word", [True, False])
def test_the_vendor_s_own_word_on_repeating_wins(stage: Stage, seat: Target, word: bool) -> None:
    stage.strike(seat, "400" if word else "500", should_retry=word)

    error = stage.ask(seat, question()).error

    assert error.retryable is (word if seat.provider != "google" else not word)  # Google sends no such header


@at_every_seat
def test_a_real_limit_is_told_before_it_is_met_and_waited_for_after(stage: Stage, seat: Target) -> None:
    stage.emulator.order("limits", persona=VENDORS[seat.provider].persona, requests_per_minute=2)

    first, last, over = (stage.ask(seat, question()) for _ in range(3))

    tells = seat.provider in ("openai", "azure", "anthropic")
    left = [[one.remaining for one in each.reply.limits if one.of == "requests"] for each in (first, last)]
    assert left == ([[1], [0]] if tells else [[], []])
    assert type(over.error) is RateLimited
    if tells or seat.provider == "google":
        assert over.error.retry_after_s is not None
        assert 25 < over.error.retry_after_s <= 60
    else:  # these say nothing of their limits (section 2.5)
        assert over.error.retry_after_s is None
    assert all(one.reset_s is None or 0 <= one.reset_s <= 61 for one in over.error.limits)


# --- Keys and lists


@at_every_seat
@either_way
def test_a_key_that_the_vendor_repeats_goes_no_further(stage: Stage, seat: Target, way: Way) -> None:
    stage.strike(seat, "echo_authorization")
    key, card = key_of(seat.provider), CATALOG.provider(seat.provider)

    error = stage.ask(seat, question(stream=way == "streamed")).error

    assert type(error) is Unauthenticated
    assert not any(spelling in f"{error} {error!r} {error.args!r} {error.request_id}" for spelling in secrets(seat))
    sent = {card.key_header: f"Bearer {key}" if card.key_header == "authorization" else key, **card.headers}
    assert key in raw_refusal(stage, seat, sent)  # it was there to be repeated


def raw_refusal(stage: Stage, seat: Target, headers: dict[str, str]) -> str:
    """What the vendor answers, as it stands on the wire."""
    card, model = CATALOG.provider(seat.provider), CATALOG.model(seat)
    request = DIALECTS[card.dialect].encode(question(), card, model)
    address = stage.emulator.url + VENDORS[seat.provider].base + request.path
    answer = httpx.post(address, json=request.body, headers=headers, trust_env=False)
    assert answer.status_code in (400, 401)
    return json.dumps(answer.json()).replace("\\/", "/")


@at_every_seat
def test_the_list_of_models_has_every_one_of_the_catalog(stage: Stage, seat: Target) -> None:
    listed = stage.client.list_models(seat.provider, timeout_s=5)

    assert {card.id for card in models(seat.provider)} <= set(listed)
    assert stage.emulator.billed_micro_usd() == 0


@at_every_seat
def test_a_list_that_is_refused_is_named_as_an_answer_would_be(stage: Stage, seat: Target) -> None:
    match = {"persona": VENDORS[seat.provider].persona, "endpoint": "models"}
    stage.emulator.order("faults", match=match, fault="401")

    with pytest.raises(Unauthenticated) as caught:
        stage.client.list_models(seat.provider, timeout_s=5)

    assert caught.value.provider == seat.provider
    assert not caught.value.may_be_billed

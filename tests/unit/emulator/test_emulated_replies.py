import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from providers.emulator import distortions, models, parcels, refusals
from providers.emulator.aimlapi import cost_headers, cost_report
from providers.emulator.bank import Tokens
from providers.emulator.chat_answers import DONE, Outcome, dump, event, events, outcome, whole
from providers.emulator.log import Entry, RequestLog
from providers.emulator.openai_chat import ChatRequest
from providers.emulator.parcels import FaultArgs, Parcel, parcel
from providers.emulator.personas import PERSONAS, Incident
from providers.emulator.tokens import count
from providers.extractive import language

TEXT = "The quick brown fox jumps over the lazy dog. " * 6
LUNA = models.MODELS["gpt-6-luna"]


def request(max_tokens: int | None = None, effort: str = "none") -> ChatRequest:
    return ChatRequest(
        model=LUNA,
        texts=("Hello",),
        prompt_tokens=100,
        max_tokens=max_tokens,
        effort=effort,
        schema=None,
        json_only=False,
        stream=False,
        include_usage=False,
        service_tier="default",
    )


def result(max_tokens: int | None = None, effort: str = "none", text: str = TEXT) -> Outcome:
    return outcome(request(max_tokens, effort), text, answer_id="chatcmpl-1", created=1_795_132_800)


def distorted(name: str, **args: Any) -> Outcome:
    return distortions.OUTCOMES[name](result(effort="low"), FaultArgs(**args), models.find)


def chunks(made: Outcome, *, include_usage: bool = True) -> list[dict[str, Any]]:
    lines = list(events(made, include_usage=include_usage, extra={}, change=lambda chunk: chunk))
    assert lines.pop() == DONE
    assert all(line.startswith(b"data: {") and line.endswith(b"}\n\n") for line in lines)
    return [json.loads(line.removeprefix(b"data: ")) for line in lines]


def test_an_answer_within_the_limit_is_whole() -> None:
    made = result(max_tokens=1_000, effort="low")

    assert (made.content, made.finish) == (TEXT, "stop")
    assert made.tokens == Tokens(prompt=100, completion=count(TEXT) + 6, reasoning=6)


@pytest.mark.parametrize("limit", [1, 3, 10, 59])
@pytest.mark.parametrize("effort", ["none", "medium", "xhigh"])
def test_the_limit_counts_reasoning_first_and_cuts_what_is_left(limit: int, effort: str) -> None:
    made = result(max_tokens=limit, effort=effort)

    assert made.finish == "length"
    assert made.content is not None
    assert TEXT.startswith(made.content)
    assert made.tokens.completion <= limit
    assert made.content or made.tokens.reasoning == limit


def test_an_empty_text_costs_nothing_to_say() -> None:
    made = result(max_tokens=5, effort="xhigh", text="")

    assert (made.content, made.finish, made.tokens.completion) == ("", "stop", 0)


def test_the_whole_answer_has_the_vendor_s_shape() -> None:
    body = whole(result(effort="low"))

    assert body == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_132_800,
        "model": "gpt-6-luna",
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 66,
            "total_tokens": 166,
            "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 6,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
    }


def test_a_stream_carries_the_text_in_pieces_and_the_usage_last() -> None:
    sent = chunks(result())

    first, *middle, last, usage = sent
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in middle) == TEXT
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in (first, *middle))
    assert (last["choices"][0]["delta"], last["choices"][0]["finish_reason"]) == ({}, "stop")
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 160
    assert all(chunk["usage"] is None for chunk in (first, *middle, last))
    assert {(chunk["id"], chunk["object"]) for chunk in sent} == {("chatcmpl-1", "chat.completion.chunk")}


def test_without_being_asked_a_stream_does_not_mention_usage() -> None:
    assert not any("usage" in chunk for chunk in chunks(result(), include_usage=False))


def test_a_refusal_streams_in_its_own_field() -> None:
    first, *middle, _, _ = chunks(distorted("refusal", message="No."))

    assert first["choices"][0]["delta"]["content"] is None
    assert "".join(chunk["choices"][0]["delta"]["refusal"] for chunk in middle) == "No."


def test_the_last_chunk_takes_what_the_persona_adds() -> None:
    lines = list(events(result(), include_usage=False, extra={"meta": cost_report(7)}, change=lambda chunk: chunk))

    assert b'"meta":{"usage":{"credits_used":14,"usd_spent":7e-06}}' in lines[-2]
    assert cost_headers(7) == {"x-aimlapi-credits-used": "14", "x-aimlapi-usd-spent": "0.000007"}


def test_an_error_ends_a_stream_without_a_farewell() -> None:
    change = distortions.BODIES["error_in_200"]

    lines = list(events(result(), include_usage=True, extra={}, change=lambda chunk: change(chunk, FaultArgs())))

    assert lines == [event({"error": {"message": "Provider returned error", "code": 502}})]


def test_an_empty_answer_spent_everything_on_reasoning() -> None:
    made = distorted("empty")

    assert (made.content, made.finish) == ("", "stop")
    assert made.tokens.reasoning == made.tokens.completion == 66


def test_an_answer_cut_by_length_is_half_and_billed_as_half() -> None:
    made = distorted("length")

    assert made.content == TEXT[: len(TEXT) // 2]
    assert made.finish == "length"
    assert made.tokens.completion < 66


def test_a_refused_answer_has_no_content() -> None:
    made = distorted("refusal")

    assert made.content is None
    assert made.refusal
    assert distortions.OUTCOMES["length"](made, FaultArgs(), models.find).content == ""


def test_filtered_fenced_and_misshapen_answers() -> None:
    assert (distorted("content_filter").finish, distorted("content_filter").content) == ("content_filter", "")
    assert f"```json\n{TEXT}\n```" in (distorted("fenced").content or "")
    assert json.loads(distorted("other_schema").content or "") == {"answer": [1, "two", None]}


def test_an_answer_in_another_language_says_the_same_of_the_same_places_in_french() -> None:
    content = json.dumps({"language": "en", "summary": {"text": 'We "met".'}, "quote": "We"}, separators=(",", ":"))
    base = replace(distorted("fenced"), content=content)

    made = distortions.OUTCOMES["other_language"](base, FaultArgs(), models.find)

    shown = json.loads(made.content or "")
    assert (shown["language"], shown["quote"]) == ("en", "We")
    assert language.detect("", shown["summary"]["text"].lower().split()) == "fr"
    assert distortions.OUTCOMES["other_language"](base, FaultArgs(), models.find) == made


@pytest.mark.parametrize(
    ("asked", "served", "price"),
    [(None, "gpt-5.6-luna", 200_000), ("gpt-6-astra", "gpt-6-astra", 10_000_000), ("mystery-1", "mystery-1", 100_000)],
)
def test_another_model_serves_under_its_own_name_and_price(asked: str | None, served: str, price: int) -> None:
    made = distorted("other_model", model=asked)

    assert (made.model_served.id, made.model_served.input_micro_usd) == (served, price)


def test_a_cached_prompt_says_how_much_of_it() -> None:
    assert distorted("cached", cached_share=0.75).tokens.cached == 75


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("choices_null", "choices", None),
        ("choices_empty", "choices", []),
        ("wrong_shape", "data", []),
        ("error_in_200", "error", {"message": "Provider returned error", "code": 502}),
        ("usage_missing", "usage", None),
    ],
)
def test_a_body_is_written_wrong(name: str, field: str, value: object) -> None:
    body = distortions.BODIES[name](whole(result()), FaultArgs())

    assert body.get(field) == value


def test_usage_is_distorted_where_there_is_one() -> None:
    body = whole(result())

    negative = distortions.BODIES["usage_negative"](body, FaultArgs())["usage"]
    above = distortions.BODIES["usage_above_limit"](body, FaultArgs())["usage"]

    assert isinstance(negative, dict)
    assert isinstance(above, dict)
    assert negative["prompt_tokens"] == -1
    assert above["completion_tokens"] == 10_000_000
    assert distortions.BODIES["usage_negative"]({"usage": None}, FaultArgs()) == {"usage": None}


BODY = dump({"text": "x" * 100})
STREAM = Parcel(200, {"content-type": "text/event-stream"}, (b"data: {}\n\n", b"data: {}\n\n", DONE))


def sent(name: str, original: Parcel | None = None, **args: Any) -> Parcel:
    return parcels.FAULTS[name](original or parcel(200, {"x": "y"}, BODY), FaultArgs(**args))


@pytest.mark.parametrize("name", ["close", "close_after_work"])
def test_a_closed_connection_carries_nothing(name: str) -> None:
    closed = sent(name)

    assert (closed.status, tuple(closed.pieces), closed.ending) == (None, (), "close")


def test_a_reset_announces_more_than_it_sends() -> None:
    broken = sent("reset")

    assert b"".join(broken.pieces) == BODY[: len(BODY) // 2]
    assert (broken.length, broken.ending) == (len(BODY), "reset")


def test_a_truncated_body_pretends_to_be_whole() -> None:
    cut = sent("truncated")

    assert (b"".join(cut.pieces), cut.length) == (BODY[: len(BODY) // 2], len(BODY) // 2)
    assert sent("truncated", STREAM).length is None


def test_a_drip_is_every_byte_alone() -> None:
    drip = sent("drip", interval_ms=20)

    assert tuple(map(len, drip.pieces)) == (1,) * len(BODY)
    assert drip.pause_s == 0.02


@pytest.mark.parametrize(("delay_ms", "wait_s"), [(None, 3600.0), (250, 0.25)])
def test_a_stall_waits_before_the_first_byte(delay_ms: float | None, wait_s: float) -> None:
    assert sent("stall", delay_ms=delay_ms).wait_s == wait_s


def test_a_wrong_content_type_leaves_the_rest_alone() -> None:
    wrong = sent("wrong_content_type", content_type="image/png")

    assert wrong.headers == {"content-type": "image/png", "x": "y"}
    assert b"".join(wrong.pieces) == BODY


def test_a_huge_body_is_white_space_before_a_good_answer() -> None:
    huge = b"".join(sent("huge", size_mb=2).pieces)

    assert len(huge) == 2 * parcels.MIB + len(BODY)
    assert json.loads(huge) == json.loads(BODY)


def test_a_bomb_is_small_on_the_wire() -> None:
    bomb = sent("gzip_bomb", size_mb=8)

    packed = b"".join(bomb.pieces)

    assert len(packed) < 32_768
    assert json.loads(zlib.decompress(packed, wbits=zlib.MAX_WBITS | 16)) == json.loads(BODY)
    assert bomb.headers["content-encoding"] == "gzip"


def test_an_endless_body_does_not_end() -> None:
    assert len(list(islice(sent("endless").pieces, 10_000))) == 10_000


def test_a_stream_can_fail_in_the_middle_and_a_whole_answer_cannot() -> None:
    first, error = sent("stream_error", STREAM).pieces

    assert first == b"data: {}\n\n"
    assert b'"error"' in error
    assert b"".join(sent("stream_error").pieces) == BODY


def test_a_scripted_refusal_bears_its_status_in_its_name() -> None:
    named = {name: reason for name, reason in refusals.SCRIPTED.items() if name[:3].isdigit()}

    assert all(reason.status == int(name[:3]) for name, reason in named.items())
    assert {400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 529} <= {reason.status for reason in named.values()}


INCIDENT = Incident("/v1/chat/completions", "req_1", datetime(2026, 11, 20, 12, tzinfo=UTC))


def test_errors_are_worded_as_the_persona_words_them() -> None:
    reason = refusals.unknown_model("gpt-0")

    assert PERSONAS["openai"].error_body(reason, INCIDENT) == {
        "error": {
            "message": "The model `gpt-0` does not exist or you do not have access to it.",
            "type": "invalid_request_error",
            "param": None,
            "code": "model_not_found",
        }
    }
    assert PERSONAS["aimlapi"].error_body(reason, INCIDENT) == {
        "message": "The model `gpt-0` does not exist or you do not have access to it.",
        "path": "/v1/chat/completions",
        "requestId": "req_1",
        "statusCode": "404",
        "timestamp": "2026-11-20T12:00:00+00:00",
    }


def test_a_missing_key_and_a_wrong_address_have_their_own_words() -> None:
    assert (refusals.missing_key().status, refusals.missing_key().code) == (401, None)
    assert "GET /v2/none" in refusals.unknown_address("GET", "/v2/none").message


def test_the_log_is_json_in_the_order_of_its_lines() -> None:
    log = RequestLog()
    entry = Entry(
        request_id="req_1",
        arrived_at="2026-11-20T12:00:00+00:00",
        duration_ms=4,
        persona="openai",
        endpoint="chat",
        key="***",
        model="gpt-6-luna",
        call_id="seat-1",
        prompt_digest="0",
        fields=("model",),
        form_digest="1",
        stream=False,
        status=None,
        error_code=None,
        fault="reset",
        model_served="gpt-6-luna",
        prompt_tokens=3,
        completion_tokens=5,
        billed_micro_usd=8,
        client_gone=True,
        planted=("false",),
    )
    log.append(entry)
    log.append(replace(entry, request_id="req_2"))
    log.waiting = 3

    read = json.loads(json.dumps(log.read()))

    assert read["waiting"] == 3
    assert [line["request_id"] for line in read["requests"]] == ["req_1", "req_2"]
    assert read["requests"][0]["planted"] == ["false"]

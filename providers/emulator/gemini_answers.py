"""Writes a generateContent answer, whole or as a stream of answers. Pure.

Source: shared design page providers.md, section 1.3 (response, stream) and appendix A5.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator.chat_answers import Change, JsonObject, dump
from providers.emulator.draws import digest
from providers.emulator.gemini_generate import GenerateRequest
from providers.emulator.gemini_models import Gemini, GeminiTokens
from providers.emulator.instances import fill
from providers.emulator.prompt_cache import Prefix, PromptCache
from providers.emulator.tokens import count

# Hidden thoughts as a share of the visible answer: rising with the level, otherwise invented.
THOUGHTS_SHARE: Final[dict[str, float]] = {"NONE": 0.0, "MINIMAL": 0.02, "LOW": 0.1, "MEDIUM": 0.3, "HIGH": 0.8}
CHUNK_CHARACTERS: Final = 48
THOUGHT: Final = "Weighing what was said before answering."

_RATINGS: Final[list[JsonValue]] = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"}]


@dataclass(frozen=True)
class Response:
    """What the model did, before it is written down. `model_served` sets the price; `blocked` is why it never began."""

    id: str
    created: datetime
    model_served: Gemini
    text: str | None
    calls: tuple[JsonObject, ...]
    finish: str
    tokens: GeminiTokens
    tier: str = "standard"
    thought: str | None = None
    blocked: str | None = None
    continuation: str | None = None
    message: str | None = None

    @property
    def parts(self) -> list[JsonValue]:
        """Thoughts if they are shown, then text, then calls."""
        found: list[JsonValue] = []
        if self.thought:
            found.append({"text": self.thought, "thought": True})
        if self.text:
            found.append({"text": self.text})
        return [*found, *self.calls]


def read_prompt(
    request: GenerateRequest, cache: PromptCache, owner: str, at: datetime
) -> tuple[GeminiTokens, tuple[Prefix, ...]]:
    """How the prompt is billed, and the prefixes to remember once the answer has begun: nobody has to ask for it.

    What stands in a cache that the caller has named is read from there, whatever is remembered besides.
    """
    prefixes = request.prefixes()
    cached = cache.longest((owner, request.model.id), prefixes, at)
    return GeminiTokens(request.prompt_tokens, cached=max(cached, request.held_tokens)), prefixes


def response(
    request: GenerateRequest, text: str, read: GeminiTokens, served: Gemini, *, answer_id: str, created: datetime
) -> Response:
    """The answer within its limits: thoughts are spent first, and the limit cuts in mid-word."""
    made = Response(answer_id, created, served, None, (), "STOP", read, request.tier)
    if request.functions.forced:
        return called(request, made, request.functions.forced[0])
    text = text[request.begun :]
    text = min((text.partition(stop)[0] for stop in request.stop_sequences), key=len, default=text)
    visible = count(text)
    thoughts = math.ceil(visible * THOUGHTS_SHARE[request.thinking.level])
    if thoughts + visible > request.max_tokens:
        made = replace(made, finish="MAX_TOKENS")
        thoughts = min(thoughts, request.max_tokens)
        text = text[: len(text) * (request.max_tokens - thoughts) // max(visible, 1)]
        visible = min(count(text), request.max_tokens - thoughts)
    return replace(
        made,
        text=text or None,
        thought=THOUGHT if request.thinking.shown and thoughts else None,
        tokens=replace(read, candidates=visible, thoughts=thoughts),
    )


def called(request: GenerateRequest, made: Response, name: str) -> Response:
    """The answer as a call of a function, with arguments that fit its schema."""
    salt = digest(request.model.id, *request.texts, name)
    arguments = fill(request.functions.schemas[name], None, salt)
    call: JsonObject = {
        "functionCall": {"id": digest(made.id, name), "name": name, "args": arguments},
        "thoughtSignature": "c2lnbmF0dXJl",
    }
    tokens = replace(made.tokens, candidates=count(name) + count(json.dumps(arguments)), thoughts=0)
    return replace(made, text=None, thought=None, calls=(call,), finish="STOP", tokens=tokens)


def whole(made: Response) -> JsonObject:
    """The body of an answer that is not streamed."""
    return _written(made, made.parts, made.tokens, last=True)


def chunks(made: Response) -> Iterator[JsonObject]:
    """The answers of a stream: each holds a fragment and the usage so far, the last one the finish."""
    if made.blocked:
        yield whole(made)
        return
    begun = replace(made.tokens, candidates=0)
    if made.thought:
        yield _written(made, [{"text": made.thought, "thought": True}], begun, last=False)
    text = made.text or ""
    fragments = [text[start : start + CHUNK_CHARACTERS] for start in range(0, len(text), CHUNK_CHARACTERS)]
    for place, fragment in enumerate(fragments[:-1]):
        share = made.tokens.candidates * (place + 1) // len(fragments)
        yield _written(made, [{"text": fragment}], replace(begun, candidates=share), last=False)
    final: list[JsonValue] = [{"text": fragment} for fragment in fragments[-1:]]
    yield _written(made, [*final, *made.calls], made.tokens, last=True)


def events(made: Response, change: Change) -> Iterator[bytes]:
    """The stream as server-sent events; `change` distorts every answer, and an error ends the stream."""
    for chunk in chunks(made):
        changed = change(chunk)
        yield b"data: " + dump(changed) + b"\r\n\r\n"
        if "error" in changed:
            return


def usage(tokens: GeminiTokens) -> JsonObject:
    """The vendor's usage object; figures that are nought are left out."""
    total = tokens.prompt + tokens.completion
    shown: JsonObject = {"promptTokenCount": tokens.prompt, "totalTokenCount": total}
    rest = {
        "cachedContentTokenCount": tokens.cached,
        "candidatesTokenCount": tokens.candidates,
        "thoughtsTokenCount": tokens.thoughts,
    }
    shown |= {name: figure for name, figure in rest.items() if figure}
    return shown | {"promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.prompt}]}


def _written(made: Response, parts: list[JsonValue], tokens: GeminiTokens, *, last: bool) -> JsonObject:
    tail: JsonObject = {
        "usageMetadata": usage(tokens),
        "modelVersion": made.model_served.id,
        "responseId": made.id,
        "createTime": made.created.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    if made.blocked:
        return tail | {"promptFeedback": {"blockReason": made.blocked, "safetyRatings": _RATINGS}}
    content: JsonObject = {"role": "model"} | ({"parts": parts} if parts else {})
    candidate: JsonObject = {"index": 0, "content": content}
    if last:
        told: dict[str, str | None] = {
            "finishReason": made.finish,
            "finishMessage": made.message,
            "continuationToken": made.continuation,
        }
        candidate |= {name: value for name, value in told.items() if value is not None}
        if made.finish == "SAFETY":
            candidate["safetyRatings"] = _RATINGS
    return tail | {"candidates": [candidate]}

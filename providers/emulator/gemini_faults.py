"""Gemini answers that are wrong in content rather than in transport, under the names of the other dialects. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from providers.emulator.chat_answers import JsonObject
from providers.emulator.gemini_answers import Response, called
from providers.emulator.gemini_generate import GenerateRequest
from providers.emulator.gemini_models import MODELS, GeminiTokens, find
from providers.emulator.parcels import FaultArgs
from providers.emulator.tokens import count

_LONG_AGO: Final = date.min  # a stand-in may be one that is gone by now


def _silent(made: Response, finish: str, **tokens: int) -> Response:
    changed = replace(made.tokens, **tokens)
    return replace(made, text=None, calls=(), thought=None, finish=finish, tokens=changed)


def _empty(made: Response, _request: GenerateRequest, _args: FaultArgs) -> Response:
    """Everything was spent on thoughts."""
    return _silent(made, "STOP", candidates=0, thoughts=made.tokens.completion)


def _length(made: Response, _request: GenerateRequest, _args: FaultArgs) -> Response:
    text = (made.text or "")[: len(made.text or "") // 2]
    return replace(made, text=text, finish="MAX_TOKENS", tokens=replace(made.tokens, candidates=count(text)))


def _stopped(finish: str) -> Callable[[Response, GenerateRequest, FaultArgs], Response]:
    return lambda made, _request, args: replace(_silent(made, finish, candidates=0, thoughts=0), message=args.message)


def _blocked(made: Response, _request: GenerateRequest, _args: FaultArgs) -> Response:
    """The prompt itself was refused: it has been read, nothing was written."""
    return replace(made, blocked="PROHIBITED_CONTENT", tokens=GeminiTokens(made.tokens.prompt))


def _continued(made: Response, request: GenerateRequest, _args: FaultArgs) -> Response:
    """Half of it now, the rest for who sends the token back; only very long answers of one model are given so."""
    if not request.model.continues:
        return made
    given = len(made.text or "") // 2
    text = (made.text or "")[:given]
    tokens = replace(made.tokens, candidates=count(text))
    return replace(made, text=text, finish="CONTINUATION", continuation=f"cont-{request.begun + given}", tokens=tokens)


def _fenced(made: Response, _request: GenerateRequest, _args: FaultArgs) -> Response:
    return replace(made, text=f"Here is the analysis:\n```json\n{made.text}\n```\n")


def _other_schema(made: Response, _request: GenerateRequest, _args: FaultArgs) -> Response:
    return replace(made, text='{"answer":[1,"two",null]}')


def _other_model(made: Response, _request: GenerateRequest, args: FaultArgs) -> Response:
    """Served, and priced, as another model; `model` names it, otherwise the first other one stands in."""
    name = args.model or next(name for name in MODELS if name != made.model_served.id)
    return replace(made, model_served=replace(find(name, _LONG_AGO) or made.model_served, id=name))


def _cached(made: Response, _request: GenerateRequest, args: FaultArgs) -> Response:
    return replace(made, tokens=replace(made.tokens, cached=int(made.tokens.prompt * args.cached_share)))


def _tool_call(made: Response, request: GenerateRequest, _args: FaultArgs) -> Response:
    """The model chooses to call the first function, if it may."""
    offered = tuple(request.functions.schemas) if request.functions.allowed else ()
    return called(request, made, offered[0]) if offered else made


def _candidates(value: list[JsonObject] | None) -> Callable[[JsonObject, FaultArgs], JsonObject]:
    return lambda body, _args: body | {"candidates": None if value is None else list(value)}


def _wrong_shape(_body: JsonObject, _args: FaultArgs) -> JsonObject:
    return {"object": "list", "data": [], "status": "ok"}


def _error_in_200(_body: JsonObject, args: FaultArgs) -> JsonObject:
    return {"error": {"code": 500, "message": args.message or "An internal error.", "status": "INTERNAL"}}


def _usage_missing(body: JsonObject, _args: FaultArgs) -> JsonObject:
    return {name: value for name, value in body.items() if name != "usageMetadata"}


def _figures(**figures: int) -> Callable[[JsonObject, FaultArgs], JsonObject]:
    def change(body: JsonObject, _args: FaultArgs) -> JsonObject:
        shown = body.get("usageMetadata")
        return body | {"usageMetadata": shown | figures} if isinstance(shown, dict) else body

    return change


# What the model did: these change what is billed as well as what is shown.
OUTCOMES: Final[dict[str, Callable[[Response, GenerateRequest, FaultArgs], Response]]] = {
    "empty": _empty,
    "length": _length,
    "refusal": _stopped("PROHIBITED_CONTENT"),
    "content_filter": _stopped("SAFETY"),
    "recitation": _stopped("RECITATION"),
    "malformed_call": _stopped("MALFORMED_FUNCTION_CALL"),
    "blocked": _blocked,
    "continuation": _continued,
    "fenced": _fenced,
    "other_schema": _other_schema,
    "other_model": _other_model,
    "cached": _cached,
    "tool_call": _tool_call,
}
# What is written about it: the bill stays true.
BODIES: Final[dict[str, Callable[[JsonObject, FaultArgs], JsonObject]]] = {
    "choices_null": _candidates(None),
    "choices_empty": _candidates([]),
    "wrong_shape": _wrong_shape,
    "error_in_200": _error_in_200,
    "usage_missing": _usage_missing,
    "usage_negative": _figures(promptTokenCount=-1, candidatesTokenCount=-7, totalTokenCount=-8),
    "usage_above_limit": _figures(candidatesTokenCount=10_000_000, totalTokenCount=10_000_000),
}

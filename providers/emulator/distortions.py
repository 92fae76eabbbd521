"""Answers that are wrong in content rather than in transport: rows that a script can ask for by name. Pure."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from pydantic import JsonValue

from providers.emulator.chat_answers import JsonObject, Outcome
from providers.emulator.draws import pick
from providers.emulator.models import Model
from providers.emulator.parcels import FaultArgs
from providers.emulator.tokens import count

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?')  # a JSON string; with a colon behind it, a name

FindModel: TypeAlias = Callable[[str], Model | None]

_WORDS = re.compile(r'"text":"(?:[^"\\]|\\.)*"')
_FRENCH: Final = (
    "Nous avons parlé de ce que le groupe veut faire avec les pièces qui ne sont pas dans la commande.",
    "Il est clair que vous devez être au bureau pour la suite, mais pas avec tout le monde.",
    "Les chiffres sont bons et le reste du travail est pour une autre équipe.",
)

ODD: Final = "\u2028\u2029\u0085\U0001f600\U00020000"
STAND_INS: Final = ("gpt-5.6-luna", "gpt-6-luna")


def _empty(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    """Everything was spent on reasoning."""
    return replace(result, content="", tokens=replace(result.tokens, reasoning=result.tokens.completion))


def _length(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    text = (result.content or "")[: len(result.content or "") // 2]
    tokens = replace(result.tokens, completion=count(text) + result.tokens.reasoning)
    return replace(result, content=text, finish="length", tokens=tokens)


def _refusal(result: Outcome, args: FaultArgs, _find: FindModel) -> Outcome:
    words = args.message or "I'm sorry, but I cannot help with that request."
    tokens = replace(result.tokens, completion=count(words), reasoning=0)
    return replace(result, content=None, refusal=words, tokens=tokens)


def _filtered(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    return replace(
        result, content="", finish="content_filter", tokens=replace(result.tokens, completion=0, reasoning=0)
    )


def _fenced(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    return replace(result, content=f"Here is the analysis:\n```json\n{result.content}\n```\n")


def _other_schema(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    return replace(result, content='{"answer":[1,"two",null]}')


def _says(result: Outcome, args: FaultArgs, _find: FindModel) -> Outcome:
    """Word for word what it is told to say, whatever it was asked."""
    return replace(result, content=args.message or "It went well.")


def _other_language(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    """A good answer whose own words are French, whatever was spoken; it claims that they are not."""
    content = _WORDS.sub(lambda found: f'"text":"{pick(_FRENCH, found[0])}"', result.content or "")
    return replace(result, content=content, tokens=replace(result.tokens, completion=count(content)))


def _other_model(result: Outcome, args: FaultArgs, find: FindModel) -> Outcome:
    """Served, and priced, as another model; `model` names it, otherwise a small one stands in."""
    name = args.model or next(name for name in STAND_INS if name != result.model_served.id)
    found = find(name) or result.model_served
    return replace(result, model_served=replace(found, id=name))


def _overworked(result: Outcome, args: FaultArgs, find: FindModel) -> Outcome:
    """DeepSeek ran out of machines in the middle of the answer."""
    return replace(_length(result, args, find), finish="insufficient_system_resource")


def _odd_characters(result: Outcome, _args: FaultArgs, _find: FindModel) -> Outcome:
    """Characters that some take for the end of a line, and some outside the basic plane, in the longest text."""
    content = result.content or ""
    values = [found.span(1) for found in _STRING.finditer(content) if not found[2]]
    start, end = max(values, key=lambda span: span[1] - span[0], default=(0, len(content)))
    space = content.find(" ", (start + end) // 2, end)  # never inside an escape
    place = start if space < 0 else space
    return replace(result, content=content[:place] + ODD + content[place:])


def _cached(result: Outcome, args: FaultArgs, _find: FindModel) -> Outcome:
    return replace(result, tokens=replace(result.tokens, cached=int(result.tokens.prompt * args.cached_share)))


def _each_choice(body: JsonObject, change: Callable[[JsonObject], JsonObject]) -> JsonObject:
    choices = body.get("choices")
    rows = choices if isinstance(choices, list) else []
    return body | {"choices": [change(row) if isinstance(row, dict) else row for row in rows]}


def _finish_empty(body: JsonObject, _args: FaultArgs) -> JsonObject:
    """An empty string where there should be null: a whole answer never says how it ended."""
    streamed = body.get("object") == "chat.completion.chunk"

    def change(choice: JsonObject) -> JsonObject:
        return choice if streamed and choice.get("finish_reason") else choice | {"finish_reason": ""}

    return _each_choice(body, change)


def _message_null(body: JsonObject, _args: FaultArgs) -> JsonObject:
    """Null where the answer should be, one level deeper than one looks."""
    return _each_choice(body, lambda choice: choice | {name: None for name in ("message", "delta") if name in choice})


def _no_choices(body: JsonObject, choices: JsonValue) -> JsonObject:
    return body | {"choices": choices}


def _wrong_shape(_body: JsonObject, _args: FaultArgs) -> JsonObject:
    return {"object": "list", "data": [], "status": "ok"}


def _error_in_200(_body: JsonObject, args: FaultArgs) -> JsonObject:
    return {"error": {"message": args.message or "Provider returned error", "code": 502}}


def _usage(body: JsonObject, change: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """Change the usage where there is one: chunks before the last have none."""
    shown = body.get("usage")
    return body | {"usage": change(shown)} if isinstance(shown, dict) else body


def _usage_missing(body: JsonObject, _args: FaultArgs) -> JsonObject:
    return {name: value for name, value in body.items() if name != "usage"}


def _usage_negative(body: JsonObject, _args: FaultArgs) -> JsonObject:
    return _usage(body, lambda shown: shown | {"prompt_tokens": -1, "completion_tokens": -7, "total_tokens": -8})


def _usage_words(body: JsonObject, _args: FaultArgs) -> JsonObject:
    words: JsonObject = {"prompt_tokens": "many", "completion_tokens": "12", "total_tokens": None}
    return _usage(body, lambda shown: shown | words)


def _usage_above_limit(body: JsonObject, _args: FaultArgs) -> JsonObject:
    return _usage(body, lambda shown: shown | {"completion_tokens": 10_000_000, "total_tokens": 10_000_000})


# What the model did: these change what is billed as well as what is shown.
OUTCOMES: Final[dict[str, Callable[[Outcome, FaultArgs, FindModel], Outcome]]] = {
    "empty": _empty,
    "length": _length,
    "refusal": _refusal,
    "content_filter": _filtered,
    "fenced": _fenced,
    "other_schema": _other_schema,
    "says": _says,
    "other_language": _other_language,
    "other_model": _other_model,
    "cached": _cached,
    "insufficient_system_resource": _overworked,
    "odd_characters": _odd_characters,
}
# What is written about it: the bill stays true.
BODIES: Final[dict[str, Callable[[JsonObject, FaultArgs], JsonObject]]] = {
    "choices_null": lambda body, _args: _no_choices(body, None),
    "choices_empty": lambda body, _args: _no_choices(body, []),
    "finish_empty": _finish_empty,
    "message_null": _message_null,
    "wrong_shape": _wrong_shape,
    "error_in_200": _error_in_200,
    "usage_missing": _usage_missing,
    "usage_negative": _usage_negative,
    "usage_words": _usage_words,
    "usage_above_limit": _usage_above_limit,
}

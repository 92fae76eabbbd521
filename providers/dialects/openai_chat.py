"""Chat Completions, the wire format of OpenAI and of all who copy it. Pure.

The copies differ in small things; these are data on the provider's and the model's card (field for the output limit,
role of the system text, kind of JSON output, extra fields), so that no vendor has a name here.

Source: shared design page providers.md, sections 1.1, 1.5, 1.6, 1.7 and 1.9.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import JsonValue

from providers import pricing
from providers.calls import Call, Finish, JsonObject, Reply, Usage
from providers.catalog import ModelCard, ProviderCard
from providers.dialects import openai_failures
from providers.dialects.openai_failures import as_object, clean, request_id
from providers.errors import BadReply, ContentFiltered, CutOff, EmptyReply, Overloaded, ProviderError
from providers.wire import WireReply, WireRequest

PATH: Final = "/chat/completions"

# What a client request id may be written with; others are dropped in silence (section 1.7).
_NOT_IN_AN_ID: Final = re.compile(r"[^A-Za-z0-9._:-]")
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")
# Some open models write their reasoning into the answer itself, in front.
_THOUGHTS: Final = re.compile(r"\A\s*<(think|thinking)>.*?(?:</\1>\s*|\Z)", re.DOTALL)

_JSON_ONLY: Final = "Answer with one JSON object and nothing else. It must be valid against this JSON schema:\n"

_FINISHES: Final[dict[str, Finish]] = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "max_output_tokens": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "content_filter": Finish.CONTENT_FILTER,
}
_FAILED_FINISHES: Final[dict[str, type[ProviderError]]] = {
    "error": BadReply,
    "insufficient_system_resource": Overloaded,
}


class OpenAIChat:
    """The dialect. Satisfies `wire.Dialect`."""

    def encode(self, call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
        """Write the call.

        Sampling parameters are never sent: nearly every current model rejects them (section 0, finding 4).
        """
        body: JsonObject = {
            "model": model.id,
            "messages": _messages(call, provider),
            provider.max_tokens_field: call.max_output_tokens,
        }
        if call.json_schema is not None:
            body["response_format"] = _response_format(call, provider.json_output)
        if model.reasoning_effort:
            body["reasoning_effort"] = model.reasoning_effort
        headers = {"x-client-request-id": _NOT_IN_AN_ID.sub("-", call.call_id)[:128]}
        extra: JsonObject = {**_copied(provider.extra_body), **_copied(model.extra_body)}
        return WireRequest(path=PATH, headers=headers, body=body | extra)

    def authorization(self, key: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def decode(self, reply: WireReply, call: Call) -> Reply:
        """Read a success. A success status is not yet one: errors, refusals and nothing at all come with 200 as well.

        Raises:
            ContentFiltered: refused, in whichever of the three ways.
            CutOff: the output limit ended the answer.
            EmptyReply: no answer text; thoughts and tool calls are none.
            ProviderError: the body is an error object, or unreadable (`BadReply`).
        """
        document = as_object(openai_failures.parse(reply.body))
        choice = _first_choice(document)
        if choice is None or document.get("error"):
            raise openai_failures.classify(reply)
        if choice.get("error"):  # the upstream failed after it had begun to answer
            raise openai_failures.classify(reply.model_copy(update={"body": json.dumps(choice).encode()}))
        message = as_object(choice.get("message"))
        text = _text(message.get("content"))
        usage = _usage(document, call, text)
        served = clean(document.get("model"))
        failure = _failure(choice, message, text)
        if failure is not None:
            failure.status, failure.request_id = reply.status, request_id(reply)
            failure.usage, failure.model_served = usage, served
            raise failure
        return Reply(
            text=text,
            finish=_finish(choice) or Finish.STOP,
            model_served=served,
            usage=usage,
            request_id=request_id(reply),
        )

    def classify(self, reply: WireReply) -> ProviderError:
        return openai_failures.classify(reply)


def _messages(call: Call, provider: ProviderCard) -> list[JsonValue]:
    messages: list[tuple[str, str]] = [(message.role, message.text) for message in call.messages]
    if call.json_schema is not None and provider.json_output == "object":
        # The server then promises JSON only if the prompt holds that very word (section 1.6).
        schema = json.dumps(call.json_schema, ensure_ascii=False, separators=(",", ":"))
        messages.insert(0, ("system", _JSON_ONLY + schema))
    return [
        {"role": provider.system_role if role == "system" else role, "content": text}
        for role, text in _joined(messages)
    ]


def _joined(messages: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Make one of two system texts in front: some servers take only one."""
    if len(messages) > 1 and messages[0][0] == messages[1][0] == "system":
        return [("system", f"{messages[1][1]}\n\n{messages[0][1]}"), *messages[2:]]
    return messages


def _response_format(call: Call, kind: Literal["schema", "object"]) -> JsonObject:
    if kind == "object":
        return {"type": "json_object"}
    name = _NOT_IN_A_NAME.sub("_", call.schema_name)[:64] or "answer"
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": call.json_schema}}


def _copied(extra: Mapping[str, bool | str | int | dict[str, bool | str | int]]) -> JsonObject:
    return {name: {**value} if isinstance(value, dict) else value for name, value in extra.items()}


def _first_choice(document: JsonObject) -> JsonObject | None:
    choices = document.get("choices")
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None


def _finish(choice: JsonObject) -> Finish | None:
    """Why the model stopped. The upstream's own word wins where it says that the limit ended the answer."""
    native = clean(choice.get("native_finish_reason")).lower()
    if _FINISHES.get(native) is Finish.LENGTH:
        return Finish.LENGTH
    return _FINISHES.get(clean(choice.get("finish_reason")))


def _failure(choice: JsonObject, message: JsonObject, text: str) -> ProviderError | None:
    """What makes an answer unusable, if anything does."""
    finish = _finish(choice)
    reason = clean(choice.get("finish_reason"))
    refusal = clean(message.get("refusal"))
    if finish is Finish.CONTENT_FILTER or (refusal and not text):
        return ContentFiltered(f"the provider refused the content: {refusal or 'no explanation'}")
    if reason in _FAILED_FINISHES:
        return _FAILED_FINISHES[reason](f"the model ended with {reason}")
    if finish is Finish.LENGTH and (text or message.get("tool_calls")):
        return CutOff("the output limit ended the answer")
    if not text.strip():
        return EmptyReply(f"no answer text (finish: {reason or 'none'})")
    return None


def _text(content: JsonValue) -> str:
    """The answer without thoughts. Content is a string, or parts of which those of type text count."""
    if isinstance(content, list):
        parts = (as_object(part) for part in content)
        content = "".join(clean(part.get("text")) for part in parts if part.get("type") == "text")
    return _THOUGHTS.sub("", clean(content), count=1)


def _usage(document: JsonObject, call: Call, text: str) -> Usage:
    usage = as_object(document.get("usage"))
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if prompt + completion == 0:
        return _estimated(call, text)
    details = as_object(usage.get("prompt_tokens_details"))
    cached = min(prompt, _count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens")))
    written = min(prompt - cached, _count(details.get("cache_write_tokens")))
    reasoning = _count(as_object(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    # xAI counts reasoning beside the completion, all others within it. The total shows which; if in doubt, charge more.
    beside = reasoning > completion or _count(usage.get("total_tokens")) == prompt + completion + reasoning
    return Usage(
        input_tokens=prompt - cached - written,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=completion if beside else completion - reasoning,
        reasoning_tokens=reasoning,
    )


def _estimated(call: Call, text: str) -> Usage:
    return Usage(
        input_tokens=sum(pricing.estimate_tokens(message.text) for message in call.messages),
        output_tokens=pricing.estimate_tokens(text),
        estimated=True,
    )


def _count(value: JsonValue) -> int:
    """A token count; 0 for null, for what is no whole number, and for what no model could have read."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000_000 else 0

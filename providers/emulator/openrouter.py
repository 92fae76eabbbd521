"""OpenRouter: a router in front of many vendors, with its own fields, errors and prices told. Pure.

Source: shared design page providers.md, section 1.5 and appendix A6.
"""

import json
from typing import Final

from pydantic import JsonValue

from providers.emulator.dress import Dress, JsonObject, Sale, with_choices, with_usage
from providers.emulator.models import ROUTED, Model, find_routed
from providers.emulator.refusals import Reason, Refusal

_UPSTREAMS: Final = {"openai": "OpenAI", "anthropic": "Anthropic", "google": "Google", "deepseek": "DeepSeek"}
_NATIVE: Final[dict[str, dict[str, str]]] = {
    "Anthropic": {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"},
    "Google": {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"},
}
_SAMPLING: Final = ("temperature", "top_p")
_IN_FLIGHT_S: Final = "5"
GENERATION: Final = "gen-"


def upstream(model: Model) -> str:
    """Who really answers for a model."""
    return _UPSTREAMS.get(model.id.split("/")[0], "OpenAI")


def generation_id(request_id: str) -> str:
    """How an answer is called when somebody asks for its cost afterwards."""
    return f"{GENERATION}{request_id.removeprefix('req_')}"


def _metadata(**data: JsonValue) -> JsonObject:
    return {"metadata": data}


_RAW: Final = json.dumps({"error": {"message": "The upstream is rate limited.", "type": "requests"}})

SCRIPTED: Final[dict[str, Reason]] = {
    "401": Reason(401, "No auth credentials found"),
    "402": Reason(402, "Insufficient credits. Add more to go on."),
    "402_in_flight": Reason(
        402, "The budget is held by requests in flight. Try again shortly.", headers={"retry-after": _IN_FLIGHT_S}
    ),
    "403": Reason(403, "This key may not use this model."),
    "403_flagged": Reason(
        403,
        "The input was flagged by moderation.",
        extra=_metadata(reasons=["violence"], flagged_input="...", provider_name="OpenAI"),
    ),
    "429": Reason(429, "Provider returned error", extra=_metadata(provider_name="OpenAI", raw=_RAW)),
    "502": Reason(502, "Provider returned error", extra=_metadata(provider_name="OpenAI", raw="Bad Gateway")),
    "503": Reason(503, "No endpoints found that can handle the requested parameters."),
    "404": Reason(404, "No endpoints found for this model."),
}


def error_body(reason: Reason) -> JsonValue:
    """The code is the status, as a number."""
    error: JsonObject = {"code": reason.status, "message": reason.message}
    return {"error": error | reason.extra, "user_id": "user_emulated"}


def failed_after_start(body: JsonObject) -> JsonObject:
    """The upstream broke after the model had started: 200 with an error, or an error as the last chunk of a stream."""
    if body.get("object") != "chat.completion.chunk":
        metadata = _metadata(provider_name=body.get("provider"), raw='{"error":"upstream closed"}')
        return {"error": {"code": 502, "message": "Provider returned error", **metadata}}
    choice: JsonValue = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
    return body | {"error": {"code": "server_error", "message": "Provider disconnected"}, "choices": [choice]}


FAILURE: Final = (
    b"data: "
    + json.dumps(
        failed_after_start({"id": "gen-failed", "object": "chat.completion.chunk"}), separators=(",", ":")
    ).encode()
    + b"\n\n"
)


def adapted(body: JsonObject) -> JsonObject:
    """The request in the terms of the common dialect, for the first of its models that is known.

    Raises:
        Refusal: 503, no provider of the model meets the requirements.
    """
    name = next((name for name in _names(body) if find_routed(name)), None)
    model = find_routed(name) if name else None
    if model is None:
        return body
    kept = {field: value for field, value in body.items() if field != "service_tier"} | {"model": name}
    demands = body.get("provider")
    kept = _routed(kept, model, demands if isinstance(demands, dict) else {})
    counted = body.get("usage")
    if isinstance(counted, dict) and counted.get("include") is True:
        kept["stream_options"] = {"include_usage": True}
    return kept


def shows_thoughts(body: JsonObject) -> bool:
    """Whether the caller wants to see the reasoning."""
    reasoning = body.get("reasoning")
    return not (isinstance(reasoning, dict) and reasoning.get("exclude") is True)


def _names(body: JsonObject) -> list[str]:
    fallbacks = body.get("models")
    names = [body.get("model"), *(fallbacks if isinstance(fallbacks, list) else ())]
    return [name for name in names if isinstance(name, str)]


def _routed(body: JsonObject, model: Model, demands: JsonObject) -> JsonObject:
    """What the upstream does not know is left out; or the call is, if the caller insists on every parameter."""
    only, ignored = _lower(demands.get("only")), _lower(demands.get("ignore"))
    name = upstream(model).lower()
    if (only and name not in only) or name in ignored:
        raise Refusal(SCRIPTED["503"])
    strange = [field for field in _strange(body, model) if body.get(field) is not None]
    if strange and demands.get("require_parameters") is True:
        raise Refusal(SCRIPTED["503"])
    kept = {field: value for field, value in body.items() if field not in strange}
    effort = _effort(body)
    return kept | ({"reasoning_effort": effort} if effort in model.efforts else {})


def _strange(body: JsonObject, model: Model) -> list[str]:
    shape = body.get("response_format")
    schema = isinstance(shape, dict) and shape.get("type") == "json_schema"
    fields = ["response_format"] if schema and not model.has_schema else []
    fields += ["reasoning_effort"] if body.get("reasoning_effort") not in model.efforts else []
    return fields + (list(_SAMPLING) if model.reasons and _effort(body) != "none" else [])


def _effort(body: JsonObject) -> JsonValue:
    reasoning = body.get("reasoning")
    wanted = reasoning.get("effort") if isinstance(reasoning, dict) else None
    return wanted or body.get("reasoning_effort")


def _lower(names: JsonValue) -> set[str]:
    return {name.lower() for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _spoken(body: JsonObject, sale: Sale) -> JsonObject:
    name = upstream(sale.model)

    def native(choice: JsonObject) -> JsonObject:
        finish = choice.get("finish_reason")
        theirs = _NATIVE.get(name, {}).get(finish, finish) if isinstance(finish, str) else None
        return choice | {"native_finish_reason": theirs}

    cost_usd = sale.cost_micro_usd / 1_000_000
    told: JsonObject = {
        "cost": cost_usd,
        "is_byok": False,
        "cost_details": {"upstream_inference_cost": cost_usd},
    }
    changed: JsonObject = {"id": generation_id(sale.request_id), "provider": name}
    return with_usage(with_choices(body, native), told) | changed


LISTED: Final = tuple(ROUTED)
DRESS: Final = Dress(
    whole=_spoken,
    chunk=_spoken,
    headers=lambda sale: {"x-generation-id": generation_id(sale.request_id)},
    before_stream=(b": OPENROUTER PROCESSING\n\n", b": OPENROUTER PROCESSING\n\n"),
    thought_field="reasoning",
)

"""Azure OpenAI: content filter fields, an empty first chunk, deployments in place of models. Pure.

Source: shared design page providers.md, section 1.4 and appendix A6.
"""

import json
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from providers.emulator.dress import Dress, JsonObject, Sale, with_choices
from providers.emulator.refusals import Reason, Refusal

REGION: Final = "Sweden Central"

_WITHOUT_FLEX: Final = frozenset({"gpt-4o"})
_V1_ONLY: Final = "prompt_cache_options"
_SAFE: Final[JsonValue] = {"filtered": False, "severity": "safe"}
_CATEGORIES: Final = ("hate", "self_harm", "sexual", "violence")
_UNHURT: Final[JsonObject] = dict.fromkeys(_CATEGORIES, _SAFE)
_UNDETECTED: Final[JsonValue] = {"filtered": False, "detected": False}
_PROMPT: Final[JsonValue] = [
    {"prompt_index": 0, "content_filter_results": _UNHURT | {"jailbreak": _UNDETECTED, "profanity": _UNDETECTED}}
]
_FILTERED: Final[JsonObject] = {
    "status": 400,
    "innererror": {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": _UNHURT
        | {"violence": {"filtered": True, "severity": "high"}, "jailbreak": _UNDETECTED},
    },
}


def unknown_deployment(_name: str) -> Reason:
    """Nothing is deployed under that name."""
    return Reason(404, "The API deployment for this resource does not exist.", type="", code="DeploymentNotFound")


def denied() -> Reason:
    """No key, or a wrong one."""
    return Reason(401, "Access denied: the subscription key or the endpoint is wrong.", type="", code="401")


SCRIPTED: Final[dict[str, Reason]] = {
    "400_filter": Reason(
        400,
        "The response was filtered because the prompt triggered the content management policy.",
        type="",
        code="content_filter",
        param="prompt",
        extra=_FILTERED,
    ),
    "401": denied(),
    "403": Reason(403, "The principal lacks the permission for this action.", type="", code="PermissionDenied"),
    "404": unknown_deployment(""),
}


def headers(request_id: str, _call_id: str) -> dict[str, str]:
    """What the gateway in front adds."""
    return {"apim-request-id": request_id.removeprefix("req_"), "x-ms-region": REGION}


def adapted(body: JsonObject) -> JsonObject:
    """The request as it is.

    Raises:
        Refusal: 400, flex for a model that has no such tier: nothing is served at another tier in silence.
    """
    if body.get("service_tier") == "flex" and body.get("model") in _WITHOUT_FLEX:
        raise Refusal(Reason(400, "Flex is not available for this model.", code="invalid_value", param="service_tier"))
    return body


def check_classic(query: Mapping[str, str], body: JsonObject | None) -> None:
    """What the older addresses insist on.

    Raises:
        Refusal: 404, no api-version; 400, a field that they do not know.
    """
    if not query.get("api-version"):
        raise Refusal(Reason(404, "Resource not found", type="", code="404"))
    if body and _V1_ONLY in body:
        raise Refusal(Reason(400, f"Unknown parameter: '{_V1_ONLY}'.", code="unknown_parameter", param=_V1_ONLY))


def error_body(reason: Reason) -> JsonValue:
    """OpenAI's, with a null type on Azure's own errors and what the content filter found."""
    error: JsonObject = {
        "message": reason.message,
        "type": reason.type or None,
        "param": reason.param,
        "code": reason.code,
    }
    return {"error": error | reason.extra}


def _results(choice: JsonObject) -> JsonObject:
    delta = choice.get("delta")
    said = not isinstance(delta, dict) or bool(delta.get("content"))
    filtered = choice.get("finish_reason") == "content_filter"
    harm: JsonObject = {"violence": {"filtered": True, "severity": "medium"}} if filtered else {}
    return choice | {"content_filter_results": _UNHURT | harm if said or filtered else {}}


def _whole(body: JsonObject, _sale: Sale) -> JsonObject:
    return with_choices(body, _results) | {"prompt_filter_results": _PROMPT}


# Nothing in it but the verdict on the prompt: whoever takes choices[0] of every chunk falls over here.
_FIRST: Final[JsonObject] = {
    "id": "",
    "object": "",
    "created": 0,
    "model": "",
    "choices": [],
    "prompt_filter_results": _PROMPT,
}
DRESS: Final = Dress(
    whole=_whole,
    chunk=lambda body, _sale: with_choices(body, _results),
    before_stream=(b"data: " + json.dumps(_FIRST, separators=(",", ":")).encode() + b"\n\n",),
)

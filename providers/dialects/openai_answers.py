"""What a Chat Completions answer means, whether it came whole or was put together from a stream. Pure.

A success status is not yet a success: errors, refusals and nothing at all come with 200 as well.

Source: shared design page providers.md, sections 1.1, 1.5, 1.6, 1.9 and 2.2.
"""

import re
from typing import Final

from providers.calls import Call, Finish, JsonObject, Reply, ToolCall
from providers.dialects import openai_failures, openai_usage
from providers.dialects.documents import as_object, clean
from providers.dialects.openai_documents import error_in, first_choice, tool_calls, written
from providers.dialects.openai_failures import request_id
from providers.errors import BadReply, ContentFiltered, CutOff, EmptyReply, Overloaded, ProviderError
from providers.wire import WireReply

# Some open models write their reasoning into the answer itself, in front.
_THOUGHTS: Final = re.compile(r"\A\s*<(think|thinking)>.*?(?:</\1>\s*|\Z)", re.DOTALL)

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


def read(document: JsonObject, reply: WireReply, call: Call) -> Reply:
    """Read the document of an answer.

    Raises:
        ContentFiltered: refused, in whichever of the three ways.
        CutOff: the output limit ended the answer.
        EmptyReply: neither text nor a call to a tool that was offered; thoughts are none.
        ProviderError: the document is an error, or holds no answer (`BadReply`).
    """
    choice = first_choice(document)
    message = as_object(choice.get("message"))
    error = error_in(document)
    if error is not None:
        raise failed_midway(error, reply, call, message=message, document=document)
    if not choice:
        raise failed_midway(document, reply, call, message=message, document=document)
    usage = openai_usage.told(document) or openai_usage.estimated(call, message)
    served = clean(document.get("model"))
    text, called = _text(message), tool_calls(message) if call.tools else ()
    failure = _failure(choice, message, text, called)
    if failure is not None:
        failure.status, failure.request_id = reply.status, request_id(reply)
        failure.usage, failure.model_served, failure.may_be_billed = usage, served, True
        raise failure
    return Reply(
        text=text,
        finish=Finish.TOOL_CALLS if called else Finish.STOP,
        model_served=served,
        usage=usage,
        request_id=request_id(reply),
        tool_calls=called,
        tier_served=clean(document.get("service_tier")),
        reported_cost_micro_usd=openai_usage.reported_cost_micro_usd(document, reply.headers),
    )


def failed_midway(
    error: JsonObject, reply: WireReply, call: Call, *, message: JsonObject, document: JsonObject
) -> ProviderError:
    """Name the failure inside a success. What had come before it, or is counted beside it, may have been billed."""
    failure = openai_failures.named(error, reply)
    failure.usage = openai_usage.told(document)
    if failure.usage is None and _has_begun(message):
        failure.usage = openai_usage.estimated(call, message)
    failure.may_be_billed = failure.may_be_billed or failure.usage is not None
    failure.model_served = clean(document.get("model"))
    return failure


def _has_begun(message: JsonObject) -> bool:
    """Whether anything came that a model had written."""
    return any(message.get(name) for name in ("content", "refusal", "tool_calls", "reasoning_content", "reasoning"))


def _text(message: JsonObject) -> str:
    """The answer, without the thoughts."""
    return _THOUGHTS.sub("", clean(written(message.get("content"))), count=1)


def _finish(choice: JsonObject) -> Finish | None:
    """Why the model stopped. The upstream's own word wins where it says that the limit ended the answer."""
    native = clean(choice.get("native_finish_reason")).lower()
    if _FINISHES.get(native) is Finish.LENGTH:
        return Finish.LENGTH
    return _FINISHES.get(clean(choice.get("finish_reason")))


def _failure(choice: JsonObject, message: JsonObject, text: str, called: tuple[ToolCall, ...]) -> ProviderError | None:
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
    if not (text.strip() or called):
        return EmptyReply(f"no answer text (finish: {reason or 'none'})")
    return None

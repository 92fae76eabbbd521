"""Puts an answer of generateContent together: a stream brings it in many pieces, a whole answer is one. Pure.

Each piece is a response object of its own, with the next words of the text. Counts are running totals, so the last
stand. There is no mark of the end: an answer is whole once it has said why the model stopped.

Source: shared design page providers.md, sections 1.3 and 1.9.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from pydantic import JsonValue

from providers import pricing, sse
from providers.calls import Call, Finish, JsonObject, Reply, ToolCall, Usage
from providers.dialects import gemini_failures
from providers.dialects.documents import as_object, as_objects, clean, parse
from providers.errors import BadReply, ContentFiltered, CutOff, EmptyReply, Interrupted, ProviderError
from providers.wire import Pace, WireReply

_PIECE_FIELDS: Final = frozenset(("candidates", "promptFeedback", "usageMetadata", "error"))

# Reasons to stop that mean the content. Those of promptFeedback need no list: each of them blocks the prompt.
_FILTERED: Final = frozenset(
    ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY")
)


class _Answer(NamedTuple):
    """What all pieces say together; "" and {} for what none says."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    finish: str
    finish_message: str
    blocked: str
    counts: JsonObject
    model_served: str
    response_id: str

    @property
    def began(self) -> bool:
        """Whether the model was at work, so that its tokens may be billed."""
        return bool(self.text or self.tool_calls or self.counts)


def whole(reply: WireReply, call: Call) -> Reply:
    """Read a success that came whole."""
    pieces = _pieces(parse(reply.body))
    if not pieces:
        raise gemini_failures.classify(reply)
    return _concluded(pieces, reply, call, None, unfinished=BadReply)


def streamed(reply: WireReply, call: Call) -> Reply:
    """Read a success that came as events. Bare JSON behind them is an error that broke the stream off."""
    events, stray = sse.events(reply.body)
    documents = [parse(event.data.encode()) for event in events if event.data.strip()]
    if stray.lstrip()[:1] in (b"{", b"["):
        documents.append(parse(stray))
    if not events and stray.lstrip()[:1] == b"<":  # a gateway's page, in place of the stream
        raise gemini_failures.classify(reply)
    pieces_by_event = [_pieces(document) for document in documents]
    pieces = [piece for pieces in pieces_by_event for piece in pieces]
    return _concluded(pieces, reply, call, _broken(pieces_by_event), unfinished=Interrupted)


def pace(event: sse.Event) -> Pace:
    """Words, thoughts, calls and a reason to stop are progress. Only an error ends: counts may follow the last word."""
    pieces = _pieces(parse(event.data.encode()))
    if any(piece.get("error") for piece in pieces):
        return Pace.END
    answer = _gathered(pieces)
    thought = any(part.get("text") for piece in pieces for part in _parts(_candidate(piece)))
    moved = thought or answer.tool_calls or answer.finish or answer.blocked
    return Pace.PROGRESS if moved else Pace.NOISE


def arguments(args: JsonValue) -> str:
    """Arguments as JSON text; "" for what is nested deeper than can be written."""
    try:
        return clean(json.dumps(as_object(args), ensure_ascii=False, separators=(",", ":")))
    except RecursionError:
        return ""


def _concluded(
    pieces: Sequence[JsonObject],
    reply: WireReply,
    call: Call,
    broken: ProviderError | None,
    *,
    unfinished: type[ProviderError],
) -> Reply:
    """Make a reply of the pieces, or raise what makes one impossible, with its bill."""
    answer = _gathered(pieces)
    usage = _usage(answer, call)
    error = next((piece for piece in pieces if piece.get("error")), None)
    if error is not None:
        failure: ProviderError | None = gemini_failures.named(error, reply)
    else:
        failure = broken or _failure(answer, call, unfinished)
    if failure is not None:
        raise _sealed(failure, answer, usage, reply)
    offered = answer.tool_calls if call.tools else ()
    return Reply(
        text=answer.text,
        finish=Finish.TOOL_CALLS if offered else Finish.STOP,
        model_served=answer.model_served,
        usage=usage,
        request_id=answer.response_id or None,
        tool_calls=offered,
        tier_served=_tier(answer, reply),
    )


def _sealed(failure: ProviderError, answer: _Answer, usage: Usage, reply: WireReply) -> ProviderError:
    """A failure with what the pieces say of it, and a bill unless it came before the model was at work."""
    failure.status, failure.request_id = reply.status, answer.response_id or None
    failure.model_served = answer.model_served
    if failure.may_be_billed or answer.began:
        failure.usage, failure.may_be_billed = usage, True
    return failure


def _failure(answer: _Answer, call: Call, unfinished: type[ProviderError]) -> ProviderError | None:
    """What makes an answer unusable, if anything does."""
    if answer.blocked:
        return ContentFiltered(f"the prompt was blocked: {answer.blocked}")
    if not answer.finish:
        return unfinished("the answer does not say why it ended")
    if answer.finish not in ("STOP", "MAX_TOKENS"):
        return _unusual(answer)
    has_words = bool(answer.text.strip())
    if answer.finish == "MAX_TOKENS" and (has_words or answer.tool_calls):
        return CutOff("the output limit ended the answer")
    if not (has_words or (answer.tool_calls and call.tools)):
        return EmptyReply(f"no answer text (finish: {answer.finish})")
    return None


def _unusual(answer: _Answer) -> ProviderError:
    """The failure behind any other reason to stop; those that we do not know leave nothing usable either."""
    if answer.finish in _FILTERED:
        return ContentFiltered(f"the provider refused the content: {answer.finish}")
    if answer.finish == "CONTINUATION":  # very long answers come in hops, each a call of its own; we take one
        return CutOff("the model wants to be asked on (CONTINUATION)")
    return BadReply(f"the model ended with {answer.finish}: {answer.finish_message or 'no explanation'}")


def _broken(pieces_by_event: Sequence[Sequence[JsonObject]]) -> ProviderError | None:
    """What is wrong with the stream itself. An unreadable event is cut off if it is the last one."""
    if not pieces_by_event:
        return None
    if not pieces_by_event[-1]:
        return Interrupted("the stream broke off within an event")
    if not all(pieces_by_event):
        return BadReply("an event of the stream cannot be read")
    if all(_PIECE_FIELDS.isdisjoint(piece) for pieces in pieces_by_event for piece in pieces):
        return BadReply("the stream holds no answer")
    return None


def _pieces(document: JsonValue) -> tuple[JsonObject, ...]:
    """The response objects of a document: one, or some in an array; none if it is unreadable."""
    return (document,) if isinstance(document, dict) else as_objects(document)


def _gathered(pieces: Sequence[JsonObject]) -> _Answer:
    candidates = [_candidate(piece) for piece in pieces]
    parts = [part for candidate in candidates for part in _parts(candidate)]
    words = [part["text"] for part in parts if isinstance(part.get("text"), str) and part.get("thought") is not True]
    feedbacks = [as_object(piece.get("promptFeedback")) for piece in pieces]
    counts = [as_object(piece.get("usageMetadata")) for piece in pieces]
    return _Answer(
        text=clean("".join(str(word) for word in words)),
        tool_calls=_tool_calls(parts),
        finish=_last(candidate.get("finishReason") for candidate in candidates),
        finish_message=_last(candidate.get("finishMessage") for candidate in candidates),
        blocked=_last(feedback.get("blockReason") for feedback in feedbacks),
        counts=next((told for told in reversed(counts) if told), {}),
        model_served=_last(piece.get("modelVersion") for piece in pieces).removeprefix("models/"),
        response_id=_last(piece.get("responseId") for piece in pieces),
    )


def _last(values: Iterable[JsonValue]) -> str:
    """The last of the strings that says anything."""
    return next((text for text in map(clean, reversed(list(values))) if text), "")


def _candidate(piece: JsonObject) -> JsonObject:
    """The first candidate: we never ask for a second."""
    return next(iter(as_objects(piece.get("candidates"))), {})


def _parts(candidate: JsonObject) -> tuple[JsonObject, ...]:
    return as_objects(as_object(candidate.get("content")).get("parts"))


def _tool_calls(parts: Sequence[JsonObject]) -> tuple[ToolCall, ...]:
    """The calls in their order. Most come without an id: their place is a name that the next reading gives again."""
    asked = [as_object(part.get("functionCall")) for part in parts]
    lawful = [call for call in asked if clean(call.get("name"))]
    return tuple(
        ToolCall(
            id=clean(call.get("id")) or f"call_{place}",
            name=clean(call.get("name")),
            arguments=arguments(call.get("args")),
        )
        for place, call in enumerate(lawful)
    )


def _usage(answer: _Answer, call: Call) -> Usage:
    """The counts; each side that is not told is estimated. Thoughts stand beside the output here, not within it."""
    prompt, used = _count(answer.counts, "promptTokenCount"), _count(answer.counts, "toolUsePromptTokenCount")
    output, thoughts = _count(answer.counts, "candidatesTokenCount"), _count(answer.counts, "thoughtsTokenCount")
    no_input = prompt + used == 0
    guessed_input = sum(pricing.estimate_tokens(message.text) for message in call.messages) if no_input else 0
    # A piece in the middle may leave its output uncounted; in a finished answer an absent count is a zero.
    said = answer.counts.get("candidatesTokenCount")
    is_untold = prompt + used + thoughts == 0 or not answer.finish or (isinstance(said, int) and said < 0)
    no_output = output == 0 and is_untold
    cached = min(prompt, _count(answer.counts, "cachedContentTokenCount"))
    images = min(prompt - cached, _fresh_image_tokens(answer.counts))
    return Usage(
        input_tokens=prompt + used - cached - images + guessed_input,
        cached_input_tokens=cached,
        output_tokens=_estimated_output(answer) if no_output else output,
        reasoning_tokens=thoughts,
        image_tokens=images,
        estimated=no_input or no_output,
    )


def _fresh_image_tokens(counts: JsonObject) -> int:
    """Those of images that did not come from the cache: the prompt's details hold what the cache's hold too."""
    return max(0, _image_tokens(counts, "promptTokensDetails") - _image_tokens(counts, "cacheTokensDetails"))


def _image_tokens(counts: JsonObject, details: str) -> int:
    told = as_objects(counts.get(details))
    return sum(_count(one, "tokenCount") for one in told if one.get("modality") == "IMAGE")


def _estimated_output(answer: _Answer) -> int:
    return pricing.estimate_tokens(" ".join((answer.text, *(call.arguments for call in answer.tool_calls))))


def _count(counts: JsonObject, name: str) -> int:
    """A token count; 0 for null, for what is no whole number, and for what no model could have read."""
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000_000 else 0


def _tier(answer: _Answer, reply: WireReply) -> str:
    """The tier that ran: a header names it, and in recorded answers the counts do."""
    return clean(reply.headers.get("x-gemini-service-tier")) or clean(answer.counts.get("serviceTier"))

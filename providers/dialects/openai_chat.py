"""Chat Completions, the wire format of OpenAI and of all who copy it. Pure.

The dialect itself is the sum of its rooms: requests are written in one, answers read in another, streams put together
into such answers in a third.

Source: shared design page providers.md, sections 1.1 and 1.4 to 1.9.
"""

from collections.abc import Mapping

from providers import sse
from providers.calls import Call, LimitReading, Reply
from providers.catalog import ModelCard, ProviderCard
from providers.dialects import (
    openai_answers,
    openai_failures,
    openai_limits,
    openai_requests,
    openai_stream,
    openai_usage,
)
from providers.dialects.documents import as_object, clean, parse
from providers.dialects.openai_documents import error_in
from providers.dialects.openai_failures import request_id
from providers.errors import Interrupted, ProviderError
from providers.sse import Event
from providers.wire import Pace, WireReply, WireRequest


class OpenAIChat:
    """The dialect. Satisfies `wire.Dialect`."""

    def encode(self, call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
        """Write the call.

        Raises:
            Refused: the call needs images or tools and the model takes none.
        """
        return openai_requests.encode(call, provider, model)

    def decode(self, reply: WireReply, call: Call) -> Reply:
        """Read an answer that came whole; what it raises is told in `openai_answers.read`."""
        return openai_answers.read(as_object(parse(reply.body)), reply, call)

    def decode_stream(self, reply: WireReply, call: Call) -> Reply:
        """Read an answer that came as a stream.

        A finish without the usage after it is an answer, with an estimate of ours; text without a finish is none.

        Raises:
            Interrupted: the stream ends, or cannot be read any further, before the model's finish.
            ProviderError: as `decode`, and for an error in mid-stream.
        """
        events, stray = sse.events(reply.body)
        if not events and stray.strip():  # some servers answer whole, whatever is asked for
            return self.decode(reply, call)
        joined = openai_stream.Joined(events)
        error = joined.error or (None if joined.finished else error_in(as_object(parse(stray))))
        if error is not None:
            message, document = joined.message(), joined.document()
            raise openai_answers.failed_midway(error, reply, call, message=message, document=document)
        if not joined.finished:
            raise _interrupted(joined, reply, call)
        return openai_answers.read(joined.document(), reply, call)

    def pace(self, event: Event) -> Pace:
        """What one event means for the watchdog."""
        return openai_stream.pace(event)

    def classify(self, reply: WireReply) -> ProviderError:
        """Name the failure of an answer whose status is not 2xx."""
        return openai_failures.classify(reply)

    def limits(self, headers: Mapping[str, str]) -> tuple[LimitReading, ...]:
        """What an answer says of rate limits; the providers without such headers give none."""
        return openai_limits.limits(headers)


def _interrupted(joined: openai_stream.Joined, reply: WireReply, call: Call) -> Interrupted:
    what = "the stream holds an event that cannot be read" if joined.unreadable else "the stream ended too early"
    error = Interrupted(f"{what}, before the model had finished", status=reply.status, request_id=request_id(reply))
    document = joined.document()
    error.usage = openai_usage.told(document) or openai_usage.estimated(call, joined.message())
    error.model_served = clean(document.get("model"))
    return error

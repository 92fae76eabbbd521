"""The door of the built-in models: a call in, a reply out, without a wire. Pure; same call, same reply."""

from collections.abc import Callable
from typing import Final

from providers.calls import Call, Finish, Reply, Usage
from providers.errors import ModelNotFound
from providers.extractive import (
    central_sentences,
    conversation,
    cue_rules,
    findings,
    frame,
    lead_position,
    topic_segments,
)
from providers.extractive.conversation import Conversation
from providers.extractive.findings import Findings

PROVIDER: Final = "extractive"

MODELS: Final[dict[str, Callable[[Conversation], Findings]]] = {
    "cue-rules": cue_rules.analyse,
    "central-sentences": central_sentences.analyse,
    "topic-segments": topic_segments.analyse,
    "lead-position": lead_position.analyse,
}


def answer(call: Call, model: str) -> Reply:
    """Analyse the transcript that the call frames. Uses no tokens and costs nothing.

    Raises:
        ModelNotFound: `model` is none of `MODELS`.
        BadReply: the call holds no transcript in the documented frame.
    """
    if model not in MODELS:
        raise ModelNotFound(f"there is no built-in model {model!r}", provider=PROVIDER)
    heard = conversation.listen(frame.read(call.messages))
    return Reply(text=findings.write(MODELS[model](heard)), finish=Finish.STOP, model_served=model, usage=Usage())

"""Whether a lead or judge answered what it was asked, before its reply is kept. Pure.

What a reply means is for the strategy that asked; here it is only read as the strategy will read it, so that one who
answers nonsense is left for the next on the ladder.
"""

from collections.abc import Callable, Mapping
from typing import Final

from orchestrator.analysis import judging, reviews
from providers.calls import Reply

# By the name of the schema; a reader raises UnreadableReply.
READERS: Final[Mapping[str, Callable[[str], object]]] = {
    reviews.SCHEMA_NAME: reviews.read,
    judging.SCHEMA_NAME: judging.numbers_in,
}


def read(schema_name: str, reply: Reply) -> Reply:
    """The reply as it is stored: without what is no text (NUL, lone surrogates) and what the gate alone needs.

    Raises:
        UnreadableReply: it is not what was asked for.
        KeyError: no strategy of this release asks such a question.
    """
    text = reply.text.encode("utf-8", "replace").decode().replace("\0", "")
    READERS[schema_name](text)
    return reply.model_copy(update={"text": text, "limits": ()})

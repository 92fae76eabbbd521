"""What is known to matter of a meeting's type, size, length and language: tables, each row with its reason. Pure data.

There is no row without a reason that somebody can look up, so there are few: types that have none differ by the
measured records of models in meetings of that type alone, which are an argument of planning and stand nowhere here.
"""

from collections.abc import Iterator
from math import prod
from typing import Final, NamedTuple

from orchestrator.meeting.context import UNKNOWN_LANGUAGE, Context
from providers.catalog import ModelCard

# Below that a finding is a guess, and a guess buys no seat and moves no model.
SURE: Final = 0.5


class OneMore(NamedTuple):
    """Why such a meeting is read by one model more than the policy says."""

    because: str


# Capabilities A4.1 (the type maps to a panel) and A8.1 (each item stands by the votes of the seats). Only where what is
# missed or made up does harm beyond those who were there; for other types nobody has said why more should read them.
TYPES: Final[dict[str, OneMore]] = {
    "executive": OneMore("what an executive meeting decides binds others"),
    "committee": OneMore("what a committee decides binds others"),
}

# Capabilities A4.2 (the head count scales the panel). A judgement: with a dozen voices nobody who was there has heard
# all that was promised, so that nobody will notice what a small panel misses.
MANY_SPEAKERS: Final = 12

# One, whatever the number of reasons: each further seat costs as much as the first and settles fewer votes.
SEATS_MORE: Final = 1

# A four-hour meeting has 50,000 to 80,000 tokens (shared design page providers.md, section 5.1). For what is longer the
# page has a chain of its own, and one vendor multiplies its price from here.
LONG_FROM_TOKENS: Final = 100_000
# What a model is worth there that is not on that chain: less than one, so that it goes behind its equals that are;
# more than two thirds, so that the tier, which the policy pays for, still decides first.
NOT_FOR_LONG: Final = 0.75

# Models that are weak outside some languages, by family. Of no vendor's model does a page say so. The cues of ours are
# words of these languages (`providers/extractive/cue_tables`): elsewhere it finds dates and numbers at best.
LANGUAGES: Final[dict[str, frozenset[str]]] = {
    "cue-rules": frozenset({"en", "es", "fr", "de", "zh"}),
}
FOREIGN: Final = 0.5  # half a model: it reads, and misses most


def reasons_for_one_more(context: Context | None) -> tuple[str, ...]:
    """Why one more model shall read the meeting; none: the policy's panel is enough."""
    return () if context is None else tuple(_reasons(context))


def _reasons(context: Context) -> Iterator[str]:
    row = TYPES.get(context.type.value)
    if row is not None and context.type.confidence >= SURE:
        yield row.because
    if context.speakers >= MANY_SPEAKERS:
        yield f"{context.speakers} people speak in it"


def language_of(context: Context | None) -> str | None:
    """The primary subtag of the meeting's language; None: it is not known."""
    if context is None or context.language.confidence < SURE:
        return None
    primary = context.language.value.partition("-")[0].lower()
    return None if primary == UNKNOWN_LANGUAGE else primary


def worth(card: ModelCard, language: str | None, prompt_tokens: int) -> tuple[float, tuple[str, ...]]:
    """What the model is worth for such a meeting, 1 where nothing is known against it, and why it is less."""
    against = []
    if is_foreign(card, language):
        against.append((FOREIGN, f"it is weak in {language}"))
    if prompt_tokens > LONG_FROM_TOKENS and "long_context" not in card.takes:
        against.append((NOT_FOR_LONG, f"it is not meant for {prompt_tokens} tokens"))
    return prod(share for share, _ in against), tuple(reason for _, reason in against)


def is_foreign(card: ModelCard, language: str | None) -> bool:
    """Whether it is known to be weak in that language."""
    spoken = LANGUAGES.get(card.family)
    return spoken is not None and language is not None and language not in spoken

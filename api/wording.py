"""How numbers, times and names read to people: the report page and the terminal say them alike. Pure."""

from collections.abc import Iterator
from typing import Final

from api.schemas import DetectedView, FindingView, RedactionView
from orchestrator.analysis.items import Due, Item, Kind
from orchestrator.meeting.cues.function_words import NAMES

# What a reader came for stands first; topics are the map of the meeting and stand last.
KIND_TITLES: Final[dict[Kind, str]] = {
    "action_items": "Action items",
    "decisions": "Decisions",
    "questions": "Open questions",
    "risks": "Risks",
    "topics": "Topics",
}

STATUS_WORDS: Final[dict[str, str]] = {
    "queued": "waiting for its turn",
    "running": "asking the panel",
    "synthesizing": "putting the answers together",
    "succeeded": "finished",
    "failed": "failed",
    "canceled": "canceled",
    "expired": "ran out of time",
}


def clock(seconds: float) -> str:
    """A place in the recording: `1:02`, or `1:00:02` from an hour on."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def duration(seconds: float) -> str:
    """How long something took, as exact as a reader cares to know."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes} min {second} s" if second else f"{minutes} min"


def dollars(amount: str) -> str:
    """Money without the noughts that say nothing, but with at least two places: `$0.0126`, `$1.50`, `-$2.00`."""
    whole, _, fraction = amount.removeprefix("-").partition(".")
    return f"{'-' * amount.startswith('-')}${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def count(number: int, noun: str) -> str:
    """`1 seat`, `2 seats`, `1,200 words`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def due(words: Due) -> str:
    """The words that were said, and the day they mean where it is known."""
    return f"{words.text} ({words.date})" if words.date and words.date != words.text else words.text


def backing(item: Item, seats: int) -> str:
    """Who stands behind an item: `2 of 3 seats`."""
    return f"{len(item.seats)} of {count(seats, 'seat')}"


def language(code: str) -> str:
    """`German` for `de` and `de-AT`; a code that has no name here stays as it is."""
    return NAMES.get(code.partition("-")[0].lower(), code)


def findings(found: DetectedView) -> Iterator[tuple[str, str]]:
    """What was found out of a meeting, a line each: `Type`, `standup, 80 % sure: ...`."""
    yield "Type", _finding(found.type.value, found.type)
    yield "Language", _finding(language(found.language.value), found.language)
    if found.industry is not None:
        yield "Industry", _finding(found.industry.value, found.industry)


def _finding(value: str, found: FindingView) -> str:
    return f"{value}, {100 * found.confidence:.0f} % sure: {'; '.join(found.because)}"


def hidden(redaction: RedactionView) -> str:
    """What models were not shown, counted by kind."""
    counts = [f"{count} {kind.replace('_', ' ')}" for kind, count in redaction.hidden.items() if count]
    return f"Not shown to models: {', '.join(counts) or 'nothing was found of what was to be hidden'}"

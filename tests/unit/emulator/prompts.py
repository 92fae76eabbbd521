"""A meeting for the emulator's tests, and the prompt that the product makes of it."""

from orchestrator.analysis import prompts
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.emulator import meeting as meetings
from providers.emulator.answers import Question
from providers.emulator.meeting import Meeting

SPEAKERS = ("Ann Lee", "Boris", "Chiara", None)
SAYINGS = (
    "Let's look at the next item on the agenda, the release of version {n}.",
    "I'll send the revised budget for line {n} to everybody by Friday.",
    "We agreed to move hall {n} to the north site. That is decided.",
    "My worry is that supplier {n} will be delayed until the next month.",
    "Who is going to tell customer {n} about the new price?",
    "Yeah. [laugh]",
    "Okay, so the figures for region {n} look better than they did in spring.",
)


def transcript(size: int = 70) -> Transcript:
    """Every seventh utterance is noise; every fourth has no speaker, every fifth no time."""
    return Transcript(
        utterances=tuple(
            Utterance(
                id=f"caller-{n}",
                speaker=SPEAKERS[n % len(SPEAKERS)],
                start_s=None if n % 5 == 0 else n * 7.5,
                text=SAYINGS[n % len(SAYINGS)].format(n=n),
            )
            for n in range(size)
        )
    )


def of_texts(*texts: str) -> Transcript:
    """One utterance a text."""
    return Transcript(utterances=tuple(Utterance(id=str(n), speaker="Ann", text=t) for n, t in enumerate(texts)))


def prompt(spoken: Transcript, boundary: str = "b0rder") -> tuple[str, ...]:
    """The texts of the product's messages."""
    return tuple(message.text for message in prompts.messages(spoken, boundary))


def question(spoken: Transcript, model: str = "gpt-6-luna", boundary: str = "b0rder") -> Question:
    """The product's question about a meeting."""
    return Question(model, prompt(spoken, boundary), prompts.SCHEMA)


def read(spoken: Transcript) -> Meeting:
    """The meeting as the emulator reads it out of the prompt."""
    found = meetings.find(prompt(spoken)[1])
    assert found is not None
    return found

"""The words of jobs that were posted before words were kept with a job: `meeting-1`, the only version until then. Pure.

A release that still writes such jobs may run beside this one during a roll-out, and such a job may be retried later.
"""

from collections.abc import Iterable
from typing import Final

from orchestrator.analysis.prompt_texts import SYSTEM
from orchestrator.analysis.prompts import Wording

VERSION: Final = "meeting-1"

INSTRUCTION: Final = """\
Analyse the meeting above. Answer with one JSON object and nothing else:
- language: the BCP-47 code of the language that is spoken.
- summary: text, three to six sentences; bullets, the three to seven main points.
- topics: what was talked about, in order.
- decisions: what the meeting settled.
- action_items: what somebody took on or was given to do. owner: the person's name as it is spelled in the \
transcript, or "" if nobody was named. due_text: the words that say when, copied from the transcript, or "". due_date: \
YYYY-MM-DD if a calendar day was named in full, or "".
- risks: what could go wrong. questions: what stayed open.
Each item: text, one plain sentence in the language of the meeting; evidence, one or more of {utterance, quote}, the \
quote copied letter by letter from that utterance. At most 50 items a list."""


def meeting_1(glossary: Iterable[str]) -> Wording:
    """Args: `glossary`, the words that the caller gave with the meeting."""
    words = ", ".join(glossary)
    hint = f"\nWords and names that occur in this circle: {words}." if words else ""
    return Wording(version=VERSION, system=SYSTEM, closing=f"{INSTRUCTION}{hint}")

"""Asking once more for an answer that could not be used: the same conversation, then what was wrong with it. Pure.

The conversation before stays letter by letter, so that a provider finds its beginning in its cache. The last answer is
quoted as data, between the job's own boundary lines, on one line and cut: whatever it holds, an order among it, it
cannot end the quote.
"""

from collections.abc import Sequence
from typing import Final

from orchestrator.analysis.prompt_texts import REPAIR, REPAIR_CLOSING
from orchestrator.meeting.cleaning import clean
from providers.calls import Message, Value

MAX_ANSWER_CHARACTERS: Final = 4_000  # enough to see its own mistake; the whole would be paid for once more
MAX_PROBLEM_CHARACTERS: Final = 200

_MARKS: Final = str.maketrans({"<": "‹", ">": "›"})  # no boundary line can be made of these


class Repair(Value):
    """What a seat's next ask shall mend. `problems`: short phrases of our own; `answer`: what is quoted of it.

    Without problems it has been made, and there is none to come.
    """

    problems: tuple[str, ...] = ()
    answer: str = ""


MADE: Final = Repair()


def of(problems: Sequence[str], answer: str) -> Repair:
    """The repair that an answer wants; what is kept of it is safe to store and to quote."""
    kept = clean(answer[: 2 * MAX_ANSWER_CHARACTERS]).translate(_MARKS)[:MAX_ANSWER_CHARACTERS]
    return Repair(problems=tuple(clean(one)[:MAX_PROBLEM_CHARACTERS] for one in problems), answer=kept)


def messages(asked: Sequence[Message], boundary: str, repair: Repair) -> tuple[Message, ...]:
    """The conversation that asks for it. `asked` is what the last answer was an answer to."""
    quoted = (f"<<<answer {boundary}>>>", repair.answer, f"<<<end of answer {boundary}>>>")
    problems = (f"- {one}" for one in repair.problems)
    return (*asked, Message(role="user", text="\n".join((*quoted, "", REPAIR, *problems, REPAIR_CLOSING))))

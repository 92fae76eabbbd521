"""Whether a seat's answer shall be mended by the model that gave it: asked once more, told what was wrong.

A repair is an ask like any other: decided with the rows of the answer that it mends, with an attempt, a hold and a
booking of its own (ADR 0043). Here is only what it takes to decide: what is wrong, and whether the money left is
enough.
"""

from itertools import islice
from typing import Final, cast

from orchestrator.analysis import repairs, tongues
from orchestrator.analysis.items import Candidate
from orchestrator.analysis.repairs import Repair
from orchestrator.meeting.detectors import languages, phrases
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import Policy
from orchestrator.routing.rungs import usable
from orchestrator.work.seats import ANALYST
from providers.calls import Finish, Reply
from tasks import markets, resources
from tasks.meeting_facts import facts
from tasks.work import Work

SAMPLE_UTTERANCES: Final = 200  # of a meeting; which language is spoken is plain long before
SAMPLE_CHARACTERS: Final = 20_000


def wish(work: Work, reply: Reply, problems: tuple[str, ...]) -> Repair | None:
    """What the seat's next ask would mend. None: the seat has had its repair, or the answer is beyond one.

    A built-in model says the same again, and one that was cut off or stopped would be again.
    """
    whole = reply.finish is Finish.STOP and reply.text.strip()
    return repairs.of(problems, reply.text) if whole and _may_wish(work) else None


def is_affordable(work: Work, repair: Repair, room_micro_usd: int) -> bool:
    """Whether the same target may be asked for it, by what is left of the job's money."""
    asked = repairs.messages(work.call.messages, work.job.boundary, repair)
    return work.seat.rung in usable(work.seat.plan, markets.market(work.job, asked), room_micro_usd)


def complaint(work: Work, candidate: Candidate) -> str | None:
    """What is wrong with the language of an answer, where the job's policy pays for another one; None: nothing."""
    pays = POLICIES[cast("Policy", work.job.policy_planned or work.job.policy)].mends_language
    if not pays or not _may_wish(work):
        return None
    return tongues.complaint(candidate, facts(work.job).language or _spoken(work))


def detect(text: str) -> str:
    """The language of a text as a BCP 47 code by its beginning, "und" where it is not plain."""
    sample = text[:SAMPLE_CHARACTERS]
    return languages.find(phrases.tokens(sample)).value


def _may_wish(work: Work) -> bool:
    """An analyst, once, and no built-in model."""
    return work.seat.role == ANALYST and work.seat.repair is None and work.seat.target.provider != EXTRACTIVE


def _spoken(work: Work) -> str:
    said = (utterance.text for utterance in resources.transcript_of(work.job).utterances)
    return detect("\n".join(islice(said, SAMPLE_UTTERANCES)))

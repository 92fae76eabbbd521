"""Drafts in parallel, reviewed by one stronger model that decides by number. Pure.

The drafts are the candidates. Their items are aligned as for a consensus; then one lead is asked which of them to
keep, to drop, to show as one, and in whose words (`reviews`), and code carries out what may be (`reviewing`). Nothing
that the lead writes reaches the result: it chooses among what was checked.

Without a lead, or where its answer is of no use, the consensus' rule decides; `heard` then is 0. Where there is nothing
to review nobody is asked.
"""

from collections.abc import Generator
from functools import partial

from orchestrator.analysis import agreeing, reviews
from orchestrator.analysis.items import KINDS
from orchestrator.analysis.replies import UnreadableReply
from orchestrator.analysis.reviewing import Reviewed
from orchestrator.analysis.reviews import Dossier, Draft, Review
from orchestrator.synthesis.flow import Flow, Inputs, Question, Replies, Synthesis


def hierarchical(inputs: Inputs) -> Flow:
    """Unite the drafts as their review says."""
    panel, places = inputs.candidates, inputs.places
    summaries = [candidate.summary for candidate in panel.values()]
    dossier = reviews.dossier(_drafts(inputs), summaries, seats=len(panel), places=places, boundary=inputs.boundary)
    asks = inputs.at_hand.get("lead", 0) > 0 and bool(dossier.drafts)
    review = (yield from _review(dossier)) if asks else None
    reviewed = Reviewed(dossier, review, seats=len(panel), places=places)
    return Synthesis(
        language=agreeing.language(panel, inputs.weight),
        summary=reviewed.summary(otherwise=agreeing.summary(panel)),
        seats=tuple(sorted(panel)),
        asked=int(asks),
        heard=int(reviewed.has_bearing),
        **{kind: reviewed.items(kind) for kind in KINDS},
    )


def _drafts(inputs: Inputs) -> list[Draft]:
    drafts = []
    for kind in KINDS:
        weight = partial(inputs.weight_in, kind)
        for one in agreeing.weighed(inputs.candidates, kind, inputs.places, weight):
            told = sorted(one.cluster.items, key=agreeing.strongest_first)
            wordings = tuple(dict.fromkeys(item.text for item in told))
            drafts.append(Draft(kind, one, agreeing.told(one, inputs.places, weight), wordings))
    return drafts


def _review(dossier: Dossier) -> Generator[tuple[Question, ...], Replies, Review | None]:
    question = Question(
        role="lead",
        name="review",
        messages=dossier.messages,
        schema_name=reviews.SCHEMA_NAME,
        json_schema=reviews.SCHEMA,
        max_output_tokens=reviews.MAX_OUTPUT_TOKENS,
    )
    (reply,) = yield (question,)
    try:
        return reviews.read(reply.text) if reply else None
    except UnreadableReply:
        return None

"""One candidate wins and is completed by what most others have. Pure.

Candidates are ranked blind by checks (`merits`). Where judges are at hand, up to `judging.MAX_JUDGES` of them rank the
finalists too, all at once, and `contest` says what their votes count for. Judges see neither seats nor models. Whoever
plans them should take models of families other than the contestants' (`Inputs.families`): a judge favours its own kind.
Nothing here skips a judge for its family, since a panel may leave no other.

The winner's items all stand, in its words; each names all seats that have it, so that a reader sees which are the
winner's alone. Verified items that it lacks are added where the rule keeps them and more than half of the seats' weight
has them, in the words of the best proved; the winner's seat is not among theirs.
"""

from collections.abc import Generator, Sequence
from functools import partial

from orchestrator.analysis import agreeing, judging
from orchestrator.analysis.agreeing import Weighed
from orchestrator.analysis.contest import Contestant, finalists, winner
from orchestrator.analysis.identity import in_order, told_apart
from orchestrator.analysis.items import KINDS, Item, Kind
from orchestrator.analysis.judging import Ballot
from orchestrator.analysis.merits import merits
from orchestrator.analysis.replies import UnreadableReply
from orchestrator.synthesis.flow import Flow, Inputs, Question, Replies, Synthesis
from providers.calls import Reply


def competitive(inputs: Inputs) -> Flow:
    """Let the best candidate win."""
    panel, places = inputs.candidates, inputs.places
    found = {kind: agreeing.weighed(panel, kind, places, partial(inputs.weight_in, kind)) for kind in KINDS}
    language = inputs.spoken or agreeing.language(panel, inputs.weight)
    scores = merits(panel, [one for ones in found.values() for one in ones], language=language)
    field = finalists(panel, scores)
    judges = min(inputs.at_hand.get("judge", 0), judging.MAX_JUDGES) if len(field) > 1 else 0
    rankings = yield from _rankings(inputs, field, judges)
    best = winner(field, rankings)
    return Synthesis(
        language=best.candidate.language,
        summary=best.candidate.summary,
        seats=tuple(sorted(panel)),
        asked=judges,
        heard=len(rankings),
        winner=best.seat,
        **{kind: _items(inputs, kind, found[kind], best.seat) for kind in KINDS},
    )


def _rankings(
    inputs: Inputs, field: Sequence[Contestant], judges: int
) -> Generator[tuple[Question, ...], Replies, list[tuple[int, ...]]]:
    """What the judges said, of those who could be heard and understood. None of them depends on another's word."""
    shown = [one.candidate for one in field]
    cast = [judging.ballot(shown, judge, places=inputs.places, boundary=inputs.boundary) for judge in range(judges)]
    if not cast:
        return []
    replies = yield tuple(_question(judge, ballot) for judge, ballot in enumerate(cast, 1))
    return [
        ranking for reply, ballot in zip(replies, cast, strict=True) if (ranking := _read(reply, ballot)) is not None
    ]


def _question(judge: int, ballot: Ballot) -> Question:
    return Question(
        role="judge",
        name=f"judge-{judge}",
        messages=ballot.messages,
        schema_name=judging.SCHEMA_NAME,
        json_schema=judging.SCHEMA,
        max_output_tokens=judging.MAX_OUTPUT_TOKENS,
    )


def _read(reply: Reply | None, ballot: Ballot) -> tuple[int, ...] | None:
    """A judge that cannot be understood has no vote."""
    try:
        return judging.read(reply.text, ballot) if reply else None
    except UnreadableReply:
        return None


def _items(inputs: Inputs, kind: Kind, found: Sequence[Weighed], seat: int) -> tuple[Item, ...]:
    own = list(inputs.candidates[seat].of(kind))
    kept = []
    for one in found:
        item = agreeing.told(one, inputs.places, partial(inputs.weight_in, kind))
        mine = dict(one.cluster.members).get(seat)
        if mine:
            own.remove(mine)
            words = {"text": mine.text, "owner": mine.owner or item.owner, "due": mine.due or item.due}
            kept.append(item.model_copy(update=words))
        elif one.kept and one.support > 0.5 and item.verified:
            kept.append(item)
    # What is left are the winner's readings that others' words contradict: it won, so its own stands beside theirs.
    return told_apart(in_order((*kept, *own), inputs.places))

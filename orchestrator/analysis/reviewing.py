"""What a lead's review brings about: a choice among checked items, and nothing else. Pure.

| the lead says of a cluster | then |
|---|---|
| keep | it is kept, whatever its support; confidence still comes from support and proof |
| drop | it falls, unless all seats have it |
| merge into another | it is shown as one with that, if the other is kept and not merged itself, both are of one kind, proved side by side, and contradict each other nowhere; no confidence is gained. What all seats have stays |
| a wording | it is told in these words, which are one of its seats' own |
| nothing, something impossible, or two different things | the rule decides |

Name, owner, due date and proof of an item are the rule's. Whatever the numbers are, each item that comes out is one
that went in.
"""  # noqa: E501  a row of a table cannot be broken

from collections.abc import Mapping
from typing import Final

from orchestrator.analysis.identity import in_order, told_apart, united, utterances
from orchestrator.analysis.items import Item, Kind, Summary
from orchestrator.analysis.likeness import contradict, words
from orchestrator.analysis.replies import MAX_BULLETS
from orchestrator.analysis.reviews import MAX_WORDINGS, Dossier, Draft, Review, Verdict

SIDE_BY_SIDE: Final = 1  # models cut one statement differently, into this utterance or the next


class Reviewed:
    """A dossier after its review; without one, as the rule decides."""

    def __init__(self, dossier: Dossier, review: Review | None, *, seats: int, places: Mapping[str, int]) -> None:
        """Args: what was shown; what the lead answered; how many seats were read; of each utterance, by id."""
        self._dossier = dossier
        self._review = review
        self._seats = seats
        self._places = places
        self._verdicts = _verdicts(dossier, review) if review else {}
        self._merged = {number: into for number in self._verdicts if (into := self._target(number)) is not None}

    @property
    def has_bearing(self) -> bool:
        """Whether the lead spoke of anything that it was shown."""
        return bool(self._verdicts or self._chosen_summary or self._chosen_bullets)

    def items(self, kind: Kind) -> tuple[Item, ...]:
        """The items of one kind that remain, in the order of the transcript, ids unique."""
        numbers = [n for n, draft in enumerate(self._dossier.drafts) if draft.kind == kind and n not in self._merged]
        kept = [self._item(number) for number in numbers if self._is_kept(number)]
        return told_apart(in_order(kept, self._places))

    def summary(self, otherwise: Summary) -> Summary:
        """The drafts' summary that was chosen, with the bullets that were; `otherwise` where none was."""
        chosen = self._chosen_summary or otherwise
        return Summary(text=chosen.text, bullets=self._chosen_bullets or chosen.bullets)

    @property
    def _chosen_summary(self) -> Summary | None:
        summaries, number = self._dossier.summaries, self._review.summary if self._review else 0
        return summaries[number - 1] if 1 <= number <= len(summaries) else None

    @property
    def _chosen_bullets(self) -> tuple[str, ...]:
        bullets, numbers = self._dossier.bullets, self._review.bullets if self._review else ()
        chosen = [bullets[number - 1] for number in dict.fromkeys(numbers) if 1 <= number <= len(bullets)]
        return tuple(chosen[:MAX_BULLETS])

    def _is_kept(self, number: int) -> bool:
        draft, verdict = self._dossier.drafts[number], self._verdicts.get(number)
        if verdict is None or verdict.decision == "merge":
            return draft.weighed.kept
        return verdict.decision == "keep" or self._is_unanimous(draft)

    def _is_unanimous(self, draft: Draft) -> bool:
        return len(draft.weighed.cluster.seats) == self._seats

    def _target(self, number: int) -> int | None:
        """Where a cluster is merged into, if it may be."""
        verdict = self._verdicts[number]
        into = verdict.into - 1
        other = self._verdicts.get(into)
        if verdict.decision != "merge" or into == number or not 0 <= into < self._dossier.shown:
            return None
        if (other and other.decision == "merge") or not self._is_kept(into):
            return None
        one, target = self._dossier.drafts[number], self._dossier.drafts[into]
        return into if not self._is_unanimous(one) and self._may_be_one(one, target) else None

    def _may_be_one(self, one: Draft, other: Draft) -> bool:
        near = any(
            abs(self._places[mine] - self._places[theirs]) <= SIDE_BY_SIDE
            for mine in utterances(one.item)
            for theirs in utterances(other.item)
        )
        if one.kind != other.kind or not near:
            return False
        theirs = [words(text) for text in other.wordings]
        return not any(contradict(words(text), apart) for text in one.wordings for apart in theirs)

    def _item(self, number: int) -> Item:
        joined = [n for n, into in self._merged.items() if into == number]
        item = _in_words(self._dossier.drafts[number], self._verdicts.get(number))
        for other in (self._dossier.drafts[n].item for n in sorted(joined)):
            item = self._united(item, other)
        return item

    def _united(self, item: Item, other: Item) -> Item:
        return item.model_copy(
            update={
                "evidence": united(item.evidence, other.evidence, self._places),
                "seats": tuple(sorted({*item.seats, *other.seats})),
                "verified": item.verified and other.verified,
                "owner": item.owner or other.owner,
                "due": item.due or other.due,
            }
        )


def _verdicts(dossier: Dossier, review: Review) -> dict[int, Verdict]:
    """By place in the dossier, what the lead said of clusters that it was shown, if it said one thing."""
    said: dict[int, set[Verdict]] = {}
    for verdict in review.decisions:
        if 1 <= verdict.cluster <= dossier.shown:
            said.setdefault(verdict.cluster - 1, set()).add(verdict)
    return {number: next(iter(ones)) for number, ones in said.items() if len(ones) == 1}


def _in_words(draft: Draft, verdict: Verdict | None) -> Item:
    shown = draft.wordings[:MAX_WORDINGS]
    chosen = verdict.wording if verdict else 0
    return draft.item.model_copy(update={"text": shown[chosen - 1]}) if 1 <= chosen <= len(shown) else draft.item

"""What the seats agree on, each heard most where it is measurably best. Pure, asks nobody.

The vote is the consensus' own (`agreeing`), but a seat's weight in a kind is multiplied by the factor that its model's
record gives it there (`analysis.records`). So a seat owns a kind in two ways:

- it decides: its word for what it found, and against what it lacks, weighs up to four times an average seat's;
- it tells: an item of several seats is told in the words of the one that weighs most in the kind, and where the votes
  on owner and due date tie, that seat's are taken. Where several weigh most, the strongest proof tells, and a tie stays
  one, as in a consensus.

A seat whose model has no record in the kind counts as average: not less, or no new model could ever prove itself, and
not more, since nothing is known. A panel without any record is heard as in a consensus.
"""

from functools import partial

from orchestrator.analysis import agreeing
from orchestrator.analysis.agreeing import Weighed, Weight
from orchestrator.analysis.identity import in_order, told_apart
from orchestrator.analysis.items import KINDS, Item, Kind
from orchestrator.synthesis.flow import Flow, Inputs, Synthesis


def expertise(inputs: Inputs) -> Flow:
    """Keep what the weight of those who know supports, in their words."""
    yield from ()
    return Synthesis(
        language=agreeing.language(inputs.candidates, inputs.weight),
        summary=agreeing.summary(inputs.candidates),
        seats=tuple(sorted(inputs.candidates)),
        **{kind: _items(inputs, kind) for kind in KINDS},
    )


def _items(inputs: Inputs, kind: Kind) -> tuple[Item, ...]:
    weight: Weight = partial(inputs.weight_in, kind)
    found = agreeing.weighed(inputs.candidates, kind, inputs.places, weight)
    kept = [_in_expert_words(one, inputs, weight) for one in found if one.kept]
    return told_apart(in_order(kept, inputs.places))


def _in_expert_words(one: Weighed, inputs: Inputs, weight: Weight) -> Item:
    """The item under its own name and with the proof of all, as the seat tells it that knows most of its kind."""
    item = agreeing.told(one, inputs.places, weight)
    heaviest = max(weight(seat) for seat in one.cluster.seats)
    experts = [mine for seat, mine in one.cluster.members if weight(seat) == heaviest]
    if len(experts) > 1:
        return item
    owner, due = item.owner or experts[0].owner, item.due or experts[0].due
    return item.model_copy(update={"text": experts[0].text, "owner": owner, "due": due})

"""What the seats agree on, each seat's word weighed by its kind of item. Pure, asks nobody; see `agreeing`."""

from functools import partial

from orchestrator.analysis import agreeing
from orchestrator.analysis.items import KINDS
from orchestrator.synthesis.flow import Flow, Inputs, Synthesis


def consensus(inputs: Inputs) -> Flow:
    """Align the seats' items and keep what enough of them have."""
    yield from ()
    panel = inputs.candidates
    return Synthesis(
        language=agreeing.language(panel, inputs.weight),
        summary=agreeing.summary(panel),
        seats=tuple(sorted(panel)),
        **{kind: agreeing.agreed(panel, kind, inputs.places, partial(inputs.weight_in, kind)) for kind in KINDS},
    )

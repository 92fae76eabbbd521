"""One seat's word: its candidate as it is. Pure, asks nobody.

Of several candidates (a replay of a larger panel) the first seat's is taken: panels name their first choice first.
"""

from orchestrator.analysis.items import KINDS
from orchestrator.synthesis.flow import Flow, Inputs, Synthesis


def single(inputs: Inputs) -> Flow:
    """The candidate of the lowest-numbered seat."""
    yield from ()
    seat = min(inputs.candidates)
    candidate = inputs.candidates[seat]
    return Synthesis(
        language=candidate.language,
        summary=candidate.summary,
        seats=(seat,),
        **{kind: candidate.of(kind) for kind in KINDS},
    )

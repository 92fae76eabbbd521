"""The synthesis strategies, by the name that a request uses. A new one is a module and a row."""

from typing import Final

from orchestrator.analysis.judging import MAX_JUDGES
from orchestrator.synthesis.competitive import competitive
from orchestrator.synthesis.consensus import consensus
from orchestrator.synthesis.expertise import expertise
from orchestrator.synthesis.flow import Rule, majority
from orchestrator.synthesis.hierarchical import hierarchical
from orchestrator.synthesis.single import single

STRATEGIES: Final[dict[str, Rule]] = {
    "single": Rule(strategy=single, min_seats=1, max_seats=1, default_quorum=majority),
    "consensus": Rule(strategy=consensus, min_seats=2, max_seats=None, default_quorum=majority),
    "expertise": Rule(strategy=expertise, min_seats=2, max_seats=None, default_quorum=majority),
    "hierarchical": Rule(strategy=hierarchical, min_seats=2, max_seats=None, default_quorum=majority, asks={"lead": 1}),
    "competitive": Rule(
        strategy=competitive, min_seats=2, max_seats=None, default_quorum=majority, asks={"judge": MAX_JUDGES}
    ),
}

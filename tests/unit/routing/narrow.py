"""A house whose models are narrow, with one that is wide, and a meeting that only that one is shown whole."""

from orchestrator.analysis import prompts
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.routing.case import Case
from orchestrator.routing.market import Market
from orchestrator.routing.parting import MOST_PARTS, Parting
from providers.catalog import Catalog, load
from tests.unit.routing.cases import NOW, request

_MODEL = """
[[models]]
provider = "{provider}"
id = "{id}"
tier = "balanced"
window_tokens = {window}
max_output_tokens = 4_000
equivalent = "{equivalent}"
[[models.prices]]
since = 2026-11-20
input_micro_usd = {price}
cached_input_micro_usd = 10_000
cache_write_micro_usd = 125_000
output_micro_usd = 500_000
"""

_PROVIDER = """
[[providers]]
id = "{id}"
name = "{id}"
dialect = "openai_chat"
base_url = "https://{id}.example/v1"
key_variable = "{id}_KEY"
"""

RED, BLUE, GREEN, WIDE = "slim/red", "slim/blue", "slender/green", "broad/wide"
NARROW: Catalog = load(
    "".join(
        (
            *(_PROVIDER.format(id=name) for name in ("slim", "slender", "broad")),
            _MODEL.format(provider="slim", id="red", window=16_000, price=100_000, equivalent="narrow"),
            _MODEL.format(provider="slim", id="blue", window=11_000, price=100_000, equivalent="narrow"),
            _MODEL.format(provider="slender", id="green", window=20_000, price=200_000, equivalent="narrow"),
            _MODEL.format(provider="slim", id="tiny", window=6_000, price=100_000, equivalent="narrow"),
            _MODEL.format(provider="broad", id="wide", window=900_000, price=300_000, equivalent="wide"),
        )
    )
)


def talk(lines: int, words: str = "We agreed that the order of the new batteries goes out by Friday.") -> Transcript:
    """Each line is of some 25 tokens as it is shown."""
    return Transcript(
        utterances=tuple(
            Utterance(id=f"s{n}", speaker=f"Speaker {n % 5}", start_s=10.0 * n, text=f"{words} That is number {n}.")
            for n in range(lines)
        )
    )


LONG = talk(1_200)


def parting(transcript: Transcript = LONG, most: int = MOST_PARTS) -> Parting:
    return Parting(transcript, "B0", prompts.wording(), most)


def market(*reachable: str, transcript: Transcript = LONG, most: int = MOST_PARTS) -> Market:
    """For that meeting."""
    shown = prompts.messages(transcript, "B0", prompts.wording())
    return Market(NARROW, frozenset(reachable), NOW, shown, parting=parting(transcript, most))


def case(*reachable: str, **fields: object) -> Case:
    return Case(request(**fields), market(*reachable))

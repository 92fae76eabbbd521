"""The built-in models and what strategies make of them, against gold, and against merely taking a meeting's beginning.

An item is right when it is matched one to one with an annotated one (`matching.py`). "near" is the share of items whose
evidence lies within two segments of an annotated item's of the kind. The baseline takes the first utterances that say
anything, as many of each kind as the model beside it found. The gold has one annotator a meeting: a right item may
count as wrong. Summaries are held against all reference summaries, the best counting; the baseline is as long.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final

from ops.bench.quality.intervals import differences, interval
from ops.bench.quality.matching import Found, matched, near
from ops.bench.quality.meetings import Meeting
from ops.bench.quality.rouge import best
from orchestrator.analysis import evidence, prompts, replies
from orchestrator.analysis.items import KINDS, Candidate, Kind, Summary
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from providers.calls import Call
from providers.extractive.answering import MODELS, answer

MIN_WORDS: Final = 5  # "okay" is nobody's item
JUDGED: Final[tuple[Kind, ...]] = ("action_items", "decisions", "questions", "topics")

Values = dict[str, list[float]]  # by meeting


def report(meetings: Sequence[Meeting]) -> None:
    """Print the tables: items, then summaries."""
    items: dict[str, Values] = defaultdict(dict)
    close: dict[str, Values] = defaultdict(dict)
    summaries: dict[str, Values] = defaultdict(dict)
    for meeting in meetings:
        for name, read in _read(meeting).items():
            _judge(meeting, name, read, items, close, summaries)
    _print("F1 of items, one to one", items)
    _print("share of items with evidence near the gold's", close)
    _print("ROUGE-1 of the summary", summaries)


def _judge(
    meeting: Meeting,
    name: str,
    read: Candidate | Synthesis,
    items: dict[str, Values],
    close: dict[str, Values],
    summaries: dict[str, Values],
) -> None:
    kinds = {item.kind for item in meeting.gold}
    found = [one for one in _found(meeting, read) if one.kind in kinds]
    lead = _lead(meeting, found)
    if any(item.places for item in meeting.gold):
        items[name][meeting.name], items[f"lead for {name}"][meeting.name] = [_f1(meeting, found)], [_f1(meeting, lead)]
        close[name][meeting.name], close[f"lead for {name}"][meeting.name] = (
            [near(found, meeting.gold)],
            [near(lead, meeting.gold)],
        )
    if meeting.summaries:
        ours = _told(read.summary)
        beginning = " ".join(" ".join(one.text for one in meeting.transcript.utterances).split()[: len(ours.split())])
        summaries[name][meeting.name] = [best(ours, meeting.summaries)["ROUGE-1"]]
        summaries[f"lead for {name}"][meeting.name] = [best(beginning, meeting.summaries)["ROUGE-1"]]


def _read(meeting: Meeting) -> dict[str, Candidate | Synthesis]:
    """What each model answers, checked, and what each strategy makes of all of them."""
    asked = prompts.messages(meeting.transcript, "bench")
    call = Call(call_id=meeting.name, messages=asked, max_output_tokens=8_000, timeout_s=60.0)
    seats = {
        seat: evidence.check(replies.read(answer(call, model).text), meeting.transcript, (), None, seat)
        for seat, model in enumerate(MODELS)
    }
    inputs = Inputs(candidates=seats, places=meeting.places, quorum=1)
    syntheses = {name: drive(rule.strategy(inputs), []) for name, rule in STRATEGIES.items()}
    done = {f"all by {name}": found for name, found in syntheses.items() if isinstance(found, Synthesis)}
    return {**dict(zip(MODELS, seats.values(), strict=True)), **done}


def _found(meeting: Meeting, read: Candidate | Synthesis) -> list[Found]:
    place = meeting.places
    return [
        Found(kind, item.text, frozenset(place[name] for piece in item.evidence for name in piece.utterances))
        for kind in JUDGED
        for item in read.of(kind)
    ]


def _lead(meeting: Meeting, found: Sequence[Found]) -> list[Found]:
    said = [(place, one.text) for place, one in enumerate(meeting.transcript.utterances)]
    telling = [(place, text) for place, text in said if len(text.split()) >= MIN_WORDS]
    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    return [Found(kind, text, frozenset((place,))) for kind in JUDGED for place, text in telling[: counts[kind]]]


def _f1(meeting: Meeting, found: Sequence[Found]) -> float:
    return 2 * len(matched(found, meeting.gold)) / max(1, len(found) + len(meeting.gold))


def _told(summary: Summary) -> str:
    return " ".join((summary.text, *summary.bullets))


def _print(title: str, values: Mapping[str, Values]) -> None:
    print(f"\n== {title}\n\n{'':24}{'mean':>24}{'lead':>8}{'gained over lead':>26}{'meetings':>10}")
    for name, ours in values.items():
        if name.startswith("lead for "):
            continue
        lead = values[f"lead for {name}"]
        gained = interval(differences(ours, lead))
        base = fmean(one for held in lead.values() for one in held)
        print(f"{name:24}{interval(ours)!s:>24}{base:8.3f}{gained!s:>26}{len(ours):10}")

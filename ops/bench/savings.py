"""What each policy saves on real transcripts, at the catalog's prices: a report, offline, the same in every run.

    python -m ops.bench.savings [FOLDER] [--day 2026-12-01] [--answer-tokens 4200] [--json figures.json]

FOLDER holds NAME.json transcripts; by default the shared data beside the checkout. `--day` prices at noon UTC of that
day, by default the one on which the catalog's prices were read. Every meeting is planned by the product's own planner,
and every seat priced by its first model. The assumptions are printed below the table.

The reference asks the catalog's reference model on each of three seats, directly, uncached, at its list price.
"same seats" is the share saved against as many seats as were really asked: what is left if fewer opinions are no
saving. "one vocab." is the share saved if all vendors made as many tokens of a text: the claim counts that the
reference makes more, which its vendor says and nobody has measured here.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final, NamedTuple

from ops.bench import savings_corpus
from ops.bench.savings_corpus import Meeting, NoTranscripts
from ops.bench.savings_pricing import SCENARIOS, Priced, Scenario, in_one_vocabulary, price
from orchestrator.money.savings import LEVERS, Reference, Savings, savings
from providers.calls import JsonObject
from providers.catalog import Catalog, load
from providers.comparison import is_stale, priced_on

TARGET_PERCENT: Final = 70  # what the product promises to save
NOTHING_TO_PRICE: Final = 2  # exit status

ASSUMPTIONS: Final = (
    "prompt tokens: the estimator of providers/pricing.py on the real prompt and schema, times tokens_percent",
    "output tokens: as many as the longest of the built-in models' answers to that transcript, unless told",
    "reasoning tokens: none, for any model and for the reference",
    "cache: nothing is read or written but where the plan marks a prefix; then the first seat writes, the others read",
    "answers are joined without asking a model again, as the product's strategies do",
    "no call fails, is repeated, or comes late: overhead is what that costs, and is not priced here",
    "what the models find is not measured here: a cheaper model saves nothing where its answer is worse",
)


class Figures(NamedTuple):
    priced: Priced
    told: Savings
    in_one_vocabulary: Savings

    @property
    def title(self) -> str:
        return self.priced.scenario.title


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and write the figures as JSON if asked to. 2: there was nothing to price."""
    options = _options(arguments)
    catalog = load()
    at = datetime.combine(options.day or priced_on(catalog), time(12), UTC)
    try:
        meetings = savings_corpus.read(options.folder, options.answer_tokens)
    except NoTranscripts as error:
        print(error, file=sys.stderr)
        return NOTHING_TO_PRICE
    reference = Reference(target=catalog.reference, price_date=priced_on(catalog), stale=is_stale(catalog, at))
    figures = [_figures(scenario, meetings, catalog, at, reference) for scenario in SCENARIOS]
    _print_head(meetings, reference, at)
    if reference.stale:
        print(figures[0].told.claim)
    else:
        _print_shares(figures)
        _print_levers(figures)
    _print_asked(figures)
    if options.json:
        options.json.write_text(_document(meetings, catalog, at, figures), "utf-8")
    return 0


def _figures(
    scenario: Scenario, meetings: Sequence[Meeting], catalog: Catalog, at: datetime, reference: Reference
) -> Figures:
    priced = price(scenario, meetings, catalog, at)
    alike = price(scenario, meetings, in_one_vocabulary(catalog), at)
    return Figures(priced, savings(priced.jobs, reference), savings(alike.jobs, reference))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.bench.savings", description="Price plans by lever.")
    parser.add_argument("folder", type=Path, nargs="?", default=savings_corpus.DEFAULT_FOLDER)
    parser.add_argument("--day", type=date.fromisoformat, help="whose prices hold (default: when they were read)")
    parser.add_argument("--answer-tokens", type=int, help="of every answer (default: as the built-in models write)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args(arguments)


def _print_head(meetings: Sequence[Meeting], reference: Reference, at: datetime) -> None:
    prompts = sum(meeting.text_tokens + meeting.schema_tokens for meeting in meetings)
    answers = sum(meeting.answer_tokens for meeting in meetings)
    print(
        f"{len(meetings)} meetings, {prompts} prompt tokens and {answers} answer tokens a seat, before tokens_percent"
    )
    prices = f"prices read on {reference.price_date}, as they stand on {at:%Y-%m-%d} at noon UTC"
    print(f"reference: {reference.target} on each of {reference.seats} seats; {prices}\n")


def _print_shares(figures: Sequence[Figures]) -> None:
    shares = f"{'saved %':>9}{'same seats':>12}{'one vocab.':>12}{f'{TARGET_PERCENT} %':>6}"
    print(f"{'':27}{'seats':>6}{'reference $':>13}{'paid $':>10}{shares}")
    for one in figures:
        reference_usd, paid_usd = _usd(one.told.reference_micro_usd), _usd(one.told.actual_micro_usd)
        amounts = f"{_panel(one):>6}{reference_usd:>13}{paid_usd:>10}"
        shares = f"{_saved(one.told):>9.1f}{_same_seats(one):>12.1f}{_saved(one.in_one_vocabulary):>12.1f}"
        print(f"{one.title:27}{amounts}{shares}{'yes' if _is_reached(one.told) else 'no':>6}")


def _print_levers(figures: Sequence[Figures]) -> None:
    print("\nlevers, in % of the reference: together they are what was saved\n")
    print(f"{'':27}" + "".join(f"{lever:>13}" for lever in LEVERS))
    for one in figures:
        shares = (100 * one.told.levers[lever] / one.told.reference_micro_usd for lever in LEVERS)
        print(f"{one.title:27}" + "".join(f"{share:>13.1f}" for share in shares))


def _print_asked(figures: Sequence[Figures]) -> None:
    print("\nwho was asked, and on how many seats of all meetings\n")
    for one in figures:
        print(f"{one.title:27}" + ", ".join(f"{target} {count}" for target, count in one.priced.seats.items()))
    print("\nassumed\n\n" + "\n".join(f"- {line}" for line in ASSUMPTIONS))


def _panel(one: Figures) -> str:
    sizes = sorted({job.used for job in one.priced.jobs})
    return "-".join(map(str, (sizes[0], *sizes[1:][-1:])))


def _saved(told: Savings) -> float:
    return told.saved_percent or 0.0


def _is_reached(told: Savings) -> bool:
    """In whole numbers: a share that is rounded up to the target has not reached it."""
    return 100 * (told.reference_micro_usd - told.actual_micro_usd) >= TARGET_PERCENT * told.reference_micro_usd


def _same_seats(one: Figures) -> float:
    expected = sum(job.reference_micro_usd for job in one.priced.jobs)
    return 100 * (expected - one.told.actual_micro_usd) / expected


def _usd(amount_micro_usd: int) -> str:
    return f"{amount_micro_usd // 1_000_000}.{amount_micro_usd % 1_000_000:06d}"


def _document(meetings: Sequence[Meeting], catalog: Catalog, at: datetime, figures: Sequence[Figures]) -> str:
    document: JsonObject = {
        "catalog_version": catalog.version,
        "at": at.isoformat(),
        "target_percent": TARGET_PERCENT,
        "assumptions": list(ASSUMPTIONS),
        "meetings": [
            {
                "name": meeting.name,
                "prompt_tokens": meeting.text_tokens + meeting.schema_tokens,
                "answer_tokens": meeting.answer_tokens,
            }
            for meeting in meetings
        ],
        "scenarios": [_row(one) for one in figures],
    }
    return json.dumps(document, indent=2) + "\n"


def _row(one: Figures) -> JsonObject:
    scenario = one.priced.scenario
    return {
        "title": one.title,
        "policy": scenario.policy,
        "priority": scenario.priority,
        "reachable": list(scenario.reachable),
        "asked": dict(one.priced.seats),
        "jobs": [job.model_dump() for job in one.priced.jobs],
        "target_reached": None if one.told.reference.stale else _is_reached(one.told),
        "savings": one.told.model_dump(mode="json"),
        "savings_in_one_vocabulary": one.in_one_vocabulary.model_dump(mode="json"),
    }


if __name__ == "__main__":
    sys.exit(main())

"""The savings bench on a meeting made up here: what is priced, and what is printed and written of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.bench import savings, savings_corpus
from ops.bench.savings_corpus import Meeting
from ops.bench.savings_pricing import AIMLAPI_FIRST, DIRECT, SCENARIOS, Scenario, in_one_vocabulary, price
from orchestrator.money.savings import JobSums
from providers.calls import JsonObject
from providers.catalog import load

CATALOG = load()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPUS = "anthropic/claude-opus-5-5"
SAID: JsonObject = {
    "speakers": [{"id": "A", "name": "Ann"}, {"id": "B", "name": "Bob"}],
    "segments": [
        {"id": "s1", "speaker": "A", "start": 1.0, "end": 4.0, "text": "We decided to ship on Friday."},
        {"id": "s2", "speaker": "B", "start": 4.0, "end": 7.0, "text": "I will write the release notes by Thursday."},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("standup.json", "standup.gold.json", "index.json"):
        (tmp_path / name).write_text(json.dumps(SAID))
    return tmp_path


@pytest.fixture
def meetings(folder: Path) -> list[Meeting]:
    return savings_corpus.read(folder)


def job(scenario: Scenario, meetings: list[Meeting]) -> JobSums:
    return price(scenario, meetings, CATALOG, NOON).jobs[0]


def test_only_transcripts_are_priced(meetings: list[Meeting]) -> None:
    assert [meeting.name for meeting in meetings] == ["standup"]
    assert "We decided to ship on Friday." in meetings[0].messages[1].text
    assert meetings[0].answer_tokens > 0


def test_the_length_of_an_answer_may_be_told(folder: Path) -> None:
    assert savings_corpus.read(folder, 4_200)[0].answer_tokens == 4_200


def test_the_reference_s_own_panel_saves_nothing_but_for_who_sells_it(meetings: list[Meeting]) -> None:
    bought = job(Scenario("", "quality", DIRECT, models=(OPUS,) * 3), meetings)
    resold = job(Scenario("", "quality", AIMLAPI_FIRST, models=(f"aimlapi/{OPUS}",) * 3), meetings)

    assert bought.reference_micro_usd == bought.cost_micro_usd == resold.tier_micro_usd
    assert resold.cost_micro_usd > bought.cost_micro_usd


def test_seats_that_share_a_prompt_pay_for_writing_it_once_and_read_it_cheaply(meetings: list[Meeting]) -> None:
    long = [meeting._replace(text_tokens=20_000) for meeting in meetings]

    found = job(Scenario("", "aggressive", DIRECT, models=(OPUS,) * 3), long)

    assert found.cached_micro_usd < found.direct_micro_usd


def test_a_prompt_that_is_too_short_for_a_cache_is_paid_in_full(meetings: list[Meeting]) -> None:
    short = [meeting._replace(text_tokens=100) for meeting in meetings]

    found = job(Scenario("", "aggressive", DIRECT, models=(OPUS,) * 3), short)

    assert found.cached_micro_usd == found.direct_micro_usd


def test_a_patient_job_is_served_at_the_cheaper_tier(meetings: list[Meeting]) -> None:
    found = job(Scenario("", "aggressive", DIRECT, "bulk"), meetings)

    assert found.tier_micro_usd < found.cached_micro_usd


def test_in_one_vocabulary_all_models_make_as_many_tokens() -> None:
    assert {card.tokens_percent for card in in_one_vocabulary(CATALOG).models} == {100}


def test_the_figures_are_printed_and_written(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = savings.main([str(folder), "--json", str(tmp_path / "figures")])

    rows = json.loads((tmp_path / "figures").read_text())["scenarios"]
    told = [row["savings"] for row in rows]
    assert code == 0
    assert [row["title"] for row in rows] == [scenario.title for scenario in SCENARIOS]
    assert all(sum(one["levers"].values()) == one["saved_micro_usd"] for one in told)
    assert all(one["saved_micro_usd"] == one["reference_micro_usd"] - one["actual_micro_usd"] for one in told)
    assert "balanced, AIMLAPI first" in capsys.readouterr().out


def test_with_prices_that_are_too_old_no_saving_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = savings.main([str(folder), "--day", "2027-02-01"])

    printed = capsys.readouterr().out
    assert code == 0
    assert "no saving is claimed" in printed
    assert "saved %" not in printed


def test_without_transcripts_it_says_so_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = savings.main([str(tmp_path / "absent")])

    assert code == 2
    assert "There are no transcripts in" in capsys.readouterr().err

"""The posted request: what fits, what does not, and how utterances are cleaned."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from orchestrator.routing.request import AnalysisRequest, PostedUtterance, as_utterances

TRANSCRIPT = {"content": "Ann: hello"}


def posted(**fields: object) -> AnalysisRequest:
    return AnalysisRequest.model_validate_json(json.dumps({"transcript": TRANSCRIPT, **fields}), strict=True)


def test_what_is_left_out_has_the_contracts_defaults() -> None:
    request = posted()

    assert (request.strategy, request.policy, request.priority, request.deadline_s) == (
        "auto",
        "balanced",
        "standard",
        300.0,
    )
    assert (request.allow_substitution, request.allow_extractive, request.max_cost_micro_usd) == (True, True, None)


@pytest.mark.parametrize(
    ("usd", "micro"), [("0", 0), ("0.50", 500_000), ("0.000001", 1), ("1000000", 1_000_000_000_000)]
)
def test_money_is_read_to_the_micro_dollar(usd: str, micro: int) -> None:
    assert posted(max_cost_usd=usd).max_cost_micro_usd == micro


@pytest.mark.parametrize("usd", ["", "a", "-0.01", "1000000.01", "0.0000001", "NaN", "Infinity", "0x10"])
def test_what_is_no_sum_of_money_is_refused(usd: str) -> None:
    with pytest.raises(ValidationError):
        posted(max_cost_usd=usd)


@pytest.mark.parametrize("transcript", [{}, {"content": "a", "transcript_id": "trn_x"}, {"content": None}])
def test_a_transcript_has_exactly_one_form(transcript: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        posted(transcript=transcript)


def test_a_line_with_hidden_characters_is_refused() -> None:
    with pytest.raises(ValidationError):
        posted(reference="crm\u202e4711")


def test_text_that_no_store_can_keep_is_refused() -> None:
    assert posted(metadata={"k": "two\nlines"}).metadata == {"k": "two\nlines"}
    with pytest.raises(ValidationError):
        posted(metadata={"k": "a\x00b"})


def test_a_meetings_time_is_read_as_it_is_written_on_the_wire() -> None:
    started = posted(meeting={"started_at": "2026-11-20T09:00:00Z"}).meeting.started_at

    assert started is not None
    assert started.isoformat() == "2026-11-20T09:00:00+00:00"


@pytest.mark.parametrize(
    "moment", ["2026-12-01T02:00:00Z", "2026-12-01t03:00:00.000000+01:00", "2026-11-30T17:00:00-09:00"]
)
def test_a_moment_is_read_with_its_zone(moment: str) -> None:
    asked = posted(not_before=moment)

    assert asked.not_before == datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert AnalysisRequest.model_validate(asked.model_dump(), strict=True) == asked
    assert posted().not_before is None


@pytest.mark.parametrize(
    "moment",
    [
        "2026-12-01T02:00:00",
        "2026-12-01",
        "1795831200",
        1795831200,
        1.5,
        True,
        "",
        "now",
        "2026-12-01T02:00:00+99:00",
        "2026-12-01T25:00:00Z",
    ],
)
def test_what_is_no_moment_is_refused(moment: object) -> None:
    with pytest.raises(ValidationError):
        posted(not_before=moment)


def test_utterances_are_cleaned_and_the_nameless_are_named_by_their_place() -> None:
    raw = (
        PostedUtterance(speaker=" Ann \u200b", text="We  will\tship."),
        PostedUtterance(text=" "),
        PostedUtterance(id="x-1", text="Yes.", start_s=1.0),
    )

    found = as_utterances(raw)

    assert [(one.id, one.speaker, one.text) for one in found] == [
        ("u1", "Ann", "We will ship."),
        ("x-1", None, "Yes."),
    ]


@pytest.mark.parametrize("name", ["a", "Apollo", "Apollo 11 - crew_2.b", "x" * 80])
def test_a_project_is_called_in_letters_digits_spaces_and_three_signs(name: str) -> None:
    assert posted(project=name).project == name


@pytest.mark.parametrize("name", ["", " ", "a ", ".a", "a:b", "Zoë", "a\n", "a\u202eb", "x" * 81])
def test_other_names_of_projects_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        posted(project=name)

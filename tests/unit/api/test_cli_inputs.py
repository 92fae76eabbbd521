"""From what was typed to what is posted."""

from pathlib import Path

import pytest

from api import problems
from api.cli import inputs
from api.cli.exits import Told
from api.cli.options import Wishes
from api.client import Problem
from orchestrator.errors import UnparseableTranscript
from orchestrator.routing.request import AnalysisRequest


def file(data: bytes) -> inputs.TranscriptFile:
    return inputs.TranscriptFile(Path("meeting.txt"), data)


def test_a_bare_file_is_posted_with_nothing_but_its_text() -> None:
    body = inputs.request(file(b"\xef\xbb\xbfAnn: caf\xc3\xa9"), Wishes())

    assert body == {"transcript": {"format": "auto", "content": "Ann: café"}}


def test_every_wish_reaches_the_body_under_the_name_of_the_contract() -> None:
    wishes = Wishes(
        "consensus", "quality", ("a/b", "c/d"), 2, 1, 60.0, "0.50", "bulk", "Weekly", "crm-1", ("x", "y"), False,
        unverified="mark", routing="cost", regions=("eu", "us"), zero_retention=True, preferred_provider="openai",
        pinned=True, at="2026-12-01T02:00:00Z", redact=("email", "person"), redact_terms=("Project Falcon",),
    )  # fmt: skip

    body = inputs.request(file(b"Ann: hi"), wishes)

    del body["transcript"]
    assert body == {
        "strategy": "consensus",
        "policy": "quality",
        "panel": {"models": ["a/b", "c/d"], "size": 2},
        "quorum": 1,
        "not_before": "2026-12-01T02:00:00Z",
        "deadline_s": 60.0,
        "max_cost_usd": "0.50",
        "priority": "bulk",
        "meeting": {"title": "Weekly"},
        "reference": "crm-1",
        "tags": ["x", "y"],
        "allow_extractive": False,
        "unverified": "mark",
        "redaction": {"kinds": ["email", "person"], "terms": ["Project Falcon"]},
        "routing": {
            "strategy": "cost",
            "regions": ["eu", "us"],
            "zero_retention": True,
            "preferred_provider": "openai",
            "pinned": True,
        },
    }
    AnalysisRequest.model_validate(body | {"transcript": {"content": "Ann: hi"}}, strict=False)


def test_a_binary_file_is_refused_as_the_service_would() -> None:
    row = problems.ROWS[UnparseableTranscript]

    with pytest.raises(Problem) as caught:
        inputs.request(file(b"%PDF-1.7\n\x00\x01"), Wishes())

    assert (caught.value.status, caught.value.title) == (row.status, row.title)
    assert caught.value.code == UnparseableTranscript.code


def test_a_file_far_too_large_is_refused_as_the_service_would() -> None:
    row = problems.ROWS[problems.TooLarge]

    with pytest.raises(Problem) as caught:
        inputs.request(file(bytes(inputs.MOST_BYTES + 1)), Wishes())

    assert (caught.value.status, caught.value.title) == (row.status, row.title)
    assert caught.value.code == problems.TooLarge.code


def test_a_missing_file_is_a_sentence_and_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(Told, match="There is no file") as caught:
        inputs.read(tmp_path / "none.vtt")

    assert caught.value.code == 2


def test_a_folder_is_a_sentence_and_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(Told, match="is a folder") as caught:
        inputs.read(tmp_path)

    assert caught.value.code == 2


def test_a_path_that_no_file_can_have_is_a_sentence() -> None:
    with pytest.raises(Told, match="cannot be read"):
        inputs.read(Path("x" * 5000))


def test_no_more_is_read_than_is_needed_to_refuse(tmp_path: Path) -> None:
    sparse = tmp_path / "huge.vtt"
    with sparse.open("wb") as out:
        out.truncate(10 * inputs.MOST_BYTES)

    assert len(inputs.read(sparse).data) == inputs.MOST_BYTES + 1

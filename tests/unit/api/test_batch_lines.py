"""What is uploaded is cut into lines, however it arrives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.batch_lines import LineCutter, RawLine, cut
from api.bodies import MAX_BODY_BYTES
from api.problems import MalformedJson


def cut_lines(*pieces: bytes) -> list[RawLine]:
    cutter = LineCutter()
    found = [line for piece in pieces for line in cutter.feed(piece)]
    return [*found, *cutter.end()]


def test_lines_are_numbered_blank_ones_counted_and_the_last_needs_no_end() -> None:
    found = cut_lines(b'{"a": 1}\n\n \r\n', b'{"b"', b': 2}\r\n{"c": 3}')

    assert found == [RawLine(1, b'{"a": 1}'), RawLine(4, b'{"b": 2}'), RawLine(5, b'{"c": 3}')]


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b" ")), max_size=6), st.integers(1, 7))
def test_it_does_not_matter_in_which_pieces_lines_arrive(lines: list[bytes], size: int) -> None:
    whole = b"\n".join(lines)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    assert cut_lines(*pieces) == cut_lines(whole)


def test_a_line_that_is_too_long_is_told_and_not_kept() -> None:
    piece = b"x" * (MAX_BODY_BYTES // 4)
    cutter = LineCutter()

    early = [line for _ in range(50) for line in cutter.feed(piece)]
    found = [*cutter.feed(b"\n{}\n"), *cutter.feed(b"y" * (MAX_BODY_BYTES + 1) + b"\n"), *cutter.end()]

    assert early == []
    assert found == [RawLine(1, None), RawLine(2, b"{}"), RawLine(3, None)]


def parts(document: bytes, most: int = 10) -> tuple[dict[str, bytes], list[bytes] | None]:
    found = cut(document, most)
    fields = {name: document[begin:end] for name, (begin, end) in found.fields.items()}
    return fields, None if found.jobs is None else [document[begin:end] for begin, end in found.jobs]


def test_a_document_is_cut_into_its_fields_and_its_jobs() -> None:
    jobs = [{"text": 'a "quoted\\" [bracket'}, {"deep": [[{"x": "}"}]]}, 3, "word", [], None]
    document = json.dumps({"defaults": {"tags": ["]"]}, "jobs": jobs, "n": -1.5e3, "t": True}, indent=1).encode()

    fields, found = parts(document)

    assert found is not None
    assert [json.loads(one) for one in found] == jobs
    assert {name: json.loads(value) for name, value in fields.items() if name != "jobs"} == {
        "defaults": {"tags": ["]"]},
        "n": -1500.0,
        "t": True,
    }


def test_jobs_that_are_no_array_are_a_field_like_others_and_none_are_none() -> None:
    assert parts(b'{"jobs": 3}') == ({"jobs": b"3"}, None)
    assert parts(b" {} ") == ({}, None)
    assert parts(b'{"jobs": [ ]}') == ({"jobs": b"[ ]"}, [])


def test_no_more_jobs_are_looked_for_than_there_may_be_and_one() -> None:
    _, found = parts(b'{"jobs": [1, 2, 3, 4, and whatever follows', most=2)

    assert found == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{",
        b'{"a"}',
        b'{"a": }',
        b'{"a": 1,}',
        b'{"a": 1 "b": 2}',
        b'{"a": 1} x',
        b'{"a": 1, "a": 2}',
        b"{3: 1}",
        b'{"jobs": [1,]}',
        b'{"jobs": [1 2]}',
        b'{"jobs": [{}',
        b'{"jobs": [',
        b'{"a": "open',
        b'{"a": [1, 2',
    ],
)
def test_what_is_no_object_is_malformed(document: bytes) -> None:
    with pytest.raises(MalformedJson):
        cut(document, 10)

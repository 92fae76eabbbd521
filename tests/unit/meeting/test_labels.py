"""Which words name a speaker: one line's possible readings, and the verdict of the whole file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.formats import labels
from orchestrator.meeting.formats.labels import Label


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ann: hello", Label("Ann", " hello")),
        ("Ann Lee : hello", Label("Ann Lee", " hello")),
        ("张三：你好", Label("张三", "你好")),
        ("**Ann**: hello", Label("Ann", " hello")),
        ("**Ann:** hello", Label("Ann", " hello")),
        ("- Ann: hello", Label("Ann", " hello")),
        ("spk_0: hello", Label("spk_0", " hello")),
        ("[Ann] hello", Label("Ann", " hello")),
        ("[Ann]: hello", Label("Ann", " hello")),
        ("Ann:", Label("Ann", "")),
        ("[00:01:02] Ann: hello", Label("Ann", " hello", 62.0, None, timed=True)),
        ("(1:02) Ann: hello", Label("Ann", " hello", 62.0, None, timed=True)),
        ("00:01:02.5 Ann: hello", Label("Ann", " hello", 62.5, None, timed=True)),
        ("00:01:02 - Ann: hello", Label("Ann", " hello", 62.0, None, timed=True)),
        ("[00:01 --> 00:02] Ann: hello", Label("Ann", " hello", 1.0, 2.0, timed=True)),
        ("[00:05 --> 00:02] Ann: hello", Label("Ann", " hello", 5.0, None, timed=True)),
        ("Ann (00:01:02): hello", Label("Ann", " hello", 62.0, None, timed=True)),
        ("Ann [1:02] hello", Label("Ann", " hello", 62.0, None, timed=True)),
        ("**Ann** (0:12): hello", Label("Ann", " hello", 12.0, None, timed=True)),
        ("**Ann** 00:12: hello", Label("Ann", " hello", 12.0, None, timed=True)),
        ("**Ann** 00:12:", Label("Ann", "", 12.0, None, timed=True)),
        ("Ann Lee  0:12  ", Label("Ann Lee", "  ", 12.0, None, timed=True)),
        ("Ann Lee\t0:12", Label("Ann Lee", "", 12.0, None, timed=True)),
        ("Ann, 0:12", Label("Ann", "", 12.0, None, timed=True)),
    ],
)
def test_a_line_is_read_as_the_start_of_a_turn_in_every_spelling(line: str, expected: Label) -> None:
    assert labels.parse(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello there",
        "see http://example.com/a:b",
        "It is 10:30 now",
        "C:\\temp",
        "[00:01:02] hello",
        "10:30",
        "a [b]c",
        "At 10:30: we start",
    ],
)
def test_other_lines_start_no_turn(line: str) -> None:
    assert labels.parse(line) is None


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Ann Lee",
        "Zoë Müller-Lüdenscheidt",
        "O’Brien, Pat (EXTERNAL)",
        "山田 太郎",
        "محمد علي",
        "Speaker 2",
        "Diputado P001",
        "SPEAKER_00",
        "Ludwig van Beethoven",
        "The Acting Chair (Mr. Bruce Stanton (Simcoe North, CPC))",
        "发言人1",
        "Pat Jr.",
    ],
)
def test_a_name_that_recurs_is_a_speaker(name: str) -> None:
    prose: list[Label | None] = [None] * 10

    assert labels.speakers([Label(name, "hello"), Label(name, "there"), *prose]) == {name}


@pytest.mark.parametrize(
    "phrase",
    [
        "Agenda item 2",
        "Agenda Item 2",
        "Step 3",
        "Note",
        "Next steps",
        "Laughter",
        "he said to me",
        "What I mean is this",
        "It is so.",
        "Is it?",
        'He "said"',
        "https//x",
        "--",
        "",
        "A B C D E F G H I J K L M",
        "X" * 121,
        "...",
    ],
)
def test_a_phrase_that_recurs_is_no_speaker(phrase: str) -> None:
    assert labels.speakers([Label(phrase, "hello"), None] * 20) == frozenset()


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([Label("Ann", "a"), Label("Bob", "b")], {"Ann", "Bob"}),  # each once, but nothing else is there
        ([Label("Berlin", "a"), None, None, None], set()),  # once, in prose
        ([Label("Ann", "a", 1.0, timed=True), None, None], {"Ann"}),  # once, with a time
        ([Label("Ann", "a"), Label("Ann", "b"), *[None] * 30], set()),  # a habit of speech, not the layout
        ([Label("ann", "a"), Label("ann", "b"), Label("bob", "c")], {"ann"}),  # written small: only if it recurs
        ([Label("speaker 1", "a"), Label("speaker 1", "b")], {"speaker 1"}),
        ([Label("ann", "a"), Label("ann", "b"), None, None, None], set()),
        ([], set()),
    ],
)
def test_the_whole_file_decides(places: list[Label | None], expected: set[str]) -> None:
    assert labels.speakers(places) == expected


@given(st.text(max_size=300))
def test_any_line_is_read_and_its_rest_is_its_end(line: str) -> None:
    label = labels.parse(line)

    assert label is None or line.endswith(label.rest)

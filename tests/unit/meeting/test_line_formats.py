"""Tables, NIST's line formats and SubStation Alpha: each field, and refusals that say which line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import Reader, nist, substation, tables
from orchestrator.meeting.formats.spoken import Spoken


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("speaker,start,end,text\nAnn,1,2.5,hi", [Spoken("hi", "Ann", 1.0, 2.5)]),
        ("\n\nspeaker,start,end,text\n\nAnn,1,2.5,hi\n,,,\n", [Spoken("hi", "Ann", 1.0, 2.5)]),
        ('"Speaker","Start","End","Text"\r\n"Lee, Ann","1","2","say ""hi"",\r\nyou"', None),
        (
            "id;Speaker Name;Start Time;Transcript\n7;0;0:01:02,5;hi; you",
            [Spoken("hi; you", "Speaker 0", 62.5, None, "7")],
        ),
        ("text\tspeaker\nhi\tAnn\nyou\t", [Spoken("hi", "Ann"), Spoken("you")]),
        ("start\tend\ttext\n0\t1500\thi", [Spoken("hi", None, 0.0, 1.5)]),
        ("start\tend\ttext\tspeaker\n0\t1500\thi\tA", [Spoken("hi", "Speaker A", 0.0, 1500.0)]),
        ("start,end,text\n5,4,hi", [Spoken("hi", None, 5.0)]),
        ("word,start\nhi,\n", [Spoken("hi")]),
    ],
)
def test_a_table_is_read_by_its_header(content: str, expected: list[Spoken] | None) -> None:
    quoted = [Spoken('say "hi",\nyou', "Lee, Ann", 1.0, 2.0)]

    assert tables.read(content) == (quoted if expected is None else expected)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("Ann said,that\n", 1, "expected a header row"),
        ("", 1, "expected a header row"),
        ("text,more\nhi,there", 1, "expected a header row"),
        ("text,speaker\n\nhi,Ann,1\n", 3, "expected 2 fields as in the header, found 3"),
        ("speaker,start,text\nAnn,1\n", 2, "expected 3 fields as in the header, found 2"),
        ("speaker,start,text\nAnn,soon,hi\n", 2, 'expected seconds or a time such as 0:01:02.5 in the column "start"'),
        ("speaker,text\nAnn," + "x" * (tables.MAX_FIELD_CHARACTERS + 1), 2, "field larger than field limit"),
    ],
)
def test_a_broken_row_is_refused_with_its_line(content: str, line: int, reason: str) -> None:
    with pytest.raises(UnparseableTranscript, match=reason) as refusal:
        tables.read(content)

    assert refusal.value.line == line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("rec 1 Ann 1.0 2.5 we ship it", [Spoken("we ship it", "Ann", 1.0, 2.5)]),
        (";; made by hand\n\nrec A Ann 1 2 <o,f0,female> we ship", [Spoken("we ship", "Ann", 1.0, 2.0)]),
        (
            "rec 1 Ann 1 2 \nrec 1 Bob 2 3 IGNORE_TIME_SEGMENT_IN_SCORING\nrec 1 7 3 4 yes",
            [Spoken("yes", "Speaker 7", 3.0, 4.0)],
        ),
        ("a 1 Ann 5 4 we", [Spoken("we", "Ann", 5.0)]),
    ],
)
def test_segments_are_read_from_stm(content: str, expected: list[Spoken]) -> None:
    assert nist.read_stm(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("rec 1 1.0 0.2 we\nrec 1 1.2 0.5 ship 0.98\n", [Spoken("we ship", None, 1.0, 1.7)]),
        ("rec 1 1.2 0.5 ship NA\n\n;; x\nrec 1 1.0 0.2 we -0.5 lex\n", [Spoken("we ship", None, 1.0, 1.7)]),
        (
            "rec 1 1.0 0.2 we 1 lex ann\nrec 1 1.1 0.5 no 1 lex bob",
            [Spoken("we", "ann", 1.0, 1.2), Spoken("no", "bob", 1.1, 1.6)],
        ),
        (
            "rec A 1.0 0.2 we\nrec B 1.1 0.5 no",
            [Spoken("we", "Channel A", 1.0, 1.2), Spoken("no", "Channel B", 1.1, 1.6)],
        ),
        (
            "b 1 5.0 0.5 we\na 1 1.0 0.5 no\nb 1 5.5 0.5 ship",
            [Spoken("we ship", None, 5.0, 6.0), Spoken("no", None, 1.0, 1.5)],
        ),
    ],
)
def test_words_are_read_from_ctm(content: str, expected: list[Spoken]) -> None:
    found = nist.read_ctm(content)

    assert [one._replace(end_s=None) for one in found] == [one._replace(end_s=None) for one in expected]
    assert [one.end_s for one in found] == pytest.approx([one.end_s for one in expected])


@pytest.mark.parametrize("line", ["rec 1 Ann soon 2.5 we", "rec 1 Ann -1 -1 we", "rec", "Ann: we ship it"])
def test_a_line_that_is_no_segment_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(UnparseableTranscript, match='expected "recording channel speaker start end words"') as refusal:
        nist.read_stm(f"rec 1 Ann 1.0 2.5 we\n{line}")

    assert refusal.value.line == 2


def test_a_line_that_is_no_word_is_refused_with_its_number() -> None:
    with pytest.raises(UnparseableTranscript, match='expected "recording channel start duration word"') as refusal:
        nist.read_ctm("rec 1 1.0 0.5 we\nrec 1 * * <ALT>\n")

    assert refusal.value.line == 2


ASS = r"""[Script Info]
Title: x

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,left out
Dialogue: 0,0:00:05.00,0:00:06.50,Default,Bob,0,0,0,,{\i1}yes{\i0}, Ann,\Nyes
Dialogue: 0,0:00:01.00,0:00:02.00,Default,NTP,0,0,0,,hello\hthere
"""


def test_dialogue_is_read_in_the_order_of_its_starts() -> None:
    assert substation.read(ASS) == [Spoken("hello there", None, 1.0, 2.0), Spoken("yes, Ann, yes", "Bob", 5.0, 6.5)]


def test_the_old_format_names_its_fields_itself() -> None:
    content = "[Events]\nFormat: Start, End, Actor, Text\nDialogue: 0:00:01.00,0:00:00.50,Ann,hi\n"

    assert substation.read(content) == [Spoken("hi", "Ann", 1.0)]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("Ann: hi", 1, r"with a section \[Events\]"),
        ("[Events]\nDialogue: 0,soon,0:00:02.00,Default,Ann,0,0,0,,hi", 2, "expected the fields layer, start"),
        ("[Events]\n\nDialogue: 0,0:00:01.00,0:00:02.00", 3, "expected the fields layer, start"),
    ],
)
def test_a_broken_dialogue_is_refused_with_its_line(content: str, line: int, reason: str) -> None:
    with pytest.raises(UnparseableTranscript, match=reason) as refusal:
        substation.read(content)

    assert refusal.value.line == line


LINES = st.sampled_from(
    [
        *("speaker,start,text", "start\tend\ttext", 'Ann,1,"hi', "Ann,1,hi", "0\t900\thi", "a 1 b 1 2 c", "a 1 2 3 c"),
        *("[Events]", "Format: Start, Text", "Dialogue: 0:01.0,hi", "Dialogue: ,,,", ";;", '"', "\t", ""),
    ]
)


@pytest.mark.parametrize("read", [tables.read, nist.read_stm, nist.read_ctm, substation.read])
@given(content=st.lists(LINES | st.text(max_size=20), max_size=8).map("\n".join))
def test_no_content_raises_anything_but_the_refusal(read: Reader, content: str) -> None:
    try:
        found = read(content)
    except UnparseableTranscript:
        return

    assert all(one.end_s is None or one.start_s is None or one.start_s <= one.end_s for one in found)

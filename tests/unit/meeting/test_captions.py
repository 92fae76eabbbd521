"""WebVTT and SubRip: each spelling that exports use, the repairs, the refusals and the round trip."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.formats import captions
from orchestrator.meeting.formats.spoken import Spoken

Found = tuple[str | None, float | None, float | None, str]


def found(content: str) -> list[Found]:
    return [(one.speaker, one.start_s, one.end_s, clean(one.text)) for one in captions.read(content)]


def cue(times: str, text: str = "hello") -> str:
    return f"WEBVTT\n\n{times}\n{text}\n"


@pytest.mark.parametrize(
    ("times", "start_s", "end_s"),
    [
        ("00:00:01.000 --> 00:00:02.500", 1.0, 2.5),
        ("00:00:01,000 --> 00:00:02,500", 1.0, 2.5),
        ("00:00:01,000 --> 00:00:02.500", 1.0, 2.5),
        ("01:02.000 --> 01:03.000", 62.0, 63.0),
        ("0:0:0.0 -->0:0:5.320", 0.0, 5.32),
        ("0:0:0.1-->0:0:1.08", 0.1, 1.08),
        ("100:00:00.080 --> 100:00:04.800", 360000.08, 360004.8),
        ("00:00:01 --> 00:00:02", 1.0, 2.0),
        ("  00:00:01.000  -->  00:00:02.000  align:start position:0%", 1.0, 2.0),
        ("00:00:01.000 -> 00:00:02.000", 1.0, 2.0),
        ("00:00:01.000 → 00:00:02.000", 1.0, 2.0),
        ("0:00:01.378,0:00:11.378", 1.378, 11.378),
        ("00:00:05.000 --> 00:00:04.000", 5.0, None),
        ("00:00:05.000 --> 00:00:05.000", 5.0, 5.0),
    ],
)
def test_times_are_read_in_every_spelling(times: str, start_s: float, end_s: float | None) -> None:
    assert found(cue(times)) == [(None, start_s, end_s, "hello")]


@pytest.mark.parametrize(
    "times",
    [
        "00:00:07.000 --> 00:00:1d.890",
        "00:00:0x.000 --> 00:00:11.890",
        "00:00:07.000 --> ",
        "00:00:07.000 --> soon",
        "00:00:00:07 --> 00:00:00:09",
    ],
)
def test_a_broken_time_line_is_refused_with_its_line(times: str) -> None:
    content = f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello\n\n2\n{times}\nthere\n"

    with pytest.raises(UnparseableTranscript, match="expected a time line such as") as refusal:
        captions.read(content)

    assert refusal.value.line == 7


def test_text_without_any_time_line_is_refused_at_its_first_line() -> None:
    with pytest.raises(UnparseableTranscript, match="no cue was found") as refusal:
        captions.read("NOTE made by hand\n\n\nAnn: hello\n")

    assert refusal.value.line == 4


def test_a_signature_alone_has_no_cues() -> None:
    assert captions.read("WEBVTT\n\nNOTE nothing yet\n") == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(end: str) -> None:
    content = end.join(["WEBVTT", "", "1", "00:01.000 --> 00:02.000", "one", "", "00:03.000 --> 00:04.000", "two"])

    assert [one.text for one in captions.read(content)] == ["one", "two"]


def test_blocks_that_are_no_cues_are_left_out() -> None:
    content = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

REGION
id:fred

NOTE
two lines
of it

first
00:01.000 --> 00:02.000
hello

NOTE tail

00:03.000 --> 00:04.000

00:05.000 --> 00:06.000
there
"""

    assert [(one.id, one.text) for one in captions.read(content)] == [("first", "hello"), (None, "there")]


def test_cues_follow_each_other_without_blank_lines() -> None:
    content = "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\n"

    assert [(one.id, one.text) for one in captions.read(content)] == [("1", "one"), ("2", "two")]


def test_blank_lines_anywhere_do_not_lose_text() -> None:
    content = "1\n\n00:00:01,000 --> 00:00:02,000\n\none\n\nmore\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\ntwo\n\n3\n"

    assert [(one.id, clean(one.text)) for one in captions.read(content)] == [("1", "one more"), ("2", "two 3")]


def test_numbers_in_a_text_are_not_taken_for_times() -> None:
    content = cue("00:01.000 --> 00:02.000", "from 3 --> 4\nat 10:30 - 11:00\n3:30 -> 4:00")

    assert [clean(one.text) for one in captions.read(content)] == ["from 3 --> 4 at 10:30 - 11:00 3:30 -> 4:00"]


def test_cues_out_of_order_are_sorted_and_equal_starts_keep_their_places() -> None:
    content = "\n\n".join(f"00:0{n}.000 --> 00:09.000\n{text}" for n, text in [(3, "c"), (1, "a"), (3, "d"), (2, "b")])

    assert [one.text for one in captions.read(content)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<v Ann>hello</v>", [("Ann", "hello")]),
        ("<v.loud Ann Lee>hello", [("Ann Lee", "hello")]),
        ("<V Ann &amp; Bob>hello", [("Ann & Bob", "hello")]),
        ("<v Ann>hi</v> and <v Bob>ho", [("Ann", "hi"), (None, "and"), ("Bob", "ho")]),
        ("<v Ann>hi</v>\n<v Ann>ho</v>", [("Ann", "hi"), ("Ann", "ho")]),
        ("<v>hello", [(None, "hello")]),
        ("<v Conf. Room: 4th floor>hello: there", [("Conf. Room: 4th floor", "hello: there")]),
        ("[Ann Lee] hello", [("Ann Lee", "hello")]),
        ("Ann: hello", [("Ann", "hello")]),
        ("<b>Ann:</b> hello", [("Ann", "hello")]),
        ("Ann: hi\nBob: ho\nand more", [("Ann", "hi"), ("Bob", "ho and more")]),
        ("Ann:\nhello", [("Ann", "hello")]),
        ("Agenda item 2: prices", [(None, "Agenda item 2: prices")]),
        ("[laughter] yes", [(None, "[laughter] yes")]),
        ('{"speakerName": "Ann", "spokenText": "hello"}', [("Ann", "hello")]),
        ('{"speakerName": null, "spokenText": "hello"}', [(None, "hello")]),
        ('{"spokenText": 3}', [(None, '{"spokenText": 3}')]),
        ('{"spokenText": "cut', [(None, '{"spokenText": "cut')]),
    ],
)
def test_speakers_are_found_in_every_spelling(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert [(one[0], one[3]) for one in found(cue("00:01.000 --> 00:02.000", text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<i>so</i> <c.red>it</c> <00:00:01.200><c> goes</c>", "so it goes"),
        ("{\\an8}up there", "up there"),
        ("R&amp;D &lt;3 &#39;quote&#39; &#x41;&nbsp;b", "R&D <3 'quote' A b"),
        ("AT&T and R&D; a&lt b", "AT&T and R&D; a&lt b"),
        ("1 < 2 and 3 > 2, I <3 you > all", "1 < 2 and 3 > 2, I <3 you > all"),
        ("left open <", "left open <"),
        ("<script>alert(1)</script>", "alert(1)"),
    ],
)
def test_markup_goes_and_words_stay(text: str, expected: str) -> None:
    assert [one[3] for one in found(cue("00:01.000 --> 00:02.000", text))] == [expected]


def test_the_parts_of_a_teams_segment_are_joined_across_other_speakers() -> None:
    guid = "62357a1d-d250-41d5-a1cf-6cc0eeceffcc"
    content = f"""WEBVTT

{guid}/150-0
00:01.000 --> 00:02.000
<v Ann>I think you went</v>

{guid}/119-0
00:01.500 --> 00:02.500
<v Bob>Yes.</v>

{guid}/150-1
00:02.000 --> 00:03.000
<v Ann>further than me.</v>
"""

    assert captions.read(content) == [
        Spoken("I think you went\nfurther than me.", "Ann", 1.0, 3.0, f"{guid}/150"),
        Spoken("Yes.", "Bob", 1.5, 2.5, f"{guid}/119"),
    ]


def test_the_same_cue_twice_is_one_cue_but_the_same_words_later_are_said_again() -> None:
    one, later = "00:01.000 --> 00:02.000\nYeah.", "00:03.000 --> 00:04.000\nYeah."

    assert [spoken.start_s for spoken in captions.read(f"WEBVTT\n\n{one}\n\n{one}\n\n{later}\n")] == [1.0, 3.0]


WORD = st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), min_size=1, max_size=8)
NAME = st.sampled_from(["Ann Lee", "Zoë", "山田 太郎", "Speaker 2", "O’Brien, Pat (EXTERNAL)", "محمد علي"])
MILLISECONDS = st.integers(0, 400_000_000)


TEXT = st.lists(WORD | st.sampled_from(["a<b", "&amp;", "c."]), max_size=6).map(" ".join)


@st.composite
def meetings(draw: st.DrawFn) -> list[Spoken]:
    """Cues in order; a number at the head of each text keeps one from seeming to repeat the other."""
    starts = sorted(draw(st.sets(MILLISECONDS, min_size=1, max_size=12)))
    return [
        Spoken(
            text=clean(f"{place}# {draw(TEXT)}"),
            speaker=draw(NAME),
            start_s=start / 1000,
            end_s=(start + draw(st.integers(0, 9_999))) / 1000,
            id=str(place),
        )
        for place, start in enumerate(starts)
    ]


def clock(seconds: float | None, mark: str) -> str:
    whole, milliseconds = divmod(round((seconds or 0) * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{milliseconds:03d}"


def times(one: Spoken, mark: str) -> str:
    return f"{clock(one.start_s, mark)} --> {clock(one.end_s, mark)}"


@given(meetings())
def test_what_is_written_as_webvtt_is_read_back(meeting: list[Spoken]) -> None:
    cues = [f"{one.id}\n{times(one, '.')}\n<v {one.speaker}>{html.escape(one.text)}</v>" for one in meeting]

    assert captions.read("\n\n".join(["WEBVTT", *cues])) == meeting


@given(meetings())
def test_what_is_written_as_subrip_is_read_back(meeting: list[Spoken]) -> None:
    cues = [f"{one.id}\r\n{times(one, ',')}\r\n[{one.speaker}] {html.escape(one.text)}" for one in meeting]

    assert [one._replace(text=clean(one.text)) for one in captions.read("\r\n\r\n".join(cues))] == meeting

"""The line formats of NIST's speech evaluations: STM, a segment a line, and CTM, a word a line. Pure.

    STM  recording channel speaker start end [<label>] words ...
    CTM  recording channel start duration word [confidence [type [speaker]]]

A file may hold several recordings: segments are read in the order of the file, words one recording after the other.

Source: NIST, "SCTK, the NIST Scoring Toolkit", sclite, "Input formats: stm, ctm"; fgnt/meeteval, "File Formats".
"""

import re
from collections.abc import Iterator
from typing import Final

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import cutting, words
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import Word

_NUMBER: Final = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_STM: Final = re.compile(
    rf"(?P<recording>\S+)\s+(?P<channel>\w)\s+(?P<speaker>\S+)\s+(?P<start>{_NUMBER})\s+(?P<end>{_NUMBER})"
    r"(?:\s+<[^<>]*>)?(?P<text>(?:\s.*)?)"
)
_CTM: Final = re.compile(
    rf"(?P<recording>\S+)\s+(?P<channel>\w)\s+(?P<start>{_NUMBER})\s+(?P<duration>{_NUMBER})\s+(?P<word>\S+)"
    rf"(?:\s+(?:-?{_NUMBER}|NA)(?:\s+\S+(?:\s+(?P<speaker>\S+))?)?)?\s*"
)
_COMMENT: Final = ";;"
_UNSCORED: Final = "IGNORE_TIME_SEGMENT_IN_SCORING"  # instead of words: nobody wrote down what was said


def is_stm(line: str) -> bool:
    return _STM.fullmatch(line) is not None or line.startswith(_COMMENT)


def is_ctm(line: str) -> bool:
    return _CTM.fullmatch(line) is not None or line.startswith(_COMMENT)


def read_stm(content: str) -> list[Spoken]:
    """Read the segments that have words.

    Raises:
        UnparseableTranscript: a line is no segment; with its number.
    """
    found = (_segment(record) for record in _records(content, _STM, "recording channel speaker start end words"))
    return [one for one in found if one.text and one.text != _UNSCORED]


def read_ctm(content: str) -> list[Spoken]:
    """Join the words of each recording, channel and speaker to utterances. Raises as `read_stm` does."""
    records = list(_records(content, _CTM, "recording channel start duration word"))
    several = len({record["channel"] for record in records}) > 1
    recordings: dict[str, list[Word]] = {}
    turns: list[Spoken] = []
    for record in records:
        recordings.setdefault(record["recording"], []).append(_word(record, several=several))
    for said in recordings.values():
        turns.extend(words.utterances(sorted(said, key=lambda word: word.start_s or 0.0)))
    return turns


def _records(content: str, layout: re.Pattern[str], expected: str) -> Iterator[re.Match[str]]:
    for number, line in enumerate(cutting.lines(content), start=1):
        if not line.strip() or line.startswith(_COMMENT):
            continue
        if not (record := layout.fullmatch(line)):
            raise UnparseableTranscript(f'line {number}: expected "{expected}", times in seconds', line=number)
        yield record


def _segment(record: re.Match[str]) -> Spoken:
    return Spoken(
        record["text"].strip(), voice(record["speaker"]), float(record["start"]), float(record["end"])
    ).in_order()


def _word(record: re.Match[str], *, several: bool) -> Word:
    start_s = float(record["start"])
    side = f"Channel {record['channel']}" if several else None
    return Word(record["word"], voice(record["speaker"]) or side, start_s, start_s + float(record["duration"]))

"""Tables: a header row that names a text column, then one row per stretch of speech. Pure.

Fields are parted by commas, semicolons or tabs and may be quoted. Whisper writes such a table with whole milliseconds;
all other times are seconds, or hours, minutes and seconds.

Source: RFC 4180; the TSV writer of openai/whisper.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import cutting
from orchestrator.meeting.formats.clock import TIME, seconds
from orchestrator.meeting.formats.spoken import Spoken, voice

# The names of columns that products and people use, in order of preference.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "transcript", "sentence", "content", "words", "word", "utterance"),
    "speaker": ("speaker", "speaker_name", "speaker name", "name", "participant"),
    "start": ("start", "start_s", "start_time", "start time", "begin", "timestamp", "time"),
    "end": ("end", "end_s", "end_time", "end time", "stop"),
    "id": ("id", "index"),
}
_DELIMITERS: Final = ("\t", ";", ",")
_WHISPER: Final = ["start", "end", "text"]
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,12})?")
_CLOCK: Final = re.compile(TIME)
MAX_FIELD_CHARACTERS: Final = 5_000_000  # as large as a request may be


def is_header(line: str) -> bool:
    """Whether a line heads a table of speech: it has a column for the words, and one for who or when."""
    return any(_is_complete(_names(line, delimiter)) for delimiter in _DELIMITERS)


def read(content: str) -> list[Spoken]:
    """Read the rows in the order of the file.

    Raises:
        UnparseableTranscript: no header, a row that does not fit it, or a time that is none; with its line.
    """
    lines = cutting.lines(content)
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    delimiter = next((mark for mark in _DELIMITERS if _is_complete(_names(lines[first], mark))), None)
    if delimiter is None:
        expected = 'expected a header row with a "text" column and one of "speaker", "start" and "end"'
        raise UnparseableTranscript(f"line {first + 1}: {expected}", line=first + 1)
    return list(_Table(_names(lines[first], delimiter), delimiter).rows(lines, first + 1))


def _names(line: str, delimiter: str) -> list[str]:
    return [field.strip().strip('"').strip().lower() for field in line.split(delimiter)]


def _is_complete(names: Sequence[str]) -> bool:
    found = {role for role, spellings in _COLUMNS.items() if any(name in spellings for name in names)}
    return "text" in found and len(found) > 1


class _Table:
    """A header, and what it makes of the rows below it."""

    def __init__(self, names: list[str], delimiter: str) -> None:
        self._names = names
        self._delimiter = delimiter
        self._milliseconds = delimiter == "\t" and names == _WHISPER
        self._places = {
            role: next((names.index(spelling) for spelling in spellings if spelling in names), None)
            for role, spellings in _COLUMNS.items()
        }

    def rows(self, lines: Sequence[str], first: int) -> Iterator[Spoken]:
        """The rows below the header. A quoted field may run over lines; a row is named by its last."""
        csv.field_size_limit(MAX_FIELD_CHARACTERS)
        reader = csv.reader((f"{line}\n" for line in lines[first:]), delimiter=self._delimiter)
        try:
            for row in reader:
                if any(field.strip() for field in row):
                    yield self._spoken(self._fitted(row, first + reader.line_num), first + reader.line_num)
        except csv.Error as error:
            number = first + reader.line_num
            raise UnparseableTranscript(f"line {number}: {error}", line=number) from None

    def _fitted(self, row: list[str], number: int) -> list[str]:
        """A row with a field for each column: commas in an unquoted last text are text."""
        size = len(self._names)
        if len(row) > size and self._places["text"] == size - 1:
            return [*row[: size - 1], self._delimiter.join(row[size - 1 :])]
        if len(row) != size:
            raise UnparseableTranscript(
                f"line {number}: expected {size} fields as in the header, found {len(row)}", line=number
            )
        return row

    def _spoken(self, row: Sequence[str], number: int) -> Spoken:
        start_s, end_s = self._seconds(row, "start", number), self._seconds(row, "end", number)
        speaker, name = voice(self._field(row, "speaker")), self._field(row, "id") or None
        return Spoken(self._field(row, "text"), speaker, start_s, end_s, name).in_order()

    def _field(self, row: Sequence[str], role: str) -> str:
        place = self._places[role]
        return "" if place is None else row[place].strip()

    def _seconds(self, row: Sequence[str], role: str, number: int) -> float | None:
        field = self._field(row, role)
        if not field:
            return None
        if _NUMBER.fullmatch(field):
            return float(field.replace(",", ".")) / (1000 if self._milliseconds else 1)
        if _CLOCK.fullmatch(field):
            return seconds(field)
        expected = f'expected seconds or a time such as 0:01:02.5 in the column "{role}"'
        raise UnparseableTranscript(f"line {number}: {expected}", line=number)

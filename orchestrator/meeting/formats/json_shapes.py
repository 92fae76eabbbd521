"""The JSON documents that can be read, by their shapes: told by their content, or held against the one named. Pure."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import (
    assemblyai,
    aws,
    deepgram,
    fireflies,
    google,
    native_json,
    podcast,
    rev,
    seglst,
    strict_json,
    whisper,
)
from orchestrator.meeting.formats.detection import KINDS, detect, is_json
from orchestrator.meeting.formats.spoken import Spoken


class Shape(NamedTuple):
    """What a document of one origin looks like. `what` completes "expected ..."; `fits`: it can be nothing else."""

    what: str
    fits: Callable[[JsonValue], bool]
    read: Callable[[JsonValue], list[Spoken]]


# In this order, as the last fits nearly everything.
SHAPES: Final[Mapping[str, Shape]] = {
    "assemblyai": Shape(assemblyai.WHAT, assemblyai.fits, assemblyai.read),
    "deepgram": Shape(deepgram.WHAT, deepgram.fits, deepgram.read),
    "aws": Shape(aws.WHAT, aws.fits, aws.read),
    "google": Shape(google.WHAT, google.fits, google.read),
    "fireflies": Shape(fireflies.WHAT, fireflies.fits, fireflies.read),
    "rev": Shape(rev.WHAT, rev.fits, rev.read),
    "podcast": Shape(podcast.WHAT, podcast.fits, podcast.read),
    "seglst": Shape(seglst.WHAT, seglst.fits, seglst.read),
    "whisper": Shape(whisper.WHAT, whisper.fits, whisper.read),
    "own": Shape(native_json.WHAT, native_json.fits, native_json.read),
}


def read(content: str) -> list[Spoken]:
    """Read a document of any known shape.

    Raises:
        UnparseableTranscript: broken JSON (with line and offset), no known shape, or a value of the wrong type (with
            its pointer).
    """
    document = strict_json.document(content)
    if (name := _name(document)) is None:
        vendors = "; ".join(shape.what for shape in SHAPES.values() if shape.read is not native_json.read)
        raise UnparseableTranscript(f"the JSON is no transcript: expected {native_json.WHAT}; or {vendors}")
    return SHAPES[name].read(document)


def is_known(content: str) -> bool:
    """Whether a text is a whole JSON document of a known shape."""
    try:
        return _name(strict_json.document(content)) is not None
    except UnparseableTranscript:
        return False


def reader(name: str) -> Callable[[str], list[Spoken]]:
    """What reads documents of one shape alone, and refuses all others by their names."""
    shape = SHAPES[name]

    def read_one(content: str) -> list[Spoken]:
        if not is_json(content):
            raise UnparseableTranscript(f"expected {shape.what}; this is {KINDS[detect(content)]}", line=1)
        try:
            document = strict_json.document(content)
        except UnparseableTranscript as error:
            raise _expected(shape, error) from None
        if not shape.fits(document) and (other := _name(document)) not in (None, "own"):
            raise UnparseableTranscript(f"expected {shape.what}; this is {SHAPES[other or name].what}")
        try:
            return shape.read(document)
        except UnparseableTranscript as error:
            raise _expected(shape, error) from None

    return read_one


def _name(document: JsonValue) -> str | None:
    return next((name for name, shape in SHAPES.items() if shape.fits(document)), None)


def _expected(shape: Shape, error: UnparseableTranscript) -> UnparseableTranscript:
    message = f"expected {shape.what}; {error.message}"
    return UnparseableTranscript(message, line=error.line, offset=error.offset)

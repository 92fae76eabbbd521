"""Rev and Rev AI: monologues of texts and punctuation; spaces are punctuation too. Times are seconds. Pure.

Source: Rev AI, "Asynchronous Speech-to-Text API", "Get transcript by id".
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.nodes import Node, lookup, names_by_id
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import Word

WHAT: Final = 'Rev JSON: an object with "monologues", each with "elements"'


def fits(document: JsonValue) -> bool:
    """Whether a document can only be Rev's."""
    return isinstance(lookup(document, "monologues"), list)


def read(document: JsonValue) -> list[Spoken]:
    """Read each monologue as one utterance, a long one as several."""
    root = Node(document)
    names = names_by_id(root.at("speakers").value)
    monologues = [_words(row, names) for row in root.at("monologues").rows()]
    return [turn for said in monologues for turn in words.utterances(said, pause_s=math.inf)]


def _words(monologue: Node, names: Mapping[str, str]) -> Iterator[Word]:
    label = monologue.at("speaker").name()
    speaker = names.get(label or "") or voice(label)
    glued = True
    for row in monologue.at("elements").rows():
        value = row.said("value")
        if value.strip():
            yield Word(
                value.strip(), speaker, row.at("ts").seconds(), row.at("end_ts").seconds(), glued and value[0] != " "
            )
        glued = bool(value) and not value[-1].isspace()

"""Who takes part: voices of the transcript matched to the participants whom the caller named. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from orchestrator.meeting.context import MOST_ATTENDEES, Attendee, Finding, Person
from orchestrator.meeting.detectors.phrases import tokens
from orchestrator.meeting.detectors.voices import Voices

Name: TypeAlias = tuple[str, ...]

_HONORIFICS: Final = frozenset(
    "dr mr mrs ms prof professor sir hon herr frau señor señora don doña monsieur madame".split()
)


def find(voices: Voices, people: Sequence[Person], roles: Mapping[str, Finding]) -> tuple[tuple[Attendee, ...], int]:
    """Who spoke, most words first, then who was only named; and how many heads that makes, beyond the list's cap."""
    owners = _owners(people)
    labels: dict[int, list[str]] = {}
    attendees: list[Attendee | int] = []  # an int: the place of a participant, whose labels are not all known yet
    for voice in voices.heard:
        place = _match(voice.label, owners)
        if place is None:
            attendees.append(Attendee(speakers=(voice.label,), role=roles.get(voice.label)))
        elif place in labels:
            labels[place].append(voice.label)
        else:
            labels[place] = [voice.label]
            attendees.append(place)
    attendees += [place for place in range(len(people)) if place not in labels]
    found = tuple(
        _participant(people[one], labels.get(one, ()), roles) if isinstance(one, int) else one for one in attendees
    )
    return found[:MOST_ATTENDEES], len(found) + voices.count - len(voices.heard)


def _participant(person: Person, labels: Sequence[str], roles: Mapping[str, Finding]) -> Attendee:
    known = [roles[label] for label in labels if label in roles]
    return Attendee(speakers=tuple(labels), name=person.name, id=person.id, role=known[0] if known else None)


def _owners(people: Sequence[Person]) -> Mapping[Name, int | None]:
    """Participants by each of their names; None: several have it. A full name or alias counts before a first name."""
    whole: dict[Name, set[int]] = {}
    first: dict[Name, set[int]] = {}
    for place, person in enumerate(people):
        for name in filter(None, map(_name, (person.name, *person.aliases))):
            whole.setdefault(name, set()).add(place)
        for given in _name(person.name)[:1]:
            first.setdefault((given,), set()).add(place)
    return {name: min(places) if len(places) == 1 else None for name, places in (first | whole).items()}


def _match(label: str, owners: Mapping[Name, int | None]) -> int | None:
    """By the whole label, also with the family name first, or by its first name where that is all there is."""
    bare, _, _ = label.partition("(")
    for written in (label, bare):
        name = _name(written)
        if name in owners:
            return owners[name]
    family, comma, given = bare.partition(",")
    return owners.get(_name(f"{given} {family}")) if comma else None


def _name(written: str) -> Name:
    """The parts of a name without case, accents and honorifics."""
    plain = unicodedata.normalize("NFKD", written.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(part for part in tokens(letters) if part not in _HONORIFICS)

"""The report page: a job as one self-contained HTML document for people (see `pages.py` for what a page may hold)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from api import pages, pictures, places, waterfalls, wording
from api.schemas import TERMINAL, JobView
from api.timeline_schemas import StageView
from orchestrator.analysis.items import KINDS, Analysis, Due, Evidence, Item, Kind
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.work.timeline import StageKind
from providers.calls import Value

_SINGULAR: Final[dict[Kind, str]] = {
    "topics": "Topic",
    "decisions": "Decision",
    "action_items": "Action",
    "risks": "Risk",
    "questions": "Question",
}


class Reference(Value):
    """A link inside the page; without a transcript to point into, `href` is None.

    Each part of the text runs in its own direction: a time behind an Arabic name would be drawn before it.
    """

    parts: tuple[str, ...]
    href: str | None


class EvidenceRow(Value):
    quote: str
    places: tuple[Reference, ...]


class ItemRow(Value):
    anchor: str
    text: str
    owner: str | None
    due: Due | None
    confidence: str
    backing: str
    dots: tuple[bool, ...]
    verified: bool
    evidence: tuple[EvidenceRow, ...]


class MissedRow(Value):
    cue: str
    quote: str
    places: tuple[Reference, ...]


class Section(Value):
    anchor: str
    title: str
    kind: Kind
    rows: tuple[ItemRow, ...]


class Line(Value):
    """One utterance of the transcript with the items that it proves."""

    anchor: str
    clock: str | None
    speaker: str | None
    text: str
    proves: tuple[Reference, ...]


def render(job: JobView, transcript: Transcript | None, *, stages: Sequence[StageView] = ()) -> str:
    """Write the page for a job in any state; what is not known yet is left out."""
    anchors = _anchors(transcript)
    seats = tuple(seat.seat for seat in job.seats)
    answered = tuple(seat.seat for seat in job.seats if seat.status == "answered")
    analysis = job.result
    return pages.template("report.html.j2").render(
        job=job,
        w=wording,
        ended=job.status in TERMINAL,
        title=job.context.title or "Meeting analysis",
        facts=_facts(job),
        sections=_sections(analysis, transcript, anchors, answered or seats),
        missed=_missed(analysis, transcript, anchors),
        blocks=pictures.agreement(analysis, answered, wording.KIND_TITLES) if analysis else (),
        shared=pictures.shared_items(analysis) if analysis else (0, 0),
        cell=pictures.CELL_PX,
        bar_units=pictures.BAR_UNITS,
        bars=waterfalls.bars(job, stages),
        calls=tuple(stage for stage in stages if stage.stage is StageKind.ATTEMPT),
        ended_as=waterfalls.ended,
        lines=_lines(transcript, analysis, anchors),
        error=_error(job),
        took=_took(job),
        found=tuple(wording.findings(job.context.detected)) if job.context.detected else (),
    )


def _anchors(transcript: Transcript | None) -> dict[str, str]:
    """Anchor by utterance id. Numbered, since the ids are the caller's and may hold any character."""
    lines: Sequence[Utterance] = transcript.utterances if transcript else ()
    return {line.id: f"u{number}" for number, line in enumerate(lines, start=1)}


def _facts(job: JobView) -> tuple[str, ...]:
    context = job.context
    parts = (
        context.type,
        context.industry,
        None if context.language is None else wording.language(context.language),
        None if context.duration_s is None else wording.duration(context.duration_s),
        wording.count(context.words, "word"),
        wording.count(len(context.participants), "participant") if context.participants else None,
    )
    return tuple(part for part in parts if part)


def _sections(
    analysis: Analysis | None, transcript: Transcript | None, anchors: Mapping[str, str], seats: Sequence[int]
) -> tuple[Section, ...]:
    if analysis is None:
        return ()
    return tuple(
        Section(
            anchor=kind.replace("_", "-"),
            title=title,
            kind=kind,
            rows=tuple(_row(kind, n, item, transcript, anchors, seats) for n, item in enumerate(analysis.of(kind), 1)),
        )
        for kind, title in wording.KIND_TITLES.items()
    )


def _row(
    kind: Kind,
    number: int,
    item: Item,
    transcript: Transcript | None,
    anchors: Mapping[str, str],
    seats: Sequence[int],
) -> ItemRow:
    return ItemRow(
        anchor=_item_anchor(kind, number),
        text=item.text,
        owner=item.owner.name if item.owner else None,
        due=item.due,
        confidence=f"{item.confidence:.0%}",
        backing=wording.backing(item, len(seats)),
        dots=tuple(seat in item.seats for seat in seats),
        verified=item.verified,
        evidence=tuple(_evidence_row(proof, transcript, anchors) for proof in item.evidence),
    )


def _item_anchor(kind: Kind, number: int) -> str:
    return f"{_SINGULAR[kind].lower()}-{number}"


def _evidence_row(proof: Evidence, transcript: Transcript | None, anchors: Mapping[str, str]) -> EvidenceRow:
    return EvidenceRow(quote=proof.quote, places=_places(proof.utterances, transcript, anchors, proof.start_s))


def _missed(
    analysis: Analysis | None, transcript: Transcript | None, anchors: Mapping[str, str]
) -> tuple[MissedRow, ...]:
    """What sounds like a task or a decision that no item covers."""
    return tuple(
        MissedRow(cue=one.cue, quote=one.quote, places=_places(one.utterances, transcript, anchors, None))
        for one in (analysis.possibly_missed if analysis else ())
    )


def _places(
    names: Sequence[str], transcript: Transcript | None, anchors: Mapping[str, str], known_s: float | None
) -> tuple[Reference, ...]:
    return tuple(
        Reference(parts=places.parts(name, transcript, known_s), href=f"#{anchors[name]}" if name in anchors else None)
        for name in names
    )


def _lines(transcript: Transcript | None, analysis: Analysis | None, anchors: Mapping[str, str]) -> tuple[Line, ...]:
    proves = _proves(analysis)
    return tuple(
        Line(
            anchor=anchors[line.id],
            clock=None if line.start_s is None else wording.clock(line.start_s),
            speaker=line.speaker,
            text=line.text,
            proves=tuple(proves.get(line.id, ())),
        )
        for line in (transcript.utterances if transcript else ())
    )


def _proves(analysis: Analysis | None) -> dict[str, list[Reference]]:
    """The items that each utterance proves, by utterance id."""
    found: dict[str, list[Reference]] = {}
    for kind in KINDS if analysis else ():
        for number, item in enumerate(analysis.of(kind) if analysis else (), 1):
            link = Reference(parts=(f"{_SINGULAR[kind]} {number}",), href=f"#{_item_anchor(kind, number)}")
            for name in dict.fromkeys(name for proof in item.evidence for name in proof.utterances):
                found.setdefault(name, []).append(link)
    return found


def _error(job: JobView) -> tuple[str, str] | None:
    """Title and detail of a failed job's problem."""
    if job.error is None:
        return None
    return str(job.error.get("title") or "The job failed"), str(job.error.get("detail") or "")


def _took(job: JobView) -> str | None:
    if job.finished_at is None:
        return None
    begun = max(datetime.fromisoformat(at) for at in (job.created_at, job.not_before) if at)
    whole = datetime.fromisoformat(job.finished_at) - begun
    return wording.duration(whole.total_seconds())

"""A job as the exports get it."""

from api.exports.material import Material
from api.schemas import JobView
from orchestrator.analysis.items import Analysis, Due, Evidence, Item, Owner, Summary
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.unit.api.meetings import analysis, item, job, transcript

TRANSCRIPT_ID = "trn_01"


def material(whole: Analysis | None = None, of_job: JobView | None = None) -> Material:
    """The small meeting, with another analysis or job where they are given."""
    return Material(
        job=of_job or job(), analysis=whole or analysis(), transcript=transcript(), transcript_id=TRANSCRIPT_ID
    )


def poisoned(text: str) -> Material:
    """A job that says `text` wherever a stranger's words can stand."""
    one = Item(
        id="itm_1",
        text=text,
        evidence=(Evidence(utterances=(text[:64],), quote=text), Evidence(utterances=("gone",), quote=text)),
        confidence=0.5,
        seats=(0,),
        verified=False,
        owner=Owner(name=text, id=text),
        due=Due(text=text, date="2026-11-26"),
    )
    every = dict.fromkeys(("topics", "decisions", "action_items", "risks", "questions"), (one,))
    whole = analysis(**every, summary=Summary(text=text, bullets=(text,)))
    context = job().context.model_copy(update={"title": text})
    return Material(
        job=job(label=text, context=context, reference=text),
        analysis=whole,
        transcript=Transcript(utterances=(Utterance(id=text[:64], speaker=text[:200], text=text),)),
        transcript_id=TRANSCRIPT_ID,
    )


def dated(name: str, date: str | None) -> Item:
    return item(name, ("u3",), "I will write the notes", due=Due(text="then", date=date))

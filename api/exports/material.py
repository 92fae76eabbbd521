"""What an export is made of, and what a format is. Pure."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from api import places
from api.schemas import JobView
from orchestrator.analysis.items import Analysis, Evidence, Item
from orchestrator.meeting.transcript import Transcript
from providers.calls import Value


class Material(Value):
    """A job that has a result, with its meeting."""

    job: JobView
    analysis: Analysis
    transcript: Transcript | None
    transcript_id: str

    @property
    def title(self) -> str:
        return self.job.context.title or "Meeting analysis"

    @property
    def caution(self) -> str:
        """What was really done, and in what it is less than was asked for: it goes wherever the items go."""
        lost = "; ".join(one.detail for one in self.job.degradations)
        label = self.job.label or "no label"
        return f"{label}. Less than was asked for: {lost}" if lost else label

    def places(self, proof: Evidence) -> str:
        """Who said it and when: `Ann, 1:05; Ben, 1:07`."""
        return "; ".join(places.place(name, self.transcript, proof.start_s) for name in proof.utterances)


class Export(NamedTuple):
    """A format: what it is called in HTTP, and who writes it."""

    media_type: str
    write: Callable[[Material], str]


def quoted(material: Material, item: Item) -> Iterator[tuple[str, str]]:
    """Each quote of an item with its place."""
    for proof in item.evidence:
        yield proof.quote, material.places(proof)

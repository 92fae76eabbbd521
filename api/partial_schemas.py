"""What the seats of a job have found so far, as the HTTP contract shows it."""

from typing import Final, Literal

from pydantic import ConfigDict

from api import examples
from api.schemas import JobStatus, Shown
from orchestrator.analysis.partials import PartialItem
from providers.calls import JsonObject

_PARTIAL: Final[JsonObject] = {
    "object": "partial",
    "job_id": examples.JOB["id"],
    "version": 6,
    "status": "running",
    "synthesized": False,
    "label": "not synthesised yet: what 1 of 3 seats found, each item proved, none decided on",
    "seats_answered": 1,
    "seats_total": 3,
    "progress": 0.25,
    "topics": [],
    "decisions": [],
    "action_items": [{**examples.ITEM, "seats": [0], "named": [{"seat": 0, "id": examples.ITEM["id"]}]}],
    "risks": [],
    "questions": [],
}


class PartialView(Shown):
    """The verified items of the seats that have answered; each matter stands once, whichever seats have it.

    Nothing is synthesised: `synthesized` is ever false, no vote has kept or dropped an item, and `confidence`, `owner`
    and `due` are those of the seat whose words are shown. `named` is what each seat calls the item, as `items.found`
    tells it. `progress` is the share of the work that is done, the synthesis being as much as a seat; 1 once the job
    has ended.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_PARTIAL]})

    object: Literal["partial"] = "partial"
    job_id: str
    version: int
    status: JobStatus
    synthesized: Literal[False] = False
    label: str
    seats_answered: int
    seats_total: int
    progress: float
    topics: tuple[PartialItem, ...]
    decisions: tuple[PartialItem, ...]
    action_items: tuple[PartialItem, ...]
    risks: tuple[PartialItem, ...]
    questions: tuple[PartialItem, ...]

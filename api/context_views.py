"""From what a job keeps of its meeting to the context of the HTTP contract. Pure."""

from api.schemas import ContextView, DetectedView, RedactionView
from orchestrator.meeting.context import Context
from orchestrator.storage import job_documents
from providers.calls import JsonObject


def context(kept: JsonObject) -> ContextView:
    """A job of an older release has no `detected`: its participants are those whom the caller named."""
    return ContextView.model_validate(job_documents.context(kept))


def redaction(kept: JsonObject) -> RedactionView | None:
    """None: models are shown the meeting as it is."""
    found = job_documents.redaction(kept)
    return None if found is None else RedactionView.model_validate(found)


def detected(found: Context) -> DetectedView:
    return DetectedView.model_validate(job_documents.detected(found))

"""What people see of an erasure and of feedback in a terminal: rich renderables. Pure."""

from rich.console import ConsoleRenderable, Group

from api.erasure_schemas import ErasureView, RecipientView
from api.feedback_schemas import FeedbackView
from api.terminal import said


def erasure(view: ErasureView) -> ConsoleRenderable:
    """What is gone, what is kept, and who was sent the meeting before."""
    lines = [said(f"{view.job_id}: erased at {view.erased_at}", "bold")]
    replays = len(view.jobs) - 1
    if replays:
        lines.append(said(f"with {replays} job{'s' if replays > 1 else ''} made over its answers"))
    lines.append(said(_transcript(view)))
    if view.recipients:
        lines.append(said("These were sent the meeting; ask them what they keep:"))
    return Group(*lines, *(said(f"  {_recipient(one)}") for one in view.recipients))


def feedback(view: FeedbackView) -> ConsoleRenderable:
    """One line, as it is kept."""
    about = view.item_id or ("what is missing" if view.verdict == "missing" else "the result")
    return said(f"{view.id}: {about} of {view.job_id} is {view.verdict}")


def _transcript(view: ErasureView) -> str:
    users = view.transcript.used_by
    if not users:
        return "The transcript is erased."
    return f"The transcript is kept for {', '.join(users)}; erase them, too, and it is gone."


def _recipient(one: RecipientView) -> str:
    calls = f"{one.calls} call{'s' if one.calls != 1 else ''}"
    if one.retains is None:
        return f"{one.provider}/{one.model}, {calls}, no longer in the catalog"
    keeps = "may keep it for a while" if one.retains else "keeps nothing"
    return f"{one.provider}/{one.model}, {calls}, {keeps}"

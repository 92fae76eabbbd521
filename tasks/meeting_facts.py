"""What a job's row says about its meeting, as the pure rooms want it."""

from datetime import date, datetime

from orchestrator.analysis.evidence import Unverified
from orchestrator.meeting.context import Context, Person
from orchestrator.routing import contexts
from orchestrator.routing.request import MeetingFacts
from orchestrator.storage.jobs import JobRow


def facts(job: JobRow) -> MeetingFacts:
    """The caller's facts, with what was found out of the meeting where they say nothing."""
    return contexts.facts_in(job.context)


def context(job: JobRow) -> Context | None:
    """What was found out of the meeting, and how; None: the job is older than that."""
    return contexts.found_in(job.context)


def people(job: JobRow) -> tuple[Person, ...]:
    return contexts.people(facts(job))


def started_on(job: JobRow) -> date | None:
    """The day of the meeting, from which "by Friday" counts."""
    started: datetime | None = facts(job).started_at
    return started.date() if started else None


def meeting_type(job: JobRow) -> str:
    """Of what type the meeting is, as the caller said or as it was found out; "general" where nobody knows."""
    return str(job.context.get("type") or "general")


def unverified(job: JobRow) -> Unverified:
    """What the caller wants to become of items without proof; jobs of older releases did not say."""
    return "mark" if job.context.get("unverified") == "mark" else "drop"

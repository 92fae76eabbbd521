"""What a job's row says about its meeting, as the pure rooms want it."""

from datetime import date, datetime

from orchestrator.analysis.evidence import Person
from orchestrator.routing.request import MeetingFacts
from orchestrator.storage.jobs import JobRow


def facts(job: JobRow) -> MeetingFacts:
    """The caller's own facts, as posted."""
    known = {name: job.context[name] for name in MeetingFacts.model_fields if name in job.context}
    return MeetingFacts.model_validate(known, strict=False)


def people(job: JobRow) -> tuple[Person, ...]:
    return tuple(Person(name=one.name, id=one.id, aliases=one.aliases) for one in facts(job).participants)


def started_on(job: JobRow) -> date | None:
    """The day of the meeting, from which "by Friday" counts."""
    started: datetime | None = facts(job).started_at
    return started.date() if started else None

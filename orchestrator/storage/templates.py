"""Tenants' templates: append-only versions, the newest of each type in force. One tenant's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.analysis import prompts
from orchestrator.analysis.hints import Called, Hints
from orchestrator.analysis.prompts import Wording
from orchestrator.analysis.templates import ALL, Template, TemplateFor, meeting_type
from orchestrator.errors import Unavailable
from orchestrator.ids import new_id
from orchestrator.meeting.context import MeetingType
from orchestrator.routing.request import MeetingFacts
from orchestrator.storage.prompt_tables import prompt_templates as table
from providers.calls import Value

MOST_TRIES: Final = 5  # each one lost means that somebody else has set the same type in the same moment


class TemplateRow(Value):
    """A version as it stands. `instruction` None: ours again."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    meeting_type: TemplateFor
    version: int
    instruction: str | None
    created_at: datetime

    @property
    def template(self) -> Template | None:
        """The tenant's text; None where it says that ours is in force."""
        if self.instruction is None:
            return None
        return Template(id=self.id, meeting_type=self.meeting_type, version=self.version, instruction=self.instruction)


def newest(connection: Connection, *wanted: TemplateFor) -> Mapping[TemplateFor, TemplateRow]:
    """The newest version of each of these types that the tenant has ever set."""
    rows = connection.execute(
        select(table)
        .ext(distinct_on(table.c.meeting_type))
        .where(table.c.meeting_type.in_(wanted))
        .order_by(table.c.meeting_type, table.c.version.desc())
    ).mappings()
    found = [TemplateRow.model_validate(dict(row)) for row in rows]
    return {row.meeting_type: row for row in found}


def in_force(connection: Connection, wanted: MeetingType) -> Template | None:
    """The tenant's template for a type, else its template for all; None: it has neither."""
    rows = newest(connection, wanted, ALL)
    mine = (rows[name].template for name in (wanted, ALL) if name in rows)
    return next((template for template in mine if template is not None), None)


def wording(
    connection: Connection, meeting: MeetingFacts, draft: Template | None = None, *, with_type: bool = False
) -> Wording:
    """What the seats of a job on this meeting are told, as the tenant's templates and ours stand now.

    Args:
        draft: a template that is only tried; None: the one in force.
        with_type: they are also asked of what type the meeting is.
    """
    known = meeting_type(meeting.type)
    people = tuple(Called(name=one.name, aliases=one.aliases) for one in meeting.participants)
    return prompts.wording(
        known,
        template=draft or in_force(connection, known),
        language=meeting.language,
        known=Hints(people=people, words=meeting.glossary, industry=meeting.industry),
        with_type=with_type,
    )


def put(connection: Connection, wanted: TemplateFor, instruction: str | None) -> None:
    """Make the next version, unless the newest says the same. Safe to repeat.

    Args:
        instruction: checked; None: ours again.

    Raises:
        Unavailable: others kept setting the same type in the same moment.
    """
    before = newest(connection, wanted).get(wanted)
    if (None if before is None else before.instruction) == instruction:
        return
    template_id = new_id("tpl") if before is None else before.id
    for _ in range(MOST_TRIES):
        if _add(connection, wanted, template_id, instruction):
            return
    raise Unavailable("The template is being set by others.")


def _add(connection: Connection, wanted: TemplateFor, template_id: str, instruction: str | None) -> bool:
    """False: somebody else has made that version; the next statement sees it."""
    known = func.coalesce(func.min(table.c.id), template_id)  # ids of one type are all the same
    following = func.coalesce(func.max(table.c.version), 0) + 1
    row = select(literal(wanted), following, known, literal(instruction, table.c.instruction.type))
    statement = upsert(table).from_select(
        ["meeting_type", "version", "id", "instruction"], row.where(table.c.meeting_type == wanted)
    )
    made = connection.execute(statement.on_conflict_do_nothing().returning(table.c.version))
    return made.one_or_none() is not None

"""Tenants' templates: append-only versions, the newest of each type in force. One tenant's transaction."""

from collections.abc import Mapping, Sequence
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
from orchestrator.errors import NotFound, Unavailable
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
    set_by: str | None
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
    connection: Connection,
    meeting: MeetingFacts,
    draft: Template | None = None,
    *,
    with_type: bool = False,
    redacted: bool = False,
) -> Wording:
    """What the seats of a job on this meeting are told, as the tenant's templates and ours stand now.

    Args:
        draft: a template that is only tried; None: the one in force.
        with_type: they are also asked of what type the meeting is.
        redacted: the meeting is given as models may see it, with tokens.
    """
    known = meeting_type(meeting.type)
    people = tuple(Called(name=one.name, aliases=one.aliases) for one in meeting.participants)
    return prompts.wording(
        known,
        template=draft or in_force(connection, known),
        language=meeting.language,
        known=Hints(people=people, words=meeting.glossary, industry=meeting.industry),
        with_type=with_type,
        redacted=redacted,
    )


def page(connection: Connection, wanted: TemplateFor, *, before: int | None, limit: int) -> Sequence[TemplateRow]:
    """Versions of a type's own text, the newest first. `before`: only those that are older than this version."""
    asked = select(table).where(table.c.meeting_type == wanted)
    if before is not None:
        asked = asked.where(table.c.version < before)
    rows = connection.execute(asked.order_by(table.c.version.desc()).limit(limit)).mappings()
    return [TemplateRow.model_validate(dict(row)) for row in rows]


def version(connection: Connection, wanted: TemplateFor, number: int) -> TemplateRow:
    """Raises NotFound: there never was that version."""
    asked = select(table).where(table.c.meeting_type == wanted, table.c.version == number)
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such version of this template.")
    return TemplateRow.model_validate(dict(row))


def put(
    connection: Connection, wanted: TemplateFor, instruction: str | None, *, set_by: str | None = None
) -> int | None:
    """Make the next version, unless the newest says the same. Safe to repeat. Returns its number; None: none was made.

    Args:
        instruction: checked; None: ours again.
        set_by: the id of the key that asks for it.

    Raises:
        Unavailable: others kept setting the same type in the same moment.
    """
    before = newest(connection, wanted).get(wanted)
    if (None if before is None else before.instruction) == instruction:
        return None
    template_id = new_id("tpl") if before is None else before.id
    for _ in range(MOST_TRIES):
        made = _add(connection, wanted, template_id, instruction, set_by)
        if made is not None:
            return made
    raise Unavailable("The template is being set by others.")


def _add(
    connection: Connection, wanted: TemplateFor, template_id: str, instruction: str | None, set_by: str | None
) -> int | None:
    """The number; None: somebody else has made that version, and the next statement sees it."""
    known = func.coalesce(func.min(table.c.id), template_id)  # ids of one type are all the same
    following = func.coalesce(func.max(table.c.version), 0) + 1
    words = literal(instruction, table.c.instruction.type), literal(set_by, table.c.set_by.type)
    row = select(literal(wanted), following, known, *words).where(table.c.meeting_type == wanted)
    statement = upsert(table).from_select(["meeting_type", "version", "id", "instruction", "set_by"], row)
    made = connection.execute(statement.on_conflict_do_nothing().returning(table.c.version))
    return made.scalar_one_or_none()

"""What a tenant has models look for: set, taken back, restored. Each is a version, and stands in the audit log."""

from sqlalchemy import Connection

from orchestrator.analysis.templates import TemplateFor
from orchestrator.storage import templates
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import Act, Action, Actor
from providers.calls import JsonObject


def put(connection: Connection, actor: Actor, wanted: TemplateFor, instruction: str | None) -> None:
    """Have this text hold for jobs posted from now on; None: ours. What holds already makes no version.

    Args:
        instruction: checked.

    Raises:
        Unavailable: others kept setting the same type in the same moment.
    """
    action = Action.TEMPLATE_REMOVED if instruction is None else Action.TEMPLATE_SET
    _put(connection, actor, action, wanted, instruction)


def restore(connection: Connection, actor: Actor, wanted: TemplateFor, version: int) -> None:
    """Have the text of an older version hold again, as the next version.

    Raises:
        NotFound: there never was that version.
        Unavailable: as above.
    """
    audit.hold(connection, actor.tenant)
    old = templates.version(connection, wanted, version)
    _put(connection, actor, Action.TEMPLATE_RESTORED, wanted, old.instruction, restored=version)


def _put(
    connection: Connection,
    actor: Actor,
    action: Action,
    wanted: TemplateFor,
    instruction: str | None,
    restored: int | None = None,
) -> None:
    audit.hold(connection, actor.tenant)
    row = templates.newest(connection, wanted).get(wanted)
    made = templates.put(connection, wanted, instruction, set_by=actor.name)
    if made is None:
        return
    after = _safe(made, instruction)
    if restored is not None:
        after["restored"] = restored
    before = None if row is None else _safe(row.version, row.instruction)
    audit.record(connection, actor, Act(action=action, object=f"templates/{wanted}", before=before, after=after))


def _safe(version: int, instruction: str | None) -> JsonObject:
    """The words themselves are in the version."""
    return {"version": version, "instruction_sha256": None if instruction is None else audit.fingerprint(instruction)}

"""From a tenant's newest versions to the templates of the HTTP contract. Pure but for the rows it is given."""

from collections.abc import Mapping

from api.template_schemas import TemplateView
from api.views import moment
from orchestrator.analysis.templates import ALL, TemplateFor, our_name, ours
from orchestrator.storage.templates import TemplateRow


def template(rows: Mapping[TemplateFor, TemplateRow], wanted: TemplateFor) -> TemplateView:
    """What is in force for a type: the tenant's own, else its own for all, else ours."""
    mine = (rows[name] for name in (wanted, ALL) if name in rows)
    row = next((row for row in mine if row.instruction is not None), None)
    found = None if row is None else row.template
    if row is None or found is None:
        return TemplateView(
            meeting_type=wanted,
            ours=True,
            applies_to=wanted,
            version=our_name(wanted),
            instruction=ours(wanted),
            set_at=None,
        )
    return TemplateView(
        meeting_type=wanted,
        ours=False,
        applies_to=found.meeting_type,
        version=found.name,
        instruction=found.instruction,
        set_at=moment(row.created_at),
    )

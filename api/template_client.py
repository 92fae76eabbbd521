"""The part of the client that asks about templates."""

from api.client_calls import Calls
from api.client_verbs import Verb
from api.template_schemas import PreviewBody, PreviewView, TemplatesView, TemplateView
from orchestrator.analysis.templates import TemplateFor
from providers.calls import JsonObject


class TemplateCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def templates(self) -> TemplatesView:
        """What is in force for each type of meeting."""
        return await self._ask(TemplatesView, "/v1/templates")

    @Verb
    async def template(self, meeting_type: TemplateFor) -> TemplateView:
        """What is in force for one."""
        return await self._ask(TemplateView, f"/v1/templates/{meeting_type}")

    @Verb
    async def set_template(self, meeting_type: TemplateFor, instruction: str) -> TemplateView:
        """Set what models look for in it. Safe to repeat."""
        return await self._tell(TemplateView, "PUT", f"/v1/templates/{meeting_type}", {"instruction": instruction})

    @Verb
    async def reset_template(self, meeting_type: TemplateFor) -> TemplateView:
        """Go back to what the house looks for. Safe to repeat."""
        return await self._tell(TemplateView, "DELETE", f"/v1/templates/{meeting_type}", {})

    @Verb
    async def preview_template(self, wish: PreviewBody | JsonObject) -> PreviewView:
        """The messages that a seat would be shown; nobody is asked."""
        body = wish.model_dump(mode="json", exclude_unset=True) if isinstance(wish, PreviewBody) else wish
        return await self._tell(PreviewView, "POST", "/v1/templates/preview", body)

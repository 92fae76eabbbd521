"""`/v1/templates`: what models are told to look for in each type of meeting; setting it, taking it back, trying it."""

from typing import Final

from fastapi import APIRouter, Depends

from api import template_views
from api.auth import Admin, By, Reader
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House
from api.template_schemas import MessageView, PreviewBody, PreviewView, TemplateBody, TemplatesView, TemplateView
from api.turns import unless_crowded
from orchestrator.analysis import prompts
from orchestrator.analysis.templates import ALL, TEMPLATES_FOR, Template, TemplateFor, checked, meeting_type
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.posted import new_boundary, read_meeting
from orchestrator.routing import redacting
from orchestrator.routing.estimating import about_tokens
from orchestrator.storage import templates
from orchestrator.tenancy import texts
from orchestrator.tenancy.keys import Principal
from providers.calls import JsonObject

router = APIRouter(prefix="/v1/templates", tags=["templates"])

DRAFT: Final = "draft"
SAMPLE: Final = Transcript(
    utterances=(
        Utterance(id="u1", speaker="Ann", start_s=0, end_s=4, text="The draft is nearly done; I'll send it by Friday."),
        Utterance(id="u2", speaker="Bob", start_s=4, end_s=8, text="Good. Let's go with the smaller battery, then."),
        Utterance(id="u3", speaker="Ann", start_s=8, end_s=11, text="If the supplier delivers in time."),
    )
)


def _body(name: str) -> JsonObject:
    schema: JsonObject = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


@router.get("", response_model=TemplatesView, summary="What is in force for each type of meeting")
def page(caller: Reader, here: Here) -> TemplatesView:
    """Ours, or yours where you have set one."""
    with here.database.tenant(caller.tenant) as connection:
        rows = templates.newest(connection, *TEMPLATES_FOR)
    return TemplatesView(data=tuple(template_views.template(rows, wanted) for wanted in TEMPLATES_FOR))


@router.post(
    "/preview",
    response_model=PreviewView,
    openapi_extra=_body("PreviewBody"),
    summary="See what a model would be shown",
    dependencies=[Depends(unless_crowded)],
)
async def preview(caller: Reader, here: Here, body: JsonBytes) -> PreviewView:
    """The messages of a job as they would be sent, word for word; one whose type is unsure has a question more for it.

    Nothing is stored and nobody is asked.
    """
    return await here.submits.work(_preview, here, caller, body)


@router.get("/{meeting_type}", response_model=TemplateView, summary="What is in force for a type of meeting")
def read(caller: Reader, here: Here, meeting_type: TemplateFor) -> TemplateView:
    """The text that a job posted now is asked with, and where it is from."""
    return shown(here, caller, meeting_type)


@router.put(
    "/{meeting_type}",
    response_model=TemplateView,
    openapi_extra=_body("TemplateBody"),
    summary="Set what to look for in a type of meeting",
)
def put(caller: Admin, by: By, here: Here, meeting_type: TemplateFor, body: JsonBytes) -> TemplateView:
    """Makes the next version, for every job posted from now on; one that is open keeps its words. Safe to repeat."""
    instruction = checked(parse(body, TemplateBody).instruction)
    with here.database.tenant(caller.tenant) as connection:
        texts.put(connection, by, meeting_type, instruction)
    return shown(here, caller, meeting_type)


@router.delete("/{meeting_type}", response_model=TemplateView, summary="Go back to ours")
def remove(caller: Admin, by: By, here: Here, meeting_type: TemplateFor) -> TemplateView:
    """Jobs posted from now on are asked with what is answered here. Your versions stay known. Safe to repeat."""
    with here.database.tenant(caller.tenant) as connection:
        texts.put(connection, by, meeting_type, None)
    return shown(here, caller, meeting_type)


def shown(here: House, caller: Principal, wanted: TemplateFor) -> TemplateView:
    """What is in force for a type."""
    with here.database.tenant(caller.tenant) as connection:
        return template_views.template(templates.newest(connection, wanted, ALL), wanted)


def _preview(here: House, caller: Principal, body: bytes) -> PreviewView:
    wish = parse(body, PreviewBody)
    facts = wish.meeting if wish.meeting_type is None else wish.meeting.model_copy(update={"type": wish.meeting_type})
    shown_for = wish.meeting_type or meeting_type(facts.type)
    draft = None if wish.instruction is None else _draft(shown_for, wish.instruction)
    with here.database.tenant(caller.tenant) as connection:
        transcript = SAMPLE if wish.transcript is None else read_meeting(connection, wish.transcript, facts)
        hiding = redacting.find(transcript, facts, wish.redaction, here.dispatch.steering.redaction)
        words = templates.wording(connection, hiding.told(facts), draft, redacted=hiding.made is not None)
    shown = prompts.messages(hiding.shown(transcript), new_boundary(), words)
    return PreviewView(
        meeting_type=shown_for,
        version=words.version if draft is None else DRAFT,
        messages=tuple(MessageView(role=one.role, text=one.text) for one in shown),
        prompt_tokens=about_tokens(shown),
    )


def _draft(wanted: TemplateFor, instruction: str) -> Template:
    return Template(id=DRAFT, meeting_type=wanted, version=0, instruction=checked(instruction))

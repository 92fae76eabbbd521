"""What the client asks about templates, against a double of the wire."""

import json

import httpx
import pytest
from pydantic import BaseModel

from api.client import Problem
from api.template_schemas import (
    MessageView,
    PreviewBody,
    PreviewView,
    TemplateBody,
    TemplatesView,
    TemplateView,
)
from tests.unit.api.test_api_client import Wire, client, refused

MODELS = (TemplateBody, PreviewBody, TemplateView, TemplatesView, PreviewView)
MINE = TemplateView(
    meeting_type="standup",
    ours=False,
    applies_to="standup",
    version="tpl_1/3",
    instruction="- risks: all",
    set_at="2026-11-28T09:30:00.000Z",
)
SHOWN = PreviewView(
    meeting_type="standup",
    version="draft",
    messages=(MessageView(role="system", text="Be honest."), MessageView(role="user", text="<<<t x>>>\nu1")),
    prompt_tokens=1_640,
)


def shown(view: BaseModel) -> httpx.Response:
    return httpx.Response(200, text=view.model_dump_json())


def asked(wire: Wire) -> tuple[str, str, object]:
    (request,) = wire.asked
    return request.method, request.url.raw_path.decode(), json.loads(request.content or "null")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_contracts_examples_are_of_the_shape_that_they_are_examples_of(model: type[BaseModel]) -> None:
    examples = model.model_json_schema()["examples"]

    for example in examples:
        read = model.model_validate_json(json.dumps(example))
        assert json.loads(read.model_dump_json(exclude_unset=True)) == example


def test_templates_are_read() -> None:
    page, one = Wire(shown(TemplatesView(data=(MINE,)))), Wire(shown(MINE))

    assert client(page).templates().data == (MINE,)
    assert client(one).template("standup") == MINE
    assert asked(page) == ("GET", "/v1/templates", None)
    assert asked(one) == ("GET", "/v1/templates/standup", None)


def test_a_template_is_set_and_taken_back() -> None:
    put, back = Wire(shown(MINE)), Wire(shown(MINE))

    assert client(put).set_template("standup", "- risks: all") == MINE
    assert client(back).reset_template("standup") == MINE
    assert asked(put) == ("PUT", "/v1/templates/standup", {"instruction": "- risks: all"})
    assert asked(back) == ("DELETE", "/v1/templates/standup", {})


@pytest.mark.parametrize("wish", [PreviewBody(meeting_type="standup"), {"meeting_type": "standup"}])
def test_a_preview_is_asked_for_with_what_was_said_alone(wish: PreviewBody) -> None:
    wire = Wire(shown(SHOWN))

    assert client(wire).preview_template(wish) == SHOWN
    assert asked(wire) == ("POST", "/v1/templates/preview", {"meeting_type": "standup"})


def test_a_refusal_is_a_problem() -> None:
    wire = Wire(refused(422, errors=[{"pointer": "/instruction", "message": "must hold words"}]))

    with pytest.raises(Problem) as caught:
        client(wire).set_template("all", " ")

    assert caught.value.errors == (("/instruction", "must hold words"),)

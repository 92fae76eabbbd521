"""What the client asks about erasure, feedback and providers, against a double of the wire."""

from collections.abc import Callable

import pytest
from pydantic import BaseModel

from api.client import Client, Problem
from api.dead_letter_schemas import DeadLetterPage, DeadLetterView, RequeueBody, RequeueView
from api.erasure_schemas import ErasureView
from api.feedback_schemas import FeedbackBody, FeedbackPage, FeedbackView
from api.health_schemas import HealthView, LiveView, ReadyView
from api.provider_schemas import (
    CircuitsView,
    CircuitView,
    ModelsView,
    ModelView,
    ProvidersView,
    ProviderView,
    ResetView,
)
from tests.unit.api.test_api_client import Wire, client, refused
from tests.unit.api.test_templates_client import asked, shown

MODELS = (
    ErasureView, FeedbackBody, FeedbackView, FeedbackPage, ProviderView, ProvidersView, ModelView, ModelsView,
    CircuitView, CircuitsView, ResetView, LiveView, ReadyView, HealthView, DeadLetterView, DeadLetterPage, RequeueBody,
    RequeueView,
)  # fmt: skip


def example(model: type[BaseModel]) -> BaseModel:
    return model.model_validate(model.model_json_schema()["examples"][0])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_contracts_examples_are_of_the_shape_that_they_are_examples_of(model: type[BaseModel]) -> None:
    for one in model.model_json_schema()["examples"]:
        assert model.model_validate(one).model_dump(mode="json", by_alias=True).keys() >= one.keys()


CALLS: tuple[tuple[type[BaseModel], Callable[[Client], BaseModel], tuple[str, str, object]], ...] = (
    (ErasureView, lambda at: at.erase("job_1"), ("DELETE", "/v1/jobs/job_1", {})),
    (
        FeedbackView,
        lambda at: at.feedback("job_1", "edited", item_id="itm_1", text="so", score=0.5),
        (
            "POST",
            "/v1/feedback",
            {"job_id": "job_1", "verdict": "edited", "item_id": "itm_1", "text": "so", "score": 0.5},
        ),
    ),
    (
        FeedbackPage,
        lambda at: at.feedback_page(job_id="job_1", verdict="right", limit=5, cursor="c"),
        ("GET", "/v1/feedback?job_id=job_1&verdict=right&limit=5&cursor=c", None),
    ),
    (FeedbackPage, lambda at: at.feedback_page(), ("GET", "/v1/feedback?limit=50", None)),
    (
        DeadLetterPage,
        lambda at: at.dead_letters(reason="quorum-not-reached", limit=5),
        ("GET", "/v1/dead-letters?reason=quorum-not-reached&limit=5", None),
    ),
    (
        RequeueView,
        lambda at: at.requeue(["job_1"], dry_run=True),
        ("POST", "/v1/dead-letters/requeue", {"limit": 100, "dry_run": True, "job_ids": ["job_1"]}),
    ),
    (
        RequeueView,
        lambda at: at.requeue(filter={"status": "failed"}, limit=7),
        ("POST", "/v1/dead-letters/requeue", {"limit": 7, "dry_run": False, "filter": {"status": "failed"}}),
    ),
    (ProvidersView, lambda at: at.providers(), ("GET", "/v1/providers", None)),
    (ProviderView, lambda at: at.provider("a/b"), ("GET", "/v1/providers/a%2Fb", None)),
    (ModelsView, lambda at: at.models("openai"), ("GET", "/v1/providers/openai/models", None)),
    (CircuitsView, lambda at: at.circuits(), ("GET", "/v1/circuits", None)),
    (ResetView, lambda at: at.reset_circuits("openai"), ("POST", "/v1/circuits/openai/reset", {})),
)


@pytest.mark.parametrize(("model", "call", "sent"), CALLS, ids=[sent[1] for _, _, sent in CALLS])
def test_a_call_is_sent_as_the_contract_has_it_and_its_answer_is_read(
    model: type[BaseModel], call: Callable[[Client], BaseModel], sent: tuple[str, str, object]
) -> None:
    wire = Wire(shown(example(model)))

    found = call(client(wire))

    assert found == example(model)
    assert asked(wire) == sent


def test_an_erased_job_is_told_as_a_problem() -> None:
    with pytest.raises(Problem) as told:
        client(Wire(refused(410, code="erased"))).feedback("job_1", "right")

    assert told.value.code == "erased"

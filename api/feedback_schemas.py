"""What people say of results, as the HTTP contract has it."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from api.schemas import Shown
from orchestrator.analysis.items import Kind, Verdict
from orchestrator.routing.request import Strict, storable
from providers.calls import JsonObject

MAX_TEXT: Final = 4_000

_GIVEN: Final[JsonObject] = {
    "job_id": "job_06a9zk3w8mxq4v1nd7b2c5hfge",
    "item_id": "itm_4k2p8w9x",
    "verdict": "edited",
    "text": "Bob sends the cost report by Thursday.",
    "score": 0.5,
}
_KEPT: Final[JsonObject] = {
    "id": "fbk_06a9zk3w8mxq4v1nd7b2c5hfgg",
    "object": "feedback",
    **_GIVEN,
    "kind": "action_items",
    "confidence": 0.87,
    "key_id": "key_06a9zk3w8mxq4v1nd7b2c5hfgh",
    "at": "2026-11-28T09:30:00.000Z",
}


class FeedbackBody(Strict):
    """An opinion of a result. `edited` and `missing` need the words as they should be; what is missing has no item."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _GIVEN,
                {"job_id": _GIVEN["job_id"], "verdict": "missing", "text": "Cem was to book the room."},
                {"job_id": _GIVEN["job_id"], "verdict": "right", "score": 1},
            ]
        }
    )

    job_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    item_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    verdict: Verdict
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(storable)] | None = None
    score: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.verdict in {"edited", "missing"} and self.text is None:
            raise ValueError(f"say in text how it should be, with the verdict {self.verdict!r}")
        if self.verdict == "edited" and self.item_id is None:
            raise ValueError("name the item that was edited")
        if self.verdict == "missing" and self.item_id is not None:
            raise ValueError("what is missing is no item: leave item_id out")
        return self


class FeedbackView(Shown):
    """An opinion as it is kept. `kind` and `confidence` are those of the item when it was judged; null without one."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEPT]})

    id: str
    object: Literal["feedback"] = "feedback"
    job_id: str
    item_id: str | None
    kind: Kind | None
    confidence: float | None
    verdict: Verdict
    text: str | None
    score: float | None
    key_id: str
    at: str


class FeedbackPage(Shown):
    """The newest first. `next_cursor` is null on the last page."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_KEPT], "next_cursor": None}]})

    data: tuple[FeedbackView, ...]
    next_cursor: str | None

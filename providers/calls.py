"""The provider vocabulary: what goes to a model and what comes back. Pure data, frozen, free of any vendor's words."""

from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

JsonObject: TypeAlias = dict[str, JsonValue]


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(Value):
    """A model at a provider. Written `provider/model`; only the first slash separates."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read `provider/model`.

        Raises:
            ValueError: there is no slash, or a side of it is empty.
        """
        provider, slash, model = text.partition("/")
        if not (provider and slash and model):
            raise ValueError(f"{text!r} is not written provider/model")
        return cls(provider=provider, model=model)


class Message(Value):
    """One turn of the conversation that a model is shown."""

    role: Literal["system", "user", "assistant"]
    text: str


class Call(Value):
    """One question to one model.

    `call_id` names the attempt in our rows and travels as the client request id, so that a provider's log can be
    joined with ours. `timeout_s` is the total deadline of the exchange, first byte to last.
    """

    call_id: str
    messages: tuple[Message, ...]
    max_output_tokens: int = Field(gt=0)
    timeout_s: float = Field(gt=0)
    schema_name: str = ""
    json_schema: JsonObject | None = None


class Usage(Value):
    """Tokens of one exchange in disjoint classes: their sum is all that was read and written.

    `input_tokens` excludes cached and cache-written ones; `output_tokens` excludes reasoning. `estimated` is true
    when the provider did not say and we counted ourselves.
    """

    input_tokens: int = Field(default=0, ge=0)
    cached_input_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    reasoning_tokens: int = Field(default=0, ge=0)
    estimated: bool = False


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


class Reply(Value):
    """What a model answered, with the model that really served it."""

    text: str
    finish: Finish
    model_served: str
    usage: Usage
    request_id: str | None = None

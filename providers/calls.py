"""The provider vocabulary: what goes to a model and what comes back. Pure data, frozen, free of any vendor's words."""

from enum import StrEnum
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

JsonObject: TypeAlias = dict[str, JsonValue]
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
ServiceTier: TypeAlias = Literal["standard", "flex"]


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


class Image(Value):
    """A picture that a model is shown: its bytes in base64, or an https address that the provider fetches itself."""

    media_type: Literal["image/png", "image/jpeg", "image/webp", "image/gif"] = "image/png"
    base64: str = ""
    url: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.base64) == bool(self.url):
            raise ValueError("an image is either base64 or a url")
        return self


class ToolCall(Value):
    """A function that the model wants called. `arguments` is JSON text, as the model wrote it; it may be broken."""

    id: str
    name: str
    arguments: str


class Tool(Value):
    """A function that the model may call. `parameters` is a JSON schema of an object."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str
    parameters: JsonObject


class Message(Value):
    """One turn of the conversation that a model is shown.

    `cached` marks the end of a prefix that other calls will begin with too: a provider that wants a marker for its
    prompt cache gets one here. `tool_calls` belong to an assistant's turn; a turn of role `tool` answers the one that
    `tool_call_id` names.
    """

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    images: tuple[Image, ...] = ()
    cached: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


class Call(Value):
    """One question to one model.

    `call_id` names the attempt in our rows and travels as the client request id, so that a provider's log can be
    joined with ours. `timeout_s` is the total deadline of the exchange, first byte to last.
    `effort`, `service_tier` and `temperature` are wishes: a dialect sends them where the model's card says that it
    takes them.
    `user` is a hash that stands for the tenant, for a provider's abuse reports and cache affinity; never a name.
    `stream` asks for the answer piece by piece, so that a stall is seen early; the reply is the same.
    """

    call_id: str
    messages: tuple[Message, ...]
    max_output_tokens: int = Field(gt=0)
    timeout_s: float = Field(gt=0)
    schema_name: str = ""
    json_schema: JsonObject | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: Literal["auto", "none", "required"] = "auto"
    effort: Effort | None = None
    service_tier: ServiceTier = "standard"
    temperature: float | None = Field(default=None, ge=0, le=2)
    user: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")
    stream: bool = False


class Usage(Value):
    """Tokens of one exchange in disjoint classes: their sum is all that was read and written.

    `input_tokens` excludes cached and cache-written ones, and those of images where the provider tells them apart;
    `output_tokens` excludes reasoning. `estimated` is true
    when the provider did not say and we counted ourselves.
    """

    input_tokens: int = Field(default=0, ge=0)
    cached_input_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    reasoning_tokens: int = Field(default=0, ge=0)
    image_tokens: int = Field(default=0, ge=0)
    estimated: bool = False


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


class LimitReading(Value):
    """What an answer says of one rate limit: of `limit` a minute, `remaining` are left; it is whole in `reset_s`."""

    of: Literal["requests", "tokens", "input_tokens", "output_tokens"]
    limit: int | None = Field(default=None, gt=0)
    remaining: int | None = Field(default=None, ge=0)
    reset_s: float | None = Field(default=None, ge=0)


class Reply(Value):
    """What a model answered, with the model that really served it.

    `reported_cost_micro_usd` is the price that the provider itself names for the exchange, rounded up; None: it names
    none. `tier_served` is the tier that it says it ran at; "" where it says nothing.
    """

    text: str
    finish: Finish
    model_served: str
    usage: Usage
    request_id: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tier_served: str = ""
    reported_cost_micro_usd: int | None = Field(default=None, ge=0)
    limits: tuple[LimitReading, ...] = ()

"""Checks a Messages request as the vendor does. Pure.

Source: shared design page providers.md, section 1.2 (fields, versions, models) and section 10 (what is refused).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import JsonValue

from providers.emulator import anthropic_rules as rules
from providers.emulator.anthropic_blocks import MAX_MARKERS, NEW_VERSION, Block, dump, keep_s, system, turns
from providers.emulator.anthropic_refusals import invalid, too_long, unknown_model
from providers.emulator.anthropic_rules import Thinking, Tools
from providers.emulator.claude_models import Claude, find
from providers.emulator.draws import digest
from providers.emulator.prompt_cache import Prefix

VERSIONS: Final = (NEW_VERSION, "2023-06-01")

_FIELDS: Final = frozenset(
    """model max_tokens system messages output_config thinking tools tool_choice cache_control stop_sequences stream
    metadata service_tier speed inference_geo temperature top_p top_k""".split()
)


@dataclass(frozen=True)
class MessagesRequest:
    """A request that passed. `schema` is None for free text; on `setting` a cached prefix hangs besides its blocks."""

    model: Claude
    texts: tuple[str, ...]
    blocks: tuple[Block, ...]
    setting: str
    max_tokens: int
    effort: str
    thinking: Thinking
    schema: dict[str, JsonValue] | None
    tools: Tools
    stop_sequences: tuple[str, ...]
    stream: bool
    speed: str | None
    geo: str | None

    @property
    def prompt_tokens(self) -> int:
        """Everything that the model reads."""
        return sum(block.tokens for block in self.blocks)

    def prefixes(self) -> tuple[Prefix, ...]:
        """The prompt up to each of its blocks."""
        name, tokens, found = digest(self.setting), 0, []
        for block in self.blocks:
            name, tokens = digest(name, block.canon), tokens + block.tokens
            found.append(Prefix(name, tokens, block.keep_s or 0.0))
        return tuple(found)


def check_version(version: str | None) -> str:
    """The API version of the request.

    Raises:
        Refusal: 400, none or an unknown one.
    """
    if not version:
        raise invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        raise invalid(f'anthropic-version: "{version}" is not a valid version')
    return version


def check(body: dict[str, JsonValue], version: str, today: date) -> MessagesRequest:
    """Accept a request.

    Raises:
        Refusal: 400 or 404, in the order in which the vendor looks.
    """
    if unknown := sorted(body.keys() - _FIELDS):
        raise invalid(f"{unknown[0]}: Extra inputs are not permitted")
    model = find_model(body, today)
    max_tokens = rules.limit(body, model)
    rules.sampling(body, model, version)
    config = _object(body, "output_config")
    effort = rules.effort(config)
    tools = rules.tools(body, model)
    messages = turns(body.get("messages"), model, version)
    rules.prefill(messages, model)
    head = system(body.get("system"), model)
    request = MessagesRequest(
        model=model,
        texts=(*_joined(head), *(turn.text for turn in messages)),
        blocks=_marked((*tools.blocks, *head, *(block for turn in messages for block in turn.blocks)), body),
        setting=dump([config, body.get("thinking"), body.get("tool_choice")]),
        max_tokens=max_tokens,
        effort=effort,
        thinking=rules.thinking(body.get("thinking"), model, max_tokens, effort),
        schema=_schema(config),
        tools=tools,
        stop_sequences=_stops(body.get("stop_sequences")),
        stream=body.get("stream") is True,
        speed=_one_of(body, "speed", ("standard", "fast")),
        geo=_one_of(body, "inference_geo", ("us", "global")),
    )
    _only_writes(request)
    if request.prompt_tokens > model.window_tokens:
        raise too_long(request.prompt_tokens, model.window_tokens)
    return request


def find_model(body: dict[str, JsonValue], today: date) -> Claude:
    """The model that a body names.

    Raises:
        Refusal: 400 or 404.
    """
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise invalid("model: Field required")
    model = find(name, today)
    if model is None:
        raise unknown_model(name)
    return model


def _joined(head: tuple[Block, ...]) -> tuple[str, ...]:
    """The system prompt as one text, if there is one."""
    return ("\n".join(block.text for block in head),) if head else ()


def _object(body: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{name}: Input should be an object")
    return value


def _marked(blocks: tuple[Block, ...], body: dict[str, JsonValue]) -> tuple[Block, ...]:
    """The blocks with the automatic marker at the end, if it is asked for."""
    automatic = keep_s(body.get("cache_control"), "request")
    if automatic is not None and blocks[-1].keep_s is None:
        last = blocks[-1]
        blocks = (*blocks[:-1], Block(last.canon, last.text, last.tokens, automatic))
    kept = [block.keep_s for block in blocks if block.keep_s is not None]
    if len(kept) > MAX_MARKERS:
        raise invalid(f"A maximum of {MAX_MARKERS} blocks with cache_control may be provided. Found {len(kept)}.")
    if kept != sorted(kept, reverse=True):
        raise invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")
    return blocks


def _schema(config: dict[str, JsonValue]) -> dict[str, JsonValue] | None:
    form = config.get("format")
    if form is None:
        return None
    schema = form.get("schema") if isinstance(form, dict) and form.get("type") == "json_schema" else None
    if not isinstance(schema, dict) or not isinstance(form, dict):
        raise invalid("output_config.format: Input should be type 'json_schema' with a schema")
    if extra := sorted(form.keys() - {"type", "schema"}):
        raise invalid(f"output_config.format.{extra[0]}: Extra inputs are not permitted")
    _closed(schema, "output_config.format.schema")
    return schema


def _closed(schema: JsonValue, where: str) -> None:
    """Every object must say that it has no further properties."""
    if isinstance(schema, list):
        for place, part in enumerate(schema):
            _closed(part, f"{where}.{place}")
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for name, part in schema.items():
        _closed(part, f"{where}.{name}")


def _stops(value: JsonValue) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(stop, str) and stop.strip() for stop in value):
        raise invalid("stop_sequences: each stop sequence must contain non-whitespace")
    return tuple(stop for stop in value if isinstance(stop, str))


def _one_of(body: dict[str, JsonValue], name: str, allowed: tuple[str, ...]) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or value not in allowed:
        raise invalid(f"{name}: Input should be {' or '.join(repr(each) for each in allowed)}")
    return value


def _only_writes(request: MessagesRequest) -> None:
    """No output at all warms the cache, and goes with nothing that is about output."""
    if request.max_tokens == 0 and (request.stream or request.schema is not None):
        raise invalid("max_tokens: 0 is not allowed with stream or output_config.format")

"""What a Claude model allows: sampling, thinking, effort, tools, prefill, limits. Pure.

Source: shared design page providers.md, sections 1.2 ("Thinking rules by model") and 10.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.anthropic_blocks import NEW_VERSION, Block, Turn, tool
from providers.emulator.anthropic_refusals import invalid
from providers.emulator.claude_models import Claude
from providers.emulator.strictness import is_name

DEFAULT_EFFORT: Final = "medium"
EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")

_SAMPLING: Final = ("temperature", "top_p", "top_k")
_LEAST_BUDGET: Final = 1_024
_CHOICES: Final = ("auto", "any", "tool", "none")


@dataclass(frozen=True)
class Thinking:
    """Whether the model thinks, and whether it shows a summary of it."""

    on: bool
    shown: bool = False


@dataclass(frozen=True)
class Tools:
    """What may be called. `forced`: the names of which one must be called now, empty when the model is free."""

    schemas: dict[str, JsonValue]
    blocks: tuple[Block, ...] = ()
    forced: tuple[str, ...] = ()
    allowed: bool = True


def sampling(body: dict[str, JsonValue], model: Claude, version: str) -> None:
    """Refuse sampling parameters where they do not exist any more."""
    for name in _SAMPLING:
        if body.get(name) is None:
            continue
        if version == NEW_VERSION:
            raise invalid(f"{name}: Extra inputs are not permitted")
        if not model.is_older:
            raise invalid(f"`{name}` is not supported by {model.id}")


def limit(body: dict[str, JsonValue], model: Claude) -> int:
    """`max_tokens`, which must be there; 0 only writes the cache."""
    value = body.get("max_tokens")
    if value is None:
        raise invalid("max_tokens: Field required")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid("max_tokens: Input should be a valid integer of at least 0")
    most = model.max_output_tokens
    if value > most:
        raise invalid(
            f"max_tokens: {value} > {most}, which is the maximum allowed number of output tokens for {model.id}"
        )
    return value


def effort(config: dict[str, JsonValue]) -> str:
    """`output_config.effort`."""
    value = config.get("effort")
    if value is None:
        return DEFAULT_EFFORT
    if not isinstance(value, str) or value not in EFFORTS:
        raise invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    return value


def thinking(value: JsonValue, model: Claude, max_tokens: int, effort: str) -> Thinking:
    """Whether the model thinks about this one."""
    if value is None:
        return Thinking(on=not model.is_older)
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in ("adaptive", "disabled", "enabled", "between_tools"):
        raise invalid("thinking.type: Input should be 'adaptive', 'disabled', 'enabled' or 'between_tools'")
    if kind == "enabled":
        _budget(value.get("budget_tokens"), model, max_tokens)
    elif kind == "adaptive" and model.is_older:
        raise invalid(f"adaptive thinking is not supported on {model.id}")
    elif kind == "between_tools" and model.thinking != "between":
        raise invalid(f'"thinking.type.between_tools" is not supported for {model.id}')
    elif kind == "disabled":
        _disabled(model, effort)
    return Thinking(on=kind in ("adaptive", "enabled"), shown=value.get("display") == "summarized")


def _budget(value: JsonValue, model: Claude, max_tokens: int) -> None:
    if not model.is_older:
        raise invalid(f'"thinking.type.enabled" with budget_tokens is not supported for {model.id}; use adaptive')
    if not isinstance(value, int) or value < _LEAST_BUDGET:
        raise invalid(f"thinking.enabled.budget_tokens: Input should be at least {_LEAST_BUDGET}")
    if value >= max_tokens:
        raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`")


def _disabled(model: Claude, effort: str) -> None:
    if model.thinking in ("always", "between"):
        raise invalid(f'"thinking.type.disabled" is not supported for {model.id}')
    if model.thinking == "default" and effort in ("xhigh", "max"):
        raise invalid(f"effort {effort} is not allowed for {model.id} while thinking is disabled")


def prefill(messages: tuple[Turn, ...], model: Claude) -> None:
    """Refuse a conversation that ends with the beginning of the answer."""
    if messages[-1].role == "assistant" and not model.is_older:
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )


def tools(body: dict[str, JsonValue], model: Claude) -> Tools:
    """The tools and what is demanded of them."""
    listed = body.get("tools")
    if listed is None:
        listed = []
    if not isinstance(listed, list):
        raise invalid("tools: Input should be a valid list")
    schemas: dict[str, JsonValue] = {}
    blocks: list[Block] = []
    for place, definition in enumerate(listed):
        name = definition.get("name") if isinstance(definition, dict) else None
        schema = definition.get("input_schema") if isinstance(definition, dict) else None
        if not isinstance(definition, dict) or not isinstance(name, str) or not is_name(name):
            raise invalid(f"tools.{place}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise invalid(f"tools.{place}.input_schema.type: Input should be 'object'")
        if name in schemas:
            raise invalid("tools: Tool names must be unique.")
        schemas[name] = schema
        blocks.append(tool(definition, f"tools.{place}", model))
    return _chosen(Tools(schemas, tuple(blocks)), body.get("tool_choice"), model)


def _chosen(offered: Tools, choice: JsonValue, model: Claude) -> Tools:
    if choice is None:
        return offered
    kind = choice.get("type") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or kind not in _CHOICES:
        raise invalid("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")
    if not offered.schemas and kind != "none":
        raise invalid("tool_choice: tool_choice may only be specified while providing tools")
    if kind in ("auto", "none"):
        return Tools(offered.schemas, offered.blocks, allowed=kind == "auto")
    if not model.takes_forced_tools:
        raise invalid(f"tool_choice: forced tool use is not supported for {model.id}")
    name = choice.get("name")
    if kind == "any":
        return Tools(offered.schemas, offered.blocks, tuple(offered.schemas)[:1])
    if not isinstance(name, str) or name not in offered.schemas:
        raise invalid(f"tool_choice: Tool '{name}' not found in provided tools")
    return Tools(offered.schemas, offered.blocks, (name,))

"""Reads the messages of a Chat Completions request: texts, and what its images count. Pure.

Source: shared design page providers.md, section 1.1 (messages, parts).
"""

from collections.abc import Iterable
from typing import Final

from pydantic import JsonValue

from providers.emulator.models import Model
from providers.emulator.refusals import bad_request

IMAGE_TOKENS: Final = 765  # of an image at high or automatic detail; the page has no figure, so that this one is ours
SMALL_IMAGE_TOKENS: Final = 85  # at low detail

_ROLES: Final = frozenset({"developer", "system", "user", "assistant", "tool"})


def read(messages: JsonValue) -> tuple[str, ...]:
    """The text of each message.

    Raises:
        Refusal: 400, a message or a part is not as it should be.
    """
    if not isinstance(messages, list):
        raise bad_request("Missing required parameter: 'messages'.", "missing_required_parameter", "messages")
    if not messages:
        raise bad_request(
            "Invalid 'messages': empty array. Expected an array with minimum length 1.", "empty_array", "messages"
        )
    return tuple(_text(message, f"messages[{place}]") for place, message in enumerate(messages))


def _text(message: JsonValue, where: str) -> str:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise bad_request(f"Invalid value for '{where}.role'.", "invalid_value", f"{where}.role")
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list) and content:
        return "\n".join(_parts(content, f"{where}.content"))
    if content is None and message.get("role") == "assistant" and message.get("tool_calls"):
        return ""
    raise bad_request(
        f"Invalid value for '{where}.content': expected a string or an array of parts.",
        "invalid_type",
        f"{where}.content",
    )


def _parts(parts: list[JsonValue], where: str) -> Iterable[str]:
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get("text") if isinstance(part, dict) else None
        if kind == "text" and isinstance(text, str):
            yield text
        elif kind != "image_url" or not _is_image(part):
            raise bad_request(f"Invalid value for '{where}': unknown content part.", "invalid_value", where)


def _is_image(part: JsonValue) -> bool:
    image = part.get("image_url") if isinstance(part, dict) else None
    address = image.get("url") if isinstance(image, dict) else None
    return isinstance(address, str) and address.startswith(("https://", "http://", "data:image/"))


def image_tokens(messages: JsonValue, model: Model) -> int:
    """Tokens of all images.

    Raises:
        Refusal: 400, there is something that this model does not take.
    """
    total = 0
    for place, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict):
            continue
        if message.get("role") in ("system", "developer") and not model.takes_system:
            where = f"messages[{place}].role"
            raise bad_request(f"{where}: this model does not support the system role.", None, where)
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            total += _image_tokens(part, model)
    return total


def _image_tokens(part: JsonValue, model: Model) -> int:
    image = part.get("image_url") if isinstance(part, dict) else None
    if not isinstance(image, dict):
        return 0
    if not model.sees:
        raise bad_request("This model does not take images.", "invalid_value", "messages")
    return SMALL_IMAGE_TOKENS if image.get("detail") == "low" else IMAGE_TOKENS

"""What a client makes of single values in answers, and of those that it is given for its requests. Pure."""

import json
from typing import TypeAlias, cast
from urllib.parse import quote, urlencode

from providers.calls import JsonObject
from providers.http import Answer

Asked: TypeAlias = str | float | None


def sound(key: str) -> str:
    """The key, if it can stand in a header. An HTTP library would quote a wrong one in its error."""
    bare = key.strip()
    if not (bare.isascii() and bare.isprintable()) or " " in bare:
        raise ValueError("the key holds characters that no key has")
    return bare


def bearer(key: str) -> dict[str, str]:
    """The header that says who asks.

    Raises:
        ValueError: the key holds what no key may.
    """
    return {"authorization": f"Bearer {sound(key)}"}


def key_header(idempotency_key: str | None) -> dict[str, str]:
    """None: no header."""
    return {} if idempotency_key is None else {"idempotency-key": idempotency_key}


def place(*parts: str) -> str:
    """The path of what the contract has under these names; what is in a name leads nowhere else."""
    return "/".join(("/v1", *(quote(part, safe="") for part in parts)))


def query(**asked: Asked) -> str:
    """What is asked for, with its question mark; what is None is not sent, and "" if nothing is."""
    found = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"?{found}" if found else ""


def body(answer: Answer) -> JsonObject | None:
    """The JSON object of an answer; None: its body is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return cast("JsonObject", found) if isinstance(found, dict) else None


def problem(answer: Answer, url: str) -> JsonObject:
    """The problem that an answer tells of; one made up where it is told in other words."""
    document = body(answer)
    if document is not None and "code" in document:
        return document
    return {
        "type": "about:blank",
        "title": f"{url} answered {answer.status} without saying why",
        "status": answer.status,
        "detail": "Something between may have answered, or it is another service.",
        "code": "unknown",
    }


def seconds(header: str | None) -> float:
    """Of a Retry-After in seconds; zero where it is none."""
    return float(header) if header is not None and header.isdecimal() else 0.0


def words(value: object) -> str:
    """A text as it stands; "" for anything else."""
    return value if isinstance(value, str) else ""


def field_errors(value: object) -> tuple[tuple[str, str], ...]:
    """The pairs of JSON pointer and message of a validation problem."""
    rows = value if isinstance(value, list) else []
    return tuple((words(row.get("pointer")), words(row.get("message"))) for row in rows if isinstance(row, dict))

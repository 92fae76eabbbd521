"""An answer where there is no request yet to which the application could give one: a problem document as bytes."""

import json
from collections.abc import Iterable
from http import HTTPStatus

from api import problems
from orchestrator.errors import DomainError


def refusal(error: DomainError, request_id: str, also: Iterable[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Its status, and all of the answer, which ends the connection. `also`: headers that each answer has."""
    document, status, more = problems.of(error, request_id, "")
    body = json.dumps(document).encode()
    headers = {
        **more,
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "X-Request-Id": request_id,
    }
    written = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    lines = [b"%s: %s\r\n" % one for one in (*also, *written)]
    first = f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}\r\n".encode()
    return int(status), b"".join((first, *lines, b"\r\n", body))

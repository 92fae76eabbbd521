"""A path that is written out belongs to itself: `PUT /v1/templates/preview` sets no template for a type `preview`."""

import json
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from api import methods, problems


class WrittenOut:
    """ASGI middleware: answers 405 where a path that is written out does not have the method."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["app"].state.paths.written_out(scope["path"]) if scope["type"] == "http" else None
        if own is None or scope["method"] in own:
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, send, methods.listed(own))


async def _refuse(scope: Scope, send: Send, allow: str) -> None:
    status = HTTPStatus.METHOD_NOT_ALLOWED
    document = problems.plain(status, str(scope.get("request_id", "")), scope["path"])
    headers = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"allow", allow.encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(document).encode()})

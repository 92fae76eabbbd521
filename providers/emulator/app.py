"""The emulator's ASGI application: the dialect's endpoints for each persona, and the control endpoints beside them."""

import logging

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.emulator import control
from providers.emulator.delivery import Delivery
from providers.emulator.exchange import converse, list_models
from providers.emulator.personas import PERSONAS, Incident, at
from providers.emulator.refusals import unknown_address
from providers.emulator.state import Opening, State
from providers.emulator.visits import arrive

_LOGGER = logging.getLogger(__name__)


def build(opening: Opening) -> Starlette:
    """The application. It needs `delivery.WitnessProtocol` below it."""
    state = State(opening)

    async def chat(request: Request) -> Delivery:
        return Delivery(await converse(arrive(request, await request.body(), state, endpoint="chat")))

    async def models(request: Request) -> Delivery:
        return Delivery(list_models(arrive(request, b"", state, endpoint="models")))

    async def lost(request: Request, _error: Exception) -> Response:
        """Answer a wrong address or method, in the dialect's words."""
        path = request.url.path
        reason = unknown_address(request.method, path)
        return JSONResponse(at(path).error_body(reason, Incident(path, "", opening.now())), reason.status)

    async def hung_up(_request: Request, _error: Exception) -> Response:
        """A client that left in the middle of its request reads nothing any more."""
        return Response(status_code=400)

    async def broken(_request: Request, error: Exception) -> Response:
        """A mistake of the emulator's own: loud here, and not to be taken for a vendor's error there."""
        _LOGGER.error("the emulator failed", exc_info=error)
        return Response("the emulator itself failed; see its standard error", 500, media_type="text/plain")

    prefixes = [f"/{name}" if name else "" for name in PERSONAS]
    chats = [Route(f"{prefix}/v1/chat/completions", chat, methods=["POST"]) for prefix in prefixes]
    lists = [Route(f"{prefix}/v1/models", models, methods=["GET"]) for prefix in prefixes]
    return Starlette(
        routes=[*control.routes(state), *chats, *lists],
        exception_handlers={
            HTTPException: lost,
            ValidationError: control.refuse_order,
            ClientDisconnect: hung_up,
            Exception: broken,
        },
    )

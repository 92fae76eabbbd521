"""The emulator's ASGI application: the dialect's endpoints for each persona, and the control endpoints beside them."""

import logging

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from providers.emulator import anthropic_doors, control, gemini_doors, openai_routes
from providers.emulator.delivery import Dated
from providers.emulator.personas import Incident, at
from providers.emulator.refusals import unknown_address
from providers.emulator.state import Opening, State

_LOGGER = logging.getLogger(__name__)


def build(opening: Opening) -> Starlette:
    """The application. It needs `delivery.WitnessProtocol` below it."""
    state = State(opening)

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

    return Starlette(
        routes=[
            *control.routes(state),
            *anthropic_doors.routes(state),
            *gemini_doors.routes(state),
            *openai_routes.routes(state),
        ],
        middleware=[Middleware(Dated, now=state.clock.now)],
        exception_handlers={
            HTTPException: lost,
            ValidationError: control.refuse_order,
            ClientDisconnect: hung_up,
            Exception: broken,
        },
    )

"""The test's side of the stage: script what happens next, read what happened."""

from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.emulator.limits import LimitsOrder
from providers.emulator.modes import Mode
from providers.emulator.script import ANY_MODEL, Latency, Rule
from providers.emulator.state import State

Model = TypeVar("Model", bound=BaseModel)


class LatencyOrder(Latency):
    """A latency for one model, or for all."""

    model: str = ANY_MODEL


class ClockOrder(BaseModel):
    """Where to set the clock (`at`, with its zone), how far to move it ahead, or both in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime | None = None
    advance_s: Annotated[float, Field(ge=0, le=10 * 365 * 86_400)] = 0.0


class ModeOrder(Mode):
    """A mode for one model, or for all."""

    model: str = ANY_MODEL


def routes(state: State) -> list[Route]:
    """The endpoints below `/_control`. An order that does not validate is answered 422 with the reasons."""

    async def add_fault(request: Request) -> Response:
        return JSONResponse({"rule": state.script.add(await _read(request, Rule))}, 201)

    async def list_faults(_request: Request) -> Response:
        return JSONResponse({"rules": state.script.rules()})

    async def set_latency(request: Request) -> Response:
        order = await _read(request, LatencyOrder)
        state.script.set_latency(order.model, order)
        return Response(status_code=204)

    async def set_mode(request: Request) -> Response:
        order = await _read(request, ModeOrder)
        state.script.set_mode(order.model, order)
        return Response(status_code=204)

    async def reset(_request: Request) -> Response:
        state.reset()
        return Response(status_code=204)

    async def read_log(_request: Request) -> Response:
        state.settle()
        return JSONResponse(state.log.read())

    async def read_bank(_request: Request) -> Response:
        state.settle()
        return JSONResponse(state.bank.statement())

    return [
        Route("/_control/faults", add_fault, methods=["POST"]),
        Route("/_control/faults", list_faults, methods=["GET"]),
        Route("/_control/latency", set_latency, methods=["POST"]),
        Route("/_control/mode", set_mode, methods=["POST"]),
        _limits(state),
        *_clock(state),
        Route("/_control/reset", reset, methods=["POST"]),
        Route("/_control/log", read_log, methods=["GET"]),
        Route("/_control/bank", read_bank, methods=["GET"]),
    ]


def _limits(state: State) -> Route:
    async def set_limits(request: Request) -> Response:
        state.limits.set(await _read(request, LimitsOrder), state.clock.now())
        return Response(status_code=204)

    return Route("/_control/limits", set_limits, methods=["POST"])


def _clock(state: State) -> list[Route]:
    async def tell_time(_request: Request) -> Response:
        return JSONResponse({"now": state.clock.now().isoformat()})

    async def move(request: Request) -> Response:
        order = await _read(request, ClockOrder)
        if order.at is not None:
            state.clock.set(order.at)
        state.clock.advance(order.advance_s)
        return await tell_time(request)

    return [
        Route("/_control/clock", move, methods=["POST"]),
        Route("/_control/clock", tell_time, methods=["GET"]),
    ]


async def refuse_order(_request: Request, error: Exception) -> Response:
    """Say what is wrong with an order."""
    fine = {"include_url": False, "include_context": False, "include_input": False}
    details = error.errors(**fine) if isinstance(error, ValidationError) else []
    return JSONResponse({"detail": details}, 422)


async def _read(request: Request, model: type[Model]) -> Model:
    return model.model_validate_json(await request.body())

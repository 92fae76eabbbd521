"""Anthropic's addresses: below `/anthropic`, and bare where no other vendor has the same."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.routing import Route

from providers.emulator import anthropic_batches as batches
from providers.emulator import anthropic_exchange as exchange
from providers.emulator.delivery import Delivery
from providers.emulator.parcels import Parcel
from providers.emulator.state import State
from providers.emulator.visits import Visit, arrive

PREFIX: Final = "/anthropic"


def routes(state: State) -> list[Route]:
    """The routes; the longer paths stand first."""

    async def visit(request: Request, endpoint: str) -> Visit:
        return arrive(
            request, await request.body(), state, endpoint=endpoint, model=request.path_params.get("model", "")
        )

    def door(path: str, method: str, endpoint: str, answer: Callable[[Visit], Parcel]) -> Route:
        async def serve(request: Request) -> Delivery:
            return Delivery(answer(await visit(request, endpoint)))

        return Route(path, serve, methods=[method])

    def batch_door(path: str, method: str, answer: Callable[[Visit, str], Parcel]) -> Route:
        return door(path, method, "batches", lambda visit: answer(visit, visit.request.path_params["batch"]))

    async def converse(request: Request) -> Delivery:
        return Delivery(await exchange.converse(await visit(request, "chat")))

    def messages(root: str) -> list[Route]:
        batch = f"{root}/batches/{{batch}}"
        return [
            Route(root, converse, methods=["POST"]),
            door(f"{root}/count_tokens", "POST", "count", exchange.count_tokens),
            door(f"{root}/batches", "POST", "batches", batches.create),
            door(f"{root}/batches", "GET", "batches", batches.list_all),
            batch_door(f"{batch}/results", "GET", batches.results),
            batch_door(f"{batch}/cancel", "POST", batches.cancel),
            batch_door(batch, "GET", batches.show),
            batch_door(batch, "DELETE", batches.delete),
        ]

    return [
        *messages(f"{PREFIX}/v1/messages"),
        *messages("/v1/messages"),
        door(f"{PREFIX}/v1/models", "GET", "models", exchange.list_models),
        door(f"{PREFIX}/v1/models/{{model}}", "GET", "models", exchange.show_model),
    ]

"""Google's addresses: below `/gemini` in every path version and in none, and bare where nobody else has the same."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.routing import Route

from providers.emulator import gemini_batches as batches
from providers.emulator import gemini_exchange as exchange
from providers.emulator.delivery import Delivery
from providers.emulator.parcels import Parcel
from providers.emulator.state import State
from providers.emulator.visits import Visit, arrive

ROOTS: Final = ("/gemini/v1", "/gemini/v1beta", "/gemini", "/v1beta")
# OpenAI's paths have no colon, so that Google's default version can stand bare as well, as far as models are asked.
BARE: Final = "/v1"


def routes(state: State) -> list[Route]:
    """The routes."""

    async def visit(request: Request, endpoint: str) -> Visit:
        model = request.path_params.get("model", "").removeprefix("models/")
        return arrive(request, await request.body(), state, endpoint=endpoint, model=model)

    def door(path: str, method: str, endpoint: str, answer: Callable[[Visit], Parcel]) -> Route:
        async def serve(request: Request) -> Delivery:
            return Delivery(answer(await visit(request, endpoint)))

        return Route(path, serve, methods=[method])

    async def generate(request: Request) -> Delivery:
        return Delivery(await exchange.generate(await visit(request, "chat"), stream=False))

    async def stream(request: Request) -> Delivery:
        return Delivery(await exchange.generate(await visit(request, "chat"), stream=True))

    def models(root: str) -> list[Route]:
        model = f"{root}/models/{{model:path}}"
        return [
            Route(f"{model}:generateContent", generate, methods=["POST"]),
            Route(f"{model}:streamGenerateContent", stream, methods=["POST"]),
            door(f"{model}:countTokens", "POST", "count", exchange.count_tokens),
            door(f"{model}:batchGenerateContent", "POST", "batches", batches.create),
        ]

    def rest(root: str) -> list[Route]:
        batch = f"{root}/batches/{{batch}}"
        return [
            *models(root),
            door(f"{root}/models", "GET", "models", exchange.list_models),
            door(f"{root}/models/{{model:path}}", "GET", "models", exchange.show_model),
            door(f"{root}/batches", "GET", "batches", batches.list_all),
            door(f"{batch}:cancel", "POST", "batches", batches.cancel),
            door(batch, "GET", "batches", batches.show),
            door(batch, "DELETE", "batches", batches.delete),
        ]

    return [*(route for root in ROOTS for route in rest(root)), *models(BARE)]

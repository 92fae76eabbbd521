"""Google's addresses: below `/gemini` in every path version and in none, and bare where nobody else has the same."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.routing import Route

from providers.emulator import gemini_batches as batches
from providers.emulator import gemini_caches as caches
from providers.emulator import gemini_exchange as exchange
from providers.emulator import gemini_files as files
from providers.emulator import gemini_lists as lists
from providers.emulator.delivery import Delivery
from providers.emulator.gemini_embedding_exchange import embed
from providers.emulator.parcels import Parcel
from providers.emulator.state import State
from providers.emulator.visits import Visit, arrive

ROOTS: Final = ("/gemini/v1", "/gemini/v1beta", "/gemini", "/v1beta")
# OpenAI's paths have no colon, so that Google's default version can stand bare as well, as far as models are asked.
BARE: Final = "/v1"
# Where files come in and go out: a word before the version.
UPLOADS: Final = ("/gemini/upload/v1", "/gemini/upload/v1beta", "/gemini/upload", "/upload/v1", "/upload/v1beta")
DOWNLOADS: Final = tuple(root.replace("/upload", "/download") for root in UPLOADS)


def routes(state: State) -> list[Route]:
    """The routes."""
    porch = _Porch(state)
    return [
        *_transfers(porch),
        *(route for root in ROOTS for route in (*_models(porch, root), *_lists(porch, root))),
        *(route for root in ROOTS for route in (*_kept(porch, root), *_batches(porch, root))),
        *_models(porch, BARE),
    ]


class _Porch:
    """Makes a door out of a path and of what answers behind it."""

    def __init__(self, state: State) -> None:
        self._state = state

    def door(self, path: str, method: str, endpoint: str, answer: Callable[[Visit], Parcel]) -> Route:
        """Behind it, somebody answers at once."""

        async def at_once(visit: Visit) -> Parcel:
            return answer(visit)

        return self.slow_door(path, method, endpoint, at_once)

    def slow_door(self, path: str, method: str, endpoint: str, answer: Callable[[Visit], Awaitable[Parcel]]) -> Route:
        """Behind it, somebody thinks."""

        async def serve(request: Request) -> Delivery:
            model = request.path_params.get("model", "").removeprefix("models/")
            # The bytes of a file are not a body to look into.
            raw = b"" if "upload_id" in request.query_params else await request.body()
            return Delivery(await answer(arrive(request, raw, self._state, endpoint=endpoint, model=model)))

        return Route(path, serve, methods=[method])


def _models(porch: _Porch, root: str) -> list[Route]:
    model = f"{root}/models/{{model:path}}"
    return [
        porch.slow_door(f"{model}:generateContent", "POST", "chat", partial(exchange.generate, stream=False)),
        porch.slow_door(f"{model}:streamGenerateContent", "POST", "chat", partial(exchange.generate, stream=True)),
        porch.door(f"{model}:countTokens", "POST", "count", exchange.count_tokens),
        porch.slow_door(f"{model}:embedContent", "POST", "embeddings", partial(embed, one=True)),
        porch.slow_door(f"{model}:batchEmbedContents", "POST", "embeddings", partial(embed, one=False)),
        porch.door(f"{model}:batchGenerateContent", "POST", "batches", batches.create),
    ]


def _lists(porch: _Porch, root: str) -> list[Route]:
    return [
        porch.door(f"{root}/models", "GET", "models", lists.list_models),
        porch.door(f"{root}/models/{{model:path}}", "GET", "models", lists.show_model),
    ]


def _batches(porch: _Porch, root: str) -> list[Route]:
    batch = f"{root}/batches/{{batch}}"
    return [
        porch.door(f"{root}/batches", "GET", "batches", batches.list_all),
        porch.door(f"{batch}:cancel", "POST", "batches", batches.cancel),
        porch.door(batch, "GET", "batches", batches.show),
        porch.door(batch, "DELETE", "batches", batches.delete),
    ]


def _kept(porch: _Porch, root: str) -> list[Route]:
    file, cache = f"{root}/files/{{file}}", f"{root}/cachedContents/{{cache}}"
    return [
        porch.door(f"{root}/files", "GET", "files", files.list_all),
        porch.door(f"{file}:download", "GET", "files", files.download),
        porch.door(file, "GET", "files", files.show),
        porch.door(file, "DELETE", "files", files.delete),
        porch.door(f"{root}/cachedContents", "POST", "caches", caches.create),
        porch.door(f"{root}/cachedContents", "GET", "caches", caches.list_all),
        porch.door(cache, "GET", "caches", caches.show),
        porch.door(cache, "PATCH", "caches", caches.prolong),
        porch.door(cache, "DELETE", "caches", caches.delete),
    ]


def _transfers(porch: _Porch) -> list[Route]:
    return [
        *(porch.slow_door(f"{root}/files", "POST", "files", files.upload) for root in UPLOADS),
        *(porch.door(f"{root}/files/{{file}}:download", "GET", "files", files.download) for root in DOWNLOADS),
    ]

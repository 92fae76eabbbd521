"""The addresses of the OpenAI family: every endpoint below every base of every persona that has it."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.routing import Route

from providers.emulator import (
    azure,
    embedding_exchange,
    exchange,
    openai_batches,
    openai_files,
    openrouter_batches,
    openrouter_generation,
)
from providers.emulator.aimlapi import DEPRECATIONS
from providers.emulator.delivery import Delivery
from providers.emulator.parcels import Parcel
from providers.emulator.personas import PERSONAS, Persona
from providers.emulator.refusals import Refusal
from providers.emulator.state import State
from providers.emulator.visits import Visit, arrive

Answer: TypeAlias = Callable[[Visit], Awaitable[Parcel]]

FAMILY: Final = tuple(PERSONAS[name] for name in ("openai", "azure", "aimlapi", "openrouter", "deepseek"))


def routes(state: State) -> list[Route]:
    """All of them; those of one persona before the next."""
    return [route for persona in FAMILY for route in _of(persona, state)]


async def _models(visit: Visit) -> Parcel:
    return exchange.list_models(visit)


async def _deprecations(visit: Visit) -> Parcel:
    return exchange.tell(visit, {"object": "list", "data": DEPRECATIONS})


def _classic(answer: Answer) -> Answer:
    """The same below Azure's older addresses."""

    async def versioned(visit: Visit) -> Parcel:
        try:
            azure.check_classic(visit.request.query_params, visit.body)
        except Refusal as refusal:
            return exchange.refuse(visit, refusal.reason)
        return await answer(visit)

    return versioned


_CHAT: Final = ("POST", "/chat/completions", "chat", exchange.converse)
_MODELS: Final = ("GET", "/models", "models", _models)
_EMBEDDINGS: Final = ("POST", "/embeddings", "embeddings", embedding_exchange.embed)
_BATCHES: Final[tuple[tuple[str, str, str, Answer], ...]] = (
    ("POST", "/files", "files", openai_files.upload),
    ("GET", "/files", "files", openai_files.listed),
    ("GET", "/files/{file_id}", "files", openai_files.described),
    ("DELETE", "/files/{file_id}", "files", openai_files.removed),
    ("GET", "/files/{file_id}/content", "files", openai_files.content),
    ("POST", "/batches", "batches", openai_batches.create),
    ("GET", "/batches", "batches", openai_batches.listed),
    ("GET", "/batches/{batch_id}", "batches", openai_batches.described),
    ("POST", "/batches/{batch_id}/cancel", "batches", openai_batches.cancel),
)
_ROUTED_BATCHES: Final[tuple[tuple[str, str, str, Answer], ...]] = (
    ("POST", "/batches", "batches", openrouter_batches.create),
    ("GET", "/batches", "batches", openrouter_batches.listed),
    ("GET", "/batches/{batch_id}", "batches", openrouter_batches.described),
    ("DELETE", "/batches/{batch_id}", "batches", openrouter_batches.removed),
)
_CLASSIC: Final[tuple[tuple[str, str, str, Answer], ...]] = (
    ("POST", "/deployments/{deployment}/chat/completions", "chat", exchange.converse),
    ("POST", "/deployments/{deployment}/embeddings", "embeddings", embedding_exchange.embed),
    _MODELS,
    *_BATCHES,
)
_ENDPOINTS: Final[dict[str, tuple[tuple[str, str, str, Answer], ...]]] = {
    "openai": (_CHAT, _MODELS, _EMBEDDINGS, *_BATCHES),
    "azure": (_CHAT, _MODELS, _EMBEDDINGS, *_BATCHES),
    "aimlapi": (_CHAT, _MODELS, _EMBEDDINGS, ("GET", "/models/deprecations", "models", _deprecations)),
    "openrouter": (_CHAT, _MODELS, ("GET", "/generation", "models", openrouter_generation.tell_cost), *_ROUTED_BATCHES),
    "deepseek": (_CHAT, _MODELS),
}


def _of(persona: Persona, state: State) -> list[Route]:
    found = [
        _route(f"{base}{path}", method, endpoint, answer, state)
        for base in persona.bases
        for method, path, endpoint, answer in _ENDPOINTS[persona.name]
    ]
    if persona.classic:
        found += [
            _route(f"{persona.classic}{path}", method, endpoint, _classic(answer), state)
            for method, path, endpoint, answer in _CLASSIC
        ]
    return found


def _route(path: str, method: str, endpoint: str, answer: Answer, state: State) -> Route:
    async def serve(request: Request) -> Delivery:
        raw = await request.body()
        return Delivery(await answer(arrive(request, raw, state, endpoint=endpoint)))

    return Route(path, serve, methods=[method])

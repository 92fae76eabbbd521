"""Google's list of models: those that write and those that embed, as long as they are sold.

Source: shared design page providers.md, sections 1.3 and 5.
"""

from pydantic import JsonValue

from providers.emulator.chat_answers import JsonObject
from providers.emulator.gemini_embeddings import EMBEDDERS, Embedder
from providers.emulator.gemini_exchange import attend, today
from providers.emulator.gemini_generate import find_model
from providers.emulator.gemini_models import MODELS, Gemini, find
from providers.emulator.parcels import Parcel
from providers.emulator.visits import Visit


def list_models(visit: Visit) -> Parcel:
    """Answer `GET /models`: free, on one page; what is gone is not listed."""

    def listed() -> JsonObject:
        rows: list[JsonValue] = [_writer(model) for model in MODELS.values() if find(model.id, today(visit))]
        return {"models": rows + [_embedder(model) for model in EMBEDDERS.values()]}

    return attend(visit, listed)


def show_model(visit: Visit) -> Parcel:
    """Answer `GET /models/ID`."""

    def shown() -> JsonObject:
        embedder = EMBEDDERS.get(visit.caller.model)
        return _embedder(embedder) if embedder else _writer(find_model(visit.caller.model, today(visit)))

    return attend(visit, shown)


def _writer(model: Gemini) -> JsonObject:
    return _row(model.id, model.window_tokens) | {
        "outputTokenLimit": model.max_output_tokens,
        "supportedGenerationMethods": [
            "generateContent",
            "countTokens",
            "createCachedContent",
            "batchGenerateContent",
        ],
        "thinking": True,
    }


def _embedder(model: Embedder) -> JsonObject:
    return _row(model.id, model.max_tokens) | {
        "outputTokenLimit": 1,
        "supportedGenerationMethods": ["embedContent", "batchEmbedContents"],
    }


def _row(model_id: str, window_tokens: int) -> JsonObject:
    return {
        "name": f"models/{model_id}",
        "baseModelId": model_id,
        "version": "001",
        "displayName": model_id,
        "inputTokenLimit": window_tokens,
    }

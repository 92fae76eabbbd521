"""The objects of a generateContent request, in either spelling: camelCase and snake_case mean the same. Pure.

A name that an object does not have is refused, as the vendor's parser does. Source: shared design page providers.md,
section 1.3.
"""

import re
from typing import Final

from pydantic import JsonValue

from providers.emulator.gemini_refusals import invalid

JsonObject = dict[str, JsonValue]

_UNDERSCORE = re.compile(r"_([a-z])")
FIELDS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "request": """model systemInstruction contents generationConfig tools toolConfig safetySettings cachedContent
            serviceTier labels continuationToken""",
        "content": "role parts",
        "part": """text thought thoughtSignature inlineData fileData functionCall functionResponse videoMetadata
            mediaResolution""",
        "inlineData": "mimeType data displayName",
        "fileData": "mimeType fileUri displayName",
        "functionCall": "id name args",
        "functionResponse": "id name response parts scheduling willContinue",
        "generationConfig": """maxOutputTokens candidateCount stopSequences seed temperature topP topK responseMimeType
            responseJsonSchema responseSchema thinkingConfig presencePenalty frequencyPenalty responseLogprobs logprobs
            responseModalities mediaResolution speechConfig""",
        "thinkingConfig": "thinkingLevel thinkingBudget includeThoughts",
        "tool": "functionDeclarations googleSearch codeExecution urlContext",
        "functionDeclaration": "name description parameters parametersJsonSchema response responseJsonSchema behavior",
        "toolConfig": "functionCallingConfig retrievalConfig",
        "functionCallingConfig": "mode allowedFunctionNames",
        "cachedContent": "model displayName contents systemInstruction tools toolConfig ttl expireTime",
        "cachedContentTime": "name model ttl expireTime",
        "embed": "model content taskType title outputDimensionality",
        "embedBatch": "model requests",
    }.items()
}


def shape(value: JsonValue, kind: str, where: str) -> JsonObject:
    """The object with camelCase names; None is an empty one.

    Raises:
        Refusal: 400, not an object, or a name that it does not have.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"Invalid value at '{where}' (type.googleapis.com/{kind}): expected an object.")
    named = {camel(name): part for name, part in value.items()}
    if unknown := sorted(named.keys() - FIELDS[kind]):
        raise invalid(f"Invalid JSON payload received. Unknown name \"{unknown[0]}\" at '{where}': Cannot find field.")
    return named


def shapes(value: JsonValue, kind: str, where: str) -> list[JsonObject]:
    """A list of such objects; a single one counts as a list of one."""
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    return [shape(each, kind, f"{where}[{place}]") for place, each in enumerate(listed)]


def camel(name: str) -> str:
    """`thinking_level` as `thinkingLevel`."""
    return _UNDERSCORE.sub(lambda letter: letter[1].upper(), name)


def plain_schema(schema: JsonValue) -> JsonValue:
    """A `responseSchema`, which spells types in capitals, as a JSON schema."""
    if isinstance(schema, list):
        return [plain_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain: JsonObject = {}
    for name, part in schema.items():
        if name == "type" and isinstance(part, str):
            plain[name] = part.lower()
        elif name == "properties" and isinstance(part, dict):
            plain[name] = {field: plain_schema(inner) for field, inner in part.items()}
        else:
            plain[camel(name)] = part if name in ("enum", "required", "description") else plain_schema(part)
    return plain

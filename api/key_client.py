"""The part of the client that looks after the tenant's API keys."""

from collections.abc import AsyncGenerator, Iterable
from datetime import datetime

from api.client_answers import place, query
from api.client_calls import Calls
from api.client_verbs import Series, Verb
from api.key_schemas import OVERLAP_S, KeysView, KeyView, KeyWithSecret
from providers.calls import JsonObject


class KeyCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable. All need the scope `keys`."""

    @Verb
    async def keys(self, limit: int = 50, cursor: str | None = None) -> KeysView:
        """A page of keys, the newest first, those that have ended among them."""
        return await self._ask(KeysView, "/v1/keys" + query(limit=limit, cursor=cursor))

    @Series
    async def every_key(self) -> AsyncGenerator[KeyView, None]:
        """All keys, the newest first, page after page."""
        async for page in self._pages(KeysView, lambda page: page.next_cursor, "/v1/keys"):
            for key in page.data:
                yield key

    @Verb
    async def key(self, key_id: str) -> KeyView:
        """One of them."""
        return await self._ask(KeyView, place("keys", key_id))

    @Verb
    async def create_key(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        expires_at: datetime | None = None,
        expires_in_s: int | None = None,
        idempotency_key: str | None = None,
    ) -> KeyWithSecret:
        """Make a key, with no more scopes than yours. Its secret is in the answer and nowhere else.

        Args:
            expires_at: aware; without an end it has none, or that of your key.
            idempotency_key: makes the call safe to repeat; if an earlier try made the key, `secret` is None.
        """
        body: JsonObject = {"name": name, "scopes": list(scopes), **_end(expires_at, expires_in_s)}
        return await self._tell(KeyWithSecret, "POST", "/v1/keys", body, idempotency_key)

    @Verb
    async def change_key(self, /, key_id: str, **changes: object) -> KeyView:
        """Set `name`, `expires_at` (RFC 3339; None: no end) or `expires_in_s`. Safe to repeat but for the last."""
        body: JsonObject = dict(changes)  # type: ignore[arg-type]  # JSON
        return await self._tell(KeyView, "PATCH", place("keys", key_id), body)

    @Verb
    async def rotate_key(
        self,
        key_id: str,
        overlap_s: int = OVERLAP_S,
        *,
        expires_at: datetime | None = None,
        expires_in_s: int | None = None,
        idempotency_key: str | None = None,
    ) -> KeyWithSecret:
        """Make a successor of the same scopes; the old key lives on for `overlap_s`. As safe to repeat as `create_key`.

        Args:
            expires_at: when the successor ends; without a word, when the old key would have.
        """
        body: JsonObject = {"overlap_s": overlap_s, **_end(expires_at, expires_in_s)}
        return await self._tell(KeyWithSecret, "POST", place("keys", key_id, "rotate"), body, idempotency_key)

    @Verb
    async def revoke_key(self, key_id: str) -> KeyView:
        """End it: it opens nothing any more. Safe to repeat."""
        return await self._tell(KeyView, "DELETE", place("keys", key_id), {})


def _end(at: datetime | None, in_s: int | None) -> JsonObject:
    told: JsonObject = {"expires_at": None if at is None else at.isoformat(), "expires_in_s": in_s}
    return {name: value for name, value in told.items() if value is not None}

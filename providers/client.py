"""One attempt over the wire: a call to a target in, a reply or one named failure out.

It does not choose, wait for a limit or fail over; others do that with what it says. The one thing that it repeats is a
connection that did not come about, within a second: nothing was sent by then, so nothing can be paid twice.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential

from providers.calls import Call, Reply, Target, Value
from providers.catalog import Catalog, DialectName, ModelCard, ProviderCard
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import ModelNotFound, ProviderError, Unauthenticated, Unreachable
from providers.extractive.answering import answer
from providers.masking import trimmed
from providers.sockets import Cancel
from providers.transport import Lines
from providers.wire import Dialect, WireReply, WireRequest

DIALECTS: Final[Mapping[DialectName, Dialect]] = {"openai_chat": OpenAIChat()}

CONNECT_RETRY_S: Final = 1.0  # a restart of a proxy is over by then; a longer outage is failover's business
CONNECT_ATTEMPTS: Final = 3


def _is_base_url(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(sign in url for sign in "@?# "):
        raise ValueError("must be an http(s) address without user, query or fragment")
    return url.rstrip("/")


def _is_key(key: SecretStr) -> SecretStr:
    if not all("!" <= sign <= "~" for sign in key.get_secret_value()):
        raise ValueError("must be of visible ASCII characters alone, as a header takes no others")
    return key


class ProviderAccess(Value):
    """How one provider is reached. An empty key sends none (a server of our own); `timeout_s` caps each call's."""

    provider: str
    base_url: Annotated[str, AfterValidator(_is_base_url)]
    key: Annotated[SecretStr, AfterValidator(_is_key)]
    timeout_s: float = Field(gt=0, allow_inf_nan=False)


class Client:
    """Asks models. Any number of threads may share one; build it after a fork, never before."""

    def __init__(
        self,
        access: Mapping[str, ProviderAccess],
        catalog: Catalog,
        *,
        lines: Lines | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = dict(access)
        self._catalog = catalog
        self._clock = clock
        self._lines = lines or Lines(clock=clock)
        self._keys = tuple(one.key.get_secret_value() for one in self._access.values())

    def ask(self, target: Target, call: Call, *, cancel: Cancel, on_sent: Callable[[], None] | None = None) -> Reply:
        """Put the call to the target, once.

        `cancel` stops the call from another thread. `on_sent` is called once, just before the first byte of the request
        leaves (or a built-in model begins); what it raises goes up unchanged, and nothing is sent.

        Raises:
            ProviderError: with `provider` set and a message without keys.
        """
        try:
            return self._ask(target, call, cancel, on_sent)
        except ProviderError as error:
            self._seal(error, target.provider)
            raise

    def close(self) -> None:
        """Close all connections. Only when no call is under way."""
        self._lines.close()

    def _ask(self, target: Target, call: Call, cancel: Cancel, on_sent: Callable[[], None] | None) -> Reply:
        if not self._catalog.knows(target):
            raise ModelNotFound(f"the catalog has no {target}")
        provider, model = self._catalog.provider(target.provider), self._catalog.model(target)
        if provider.dialect == "extractive":
            if on_sent is not None:
                on_sent()
            return answer(call, model.id)
        return self._over_the_wire(provider, model, call, cancel, on_sent)

    def _over_the_wire(
        self,
        provider: ProviderCard,
        model: ModelCard,
        call: Call,
        cancel: Cancel,
        on_sent: Callable[[], None] | None,
    ) -> Reply:
        access = self._access.get(provider.id)
        if access is None:
            raise Unauthenticated(f"no access to {provider.id} is configured")
        dialect = DIALECTS[provider.dialect]
        answered = self._post(access, dialect, dialect.encode(call, provider, model), call, cancel, on_sent)
        if not 200 <= answered.status < 300:
            raise dialect.classify(answered)
        reply = dialect.decode(answered, call)
        return reply if reply.model_served else reply.model_copy(update={"model_served": model.id})

    def _post(
        self,
        access: ProviderAccess,
        dialect: Dialect,
        request: WireRequest,
        call: Call,
        cancel: Cancel,
        on_sent: Callable[[], None] | None,
    ) -> WireReply:
        """Send the request, on up to three connections, until a byte of it has left."""
        ends_at = self._clock() + min(call.timeout_s, access.timeout_s)
        url = f"{access.base_url}{request.path}"
        headers = {
            "content-type": "application/json",
            **request.headers,
            **dialect.authorization(access.key.get_secret_value()),
        }
        body = json.dumps(request.body, ensure_ascii=False, separators=(",", ":")).encode()

        def once() -> WireReply:
            left_s = ends_at - self._clock()
            return self._lines.mine().post(url, headers, body, timeout_s=left_s, cancel=cancel, on_sent=on_sent)

        def nap(seconds: float) -> None:
            cancel.wait(seconds)

        attempts = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, Unreachable) and error.retryable),
            stop=stop_after_attempt(CONNECT_ATTEMPTS) | stop_before_delay(CONNECT_RETRY_S),
            wait=wait_random_exponential(multiplier=0.1, max=0.4),
            sleep=nap,
            reraise=True,
        )
        return attempts(once)

    def _seal(self, error: ProviderError, provider: str) -> None:
        """Say whose failure it is, and take every key out of what it says."""
        error.provider = provider
        error.message = trimmed(error.message, self._keys)
        error.args = (error.message,)
        if error.request_id is not None:
            error.request_id = trimmed(error.request_id, self._keys)

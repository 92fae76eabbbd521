"""One attempt over the wire: a call to a target in, a reply or one named failure out.

It does not choose, wait for a limit or fail over; others do that with what it says. The one thing that it repeats is a
connection that did not come about, within a second: nothing was sent by then, so nothing can be paid twice.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Final
from urllib.parse import urlencode

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from providers import model_lists
from providers.calls import Call, Reply, Target, Value
from providers.catalog import Catalog, DialectName, ModelCard, ProviderCard
from providers.connecting import until_connected
from providers.dialects.anthropic_messages import AnthropicMessages
from providers.dialects.gemini_generate import GeminiGenerate
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import BadReply, CutOff, Interrupted, ModelNotFound, ProviderError, Unauthenticated
from providers.extractive.answering import answer
from providers.keyring import spellings
from providers.lines import Lines
from providers.masking import trimmed
from providers.sockets import Cancel
from providers.streams import StreamWatch
from providers.transport import Line
from providers.wire import Dialect, WireReply, credentials

DIALECTS: Final[Mapping[DialectName, Dialect]] = {
    "openai_chat": OpenAIChat(),
    "anthropic_messages": AnthropicMessages(),
    "gemini_generate": GeminiGenerate(),
}

PROGRESS_TIMEOUT_S: Final = 180.0  # a model that thinks in silence may take a minute or two (providers.md, section 7.2)
# The longer an answer may be, the longer it is silent when it comes whole: proxies cut it, and Anthropic's own client
# refuses to ask (shared design page providers.md, section 1.2).
STREAM_ABOVE_TOKENS: Final = 20_000
# Streams are part of what these vendors promise; a copy of Chat Completions may not have them at all.
_STREAM_UNASKED: Final[frozenset[DialectName]] = frozenset(("anthropic_messages", "gemini_generate"))

# By whether a stream is asked for. A proxy that compresses a stream holds it back to do so.
_SENT_WITH: Final[Mapping[bool, Mapping[str, str]]] = {
    False: {"content-type": "application/json"},
    True: {"content-type": "application/json", "accept": "text/event-stream", "accept-encoding": "identity"},
}


def _is_base_url(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(sign in url for sign in "@?# "):
        raise ValueError("must be an http(s) address without user, query or fragment")
    return url.rstrip("/")


def _are_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for key in keys:
        if not all("!" <= sign <= "~" for sign in key.get_secret_value()):
            raise ValueError("must be of visible ASCII characters alone, as a header takes no others")
    if len(keys) > 1 and not all(key.get_secret_value() for key in keys):
        raise ValueError("an empty key stands alone: it says that the server wants none")
    return keys


class ProviderAccess(Value):
    """How one provider is reached. `keys` are tried by whoever asks; a single empty one sends none (a server of our
    own). `timeout_s` caps each call's.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    provider: str
    base_url: Annotated[str, AfterValidator(_is_base_url)]
    keys: Annotated[tuple[SecretStr, ...], Field(min_length=1), AfterValidator(_are_keys)]
    timeout_s: float = Field(gt=0, allow_inf_nan=False)

    def headers(self, card: ProviderCard, key: int) -> dict[str, str]:
        """What every request carries, with the key of that place."""
        return {**card.headers, **credentials(self.keys[key].get_secret_value(), card)}

    def url(self, card: ProviderCard, path: str) -> str:
        """The address of a path, which may have a query of its own."""
        query = urlencode(card.query)
        return f"{self.base_url}{path}{'&' if '?' in path else '?'}{query}" if query else f"{self.base_url}{path}"


class Client:
    """Asks models. Any number of threads may share one; build it after a fork, never before.

    `progress_timeout_s` is how long a stream may bring nothing of the answer before it is cut.
    """

    def __init__(
        self,
        access: Mapping[str, ProviderAccess],
        catalog: Catalog,
        *,
        lines: Lines | None = None,
        clock: Callable[[], float] = time.monotonic,
        progress_timeout_s: float = PROGRESS_TIMEOUT_S,
    ) -> None:
        self._access = dict(access)
        self._catalog = catalog
        self._clock = clock
        self._lines = lines or Lines(clock=clock)
        self._progress_timeout_s = progress_timeout_s
        secrets = (key.get_secret_value() for one in self._access.values() for key in one.keys)
        self._secrets = tuple(spelling for secret in secrets for spelling in spellings(secret))

    def ask(
        self, target: Target, call: Call, *, cancel: Cancel, on_sent: Callable[[], None] | None = None, key: int = 0
    ) -> Reply:
        """Put the call to the target, once, with the provider's key of that place.

        `cancel` stops the call from another thread. `on_sent` is called once, just before the first byte of the request
        leaves (or a built-in model begins); what it raises goes up unchanged, and nothing is sent.

        Raises:
            ProviderError: with `provider` and `limits` set and a message without keys.
            IndexError: the provider has no key of that place.
        """
        try:
            return self._ask(target, call, cancel, on_sent, key)
        except ProviderError as error:
            self._seal(error, target.provider)
            raise

    def list_models(self, provider: str, *, key: int = 0, timeout_s: float) -> tuple[str, ...]:
        """The ids of the provider's models, as far as its first page goes: a free probe of address and key.

        Raises:
            ProviderError: as `ask`; nothing can have been billed.
            KeyError: the catalog has no such provider.
        """
        try:
            return self._list_models(self._catalog.provider(provider), key, timeout_s)
        except ProviderError as error:
            error.may_be_billed = False
            self._seal(error, provider)
            raise

    def close(self) -> None:
        """Close all connections. Only when no call is under way."""
        self._lines.close()

    def _ask(self, target: Target, call: Call, cancel: Cancel, on_sent: Callable[[], None] | None, key: int) -> Reply:
        if not self._catalog.knows(target):
            raise ModelNotFound(f"the catalog has no {target}")
        card, model = self._catalog.provider(target.provider), self._catalog.model(target)
        if card.dialect == "extractive":
            if on_sent is not None:
                on_sent()
            return answer(call, model.id)
        return self._over_the_wire(card, model, call, cancel, on_sent, key)

    def _over_the_wire(
        self,
        card: ProviderCard,
        model: ModelCard,
        call: Call,
        cancel: Cancel,
        on_sent: Callable[[], None] | None,
        key: int,
    ) -> Reply:
        access, dialect = self._access_to(card), DIALECTS[card.dialect]
        if _is_long(call, card):
            call = call.model_copy(update={"stream": True})
        watch = StreamWatch(dialect, self._patience_s(call)) if call.stream else None
        request = dialect.encode(call, card, model)
        url = access.url(card, request.path)
        headers = {**_SENT_WITH[call.stream], **request.headers, **access.headers(card, key)}
        body = json.dumps(request.body, ensure_ascii=False, separators=(",", ":")).encode()

        def post(line: Line, left_s: float) -> WireReply:
            return line.post(url, headers, body, timeout_s=left_s, cancel=cancel, on_sent=on_sent, watch=watch)

        broken: ProviderError | None = None
        try:
            answered = self._connected(post, min(call.timeout_s, access.timeout_s), cancel)
        except ProviderError as error:
            broken = error
        # Under no handler from here on, so that no failure hangs on another one: only the last is sealed.
        part = watch.so_far() if watch is not None else None
        if broken is None:
            return _read(dialect, answered, call, model, streamed=part is not None)
        if part is None:
            raise broken
        return _rescue(broken, _verdict(dialect, part, call, model))

    def _list_models(self, card: ProviderCard, key: int, timeout_s: float) -> tuple[str, ...]:
        if card.dialect == "extractive":
            return tuple(model.id for model in self._catalog.models if model.provider == card.id)
        access, dialect, never = self._access_to(card), DIALECTS[card.dialect], Cancel()
        url, headers = access.url(card, card.models_path), access.headers(card, key)

        def get(line: Line, left_s: float) -> WireReply:
            return line.get(url, headers, timeout_s=left_s, cancel=never)

        answered = self._connected(get, min(timeout_s, access.timeout_s), never)
        with _noting_limits(dialect, answered):
            if not _is_success(answered):
                raise dialect.classify(answered)
            return model_lists.read(answered)

    def _access_to(self, card: ProviderCard) -> ProviderAccess:
        access = self._access.get(card.id)
        if access is None:
            raise Unauthenticated(f"no access to {card.id} is configured")
        return access

    def _patience_s(self, call: Call) -> float:
        """How long a stream may stand still. At the flex tier a call waits for its turn without a word, and may."""
        return math.inf if call.service_tier == "flex" else self._progress_timeout_s

    def _connected(self, exchange: Callable[[Line, float], WireReply], timeout_s: float, cancel: Cancel) -> WireReply:
        """Run the exchange, again where no connection came about, with what is left of the time."""
        ends_at = self._clock() + timeout_s
        return until_connected(
            lambda: exchange(self._lines.mine(), ends_at - self._clock()), cancel=cancel, clock=self._clock
        )

    def _seal(self, error: ProviderError, provider: str) -> None:
        """Say whose failure it is, and take every key out of what it says."""
        error.provider = provider
        error.message = trimmed(error.message, self._secrets)
        error.args = (error.message,)
        error.model_served = trimmed(error.model_served, self._secrets)
        if error.request_id is not None:
            error.request_id = trimmed(error.request_id, self._secrets)


def _is_long(call: Call, card: ProviderCard) -> bool:
    return call.max_output_tokens > STREAM_ABOVE_TOKENS and card.dialect in _STREAM_UNASKED


def _is_success(answered: WireReply) -> bool:
    return 200 <= answered.status < 300


def _read(dialect: Dialect, answered: WireReply, call: Call, model: ModelCard, *, streamed: bool) -> Reply:
    with _noting_limits(dialect, answered):
        if not _is_success(answered):
            raise dialect.classify(answered)
        reply = dialect.decode_stream(answered, call) if streamed else dialect.decode(answered, call)
    limits = dialect.limits(answered.headers)
    return reply.model_copy(update={"limits": limits, "model_served": reply.model_served or model.id})


def _verdict(dialect: Dialect, part: WireReply, call: Call, model: ModelCard) -> Reply | ProviderError:
    """What the dialect makes of as much of a stream as had come."""
    try:
        return _read(dialect, part, call, model, streamed=True)
    except ProviderError as error:
        return error


def _rescue(broken: ProviderError, verdict: Reply | ProviderError) -> Reply:
    """What a broken stream is worth: an answer, if all of it had come by then, or the better of two failures.

    A failure that the provider told within the stream says more than the break that followed it. That half a body is
    unusable is no news.
    """
    if isinstance(broken, Interrupted):
        if isinstance(verdict, Reply):
            return verdict
        if isinstance(verdict, CutOff) or not isinstance(verdict, Interrupted | BadReply):
            raise verdict
    broken.usage, broken.model_served, broken.limits = verdict.usage, verdict.model_served, verdict.limits
    raise broken


@contextmanager
def _noting_limits(dialect: Dialect, answered: WireReply) -> Iterator[None]:
    """A failure, too, tells what its answer said of rate limits."""
    try:
        yield
    except ProviderError as error:
        error.limits = dialect.limits(answered.headers)
        raise

"""What this provider has billed, to the micro-dollar: the witness that the product's ledger is compared with."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import JsonValue

from providers.emulator.models import Model

_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """Usage as the vendor counts it: `prompt` contains cached and written ones, `completion` contains reasoning."""

    prompt: int
    completion: int
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0


def cost_micro_usd(tokens: Tokens, model: Model, today: date, percent: int = 100) -> int:
    """The price of one exchange, rounded up once, at the end. `percent` is what its tier or hour makes of the list."""
    dear = model.cliff if model.cliff and tokens.prompt > model.cliff.over_tokens else None
    fresh = tokens.prompt - tokens.cached - tokens.cache_written
    read = (
        fresh * model.input_micro_usd + tokens.cached * model.cached_input_micro_usd
    ) * 100 + tokens.cache_written * model.input_micro_usd * model.cache_write_percent
    written = tokens.completion * model.output_micro_usd * 100
    # Per cent of per cent, so that "one and a half the output" stays a whole number.
    amount = read * (dear.input_percent if dear else 100) + written * (dear.output_percent if dear else 100)
    if model.doubles_on and today >= model.doubles_on:
        amount *= 2
    return -(-amount * percent // (_MILLION * 100 * 100 * 100))


class Bank:
    """Charges by request id. A request is charged once; the caller's own id groups what one attempt has cost."""

    def __init__(self) -> None:
        self._requests: dict[str, int] = {}
        self._by_call: dict[str, int] = {}

    def charge(self, request_id: str, call_id: str, micro_usd: int) -> None:
        """Write one charge.

        Raises:
            ValueError: this request was charged before.
        """
        if request_id in self._requests:
            raise ValueError(f"request {request_id} is already billed")
        self._requests[request_id] = micro_usd
        if call_id:
            self._by_call[call_id] = self._by_call.get(call_id, 0) + micro_usd

    def charged(self, request_id: str) -> int:
        """What a request has cost, nothing if it was free or never came."""
        return self._requests.get(request_id, 0)

    def statement(self) -> dict[str, JsonValue]:
        """Everything that was billed. `by_client_request_id` leaves out requests that carried no such id."""
        return {
            "total_micro_usd": sum(self._requests.values()),
            "requests": dict(self._requests),
            "by_client_request_id": dict(self._by_call),
        }

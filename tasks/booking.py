"""Books what an attempt came to, in the transaction that ends it: its row, the ledger, the sums of seat and job.

What a call cost is never fenced by an epoch: a paid answer is a fact, whoever brings it, and whenever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import Connection

from orchestrator.routing.market import EXTRACTIVE
from orchestrator.storage import attempts, budgets, jobs, ledger, seats, tenants
from orchestrator.storage.attempts import Ended, LeftBehind
from orchestrator.storage.ledger import Entry, Kind
from orchestrator.work.announcements import BudgetEvent
from orchestrator.work.attempts import AttemptState, end_of
from providers import comparison
from providers.calls import Finish, JsonObject, Reply, Target, Usage
from providers.comparison import Comparison
from providers.errors import ProviderError
from providers.pricing import cost
from tasks import resources
from tasks.work import Account, Paid

log = structlog.get_logger()

HOLDER_LOST: Final[JsonObject] = {"code": "holder_lost", "message": "The process that held the seat is gone."}


@dataclass
class Booking:
    """One attempt's end, within `connection`'s transaction.

    `came_to` is what it cost in the end, None while nothing has been booked; `owed` by how much that changes the sums
    of seat and job; `corrected`: it had been booked at another figure.
    """

    connection: Connection
    paid: Paid
    came_to: int | None = field(default=None, init=False)
    owed: int = field(default=0, init=False)
    corrected: bool = field(default=False, init=False)

    def reply(self, reply: Reply, *, error: JsonObject | None = None) -> bool:
        """Note what the provider said and asks for; `enter` follows. False: it was known before, and nothing is
        written.

        Args:
            error: why it is of no use.
        """
        price = price_of(self.paid, reply)
        before = attempts.answer(
            self.connection,
            self.paid.call_id,
            cost_micro_usd=price,
            model_served=reply.model_served,
            request_id=reply.request_id,
            usage=reply.usage,
            reported_micro_usd=reply.reported_cost_micro_usd,
            error=error,
        )
        if before is None:
            return False
        self._note(before, price)
        if price > self.paid.bound_micro_usd:
            self._sound_the_alarm(price)
        return True

    def enter(self, reply: Reply, *, used: bool) -> None:
        """Book a reply that was news; `used`: its answer became the seat's candidate. The built-in models are free."""
        if self.paid.target.provider == EXTRACTIVE:
            return
        self._enter("correction" if self.corrected else "answer", served_by(self.paid, reply), reply, used=used)

    def useless(self, reply: Reply, error: JsonObject) -> None:
        """Book a reply that was paid for and brings the seat no further."""
        if self.reply(reply, error=error):
            self.enter(reply, used=False)

    def failure(self, error: ProviderError) -> None:
        """Book what a failure costs: what the provider said, else the worst case if it may bill, else nothing."""
        if error.usage is not None:
            self.useless(_said_by(error, error.usage), shown(error))
            return
        was_sent = attempts.was_sent(self.connection, self.paid.call_id)
        self.end(end_of(error, was_sent=was_sent), shown(error))

    def pay(self) -> None:
        """Add what is owed to the sums of seat and job."""
        if self.owed:
            seats.pay(self.connection, self.paid.claim, self.owed)
            jobs.spend(self.connection, self.paid.claim.job, self.owed)

    def end(self, state: AttemptState, error: JsonObject) -> None:
        """End it without a reply: at its worst case if its fate is unknown, else at nothing."""
        price = self.paid.bound_micro_usd if state is AttemptState.AMBIGUOUS else 0
        before = attempts.end(self.connection, self.paid.call_id, state, cost_micro_usd=price, error=error)
        if before is None:
            return
        self._note(before, price)
        if price:
            self._enter("ambiguous", self.paid.target, None, used=False)

    def _note(self, before: Ended, price: int) -> None:
        self.came_to = price
        self.owed = price - before.cost_micro_usd
        self.corrected = before.state is AttemptState.AMBIGUOUS

    def _enter(self, kind: Kind, served: Target, reply: Reply | None, *, used: bool) -> None:
        catalog = resources.current().catalog
        ledger.book(
            self.connection,
            Entry(
                attempt_id=self.paid.call_id,
                kind=kind,
                job_id=self.paid.claim.job,
                seat=self.paid.claim.seat,
                project=self.paid.project,
                day=self.paid.day,
                policy=self.paid.policy,
                served=served,
                used=used,
                cost_micro_usd=self.owed,
                usage=None if reply is None else reply.usage,
                reference=(catalog.reference or None) if reply is not None else None,
                comparison=None if reply is None else _compared(self.paid, served, reply),
                price_version=catalog.version,
            ),
        )

    def _sound_the_alarm(self, price: int) -> None:
        """A bill above its bound breaks every promise about budgets: no new job of the tenant until somebody looked."""
        paid = self.paid
        why = f"{paid.target} billed {price} micro-dollars for {paid.call_id}, held at {paid.bound_micro_usd}"
        tenants.stop(self.connection, self.paid.tenant, why)
        event = BudgetEvent(
            type="budget.bound_passed",
            scope="tenant",
            period="day",
            period_start=self.paid.day,
            threshold=100,
            limit_micro_usd=self.paid.bound_micro_usd,
            data={"attempt": self.paid.call_id, "target": str(self.paid.target), "cost_micro_usd": price},
        )
        budgets.announce(self.connection, self.paid.tenant, event)
        log.error("money.bound_passed", target=str(self.paid.target), cost=price, bound=self.paid.bound_micro_usd)


@contextmanager
def booking(paid: Paid, account: Account) -> Iterator[Booking]:
    """A transaction in which the attempt may end. The account learns what it came to once that is committed.

    Raises:
        Unavailable: PostgreSQL is away; nothing is booked, and the account knows nothing.
    """
    with resources.current().database.tenant(paid.tenant) as connection:
        made = Booking(connection, paid)
        yield made
    if made.came_to is not None:  # one that booked nothing has no news: an earlier one may have settled it
        account.cost_micro_usd, account.corrected = made.came_to, made.corrected


def write_off(connection: Connection, left: LeftBehind) -> int | None:
    """Book what a lost holder left: a call that had left counts at its worst case, one that had not costs nothing.

    Returns what it came to; None: it had ended before.
    """
    made = Booking(connection, _paid(left))
    made.end(AttemptState.AMBIGUOUS if left.state is AttemptState.SENT else AttemptState.REFUSED, HOLDER_LOST)
    made.pay()
    return made.came_to


def price_of(paid: Paid, reply: Reply) -> int:
    """By the model that served, at the dearer of the prices of begin and end: a vendor may bill by either."""
    here = resources.current()
    card = here.catalog.model(served_by(paid, reply))
    moments = (paid.begun_at, here.dispatch.now())
    return max(cost(reply.usage, card, at, service_tier=reply.tier_served) for at in moments)


def served_by(paid: Paid, reply: Reply) -> Target:
    """The model that answered, where the catalog knows it; else the one that was asked."""
    card = resources.current().catalog.served(paid.target.provider, reply.model_served)
    return paid.target if card is None else card.target


def shown(error: ProviderError) -> JsonObject:
    """An error as it is stored and shown."""
    return {
        "code": error.code,
        "type": error.type,
        "message": error.message,
        "provider": error.provider,
        "retryable": error.retryable,
        "status": error.status,
    }


def _compared(paid: Paid, served: Target, reply: Reply) -> Comparison | None:
    """What its tokens would have cost otherwise; None: the catalog declares no reference."""
    catalog = resources.current().catalog
    card, reference = catalog.model(served), comparison.reference_card(catalog)
    if reference is None:
        return None
    return comparison.compare(
        reply.usage,
        served=card,
        direct=comparison.direct_card(catalog, card),
        reference=reference,
        at=paid.begun_at,
        service_tier=reply.tier_served,
    )


def _said_by(error: ProviderError, usage: Usage) -> Reply:
    return Reply(text="", finish=Finish.STOP, model_served=error.model_served, usage=usage, request_id=error.request_id)


def _paid(left: LeftBehind) -> Paid:
    return Paid(
        tenant=left.tenant_id,
        claim=left.claim,
        call_id=left.id,
        target=Target.parse(left.target),
        bound_micro_usd=left.bound_micro_usd,
        project=left.project,
        policy=left.policy,
        day=left.day,
        begun_at=left.created_at,
        service_tier=left.service_tier,
    )

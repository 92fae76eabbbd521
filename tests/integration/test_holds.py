"""Holds in Redis and the counters behind them: every answer, every repetition, every race of a forgetful store."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from redis import Redis
from sqlalchemy import text

from orchestrator.money.counters import Counters
from orchestrator.money.holds import HoldAnswer, Holds, Standing
from orchestrator.settings import Settings
from orchestrator.storage import generations, ledger
from orchestrator.storage.engine import Database
from orchestrator.work import scopes
from orchestrator.work.scopes import Claimed, Scope
from tests.integration.entries import entry
from tests.servers import Tenant

DAY, NEXT = date(2026, 11, 30), date(2026, 12, 1)
MOST = 10**12  # a million US dollars


@pytest.fixture
def holds(redis: Redis, settings: Settings) -> Holds:
    return Holds(redis, settings.redis_prefix)


@pytest.fixture
def counters(holds: Holds, database: Database) -> Counters:
    made = Counters(holds, database)
    made.rebuild()
    return made


@pytest.fixture
def month(counters: Counters, tenant: Tenant) -> Scope:
    scope = scopes.of_tenant(tenant.id, "month", DAY)
    counters.open([scope], counters.holds.generation())
    return scope


def at(scope: Scope, limit: int | None, known: int | None = None) -> Claimed:
    return Claimed(scope=scope, limit_micro_usd=limit, known_micro_usd=known)


def standing(holds: Holds, scope: Scope) -> tuple[int | None, int | None, int]:
    (found,) = holds.look([scope]).scopes
    return found.spent, found.held, found.high


def forget(redis: Redis, settings: Settings) -> None:
    for key in redis.scan_iter(match=f"{settings.redis_prefix}money*"):
        redis.delete(key)


def test_without_counters_nothing_is_held(holds: Holds, tenant: Tenant) -> None:
    answer = holds.hold("a", 1, [at(scopes.of_tenant(tenant.id, "day", DAY), None)])

    assert (answer.state, answer.agreed) == ("void", False)


def test_a_missing_scope_is_never_zero(counters: Counters, month: Scope, tenant: Tenant) -> None:
    other = scopes.of_tenant(tenant.id, "day", DAY)

    answer = counters.holds.hold("a", 1, [at(month, None), at(other, None)])

    assert (answer.state, answer.scopes, answer.agreed) == ("missing", (1,), False)
    assert standing(counters.holds, month) == (0, 0, 0)


@pytest.mark.parametrize(
    ("limit", "amount", "agreed"),
    [(100, 100, True), (100, 101, False), (0, 0, True), (0, 1, False), (None, MOST, True), (MOST, MOST, True)],
)
def test_a_hold_fits_to_the_micro_dollar_or_not_at_all(
    counters: Counters, month: Scope, limit: int | None, amount: int, *, agreed: bool
) -> None:
    answer = counters.holds.hold("a", amount, [at(month, limit)])

    assert answer.agreed is agreed
    assert standing(counters.holds, month) == (0, amount, amount) if agreed else (0, 0, 0)


def test_all_scopes_agree_or_none_is_touched(counters: Counters, month: Scope, tenant: Tenant) -> None:
    narrow = scopes.of_tenant(tenant.id, "day", DAY)
    counters.open([narrow], counters.holds.generation())

    answer = counters.holds.hold("a", 50, [at(month, 1_000), at(narrow, 49)])

    assert (answer.state, answer.place, answer.final) == ("refused", 1, True)
    assert standing(counters.holds, month) == standing(counters.holds, narrow) == (0, 0, 0)


def test_a_refusal_tells_spent_money_from_money_that_others_hold(counters: Counters, month: Scope) -> None:
    counters.holds.hold("other", 60, [at(month, 100)])

    held_up = counters.holds.hold("a", 50, [at(month, 100)])
    counters.holds.settle("other", 60)
    spent = counters.holds.hold("a", 50, [at(month, 100)])

    assert (held_up.final, held_up.spent, held_up.held) == (False, 0, 60)
    assert (spent.final, spent.spent, spent.held) == (True, 60, 0)


def test_a_limit_that_was_lowered_below_what_is_spent_lets_nothing_through(counters: Counters, month: Scope) -> None:
    counters.holds.hold("a", 80, [at(month, 100)])
    counters.holds.settle("a", 80)

    assert counters.holds.hold("b", 1, [at(month, 50)]).final is True
    assert counters.holds.hold("c", 20, [at(month, 100)]).agreed is True


def test_every_question_may_be_repeated(counters: Counters, month: Scope) -> None:
    claimed = [at(month, 100)]

    held = [counters.holds.hold("a", 60, claimed) for _ in range(3)]
    settled = [counters.holds.settle("a", 25) for _ in range(3)]
    late = counters.holds.hold("a", 60, claimed)

    assert [answer.again for answer in held] == [False, True, True]
    assert [answer.state for answer in settled] == ["settled", "again", "again"]
    assert late.state == "done"
    assert standing(counters.holds, month) == (25, 0, 60)


def test_a_released_hold_costs_nothing(counters: Counters, month: Scope) -> None:
    counters.holds.hold("a", 60, [at(month, 100)])
    counters.holds.settle("a", 0)

    assert standing(counters.holds, month) == (0, 0, 60)


def test_a_bill_above_its_hold_is_counted_as_it_is(counters: Counters, month: Scope) -> None:
    counters.holds.hold("a", 60, [at(month, 100)])
    counters.holds.settle("a", 150)

    assert standing(counters.holds, month) == (150, 0, 150)


def test_the_most_that_was_ever_used_outlives_its_generation(counters: Counters, month: Scope) -> None:
    counters.holds.hold("a", 60, [at(month, 100)])
    counters.holds.settle("a", 5)
    counters.renew()
    counters.open([month], counters.holds.generation())

    assert standing(counters.holds, month) == (0, 0, 60)


def test_two_periods_are_two_budgets(counters: Counters, month: Scope, tenant: Tenant) -> None:
    december = scopes.of_tenant(tenant.id, "month", NEXT)
    counters.open([december], counters.holds.generation())

    assert counters.holds.hold("a", 100, [at(month, 100)]).agreed
    assert counters.holds.hold("b", 100, [at(december, 100)]).agreed
    assert not counters.holds.hold("c", 100, [at(december, 100)]).agreed


def test_a_scope_is_opened_at_what_the_ledger_says(counters: Counters, database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        for cost, day in ((70, "2026-11-01"), (7, "2026-11-30"), (1_000, "2026-12-01"), (1_000, "2026-10-31")):
            ledger.book(connection, entry(cost, day, project="Apollo"))
    wanted = [
        scopes.of_tenant(tenant.id, "month", DAY),
        scopes.of_tenant(tenant.id, "day", DAY),
        scopes.of_project(tenant.id, "Apollo", "month", DAY),
        scopes.of_project(tenant.id, "Gemini", "month", DAY),
        scopes.of_platform(DAY),
        scopes.of_job(tenant.id, "job_of_test"),
    ]

    counters.open(wanted, counters.holds.generation())

    assert [one.spent for one in counters.holds.look(wanted).scopes] == [77, 7, 77, 0, 77, 2_077]


def test_of_two_who_open_a_scope_the_first_counts(counters: Counters, tenant: Tenant) -> None:
    scope = scopes.of_tenant(tenant.id, "day", DAY)
    generation = counters.holds.generation()
    counters.holds.open(scope, generation, 10, [])
    counters.holds.hold("a", 5, [at(scope, 100)])

    counters.holds.open(scope, generation, 0, [])

    assert standing(counters.holds, scope) == (10, 5, 15)


def test_who_opens_a_scope_for_an_older_generation_is_refused(counters: Counters, tenant: Tenant) -> None:
    scope, old = scopes.of_tenant(tenant.id, "day", DAY), counters.holds.generation()
    counters.renew()

    assert counters.holds.open(scope, old, 0, []) is False
    assert counters.holds.hold("a", 1, [at(scope, None)]).state == "missing"


def test_a_call_that_ends_between_the_look_at_the_rows_and_its_arrival_is_counted_once(
    counters: Counters, tenant: Tenant
) -> None:
    scope, generation = scopes.of_tenant(tenant.id, "day", DAY), counters.holds.generation()
    counters.holds.settle("ended", 30)

    counters.holds.open(scope, generation, 10, [("ended", 99), ("under way", 5)])
    before = standing(counters.holds, scope)
    counters.holds.settle("under way", 2)

    assert before == (40, 5, 45)
    assert standing(counters.holds, scope) == (42, 0, 45)


def test_a_call_under_way_is_held_in_each_scope_that_was_opened_with_it(counters: Counters, tenant: Tenant) -> None:
    day, month = (scopes.of_tenant(tenant.id, period, DAY) for period in ("day", "month"))
    generation = counters.holds.generation()
    counters.holds.open(day, generation, 0, [("a", 50)])
    counters.holds.open(month, generation, 0, [("a", 50)])

    counters.holds.settle("a", 20)

    assert standing(counters.holds, day)[:2] == standing(counters.holds, month)[:2] == (20, 0)


def test_a_scope_that_was_opened_after_a_call_ended_does_not_hear_of_it_again(
    counters: Counters, tenant: Tenant
) -> None:
    day, month = (scopes.of_tenant(tenant.id, period, DAY) for period in ("day", "month"))
    generation = counters.holds.generation()
    counters.holds.open(day, generation, 0, [("a", 50)])
    counters.holds.open(month, generation, 20, [])  # its rows say already what the call has cost

    counters.holds.settle("a", 20)

    assert standing(counters.holds, month)[:2] == (20, 0)


@pytest.mark.parametrize("seen_now", [True, False])
def test_what_a_caller_knows_of_its_job_counts_only_under_the_generation_in_which_it_was_read(
    counters: Counters, tenant: Tenant, *, seen_now: bool
) -> None:
    job, seen = scopes.of_job(tenant.id, "job_a"), counters.holds.generation()
    if not seen_now:
        counters.renew()

    answer = counters.holds.hold("a", 5, [at(job, 100, known=90)], seen)

    assert answer.state == ("held" if seen_now else "missing")
    assert standing(counters.holds, job) == ((90, 5, 95) if seen_now else (None, None, 0))


def test_what_a_caller_knows_does_not_change_a_scope_that_stands(counters: Counters, tenant: Tenant) -> None:
    job, seen = scopes.of_job(tenant.id, "job_a"), counters.holds.generation()
    counters.holds.hold("a", 5, [at(job, 100, known=0)], seen)

    counters.holds.hold("b", 5, [at(job, 100, known=0)], seen)

    assert standing(counters.holds, job) == (0, 10, 10)


def test_a_server_that_lost_everything_begins_anew_once(
    counters: Counters, month: Scope, redis: Redis, settings: Settings
) -> None:
    counters.holds.hold("a", 60, [at(month, 100)])
    before = int(counters.holds.generation())
    forget(redis, settings)

    void = counters.holds.hold("b", 60, [at(month, 100)])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counters.rebuild(), range(8)))

    assert void.state == "void"
    assert int(counters.holds.generation()) == before + 1
    assert counters.holds.standing_holds(-1) == []


def test_counters_of_another_run_of_the_server_are_void(
    counters: Counters, month: Scope, redis: Redis, settings: Settings
) -> None:
    """As a snapshot that was restored brings them."""
    redis.hset(f"{settings.redis_prefix}money", "server", "another run")

    assert counters.holds.hold("a", 1, [at(month, None)]).state == "void"
    assert counters.holds.generation() == ""


def test_counters_that_are_ahead_of_the_rows_are_left_behind(
    counters: Counters, database: Database, redis: Redis, settings: Settings
) -> None:
    """As after a restore of PostgreSQL from a back-up."""
    redis.hset(f"{settings.redis_prefix}money", "generation", "700")

    counters.rebuild()

    assert counters.holds.generation() == "701"
    with database.system() as connection:
        assert connection.execute(text("SELECT generation FROM money_state")).scalar_one() == 701


def test_a_raise_waits_for_a_call_that_is_just_leaving(counters: Counters, database: Database, tenant: Tenant) -> None:
    raised = threading.Event()

    def renew() -> None:
        counters.renew()
        raised.set()

    with database.sending(tenant.id):
        raising = threading.Thread(target=renew)
        raising.start()
        early = raised.wait(0.5)
    raising.join(10)

    assert (early, raised.is_set()) == (False, True)


def test_while_a_generation_is_raised_no_call_leaves(counters: Counters, database: Database, tenant: Tenant) -> None:
    left = threading.Event()

    def leave() -> None:
        with database.sending(tenant.id):
            left.set()

    with database.system() as connection:
        generations.alone(connection)
        leaving = threading.Thread(target=leave)
        leaving.start()
        early = left.wait(0.5)
    leaving.join(10)

    assert (early, left.is_set()) == (False, True)


def test_the_first_requests_of_a_tenant_through_a_tiny_budget_admit_one(
    counters: Counters, tenant: Tenant, holds: Holds
) -> None:
    """The published reproduction of a gateway that admitted all eight."""
    scope = scopes.of_tenant(tenant.id, "month", DAY)
    start = threading.Barrier(8)

    def first(number: int) -> HoldAnswer:
        start.wait()
        for _ in range(20):
            answer = holds.hold(f"call {number}", 60, [at(scope, 100)])
            if answer.state != "missing":
                return answer
            counters.open([scope], answer.generation)
        raise AssertionError("the scope never opened")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(first, range(8)))

    assert sum(answer.agreed for answer in answers) == 1
    assert standing(holds, scope) == (0, 60, 60)


def test_calls_that_have_been_held_for_long_can_be_told(counters: Counters, month: Scope) -> None:
    counters.holds.hold("a", 1, [at(month, None)])

    assert counters.holds.standing_holds(-1) == ["a"]
    assert counters.holds.standing_holds(60) == []


def test_a_look_shows_what_is_not_there_as_such(counters: Counters, tenant: Tenant) -> None:
    (found,) = counters.holds.look([scopes.of_tenant(tenant.id, "day", NEXT)]).scopes

    assert found == Standing()

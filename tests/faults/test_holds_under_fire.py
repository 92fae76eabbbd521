"""Holds with processes killed, replies cut, every question asked twice, and stores that forget; judged by rows.

The runs are those of `python -m ops.bench.money`, smaller.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.bench import money_calls, money_rig, money_runs, money_witness
from ops.bench.money_calls import Order
from ops.bench.money_rig import Rig
from ops.bench.money_runs import MEAN_COST, MOST_PER_CALL, Town
from ops.drills.link import Link, Manner, redis_target, redis_through
from orchestrator.money.holds import SOURCE, Holds
from providers.scripts import Script

PROCESSES, CALLS, KILLS, CUT_SHARE = 4, 400, 6, 0.2


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with money_rig.rigged() as running:
        yield running


@pytest.mark.parametrize("share", [0.999, 1.001])
def test_a_budget_is_neither_passed_nor_leaked_nor_stingy_under_kills_and_cut_replies(rig: Rig, share: float) -> None:
    limit = int(CALLS * MEAN_COST * share)
    with (
        Link(redis_target(rig.store.url), Manner(reply_cut_share=CUT_SHARE), seed=3) as link,
        money_runs.town(rig, limit=limit, redis_url=redis_through(link), twice=True, seed=int(share * 1_000)) as there,
    ):
        verdict = money_runs.run(there, processes=PROCESSES, calls=CALLS, kills=KILLS)

    assert verdict.broken == ()
    assert link.done.cuts > link.done.replies / 10
    assert len(there.gone) > PROCESSES


def test_a_store_that_forgets_under_load_lets_no_budget_be_passed(rig: Rig, tmp_path: Path) -> None:
    older, hits = tmp_path / "older", iter(("flush", "copy", "empty", "older", "flush", "empty", "older"))

    def strike() -> None:
        match next(hits, None):
            case "flush":
                money_rig.client(rig.store.url).flushall()
            case "copy":
                rig.store.copy_to(older)
            case "empty":
                rig.store.begin_with(None)
            case "older":
                rig.store.begin_with(older)

    limit = int(CALLS * MEAN_COST)
    with money_runs.town(rig, limit=limit, redis_url=rig.store.url, twice=False, seed=5) as there:
        verdict = money_runs.run(there, processes=PROCESSES, calls=CALLS, kills=0, between=strike)

    assert next(hits, None) is None, "the run was over before the store had been hit"
    assert verdict.broken == ()


@pytest.mark.parametrize(
    ("intact", "broken"),
    [
        ("if limit >= 0 and one.spent", "if limit < 0 and one.spent"),  # no limit is looked at
        ("one.held - amount", "one.held"),  # a hold is never given back
        ("one.spent + ask.cost", "one.spent"),  # what was spent is forgotten
    ],
)
def test_the_checker_finds_a_script_that_does_not_keep_its_word(rig: Rig, intact: str, broken: str) -> None:
    assert SOURCE.count(intact) == 1
    limit = 5 * MOST_PER_CALL
    with money_runs.town(rig, limit=limit, redis_url=rig.store.url, twice=False, seed=len(broken)) as there:
        caller = money_calls.caller(order(there))
        holds = caller.counters.holds
        holds._script = Script(money_rig.client(rig.store.url), SOURCE.replace(intact, broken))
        for _ in range(12):
            caller.call(MOST_PER_CALL, MOST_PER_CALL // 2)
        for _ in range(12):
            caller.call(MOST_PER_CALL, MOST_PER_CALL)
        there.reconcile()

        verdict = money_witness.judge(
            there.database, there.counters.holds, there.tenant, there.limited[:1], limit, MOST_PER_CALL
        )

    assert verdict.broken != ()


def test_after_a_restart_the_counters_are_void_however_much_of_them_came_back(rig: Rig) -> None:
    client = money_rig.client(rig.store.url)
    old_hand = Holds(client, "restart:")
    assert old_hand.found(7)
    assert old_hand.generation() == "7"

    rig.store.kill()
    rig.store.start()

    assert client.hget("restart:money", "generation") == b"7"
    assert [holds.generation() for holds in (old_hand, Holds(client, "restart:"), old_hand)] == ["", "", ""]


def order(there: Town) -> Order:
    return Order(
        database_url=there.rig.database_url,
        redis_url=there.redis_url,
        tenant=there.tenant,
        jobs=there.jobs,
        limit=there.limit,
        platform=10**12,
        calls=0,
        most_per_call=MOST_PER_CALL,
        epoch=0,
        seed=1,
        twice=False,
        day=there.day,
    )

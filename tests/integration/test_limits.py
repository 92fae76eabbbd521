"""The shared limits: which key a call gets, when none, and what answers teach."""

import os
import signal
import time

import pytest
from redis import Redis

from orchestrator.broker import redis_py_url
from providers.catalog import ProviderCard
from providers.gate.limits import LimitQuestions, Limits
from providers.gate.passes import LimitState, Shortfall, Take
from providers.gate.rules import Bucket, LimitRules, Settlement
from tests.integration.gates import FREE, Clock
from tests.servers import Addresses

RULES = LimitRules(start_permits=4, most_permits=8, cut_every_s=5, pause_s=1, memory_s=60)
SUCCESS = Settlement(kind="success")
TTL_S = 10.0
KEYS = ("k0", "k1", "k2")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(redis: Redis, redis_prefix: str, clock: Clock) -> Limits:
    return Limits(redis, LimitQuestions(redis_prefix, RULES, clock))


def take(limits: Limits, call_id: str, *keys: str, card: ProviderCard = FREE, tokens: int = 0) -> Take | Shortfall:
    return limits.take(card, keys or ("k0",), call_id, tokens=tokens, ttl_s=TTL_S)


def key_of(taken: Take | Shortfall) -> int:
    assert isinstance(taken, Take), taken
    return taken.key


def why(taken: Take | Shortfall) -> tuple[str, float]:
    assert isinstance(taken, Shortfall), taken
    return taken.why, taken.wait_s


def state(limits: Limits, key: str = "k0", card: ProviderCard = FREE) -> LimitState:
    return limits.look([(card, key)])[0]


def settle(limits: Limits, call_id: str, settled: Settlement, key: str = "k0", card: ProviderCard = FREE) -> bool:
    return limits.settle(card, key, call_id, settled)


def test_a_key_has_as_many_permits_as_it_starts_with(limits: Limits) -> None:
    taken = [take(limits, f"c{turn}") for turn in range(5)]

    assert [isinstance(one, Take) for one in taken] == [True] * 4 + [False]
    assert why(taken[4]) == ("permits", RULES.permit_wait_s)


def test_taking_twice_for_one_call_takes_once(limits: Limits) -> None:
    card = FREE.model_copy(update={"requests_per_minute": 60, "tokens_per_minute": 600})
    taken = [take(limits, "one", card=card, tokens=100) for _ in range(3)]

    seen = state(limits, card=card)

    assert taken == [Take(key=0, again=False), Take(key=0, again=True), Take(key=0, again=True)]
    assert (seen.in_flight, seen.requests, seen.tokens) == (1, 59.0, 500.0)


def test_a_repeated_taking_answers_with_the_key_that_was_chosen_though_another_is_better_now(limits: Limits) -> None:
    first = key_of(take(limits, "one", *KEYS))

    assert all(take(limits, "one", *KEYS) == Take(key=first, again=True) for _ in range(3))


def test_settling_twice_is_heard_once(limits: Limits) -> None:
    take(limits, "one")

    heard = [settle(limits, "one", Settlement(kind="rate_limit")) for _ in range(3)]

    assert heard == [True, False, False]
    assert state(limits).permits == 2


def test_what_is_given_back_is_as_if_never_taken(limits: Limits) -> None:
    card = FREE.model_copy(update={"requests_per_minute": 60, "tokens_per_minute": 600})
    take(limits, "one", card=card, tokens=100)

    given = [limits.give_back(card, "k0", "one", tokens=100) for _ in range(2)]

    seen = state(limits, card=card)
    assert given == [True, False]
    assert (seen.in_flight, seen.requests, seen.tokens) == (0, 60.0, 600.0)


def test_keys_with_equal_room_take_turns(limits: Limits) -> None:
    chosen = []
    for turn in range(6):
        chosen.append(key_of(take(limits, f"c{turn}", *KEYS)))
        settle(limits, f"c{turn}", Settlement(kind="other"), KEYS[chosen[-1]])

    assert chosen == [0, 1, 2, 0, 1, 2]


def test_the_key_with_most_room_is_taken(limits: Limits) -> None:
    for turn in range(2):
        take(limits, f"busy{turn}", "k0")
    take(limits, "busy", "k2")

    assert key_of(take(limits, "next", *KEYS)) == 1


def test_a_pause_ends_at_the_told_time(limits: Limits, clock: Clock) -> None:
    take(limits, "one")
    settle(limits, "one", Settlement(kind="rate_limit", told_s=30))
    paused = take(limits, "two")
    clock.pass_s(30)

    assert why(paused) == ("paused", 30.0)
    assert isinstance(take(limits, "two"), Take)


def test_a_rate_limited_key_leaves_its_calls_to_the_others(limits: Limits) -> None:
    take(limits, "one", *KEYS)
    settle(limits, "one", Settlement(kind="rate_limit", told_s=30), "k0")

    chosen = {key_of(take(limits, f"c{turn}", *KEYS)) for turn in range(6)}

    assert chosen == {1, 2}


def test_without_a_told_wait_pauses_double_with_each_rate_limit_in_a_row(limits: Limits, clock: Clock) -> None:
    pauses = []
    for turn in range(5):
        take(limits, f"c{turn}")
        settle(limits, f"c{turn}", Settlement(kind="rate_limit"))
        pauses.append(state(limits).paused_s)
        clock.pass_s(pauses[-1])

    assert all(2**turn / 2 <= pause < 2**turn for turn, pause in enumerate(pauses))


def test_one_volley_of_rate_limits_is_one_strike_and_one_cut(limits: Limits) -> None:
    for turn in range(4):
        take(limits, f"c{turn}")
    for turn in range(4):
        settle(limits, f"c{turn}", Settlement(kind="rate_limit"))

    seen = state(limits)

    assert seen.permits == 2
    assert seen.paused_s <= RULES.pause_s


def test_a_success_ends_the_row_of_strikes(limits: Limits, clock: Clock) -> None:
    for call, settled in (("a", "rate_limit"), ("b", "success"), ("c", "rate_limit")):
        take(limits, call)
        settle(limits, call, Settlement.model_validate({"kind": settled}))
        paused_s = state(limits).paused_s
        clock.pass_s(paused_s)

    assert paused_s <= RULES.pause_s


def test_permits_never_fall_below_one(limits: Limits, clock: Clock) -> None:
    for turn in range(6):
        assert isinstance(take(limits, f"c{turn}"), Take)
        settle(limits, f"c{turn}", Settlement(kind="rate_limit", told_s=RULES.cut_every_s))
        clock.pass_s(RULES.cut_every_s)

    assert state(limits).permits == 1


def test_permits_grow_by_one_a_window_while_all_are_in_use_up_to_the_most(limits: Limits) -> None:
    grown = []
    for window in range(6):
        permits = int(state(limits).permits)
        for turn in range(permits):
            assert isinstance(take(limits, f"w{window}-{turn}"), Take)
        for turn in range(permits):
            settle(limits, f"w{window}-{turn}", SUCCESS)
        grown.append(state(limits).permits)

    assert grown == [5, 6, 7, 8, 8, 8]


def test_permits_do_not_grow_while_some_lie_idle(limits: Limits) -> None:
    for turn in range(40):
        take(limits, f"c{turn}")
        settle(limits, f"c{turn}", SUCCESS)

    assert state(limits).permits == 4


def test_the_cards_concurrency_is_the_most(limits: Limits) -> None:
    card = FREE.model_copy(update={"concurrency": 2})

    taken = [isinstance(take(limits, f"c{turn}", card=card), Take) for turn in range(3)]

    assert taken == [True, True, False]


def test_a_bucket_of_requests_runs_dry_and_fills_again(limits: Limits, clock: Clock) -> None:
    card = FREE.model_copy(update={"requests_per_minute": 2})
    dry = [take(limits, f"c{turn}", card=card) for turn in range(3)]
    clock.pass_s(30)

    assert why(dry[2]) == ("requests", 30.0)
    assert isinstance(take(limits, "later", card=card), Take)


def test_a_bucket_of_tokens_says_when_it_holds_enough(limits: Limits) -> None:
    card = FREE.model_copy(update={"tokens_per_minute": 6_000})
    take(limits, "one", card=card, tokens=5_000)

    assert why(take(limits, "two", card=card, tokens=2_000)) == ("tokens", 10.0)


def test_a_call_larger_than_the_bucket_goes_out_when_it_is_full_and_leaves_a_debt(limits: Limits, clock: Clock) -> None:
    card = FREE.model_copy(update={"tokens_per_minute": 6_000})
    take(limits, "huge", card=card, tokens=9_000)

    assert why(take(limits, "next", card=card, tokens=1_000)) == ("tokens", 40.0)


def test_tokens_that_were_not_used_come_back(limits: Limits) -> None:
    card = FREE.model_copy(update={"tokens_per_minute": 6_000})
    take(limits, "one", card=card, tokens=5_000)
    settle(limits, "one", Settlement(kind="success", tokens_back=4_000), card=card)

    assert state(limits, card=card).tokens == 5_000


def test_what_the_provider_says_is_left_counts_where_it_is_less(limits: Limits, clock: Clock) -> None:
    card = FREE.model_copy(update={"requests_per_minute": 60})
    take(limits, "one", card=card)
    settle(limits, "one", Settlement(kind="success", requests=Bucket(limit=60, remaining=0, reset_s=60)), card=card)
    refused = take(limits, "two", card=card)
    take_more = Settlement(kind="success", requests=Bucket(remaining=1_000, reset_s=1))
    clock.pass_s(1)
    taken = take(limits, "three", card=card)
    settle(limits, "three", take_more, card=card)

    assert why(refused) == ("requests", 1.0)
    assert isinstance(taken, Take)
    assert state(limits, card=card).requests == pytest.approx(0, abs=0.01)


def test_a_slower_refill_that_the_provider_told_is_kept_until_its_end(limits: Limits, clock: Clock) -> None:
    told = Settlement(kind="success", requests=Bucket(limit=60, remaining=0, reset_s=600))
    take(limits, "one")
    settle(limits, "one", told)
    clock.pass_s(100)
    part = state(limits).requests
    clock.pass_s(501)

    assert part == pytest.approx(10)
    assert state(limits).requests == pytest.approx(60)


def test_a_capacity_that_the_provider_told_does_not_raise_the_cards(limits: Limits) -> None:
    card = FREE.model_copy(update={"requests_per_minute": 10})
    take(limits, "one", card=card)
    settle(limits, "one", Settlement(kind="success", requests=Bucket(limit=500, remaining=400)), card=card)

    assert state(limits, card=card).requests == 9


def test_a_limit_that_is_used_up_and_has_no_known_capacity_rests_the_key(limits: Limits) -> None:
    take(limits, "one")
    settle(limits, "one", Settlement(kind="success", tokens=Bucket(remaining=0, reset_s=20)))

    assert why(take(limits, "two")) == ("paused", 20.0)


def test_output_tokens_that_are_used_up_rest_the_key(limits: Limits) -> None:
    take(limits, "one")
    settle(limits, "one", Settlement(kind="success", rest_s=7))

    assert why(take(limits, "two")) == ("paused", 7.0)


def test_a_dead_key_is_parked_with_its_reason_and_the_others_go_on(limits: Limits, clock: Clock) -> None:
    take(limits, "one", *KEYS)
    settle(limits, "one", Settlement(kind="park", park_s=900, why="unauthenticated (401)"), "k0")

    chosen = {key_of(take(limits, f"c{turn}", *KEYS)) for turn in range(4)}
    seen = state(limits)
    alone = take(limits, "alone", "k0")
    clock.pass_s(900)

    assert chosen == {1, 2}
    assert (seen.parked_s, seen.parked_why) == (900.0, "unauthenticated (401)")
    assert alone == Shortfall(why="parked", wait_s=900.0, parked_why="unauthenticated (401)")
    assert isinstance(take(limits, "alone", "k0"), Take)


def test_a_refusal_tells_of_the_key_that_lives_before_the_parked_one(limits: Limits) -> None:
    for key, settled in (
        ("k0", Settlement(kind="park", park_s=1, why="quota_exhausted")),
        ("k1", Settlement(kind="rate_limit", told_s=50)),
        ("k2", Settlement(kind="rate_limit", told_s=40)),
    ):
        take(limits, key, key)
        settle(limits, key, settled, key)

    assert why(take(limits, "one", *KEYS)) == ("paused", 40.0)


def test_an_operator_wakes_a_parked_key(limits: Limits) -> None:
    take(limits, "one")
    settle(limits, "one", Settlement(kind="park", park_s=900, why="unauthenticated"))
    limits.reset(FREE, "k0")

    assert isinstance(take(limits, "two"), Take)


def test_an_expired_permit_is_free_and_still_heard_once_when_its_call_comes_home(limits: Limits, clock: Clock) -> None:
    for turn in range(4):
        take(limits, f"c{turn}")
    clock.pass_s(TTL_S)
    freed = state(limits).in_flight
    taken = isinstance(take(limits, "next"), Take)

    heard = [settle(limits, "c0", Settlement(kind="rate_limit", told_s=9)) for _ in range(2)]

    assert (freed, taken, heard) == (0, True, [True, False])
    assert state(limits).paused_s == 9.0


def test_a_renewed_permit_outlives_its_time(limits: Limits, clock: Clock) -> None:
    take(limits, "one")
    clock.pass_s(TTL_S - 1)
    renewed = limits.renew(FREE, "k0", "one", ttl_s=TTL_S), limits.renew(FREE, "k0", "stranger", ttl_s=TTL_S)
    clock.pass_s(TTL_S - 1)

    assert renewed == (True, False)
    assert state(limits).in_flight == 1


def test_all_keys_expire(limits: Limits, redis: Redis, redis_prefix: str) -> None:
    take(limits, "one", *KEYS)
    settle(limits, "one", Settlement(kind="park", park_s=86_400, why="x"))
    take(limits, "two", *KEYS)

    lives = {key: redis.pttl(key) for key in redis.scan_iter(match=f"{redis_prefix}*")}

    assert len(lives) >= 4
    assert all(0 < life <= (86_400 + RULES.forget_s) * 1000 for life in lives.values())


def test_after_a_flush_everything_starts_afresh(limits: Limits, redis: Redis, redis_prefix: str) -> None:
    take(limits, "one")
    redis.delete(*redis.scan_iter(match=f"{redis_prefix}*"))

    assert not settle(limits, "one", Settlement(kind="rate_limit"))
    assert isinstance(take(limits, "two"), Take)


KILLS = 200
AT_A_TIME = 8
SHORT_TTL_S = 0.5
ONE_EACH = LimitRules(start_permits=KILLS, most_permits=KILLS)


def _taker(url: str, prefix: str, call_id: str) -> int:
    """A forked worker that takes a permit, says so through a pipe, and waits to be killed. Returns its process id."""
    told, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with Redis.from_url(url) as own:
                mine = Limits(own, LimitQuestions(prefix, ONE_EACH))
                taken = mine.take(FREE, ("k0",), call_id, tokens=0, ttl_s=SHORT_TTL_S)
                os.write(telling, b"x" if isinstance(taken, Take) else b"-")
                signal.pause()
        finally:
            os._exit(1)
    os.close(telling)
    with os.fdopen(told, "rb") as pipe:
        assert pipe.read(1) == b"x", "a worker got no permit"
    return pid


@pytest.fixture
def real_limits(redis: Redis, redis_prefix: str) -> Limits:
    """By Redis' own clock."""
    return Limits(redis, LimitQuestions(redis_prefix, ONE_EACH))


def test_200_killed_workers_leak_no_permit(real_limits: Limits, addresses: Addresses, redis_prefix: str) -> None:
    most = 0
    for volley in range(KILLS // AT_A_TIME):
        pids = [_taker(redis_py_url(addresses.redis_url), redis_prefix, f"{volley}-{n}") for n in range(AT_A_TIME)]
        most = max(most, state(real_limits).in_flight)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    deadline = time.monotonic() + 5
    while (left := state(real_limits).in_flight) and time.monotonic() < deadline:
        time.sleep(0.02)

    again = [take(real_limits, f"after{turn}") for turn in range(KILLS)]

    assert most >= AT_A_TIME
    assert left == 0
    assert all(isinstance(one, Take) for one in again)

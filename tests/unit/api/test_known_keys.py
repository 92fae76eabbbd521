"""Keys that were good a moment ago: how long, and how many."""

from api.known_keys import KEPT_S, MAX_KEPT, KnownKeys
from orchestrator.tenancy.keys import Principal

ANN = Principal(tenant="ten_a", key_id="key_a", scopes=frozenset({"read"}), environment="test")
BOB = ANN.model_copy(update={"key_id": "key_b"})


def test_a_key_is_known_for_a_moment_and_then_asked_for_again() -> None:
    now = [100.0]
    keys = KnownKeys(clock=lambda: now[0])
    keys.keep(b"digest", ANN, keys.moment())

    at_once = keys.find(b"digest")
    now[0] += KEPT_S

    assert at_once == ANN
    assert keys.find(b"digest") is None


def test_a_key_that_was_never_good_is_not_known() -> None:
    assert KnownKeys().find(b"digest") is None


def test_a_flood_of_callers_is_forgotten_and_not_kept_for_ever() -> None:
    keys = KnownKeys()
    for number in range(MAX_KEPT):
        keys.keep(str(number).encode(), ANN, keys.moment())

    keys.keep(b"one more", ANN, keys.moment())

    assert keys.find(b"0") is None
    assert keys.find(b"one more") == ANN


def test_a_key_is_known_from_when_postgresql_was_asked_and_not_from_when_it_answered() -> None:
    now = [100.0]
    keys = KnownKeys(clock=lambda: now[0])
    asked_at = keys.moment()
    now[0] += KEPT_S - 0.5
    keys.keep(b"digest", ANN, asked_at)

    before = keys.find(b"digest")
    now[0] += 0.5

    assert (before, keys.find(b"digest")) == (ANN, None)


def test_a_key_that_was_changed_is_forgotten_and_no_other() -> None:
    keys = KnownKeys()
    keys.keep(b"ann", ANN, keys.moment())
    keys.keep(b"bob", BOB, keys.moment())

    keys.forget("key_a")

    assert (keys.find(b"ann"), keys.find(b"bob")) == (None, BOB)


def test_an_answer_from_before_the_change_is_not_kept_and_one_from_after_it_is() -> None:
    now = [100.0]
    keys = KnownKeys(clock=lambda: now[0])
    asked_at = keys.moment()
    now[0] += 0.1
    keys.forget("key_a")
    keys.keep(b"digest", ANN, asked_at)
    old = keys.find(b"digest")
    now[0] += 0.1
    keys.keep(b"digest", ANN, keys.moment())

    assert (old, keys.find(b"digest")) == (None, ANN)


def test_what_was_forgotten_is_not_remembered_for_ever() -> None:
    now = [100.0]
    keys = KnownKeys(clock=lambda: now[0])
    keys.forget("key_a")
    now[0] += KEPT_S

    keys.forget("key_b")

    assert set(keys._forgotten) == {"key_b"}

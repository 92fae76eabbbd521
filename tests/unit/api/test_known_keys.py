"""Keys that were good a moment ago: how long, and how many."""

from api.known_keys import KEPT_S, MAX_KEPT, KnownKeys
from orchestrator.tenancy.keys import Principal

ANN = Principal(tenant="ten_a", key_id="key_a", scopes=frozenset({"read"}))


def test_a_key_is_known_for_a_moment_and_then_asked_for_again() -> None:
    now = [100.0]
    keys = KnownKeys(clock=lambda: now[0])
    keys.keep(b"digest", ANN)

    at_once = keys.find(b"digest")
    now[0] += KEPT_S

    assert at_once == ANN
    assert keys.find(b"digest") is None


def test_a_key_that_was_never_good_is_not_known() -> None:
    assert KnownKeys().find(b"digest") is None


def test_a_flood_of_callers_is_forgotten_and_not_kept_for_ever() -> None:
    keys = KnownKeys()
    for number in range(MAX_KEPT):
        keys.keep(str(number).encode(), ANN)

    keys.keep(b"one more", ANN)

    assert keys.find(b"0") is None
    assert keys.find(b"one more") == ANN

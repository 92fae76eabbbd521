"""What is known of a key beside its digest: how it begins, and when it ends."""

from datetime import UTC, datetime, timedelta

from orchestrator.tenancy.keys import Principal, generate, prefix

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
ANN = Principal(tenant="ten_a", key_id="key_a", scopes=frozenset(), environment="test")


def test_a_prefix_is_the_environment_and_four_letters() -> None:
    key = generate("live")

    assert prefix(key) == key[: len("mm_live_") + 4]
    assert len(key) == len("mm_live_") + 43


def test_a_key_has_ended_once_its_end_has_come_and_never_without_one() -> None:
    ends = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)]

    assert [ANN.model_copy(update={"expires_at": end}).has_ended(lambda: NOW) for end in ends] == [True, True, False]
    assert not ANN.has_ended(lambda: NOW)

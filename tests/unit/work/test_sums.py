"""What calls came to: sums that begin at nothing."""

from orchestrator.work.sums import Group, Sums, Tokens


def test_what_no_call_came_to_is_nothing() -> None:
    empty = Group(key=None, groups=1, sums=Sums())

    assert empty.sums.tokens == Tokens()
    assert set(empty.sums.model_dump(exclude={"tokens"}).values()) == {0}
    assert set(empty.sums.tokens.model_dump().values()) == {0}

"""How a key begins, by which people know it."""

from orchestrator.tenancy.keys import generate, prefix


def test_a_prefix_is_the_environment_and_four_letters() -> None:
    key = generate("live")

    assert prefix(key) == key[: len("mm_live_") + 4]
    assert len(key) == len("mm_live_") + 43

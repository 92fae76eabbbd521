"""When Redis has to write its file anew: only if it stands still, and nothing else would end that."""

import pytest

from tasks.rewriting import stands_still

STUCK = {"aof_last_write_status": "err", "aof_buffer_length": 0, "aof_rewrite_in_progress": 0}


@pytest.mark.parametrize(
    ("persistence", "expected"),
    [
        (STUCK, True),
        (STUCK | {"aof_last_write_status": "ok"}, False),
        (STUCK | {"aof_buffer_length": 812}, False),  # the disk is full: it tries again by itself
        (STUCK | {"aof_rewrite_in_progress": 1}, False),
        ({}, False),
    ],
)
def test_redis_stands_still_where_a_sync_failed_and_nothing_is_left_to_write(
    persistence: dict[str, object], *, expected: bool
) -> None:
    assert stands_still(persistence) is expected

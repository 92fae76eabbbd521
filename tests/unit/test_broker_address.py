"""Celery's spelling of an address and redis-py's."""

import pytest

from orchestrator.broker import redis_py_url


@pytest.mark.parametrize(
    ("celery", "redis_py"),
    [
        ("redis://me:secret@redis:6379/0", "redis://me:secret@redis:6379/0"),
        ("rediss://redis/1", "rediss://redis/1"),
        ("redis+socket:///run/redis.sock", "unix:///run/redis.sock?db=0"),
        ("redis+socket:///run/redis.sock?virtual_host=/3", "unix:///run/redis.sock?db=3"),
        ("redis+socket://me:secret@/run/redis.sock?virtual_host=2", "unix://me:secret@/run/redis.sock?db=2"),
        ("socket://run/redis.sock", "unix:///run/redis.sock?db=0"),
    ],
)
def test_an_address_keeps_its_place_its_number_and_its_login(celery: str, redis_py: str) -> None:
    assert redis_py_url(celery) == redis_py

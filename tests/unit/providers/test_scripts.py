"""Which run of a server a script is loaded into."""

import pytest
from redis.exceptions import ResponseError

from providers.scripts import run_of

INFO = b"# Server\r\nredis_version:7.2.4\r\nrun_id:ab12\r\nexecutable:/opt/a:b\r\n"


def test_the_run_is_read_from_what_the_server_says_of_itself() -> None:
    assert run_of(INFO) == "ab12"


def test_a_server_that_keeps_scripts_over_a_restart_is_refused() -> None:
    with pytest.raises(ResponseError, match=r"Redis 6\.2\.14 is too old"):
        run_of(INFO.replace(b"7.2.4", b"6.2.14"))

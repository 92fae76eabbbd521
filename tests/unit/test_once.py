import threading

from orchestrator.once import Once

LIMIT_S = 30.0


class Text:
    """Counts how often it was read; `both` holds whoever reads it until two do."""

    def __init__(self, both: threading.Barrier | None = None) -> None:
        self.reads = 0
        self.both = both

    @Once
    def length(self) -> int:
        """Its letters."""
        self.reads += 1
        if self.both is not None:
            self.both.wait(LIMIT_S)
        return 7


def test_a_value_is_worked_out_once_for_each_instance() -> None:
    one, other = Text(), Text()

    assert (one.length, one.length, other.length) == (7, 7, 7)
    assert (one.reads, other.reads) == (1, 1)


def test_the_class_tells_what_the_value_is() -> None:
    assert isinstance(Text.length, Once)
    assert Text.length.__doc__ == "Its letters."


def test_threads_work_out_different_instances_at_the_same_time() -> None:
    both = threading.Barrier(2)
    texts = [Text(both), Text(both)]
    threads = [threading.Thread(target=lambda text=text: text.length) for text in texts]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * LIMIT_S)

    assert not both.broken  # with one lock for all, the second never comes to the barrier
    assert [text.reads for text in texts] == [1, 1]

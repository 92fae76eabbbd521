"""Whether a worker has stopped to take messages although it lives. Pure.

Its heart beats, its leases are renewed, its sockets look open, and nothing comes: Celery has been seen in that state
(celery#8030, #8091, #9054, #10205). What shows it is that messages stand in a queue of its own, look after look, while
it has a hand free and takes none. Those that others take do not count for it, and need not: then nobody waits.
"""


class Hearing:
    """What was seen of one worker, from look to look.

    Args:
        after_s: how long messages may stand there; many times what a free hand needs.
    """

    def __init__(self, after_s: float, now_s: float) -> None:
        self._after_s = after_s
        self._looked_at_s = self._well_at_s = now_s
        self._taken = 0

    def is_deaf(self, now_s: float, *, waits: bool, busy: bool, taken: int) -> bool:
        """One look; several in `after_s`. A process that stood still between two was deaf to nothing.

        Args:
            waits: a message stands in one of its queues.
            busy: all its hands are full.
            taken: messages that it has taken in its life.
        """
        stood_still = now_s - self._looked_at_s > self._after_s / 2
        if not waits or busy or taken != self._taken or stood_still:
            self._well_at_s = now_s
        self._looked_at_s, self._taken = now_s, taken
        return now_s - self._well_at_s >= self._after_s

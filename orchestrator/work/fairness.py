"""Whose jobs go next: deficit round robin over tenants, priced in estimated seconds of calls. Pure.

Each tenant has a deficit. In a round every tenant that has something waiting is given its quantum times its weight, and
sends jobs, the oldest first, as long as its deficit pays for them. So a tenant with dear jobs gets as many seconds as
one with cheap ones, one with a thousand jobs no more than one with ten, and nobody's credit grows while it has nothing
to send. (M. Shreedhar and G. Varghese, Efficient fair queueing using deficit round robin, 1996.)
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from providers.calls import Value

FIRST_GUESS_S: Final = 5.0  # of a call to a model that nobody has asked yet


class Waiting(Value):
    """A job that waits for its turn: the models that its first seats ask, its tenant's weight."""

    job: str
    tenant: str
    weight: float = 1.0
    targets: tuple[str, ...]

    @property
    def messages(self) -> int:
        return len(self.targets)


def call_seconds(job: Waiting, latency_s: Mapping[str, float]) -> float:
    """What a job costs: the seconds that its calls are expected to take together."""
    return sum(latency_s.get(target, FIRST_GUESS_S) for target in job.targets)


class FairQueue:
    """One lane's memory of who is owed what. For one thread; losing it costs one round of fairness."""

    def __init__(self) -> None:
        self._owed_s: dict[str, float] = {}  # by tenant, in the order of their next turns

    def pick(
        self,
        waiting: Iterable[Waiting],
        room: int,
        latency_s: Mapping[str, float],
        caps: Mapping[str, int],
    ) -> list[Waiting]:
        """The jobs that go now, in their order.

        Args:
            waiting: each tenant's oldest jobs first; of a tenant with more than `room` jobs, `room` are enough.
            room: messages that may go out. A job that is larger than what is left still goes, whole, as the last.
            latency_s: of a call, by target.
            caps: messages that a tenant may send at most; who is not named, any number.
        """
        queues, left = _by_tenant(waiting), dict(caps)
        self._owed_s = {name: self._owed_s.get(name, 0.0) for name in (*self._owed_s, *queues) if name in queues}
        quantum_s = max((call_seconds(queue[0], latency_s) for queue in queues.values()), default=0.0)
        picked: list[Waiting] = []
        while room > 0 and self._owed_s:
            tenant = next(iter(self._owed_s))
            owed_s, queue = self._owed_s.pop(tenant) + quantum_s * queues[tenant][0].weight, queues[tenant]
            while queue and room > 0 and left.get(tenant, 1) > 0 and call_seconds(queue[0], latency_s) <= owed_s:
                job = queue.popleft()
                owed_s -= call_seconds(job, latency_s)
                room -= job.messages
                if tenant in left:
                    left[tenant] -= job.messages
                picked.append(job)
            if queue and left.get(tenant, 1) > 0:  # else there is nothing that it could send, and its credit ends
                self._owed_s[tenant] = owed_s
        return picked


def _by_tenant(waiting: Iterable[Waiting]) -> dict[str, deque[Waiting]]:
    queues: dict[str, deque[Waiting]] = {}
    for job in waiting:
        queues.setdefault(job.tenant, deque()).append(job)
    return queues

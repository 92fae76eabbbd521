"""How messages travel: late, twice, or not at all. A message is a bell; what it is about stands in the rows."""

from functools import partial
from typing import TYPE_CHECKING, Final

from ops.drills.simulation.rows import Seat
from ops.drills.simulation.stores import Broker, Message

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

MESSAGE: Final = "message"  # the name of the tasks that act on one
ENDINGS: Final = -1  # their queue; those of asks are numbered as the targets
MOST_STRAYS: Final = 3  # further deliveries of one message
SOON_S: Final = 0.01


def ask_for(job: int, seat: Seat) -> Message:
    """The message that asks for the seat as it stands."""
    return Message(seat.ladder[seat.rung], job, seat.number, seat.epoch)


class Post:
    """`in_flight`: messages that are on their way or being acted on."""

    def __init__(self, world: "World") -> None:
        self.broker = Broker()
        self.in_flight = 0
        self._world = world

    def ask(self, job: int, seat: Seat) -> bool:
        """Publish the ask for a seat as it is handed in. False: the broker is away."""
        return self.publish(ask_for(job, seat))

    def ring(self, job: int) -> bool:
        """Publish the ending of a job. False: the broker is away."""
        return self.publish(Message(ENDINGS, job))

    def publish(self, message: Message) -> bool:
        world, plan, draw = self._world, self._world.plan, self._world.draw
        if world.now < self.broker.away_until:
            return False
        calm = world.now >= plan.calm_at
        if not calm and draw() < plan.loss:
            world.faults["lost message"] += 1
            world.tell("broker", f"loses {message}")
            return True
        self._carry(message, SOON_S + draw() * plan.slow_s)
        if not calm and draw() < plan.repeat:
            world.faults["repeated message"] += 1
            for _ in range(1 + int(draw() * MOST_STRAYS)):
                self._carry(message, SOON_S + draw() * plan.stray_s)
        return True

    def _carry(self, message: Message, delay_s: float) -> None:
        self.broker.put(message)
        self.in_flight += 1
        self._world.after(delay_s, partial(self._deliver, message, self.broker.memory))

    def _deliver(self, message: Message, memory: int) -> None:
        world = self._world
        if memory != self.broker.memory:
            self.in_flight -= 1
            return
        free = [home for home in (world.ending if message.seat is None else world.asking) if home.has_room]
        if not free or world.now < self.broker.away_until:
            world.after(1.0 + world.draw() * 3.0, partial(self._deliver, message, memory))
            return
        self.broker.take(message)
        home = free[0] if len(free) == 1 else world.chance.choice(free)
        world.tell(home.name, f"takes {message}")
        world.spawn(MESSAGE, home, 0.0, lambda task: world.hear(task, message))

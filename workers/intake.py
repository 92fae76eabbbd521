"""What a worker takes in: a message that is not made like ours is refused, before Celery dies of it.

Celery 5.7 unpacks a message unchecked. One whose body is no `[args, kwargs, embed]` raises through the worker's event
loop: the worker exits, the broker hands the message to the next one, and that exits too. A task's strategy, which
Celery lets every task choose, stands before that: whatever it raises as InvalidTaskError is logged and rejected.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from celery import Celery
from celery.exceptions import InvalidTaskError
from celery.worker.strategy import default

Receive: TypeAlias = Callable[..., None]


def guard(app: Celery) -> None:
    """Give every task of the application, Celery's own too, the careful strategy."""
    for task in app.tasks.values():
        task.Strategy = careful


def careful(task: Any, app: Celery, consumer: Any) -> Receive:
    """Celery's own strategy, with every fault of a message turned into a refusal."""
    receive: Receive = default(task, app, consumer)

    def received(message: Any, *args: Any, **kwargs: Any) -> None:
        try:
            receive(message, *args, **kwargs)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidTaskError(f"The message is not made like ours: {type(error).__name__}.") from error

    return received

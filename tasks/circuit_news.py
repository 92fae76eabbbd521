"""Tells of circuits that open and close: when a call or a probe finds it, and again in the rounds of repair.

Who sees a change may die before it is written, and Redis may forget a circuit; so each round compares what was told
with what the gate knows.
"""

import structlog

from orchestrator.errors import Unavailable
from orchestrator.storage import circuit_news
from providers.gate.passes import CircuitState, Transition
from tasks import resources

log = structlog.get_logger()


def tell(change: Transition) -> None:
    """Say it in the log and in the feeds of those whom it concerns. What lies between is for the log alone."""
    log.warning("provider.circuit", target=str(change.target), before=change.before, after=change.after, why=change.why)
    if change.after not in (CircuitState.OPEN, CircuitState.CLOSED):
        return
    act = circuit_news.opened if change.after is CircuitState.OPEN else circuit_news.closed
    try:
        with resources.current().database.system() as connection:
            act(connection, change.target)
    except Unavailable as error:
        log.warning("provider.circuit_untold", target=str(change.target), error=error.message)  # the next round tells


def catch_up() -> None:
    """Tell what nobody told. A circuit that the gate does not know is closed.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    here = resources.current()
    states = here.gate.states()
    if states.alone:
        return  # this process' own view is nobody else's
    now = {reading.target: reading.state for reading in states.circuits}
    with here.database.system() as connection:
        known = circuit_news.known_open(connection)
        for target in known:
            if now.get(target, CircuitState.CLOSED) is CircuitState.CLOSED:
                circuit_news.closed(connection, target)
        for target, state in now.items():
            if state is CircuitState.OPEN and target not in known:
                circuit_news.opened(connection, target)

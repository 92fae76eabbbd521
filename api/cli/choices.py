"""What a shell may offer for an argument or an option. Asked for at a TAB alone, so the words are imported then."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, get_args

from api.cli.completing import SCRIPTS

Offer: TypeAlias = Callable[[str], list[str]]

AUTO: Final = "auto"  # the strategy that leaves it to the service
ALL: Final = "all"


def strategies(begun: str) -> list[str]:
    from orchestrator.synthesis import STRATEGIES  # noqa: PLC0415  see the head

    return _beginning(begun, (*STRATEGIES,))


def asked_strategies(begun: str) -> list[str]:
    """Those of a request, which may leave it to the service."""
    return _beginning(begun, (AUTO, *strategies("")))


def compared_strategies(begun: str) -> list[str]:
    """Several with commas: the last of them is the one that is being typed."""
    before, comma, last = begun.rpartition(",")
    words = strategies("") if comma else (ALL, *strategies(""))
    return [f"{before}{comma}{word}" for word in _beginning(last, words)]


def policies(begun: str) -> list[str]:
    from orchestrator.routing.request import Policy  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(Policy))


def priorities(begun: str) -> list[str]:
    from orchestrator.work.lanes import Lane  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(Lane))


def routings(begun: str) -> list[str]:
    from orchestrator.routing.request import RoutingStrategy  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(RoutingStrategy))


def unverified(begun: str) -> list[str]:
    from orchestrator.analysis.evidence import Unverified  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(Unverified))


def scopes(begun: str) -> list[str]:
    from orchestrator.tenancy.scopes import SCOPES  # noqa: PLC0415  see the head

    return _beginning(begun, SCOPES)


def redactions(begun: str) -> list[str]:
    """Several with commas, but for terms, which have an option of their own."""
    from orchestrator.meeting.tokens import KINDS  # noqa: PLC0415  see the head

    before, comma, last = begun.rpartition(",")
    return [f"{before}{comma}{word}" for word in _beginning(last, [kind for kind in KINDS if kind != "custom"])]


def statuses(begun: str) -> list[str]:
    from api.schemas import JobStatus  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(JobStatus))


def bad_ends(begun: str) -> list[str]:
    from api.dead_letter_schemas import BadEnd  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(BadEnd))


def formats(begun: str) -> list[str]:
    from api.schemas import ExportFormat  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(ExportFormat))


def verdicts(begun: str) -> list[str]:
    from orchestrator.analysis.items import Verdict  # noqa: PLC0415  see the head

    return _beginning(begun, get_args(Verdict))


def meeting_types(begun: str) -> list[str]:
    from orchestrator.analysis.templates import TEMPLATES_FOR  # noqa: PLC0415  see the head

    return _beginning(begun, TEMPLATES_FOR)


def providers(begun: str) -> list[str]:
    """Those of the catalog that is in force here; the service may have another."""
    from orchestrator.settings import load_catalog  # noqa: PLC0415  see the head

    return _beginning(begun, [card.id for card in load_catalog().providers])


def scenarios(begun: str) -> list[str]:
    from api.cli.drills import SCENARIOS  # noqa: PLC0415  see the head

    return _beginning(begun, (*SCENARIOS,))


def shells(begun: str) -> list[str]:
    return _beginning(begun, (*SCRIPTS,))


def _beginning(begun: str, words: Sequence[str]) -> list[str]:
    return [word for word in words if word.startswith(begun)]

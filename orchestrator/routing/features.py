"""What a house can switch off, and what a request becomes then. Pure."""

from typing import Final

from orchestrator.routing.request import AnalysisRequest, PanelWish
from providers.calls import Value

ONE_MODEL: Final = "multi-model synthesis is off here, so one model is asked"


class Features(Value):
    """`context_aware_routing`: the meeting's circumstances are found out and count. `multi_model_synthesis`: several
    models may be asked for one meeting.
    """

    context_aware_routing: bool = True
    multi_model_synthesis: bool = True


ALL_ON: Final = Features()


def alone(request: AnalysisRequest) -> AnalysisRequest:
    """The request of one seat that it becomes where one model alone may be asked: the first that it names, if any."""
    panel = PanelWish(models=request.panel.models[:1], size=1)
    return request.model_copy(update={"strategy": "single", "panel": panel})

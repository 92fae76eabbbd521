"""Pages of jobs as they come: well and badly ended, under way, long, from right to left, attacked."""

from collections.abc import Callable
from typing import Final

from api import cost_page, report
from api.schemas import ContextView, DegradationView, DetectedView, FindingView
from orchestrator.analysis.items import Due, Item, Kind, Missed, Summary
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.work.timeline import StageKind
from tests.unit.api.accounts import costs, row
from tests.unit.api.meetings import analysis, called, item, job, ran, seat, stages, transcript
from tests.unit.api.test_report_page import HOSTILE, poisoned

FOUND: Final = DetectedView(
    type=FindingView(value="planning", confidence=0.81, because=("the title says planning", "2 voices")),
    language=FindingView(value="en", confidence=0.97, because=("9 of 9 parts read as English",)),
)
TO_SHIP: Final = Missed(cue="let us ship", utterances=("u2",), quote="Yes, let us ship on Friday.")
LOST: Final = (
    DegradationView(code="seat-lost", detail="the provider was overloaded", seat=1),
    DegradationView(code="quorum-partial", detail="1 of 2 seats answered", seat=None),
)
COURSE_OF_THE_LOST: Final = (
    ran(StageKind.QUEUED, 0, 0.6),
    called(0, 0.7, 2.0),
    called(1, 0.7, 1.1, state="refused", error="rate-limited"),
    called(1, 1.2, 3.0, state="ambiguous", error="timeout"),
    called(1, 1.9, 3.1, state="refused", error="overloaded", hedge=True),
    called(3, 3.3, 3.9, role="judge"),
    ran(StageKind.SYNTHESIS, 3.1, 4.2),
    ran(StageKind.DELIVERY, 4.2, 4.25),
)
WORDS: Final = (
    "We agreed to move the whole reporting pipeline to the new warehouse before the end of the quarter, and to keep "
    "the old exports alive until the finance team has signed off on the figures of at least two closed months."
)
UNBROKEN: Final = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


def _whole() -> str:
    context = job().context.model_copy(update={"detected": FOUND})
    return report.render(
        job(context=context, result=analysis(possibly_missed=(TO_SHIP,))), transcript(), stages=stages()
    )


def _degraded() -> str:
    seats = (seat(0), seat(1, "failed", reason="exhausted", failovers=2))
    alone = item("Ship on Friday", ("u1", "u2"), "ship on Friday", seats=(0,))
    whole = analysis(decisions=(alone,), action_items=())
    changed = job(degraded=True, label="single model: acme/model-0", degradations=LOST, seats=seats, result=whole)
    return report.render(changed, transcript(), stages=COURSE_OF_THE_LOST)


def _failed() -> str:
    error = {"title": "No quorum", "detail": "0 of 2 seats answered; all of their providers were away"}
    failed = job(status="failed", result=None, label=None, error=error, seats=(seat(0, "failed"), seat(1, "failed")))
    return report.render(failed, transcript(), stages=stages()[:3])


def _running() -> str:
    running = job(status="running", result=None, label=None, finished_at=None, seats=(seat(0), seat(1, "running")))
    return report.render(running, transcript(), stages=(*stages()[:2], called(1, 0.5, None)))


def _long() -> str:
    """Seven seats with long names, two dozen actions, much talk, and a word that has no end."""
    names = ("Ann-Kathrin von und zu Hohenstein-Wartenberg", "Ben", "Cem", UNBROKEN)
    lines = tuple(
        Utterance(id=f"u{n}", speaker=names[n % 4], start_s=17.0 * n, text=WORDS if n % 9 else f"{UNBROKEN} {WORDS}")
        for n in range(1, 76)
    )

    def of(kind: str, many: int) -> tuple[Item, ...]:
        return tuple(
            item(
                f"{kind} {n}: {WORDS if n % 5 == 0 else 'Send the figures of the closed month to the finance team'}",
                (f"u{3 * n}", f"u{3 * n + 1}"),
                WORDS,
                seats=tuple(range(n % 7 + 1)),
                owner=names[n % 4] if n % 3 else None,
                due=Due(text="by the end of next week", date="2026-12-04") if n % 2 else None,
                verified=n % 6 != 0,
            )
            for n in range(1, many + 1)
        )

    kinds: dict[Kind, int] = {"topics": 12, "decisions": 18, "action_items": 24, "risks": 5, "questions": 3}
    whole = analysis(
        **{kind: of(kind, many) for kind, many in kinds.items()}, summary=Summary(text=WORDS, bullets=(WORDS,) * 4)
    )
    models = tuple(
        seat(n).model_copy(
            update={
                "asked": f"azure-openai/gpt-6.1-terra-preview-2026-10-{n}",
                "served": f"openrouter/acme-labs/gpt-{n}",
            }
        )
        for n in range(7)
    )
    context = job().context.model_copy(update={"title": f"{WORDS[:90]}: {UNBROKEN}", "detected": FOUND})
    course = tuple(called(n, 0.1 + 0.2 * n, 2.0 + 0.1 * n) for n in range(7))
    return report.render(
        job(result=whole, context=context, seats=models, reference=UNBROKEN),
        Transcript(utterances=lines),
        stages=(ran(StageKind.QUEUED, 0, 0.1), *course, ran(StageKind.SYNTHESIS, 2.6, 2.8)),
    )


def _arabic() -> str:
    """Words that run from right to left on a page whose own words do not."""
    text = "سنرسل التقرير إلى فريق المالية يوم الجمعة"
    lines = Transcript(utterances=(Utterance(id="u1", speaker="ليلى", start_s=3.0, text=text),))
    one = item(
        "إرسال التقرير (v2.1) إلى فريق المالية",
        ("u1",),
        text,
        owner="ليلى",
        due=Due(text="يوم الجمعة", date="2026-11-27"),
    )
    whole = analysis(decisions=(), action_items=(one,), summary=Summary(text=text, bullets=(text,)))
    context = ContextView(
        type="planning", language="ar", industry=None, title="اجتماع التخطيط", participants=(), duration_s=9.0, words=7
    )
    return report.render(
        job(result=whole.model_copy(update={"language": "ar"}), context=context), lines, stages=stages()
    )


def _attacked() -> str:
    """Everything hostile that we know of, at once, wherever a stranger's words can stand."""
    return report.render(*poisoned(" ".join(HOSTILE)), stages=stages())


def _costs() -> str:
    return cost_page.render((costs(), costs(row("acme/model-0", "2.500000"), group_by="model")))


PAGES: Final[dict[str, Callable[[], str]]] = {
    "whole": _whole,
    "degraded": _degraded,
    "failed": _failed,
    "running": _running,
    "long": _long,
    "arabic": _arabic,
    "attacked": _attacked,
    "costs": _costs,
}

"""Who sits on a panel: the models that the request names, else the best by score, else the built-in ones. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from typing import Final, NamedTuple

from orchestrator.errors import InvalidRequest, PanelTooSmall, UnknownModel
from orchestrator.routing.case import Case
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.routing.profiles import SEATS_MORE, reasons_for_one_more
from orchestrator.routing.request import MAX_PANEL
from orchestrator.routing.scoring import Scored, ranked
from providers.calls import Target
from providers.catalog import Tier
from providers.model_names import Resolved, UnknownTarget

_PREFERRED: Final = "/routing/preferred_provider"


class Asked(NamedTuple):
    """A seat's model, and why it is that one, in words."""

    target: Target
    because: str


class Panel(NamedTuple):
    """`replaced`: which named models are asked under another name. `notes`: what else a reader must know."""

    asked: tuple[Asked, ...]
    replaced: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def panel(case: Case) -> Panel:
    """Choose the panel, its first choice first.

    Raises:
        UnknownModel: a named model is not in the catalog.
        InvalidRequest: nor is the preferred provider.
        PanelTooSmall: no model at all can be asked, or none of the provider that alone may be.
    """
    preferred = case.preferred
    if preferred is not None and preferred not in {card.id for card in case.market.catalog.providers}:
        raise InvalidRequest(f"The catalog has no provider {preferred!r}.", pointer=_PREFERRED)
    if case.request.panel.models:
        return _named_panel(case)
    best = _once(standing(case), case)
    if best and preferred != EXTRACTIVE:
        return _scored_panel(best, case)
    if preferred is not None and preferred != EXTRACTIVE and case.is_strict:
        raise PanelTooSmall(f"{_why_nobody(case, preferred)}, and allow_substitution is false.", pointer=_PREFERRED)
    return _builtin_panel(case)


def standing(case: Case) -> tuple[Scored, ...]:
    """All models that the policy would ask, in the order in which they come to sit; a model at two providers twice.

    Where too few of them hold the meeting whole, those that do not follow behind, whatever they score: to be asked in
    parts costs more, takes longer, and shows a model less.
    """
    whole = _ranked(case, in_parts=False)
    if len(_once(whole, case)) >= (case.request.panel.size or _wanted(case)):
        return whole
    return (*whole, *_ranked(case, in_parts=True))


def _ranked(case: Case, *, in_parts: bool) -> tuple[Scored, ...]:
    cards = case.market.candidates(case.terms.tiers, in_parts=in_parts)
    if case.is_strict:
        cards = [card for card in cards if card.provider == case.preferred]
    return _lifted(ranked(cards, case.terms.tiers, case.market, case.leaning), case)


def _lifted(order: Sequence[Scored], case: Case) -> tuple[Scored, ...]:
    """The same places for each tier, and in them the preferred provider's models first; who is out stays behind."""
    queues: dict[tuple[bool, Tier], list[Scored]] = {}
    for one in sorted(order, key=lambda one: one.target.provider != case.preferred):
        queues.setdefault(_rank(one, case), []).append(one)
    return tuple(queues[_rank(one, case)].pop(0) for one in order)


def _rank(one: Scored, case: Case) -> tuple[bool, Tier]:
    return one.out is not None, case.market.catalog.model(one.target).tier


def _once(order: Iterable[Scored], case: Case) -> list[Scored]:
    """The best of each family: a second opinion of one model is none."""
    families: dict[str, Scored] = {}
    for one in order:
        families.setdefault(case.market.catalog.model(one.target).family, one)
    return list(families.values())


def _scored_panel(best: Sequence[Scored], case: Case) -> Panel:
    size, wanted = case.request.panel.size, _wanted(case)
    # Sampling one model twice is a fair second opinion; so a panel that was asked for by size is filled by turns.
    sitting = list(islice(cycle(best), size or min(wanted, len(best))))
    notes = [*_of_more(case, len(sitting)), *_of_preferred(case, sitting[0])]
    asked = tuple(Asked(one.target, _because(one, place, best, case)) for place, one in enumerate(sitting))
    return Panel(asked=asked, notes=tuple(notes))


def _because(one: Scored, place: int, best: Sequence[Scored], case: Case) -> str:
    if place >= len(best):
        return "asked once more, as there are fewer models than seats"
    if one.out is not None:
        return f"nobody better is left: {one.out}"
    if not _holds(one, case):
        few = "too few models hold" if _holds(best[0], case) else "no model holds"
        return f"{few} the meeting whole; it scores {one.score:.3f}"
    if one.target.provider == case.preferred:
        return f"its provider is preferred; it scores {one.score:.3f}"
    return (
        f"the best score, {one.score:.3f}" if place == 0 else f"the next best score of another model, {one.score:.3f}"
    )


def _holds(one: Scored, case: Case) -> bool:
    return case.market.holds(case.market.catalog.model(one.target))


def _wanted(case: Case) -> int:
    """How many seats there shall be where the request names no number."""
    if case.request.strategy == "single":
        return 1
    return min(MAX_PANEL, case.terms.panel + SEATS_MORE * bool(case.one_more and _reasons_for_one_more(case)))


def _reasons_for_one_more(case: Case) -> tuple[str, ...]:
    """None for a policy that saves, nor where the request says how many models are asked."""
    says = case.request.panel.size is not None or case.request.strategy == "single"
    return () if says or case.terms.cheapest_first else reasons_for_one_more(case.context)


def _of_more(case: Case, sitting: int) -> Iterator[str]:
    reasons = " and ".join(_reasons_for_one_more(case))
    if reasons and not case.one_more:
        yield f"no model more is asked than usual though {reasons}: the money has no room for it"
    elif reasons and sitting > case.terms.panel:
        yield f"one model more is asked than usual, as {reasons}"


def _of_preferred(case: Case, first: Scored) -> Iterator[str]:
    """Why the preferred provider does not come first, if it does not."""
    if case.preferred is not None and first.target.provider != case.preferred:
        yield _why_nobody(case, case.preferred)
    elif case.request.routing.preferred_provider != case.preferred:
        yield f"{case.request.routing.preferred_provider} is not preferred: the money has no room for it"


def _why_nobody(case: Case, provider: str) -> str:
    """Why none of the preferred provider's models comes first."""
    market = case.market
    able = [card for card in market.candidates(case.terms.tiers) if card.provider == provider]
    parted = [card for card in market.candidates(case.terms.tiers, in_parts=True) if card.provider == provider]
    lacks = market.constraints.why_not(market.catalog.provider(provider))
    reasons: tuple[tuple[bool, str], ...] = (
        (provider not in market.reachable, "it has no key here"),
        (lacks is not None, f"it {lacks}"),
        (not able and bool(parted), "the meeting would have to be cut for its models, and others hold it whole"),
        (not able, f"policy {case.request.policy} asks none of its models for this meeting"),
        (all(case.live.why_out(card.target) for card in able), "its models are out of order"),
    )
    because = next((words for holds, words in reasons if holds), "it has none of the tier that comes first")
    return f"{provider} is preferred and not asked first: {because}"


def _named_panel(case: Case) -> Panel:
    models = case.request.panel.models
    named = [_named(text, place, case) for place, text in enumerate(models)]
    seats = islice(cycle(named), case.request.panel.size or len(named))
    notes = (f"{case.preferred} is preferred, but the request names its models",) if case.preferred else ()
    return Panel(
        asked=tuple(Asked(one.target, "the request names it") for one in seats),
        replaced=tuple(dict.fromkeys(one.warning for one in named if one.warning)),
        notes=notes,
    )


def _named(text: str, place: int, case: Case) -> Resolved:
    try:
        return case.market.catalog.resolve(text, case.market.at)
    except UnknownTarget:
        raise UnknownModel(
            f"The catalog has no model {text!r}; models are written provider/model.", pointer=f"/panel/models/{place}"
        ) from None


def _builtin_panel(case: Case) -> Panel:
    """The extractive models, each once: a second copy of a deterministic model would only fake agreement."""
    request = case.request
    forbidden = _forbidden(case)
    if not request.allow_extractive:
        raise PanelTooSmall(
            f"No model can be asked here{forbidden}, and allow_extractive is false.", pointer="/allow_extractive"
        )
    builtin = case.market.builtin(case.language)
    if request.panel.size and request.panel.size > len(builtin):
        raise PanelTooSmall(
            f"No provider can be asked here{forbidden}, and there are {len(builtin)} built-in models.",
            pointer="/panel/size",
        )
    because = f"no language model can be asked here{forbidden}"
    notes: tuple[str, ...] = ()
    if case.preferred == EXTRACTIVE:
        because = "the built-in models are preferred"
    elif case.preferred is not None:
        notes = (_why_nobody(case, case.preferred),)
    sitting = builtin[: request.panel.size or _wanted(case)]
    return Panel(
        asked=tuple(Asked(target, because) for target in sitting), notes=(*_of_more(case, len(sitting)), *notes)
    )


def _forbidden(case: Case) -> str:
    """How many providers with a key must not be sent the meeting, in words to go on with; "" where none must not."""
    cards = [card for card in case.market.catalog.providers if card.id in case.market.reachable]
    count = sum(case.market.constraints.why_not(card) is not None for card in cards)
    return f" ({count} with a key do not fulfil what is demanded of regions and retention)" if count else ""

"""One chat answer worked out, live or in a batch: what the model says, what it has used, what it costs."""

from dataclasses import dataclass, replace

from providers.emulator import distortions
from providers.emulator.answers import Question, answer
from providers.emulator.bank import cost_micro_usd
from providers.emulator.chat_answers import JsonObject, Outcome, outcome, thinking, whole
from providers.emulator.draws import digest
from providers.emulator.dress import Sale
from providers.emulator.openai_chat import ChatRequest, check
from providers.emulator.parcels import FaultArgs
from providers.emulator.prefixes import counted, prefixes
from providers.emulator.refusals import Refusal, unparsable
from providers.emulator.script import UNBILLED
from providers.emulator.tool_use import Tool, ToolCall
from providers.emulator.visits import Visit

NO_WRITE_PRICE_PERCENT = 100  # models that write their cache at the plain price do not count what they write


@dataclass(frozen=True)
class Work:
    """The answer and its price. `planted` are the texts that the model's mode put into it."""

    result: Outcome
    cost_micro_usd: int
    planted: tuple[str, ...] = ()


def accepted(visit: Visit) -> ChatRequest:
    """The request, checked.

    Raises:
        Refusal: 400, 404 or 422, as the vendor would.
    """
    if visit.body is None:
        raise Refusal(unparsable())
    checked = check(visit.body, visit.persona)
    retires_on = checked.model.retires_on
    if retires_on is not None and visit.arrived.date() >= retires_on:
        raise Refusal(visit.persona.unknown_model(checked.model.id))
    return checked


def work_out(visit: Visit, checked: ChatRequest, *, lane_percent: int | None = None) -> Work:
    """The answer. `lane_percent` is a batch's price; without it the request's own tier decides."""
    text, calls, planted = _said(visit, checked)
    answer_id = f"chatcmpl-{visit.request_id.removeprefix('req_')}"
    created = int(visit.arrived.timestamp())
    result = outcome(checked, text, answer_id=answer_id, created=created, calls=calls)
    if checked.cached:
        result = _remembered(visit, checked, result)
    if lane_percent is not None:
        result = replace(result, service_tier="default")  # the vendor says so although the price is another
    result = _distorted(visit, result)
    field = visit.persona.dress.thought_field
    if field and checked.shows_thoughts and result.tokens.reasoning:
        result = thinking(result, field)
    return Work(result, _cost_micro_usd(visit, result, lane_percent), planted)


def sale(visit: Visit, work: Work) -> Sale:
    """What the vendor's own fields can tell of the answer."""
    result = work.result
    return Sale(visit.request_id, visit.arrived, result.model_served, result.tokens, work.cost_micro_usd)


def body(visit: Visit, work: Work) -> JsonObject:
    """The whole answer, dressed as the vendor dresses it and then distorted as the script wants it."""
    return distort(visit, visit.persona.dress.whole(whole(work.result), sale(visit, work)))


def distort(visit: Visit, written: JsonObject) -> JsonObject:
    """A body or a chunk as the script wants it."""
    if visit.fault == "error_in_200" and visit.persona.failed_after_start:
        return visit.persona.failed_after_start(written)
    row = distortions.BODIES.get(visit.fault)
    return row(written, visit.args) if row else written


def _said(visit: Visit, checked: ChatRequest) -> tuple[str, tuple[ToolCall, ...], tuple[str, ...]]:
    if checked.blanks:
        most = checked.model.max_output_tokens
        return "\n " * (1 + min(checked.max_tokens or most, most)), (), ()
    if checked.calls:
        return "", tuple(_call(visit, checked, tool, place) for place, tool in enumerate(checked.calls)), ()
    question = Question(checked.model.id, checked.texts, checked.schema, checked.json_only)
    said = answer(question, visit.opening.seed, visit.script.mode(checked.model.id))
    return said.text, (), said.planted


def _call(visit: Visit, checked: ChatRequest, tool: Tool, place: int) -> ToolCall:
    question = Question(checked.model.id, checked.texts, tool.parameters)
    arguments = answer(question, visit.opening.seed, visit.script.mode(checked.model.id)).text
    return ToolCall(f"call_{digest(visit.request_id, place)}", tool.name, arguments)


def _remembered(visit: Visit, checked: ChatRequest, result: Outcome) -> Outcome:
    rules = visit.persona.cache
    owner = (f"{visit.persona.name} {visit.caller.key} {checked.end_user}", checked.model.id)
    known = prefixes(checked.texts, rules)
    tokens = counted(result.tokens, known, visit.cache, owner, rules, visit.arrived)
    if checked.model.cache_write_percent == NO_WRITE_PRICE_PERCENT:
        tokens = replace(tokens, cache_written=0)
    return replace(result, tokens=tokens)


def _distorted(visit: Visit, result: Outcome) -> Outcome:
    change = distortions.OUTCOMES.get(visit.fault)
    return change(result, _swap(visit, result), visit.persona.find_model) if change else result


def _swap(visit: Visit, result: Outcome) -> FaultArgs:
    """The fault's knobs; a vendor without the usual stand-ins swaps for the next model on its own list."""
    args, persona = visit.args, visit.persona
    if args.model or persona.find_model(distortions.STAND_INS[0]):
        return args
    other = next((name for name in persona.listed_models if name != result.model_served.id), None)
    return args.model_copy(update={"model": other})


def _cost_micro_usd(visit: Visit, result: Outcome, lane_percent: int | None) -> int:
    if visit.fault in UNBILLED:
        return 0
    model, at = result.model_served, visit.arrived
    tier = visit.persona.tiers.get(result.service_tier, 100) if lane_percent is None else lane_percent
    return cost_micro_usd(result.tokens, model, at.date(), tier * visit.persona.percent(model, at) // 100)

"""How a visit ends in the dialects that have doors of their own: refused, or delivered with what the script adds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

from pydantic import JsonValue

from providers.emulator import mishaps, parcels
from providers.emulator.chat_answers import dump
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Ending, Visit, record


def admit(visit: Visit, scripted: Mapping[str, Reason], missing_key: Reason) -> None:
    """Let the visit in.

    Raises:
        Refusal: the script says so, or there is no key.
    """
    reason = scripted.get(visit.fault)
    if reason:
        raise Refusal(told(reason, visit))
    if not visit.caller.key:
        raise Refusal(missing_key)


def told(reason: Reason, visit: Visit) -> Reason:
    """A scripted refusal with what the rule adds: waits, words, or the caller's own key."""
    args = visit.args
    until = args.retry_after_date_s
    date = None if until is None else format_datetime(visit.arrived + timedelta(seconds=until), usegmt=True)
    retry = None if args.should_retry is None else str(args.should_retry).lower()
    lines = {"retry-after": args.retry_after or date, "retry-after-ms": args.retry_after_ms, "x-should-retry": retry}
    headers = {name: value for name, value in lines.items() if value is not None}
    secret = visit.request.headers.get("authorization") or visit.caller.key
    return replace(reason, message=(args.message or reason.message).replace("{authorization}", secret), headers=headers)


def refused(visit: Visit, reason: Reason, body: JsonValue, headers: dict[str, str], code: str) -> Parcel:
    """The parcel of a refusal, noted in the log under `code`."""
    record(visit, Ending(reason.status, error_code=code))
    headers = headers | reason.headers
    wait_s = (visit.args.delay_ms or 0.0) / 1000
    if reason.page:
        page = parcel(reason.status, headers, reason.page.encode(), "text/html; charset=UTF-8")
        return replace(page, wait_s=wait_s)
    return replace(parcel(reason.status, headers, dump(body)), wait_s=wait_s)


def delivered(visit: Visit, sent: Parcel) -> Parcel:
    """The parcel after the transport fault, if the script chose one."""
    change = parcels.FAULTS.get(visit.fault) or mishaps.FAULTS.get(visit.fault)
    return change(sent, visit.args) if change else sent

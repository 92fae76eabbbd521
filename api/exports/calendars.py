"""The export as a calendar (RFC 5545): each action item whose day is known, as a to-do.

A to-do's UID is made of its item and of its transcript. Item ids are the same on every replay, so a calendar that has
the to-do changes it; but the same sentence, said in next week's meeting, has the same item id and is another to-do.
"""

from datetime import date, datetime
from typing import Final

from icalendar import Calendar, Todo

from api import wording
from api.exports.material import Material, quoted
from orchestrator.analysis.items import Due, Item
from orchestrator.meeting.cleaning import clean

PRODUCT: Final = "-//MeetingMind//MeetingMind 1//EN"


def write(material: Material) -> str:
    found = [(item, day) for item in material.analysis.action_items if (day := _day(item.due))]
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", clean(material.title))  # RFC 7986
    calendar.add("description", clean(_about(material, len(found))))
    for item, day in found:
        calendar.add_component(_todo(material, item, day))
    whole: bytes = calendar.to_ical()
    return whole.decode("utf-8")


def _about(material: Material, dated: int) -> str:
    left_out = len(material.analysis.action_items) - dated
    more = f" Not here: {wording.count(left_out, 'action item')} without a date." if left_out else ""
    return f"{material.caution}.{more}"


def _todo(material: Material, item: Item, day: date) -> Todo:
    todo = Todo()
    todo.add("uid", f"{item.id}.{material.transcript_id}@meetingmind")
    todo.add("dtstamp", _finished_at(material))
    todo.add("due", day)
    todo.add("summary", clean(item.text))
    todo.add("description", _description(material, item))
    todo.add("status", "NEEDS-ACTION")
    return todo


def _description(material: Material, item: Item) -> str:
    """What a reader needs in order to trust it, a line each. Only the library's own escapes make lines of it."""
    lines = [
        f"Owner: {clean(item.owner.name) if item.owner else 'nobody named'}",
        f"Due: {clean(item.due.text) if item.due else ''}",
        *(f'"{clean(quote)}" ({clean(where)})' for quote, where in quoted(material, item)),
        f"{clean(material.title)}: {clean(material.caution)}",
    ]
    if not item.verified:
        lines.append("The quote was not verified.")
    return "\n".join(lines)


def _finished_at(material: Material) -> datetime:
    """The moment that the result is of: the same for each export, and later for a replay, which then wins."""
    return datetime.fromisoformat(material.job.finished_at or material.job.created_at).replace(microsecond=0)


def _day(due: Due | None) -> date | None:
    """The day that is meant. What is no ISO date is none: it was written by an older release."""
    try:
        return date.fromisoformat(due.date) if due and due.date else None
    except ValueError:
        return None

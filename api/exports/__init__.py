"""A finished job for other tools: one row a format, all written from the same material."""

from typing import Final

from api.exports import calendars, chapters, documents, markdown, tables
from api.exports.material import Export
from api.schemas import ExportFormat

FORMATS: Final[dict[ExportFormat, Export]] = {
    "md": Export("text/markdown; charset=utf-8", markdown.write),
    "csv": Export("text/csv; charset=utf-8; header=present", tables.write),
    "ics": Export("text/calendar; charset=utf-8", calendars.write),
    "vtt": Export("text/vtt; charset=utf-8", chapters.write),
    "json": Export("application/json", documents.write),
}

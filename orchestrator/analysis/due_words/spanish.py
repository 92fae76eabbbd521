"""Spanish words for when; what the parts mean stands in `language.py`. Pure data."""

from typing import Final

from orchestrator.analysis.due_words.language import Language

_DAY: Final = r"(lunes|martes|miércoles|jueves|viernes|sábado|domingo)"

SPANISH: Final = Language(
    phrases=(
        (r"pasado mañana", "overmorrow"),
        (r"(?:esta mañana|esta tarde|esta noche|hoy|al final del día)", "today"),
        (r"mañana(?: por la (?:mañana|tarde|noche))?", "tomorrow"),
        (rf"{_DAY} de la (?:semana que viene|próxima semana|semana próxima)", r"\1 of next week"),
        (rf"(?:la semana que viene|la próxima semana),? (?:el )?{_DAY}", r"next week \1"),
        (r"(?:final|finales|fin) de la (?:semana que viene|próxima semana)", "end of next week"),
        (r"(?:final|finales|fin) de(?: la| esta)? semana", "end of the week"),
        (r"(?:final|finales|fin) del? (?:mes que viene|próximo mes)", "end of next month"),
        (r"(?:final|finales|fin) del?(?: este)? mes", "end of the month"),
        (r"(?:final|finales|fin) del? (?:próximo trimestre|trimestre que viene)", "end of next quarter"),
        (r"(?:final|finales|fin) del?(?: este)? trimestre", "end of the quarter"),
        (r"(?:final|finales|fin) del? (?:año que viene|próximo año)", "end of next year"),
        (r"(?:final|finales|fin) del?(?: este)? año", "end of the year"),
        (r"(?:en|dentro de) (?:ocho días)", "in 1 week"),
        (r"(?:en|dentro de) (?:quince días)", "in 2 weeks"),
        (r"(?:en|dentro de) (\w+) días?", r"in \1 days"),
        (r"(?:en|dentro de) (\w+) semanas?", r"in \1 weeks"),
        (r"(?:en|dentro de) (\w+) mes(?:es)?", r"in \1 months"),
        (r"(?:el (?:día )?)?(\d{1,2}) de (\w+)(?: del? (\d{4}))?", r"\1 \2 \3"),
        (r"(?:el|para el|hasta el) (?:día )?(\d{1,2})$", r"the \1"),
    ),
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "se(?:p)?tiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    numbers=("una?", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    no_day=(
        r"después|desde|a partir|cada|todos|todas|entre|excepto|salvo|hace|pasad[oa]s?|no|o|próximo|próxima|que viene"
        r"|antes(?! de(?:l| la)? (?:end|final|fin))"
    ),
)

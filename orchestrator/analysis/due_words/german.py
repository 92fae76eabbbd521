"""German words for when; what the parts mean stands in `language.py`. Folded: "ß" is "ss". Pure data."""

from typing import Final

from orchestrator.analysis.due_words.language import Language

_DAY: Final = r"(montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
_MONTH: Final = r"(januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"

GERMAN: Final = Language(
    phrases=(
        (r"übermorgen", "overmorrow"),
        (r"(?:heute(?: abend| nachmittag| mittag)?|ende des tages|feierabend)", "today"),
        (r"morgen(?: früh| vormittag| mittag| nachmittag| abend)?", "tomorrow"),
        (rf"{_DAY} (?:der )?(?:nächster|nächsten|kommenden) woche", r"\1 of next week"),
        (rf"(?:nächste|kommende) woche,? (?:am )?{_DAY}", r"next week \1"),
        (rf"{_DAY} in einer woche", r"\1 week"),
        (rf"(?:diesen|kommenden) {_DAY}", r"\1"),
        (r"ende (?:der )?(?:nächster|nächsten|kommenden) woche", "end of next week"),
        (r"ende (?:der|dieser) woche|wochenende", "end of the week"),
        (r"ende (?:des )?(?:nächsten|kommenden) monats", "end of next month"),
        (r"ende (?:des|dieses) monats|monatsende|ultimo", "end of the month"),
        (r"ende (?:des )?(?:nächsten|kommenden) quartals", "end of next quarter"),
        (r"ende (?:des|dieses) quartals|quartalsende", "end of the quarter"),
        (r"ende (?:des )?(?:nächsten|kommenden) jahres", "end of next year"),
        (r"ende (?:des|dieses) jahres|jahresende", "end of the year"),
        (r"(?:in|binnen) (?:acht|8) tagen", "in 1 week"),
        (r"(?:in|binnen) (?:vierzehn|14) tagen", "in 2 weeks"),
        (r"(?:in|binnen|innerhalb von)(?: den nächsten)? (\w+) tag(?:en)?", r"in \1 days"),
        (r"(?:in|binnen|innerhalb von)(?: den nächsten)? (\w+) wochen?", r"in \1 weeks"),
        (r"(?:in|binnen|innerhalb von) (\w+) monat(?:en)?", r"in \1 months"),
        (rf"(?:den |am |zum )?(\d{{1,2}})\.? {_MONTH}(?: (\d{{4}}))?", r"\1 \2 \3"),
        (r"(?:den|am|zum) (\d{1,2})\.?$", r"the \1"),
    ),
    weekdays=("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend", "sonntag"),
    months=(
        "januar|jänner",
        "februar",
        "märz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ),
    numbers=("eine[mrn]?", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
    no_day=(
        r"nach|seit|ab|jeden|jede|jeder|alle|zwischen|ausser|vor(?! (?:end|dem end))|letzte[nrs]?|vergangenen|nicht"
        r"|oder|nächste[nrs]?"
    ),
)

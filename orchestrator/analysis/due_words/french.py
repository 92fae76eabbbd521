"""French words for when; what the parts mean stands in `language.py`. Pure data."""

from typing import Final

from orchestrator.analysis.due_words.language import Language

_DAY: Final = r"(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"

_MONTH: Final = r"(janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)"

FRENCH: Final = Language(
    phrases=(
        (r"après-demain|après demain", "overmorrow"),
        (r"(?:aujourd'hui|ce matin|cet après-midi|ce soir|fin de journée)", "today"),
        (r"demain(?: matin| soir| après-midi| midi)?", "tomorrow"),
        (rf"{_DAY} de la semaine prochaine", r"\1 of next week"),
        (rf"la semaine prochaine,? (?:le )?{_DAY}", r"next week \1"),
        (rf"{_DAY} en huit", r"\1 week"),
        (r"fin de la semaine prochaine", "end of next week"),
        (r"fin de (?:la |cette )?semaine", "end of the week"),
        (r"fin du mois prochain", "end of next month"),
        (r"fin (?:du|de ce) mois", "end of the month"),
        (r"fin du trimestre prochain|fin du prochain trimestre", "end of next quarter"),
        (r"fin (?:du|de ce) trimestre", "end of the quarter"),
        (r"fin de l'année prochaine", "end of next year"),
        (r"fin de (?:l'|cette )année", "end of the year"),
        (r"(?:dans|sous|d'ici) (?:huit|8) jours", "in 1 week"),
        (r"(?:dans|sous|d'ici) (?:quinze|15) jours", "in 2 weeks"),
        (r"(?:dans|sous|d'ici)(?: les)? (\w+)(?: prochains)? jours?", r"in \1 days"),
        (r"(?:dans|sous|d'ici)(?: les)? (\w+)(?: prochaines)? semaines?", r"in \1 weeks"),
        (r"(?:dans|sous|d'ici) (\w+) mois", r"in \1 months"),
        (rf"(?:le )?(\d{{1,2}})(?:er)? {_MONTH}(?: (\d{{4}}))?", r"\1 \2 \3"),
        (r"(?:le|du|au) (\d{1,2})(?:er)?$", r"the \1"),
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    numbers=("une?", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    no_day=(
        r"après|depuis|à partir|chaque|tous|toutes|entre|sauf|il y a|derniers?|dernières?|passée?|pas|ou"
        r"|prochaine?|avant(?! (?:la )?(?:end|fin))"
    ),
)

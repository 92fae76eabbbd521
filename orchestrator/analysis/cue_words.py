"""Words by which people take something on, give it to somebody, or settle it, in four languages. Pure data.

Precision first: a row holds the verb of the task as well ("I'll send", not "I'll"), so that "I'll be honest" is none.
What people merely can, should or need to do is no cue: of 29 such sentences in the five meetings that these rows were
tried on, one lay near an annotated item. Rows are matched in any case, with plain apostrophes; `weight` ranks cues
that compete for a place in a short list.
"""

from typing import Final, NamedTuple


class CueRow(NamedTuple):
    """A pattern.

    `hints` are small letters of which one must stand in a sentence for the pattern to be worth trying. `asks`: it is a
    question by its form, so that a question mark does not speak against it.
    """

    weight: float
    hints: tuple[str, ...]
    pattern: str
    asks: bool = False
    deadline: bool = False


# Of each language, words of which several stand in every meeting that is held in it.
MARKERS: Final = {
    "en": frozenset(("the", "you", "is", "we")),
    "es": frozenset(("el", "los", "está", "yo", "pero")),
    "fr": frozenset(("le", "les", "est", "je", "nous")),
    "de": frozenset(("der", "das", "ist", "ich", "wir")),
}

_TASK: Final = (
    r"(?:add|arrange|ask|book|bring|call (?!it|that|this)|check|circulate|clarify|collect|come back|compile|confirm"
    r"|contact|create|deal with|deliver|distribute|do (?:it|that|this)|document|draft|e-?mail|examine|explore"
    r"|figure out|file|finish|fix|follow up|forward|get back to|get in touch|handle|investigate|invite"
    r"|look (?:at|for|into|up)|make sure|merge|organi[sz]e|ping|post|prepare|present|print|produce|propose|reach out"
    r"|report|research|review|rewrite|schedule|send|set up|share|sort (?:it |that |this )?out|speak (?:to|with)"
    r"|submit|summari[sz]e|take (?:care of|it on|that on|this on|it offline|over)|talk (?:to|with)|test|tidy"
    r"|track down|try (?:to|and)|type up|update|upload|work (?:on|out)|write (?:up|down|it|that|to|a|an|the|them))"
)
_ADVERB: Final = (
    r"(?:(?:also|definitely|do|now|then|just|still|probably|certainly|go ahead and|go and|be sure to|be able to"
    r"|try to|try and|personally|quickly) ){0,2}"
)
_I: Final = r"i(?:'ll|'m going to|'m gonna| will| am going to| am gonna)"
_WE: Final = r"we(?:'ll|'re going to|'re gonna| will| are going to| are gonna| gonna)"
_YOU: Final = r"you(?:'ll|'re going to|'re gonna| will| are going to)"
_NO_NAME: Final = r"(?!(?:And|But|He|If|It|One|She|So|That|There|They|This|We|What|Which|Who|You)\b)"
_SOMEBODY: Final = (
    rf"(?-i:{_NO_NAME}[A-ZÀ-Þ][\w-]{{1,20}})(?:,? (?:will|is going to|is gonna|you)|'ll|'s going to|'s gonna)"
)
_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_FUTURE: Final = ("'ll ", " will ", "going to ", "gonna ")

ENGLISH: Final[tuple[CueRow, ...]] = (
    CueRow(3.0, _FUTURE, rf"\b{_I} {_ADVERB}{_TASK}\b"),
    CueRow(
        3.0,
        ("leave ", "i'll take "),
        r"\bleave (?:it|that|this) (?:to|with) me\b|\bi'll take (?:that|this) one\b|\bi'll take (?:that|this|it)\W*$",
    ),
    CueRow(
        2.5,
        ("let me ",),
        r"\blet me (?:just |quickly )?(?:ask|check|confirm|find out|follow up|get back|look (?:into|up))\b",
    ),
    CueRow(2.0, _FUTURE, rf"\b{_WE} {_ADVERB}{_TASK}\b"),
    CueRow(
        2.5,
        ("can you ", "could you ", "would you ", "will you "),
        r"(?<!how )(?<!why )(?<!what )(?<!where )\b(?:can|could|would|will) you (?:please |also |maybe |just )*"
        rf"{_TASK}\b",
        asks=True,
    ),
    CueRow(
        2.5,
        (*_FUTURE, "you work on"),
        rf"\b{_YOU} {_ADVERB}(?:{_TASK}|be (?:working on|looking (?:at|into)))\b|\byou work on\b",
    ),
    CueRow(2.5, (*_FUTURE, " you "), rf"\b{_SOMEBODY} {_ADVERB}{_TASK}\b"),
    CueRow(
        3.0,
        (" is ", " will be "),
        r"\b(?:your|my|his|her|their) (?:task|job|homework|action|action item) (?:is|will be)\b",
    ),
    CueRow(
        3.0,
        ("action ", "to-do "),
        r"\baction (?:item|point)s? (?:is|are|for)\b|\bas an action item\b|\bto-do for\b",
    ),
    CueRow(
        2.0,
        ("by ",),
        rf"\bby (?:(?:next |this |end of (?:day )?)?{_DAY}|tomorrow|tonight|next (?:week|month|meeting)|eod|eow"
        r"|(?:the )?end of (?:the |this |next )?(?:day|week|month|quarter|year)|the next meeting)\b",
        deadline=True,
    ),
    CueRow(
        3.0, ("let's ",), r"\blet's (?:just |then |all )?(?:go (?:with|for|ahead with)|settle on|stick (?:to|with))\b"
    ),
    CueRow(
        3.0,
        ("go with", "stick with", "settle"),
        rf"\b(?:{_WE}|we|we should) (?:just )?(?:go with|stick with|settle (?:on|for)|settled on)\b",
    ),
    CueRow(
        3.0,
        ("decided", "agreed"),
        r"\bwe(?:'ve| have)? (?:now |just |all |already )*(?:decided|agreed)(?: to| that| on| not)?\b",
    ),
    CueRow(
        3.0,
        ("decision ", "decided", "agreed", "settled"),
        r"\b(?:the|our)(?: final)? decision (?:is|was)\b"
        r"|\b(?:it's|that's|it is|it was|so) (?:decided|agreed|settled)\b",
    ),
    CueRow(3.0, ("motion ",), r"\bmotion (?:is |was |has been )?(?:carried|agreed to|adopted|approved)\b"),
)

_ES_DAY: Final = r"(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
_ES_TASK: Final = (
    r"(?:enviar|mandar|preparar|revisar|escribir|hablar con|llamar|mirar|pedir|pasar|organizar|confirmar|preguntar"
    r"|comprobar|actualizar|redactar|convocar)(?:te|le|les|os|nos|me|lo|la|los|las)?"
)
SPANISH: Final[tuple[CueRow, ...]] = (
    CueRow(
        3.0,
        ("me ", "hago yo", "déjamelo"),
        r"\b(?:yo )?me (?:encargo|ocupo)(?: yo)?\b|\bme comprometo a\b|\b(?:lo|la) hago yo\b|\bdéjamelo a mí\b",
    ),
    CueRow(3.0, ("voy a ",), rf"\b(?:lo |la |te lo |se lo |os lo )?voy a {_ES_TASK}\b"),
    CueRow(
        3.0,
        ("envío", "mando", "paso", "confirmo", "enviaré", "mandaré", "pasaré", "confirmaré"),
        r"\b(?:te|le|les|os|lo|la|se lo|te lo) (?:envío|mando|paso|confirmo|enviaré|mandaré|pasaré|confirmaré)\b",
    ),
    CueRow(
        2.5,
        ("aré", "iré"),
        r"\b(?:enviaré|mandaré|prepararé|revisaré|redactaré|organizaré|actualizaré|remitiré)\b",
    ),
    CueRow(2.5, ("pued", "podr", "podéis"), rf"\b(?:puedes|podrías|podéis|puede usted) {_ES_TASK}\b", asks=True),
    CueRow(
        2.0,
        ("para ", "antes del", "antes de ", "tardar"),
        rf"\b(?:para el|antes del) (?:próximo )?{_ES_DAY}\b|\bpara mañana\b|\ba más tardar\b"
        r"|\b(?:para|antes de) (?:el )?(?:fin|final|finales) de (?:mes|semana|año)\b",
        deadline=True,
    ),
    CueRow(
        3.0,
        ("hemos ", "se ha ", "quedamos ", "queda "),
        r"\b(?:hemos|se ha) (?:decidido|acordado)\b|\bquedamos en(?: que)?\b"
        r"|\bqueda (?:decidido|acordado|aprobad[oa])\b",
    ),
    CueRow(
        3.0,
        ("quedamos", "optamos", "decidimos", "acordamos"),
        r"\b(?:nos quedamos con|optamos por|decidimos|acordamos)\b",
    ),
)

_FR_DAY: Final = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_FR_TASK: Final = (
    r"(?:envoyer|préparer|vérifier|regarder|écrire|appeler|contacter|organiser|rédiger|demander|transmettre"
    r"|partager|confirmer|mettre à jour|relancer|voir avec)"
)
FRENCH: Final[tuple[CueRow, ...]] = (
    CueRow(
        3.0,
        ("je m'en", "je m'engage", "moi faire"),
        r"\bje m'en (?:occupe|charge|occuperai|chargerai)\b|\bje m'engage à\b|\blaissez?-moi faire\b",
    ),
    CueRow(3.0, ("je vais ",), rf"\bje vais (?:te |vous |lui |leur |le |la |les |l')?{_FR_TASK}\b"),
    CueRow(
        3.0,
        ("je ",),
        r"\bje (?:te |vous |lui |leur |le |la |les |l')*(?:envoie|transmets|enverrai|transmettrai|préparerai|vérifierai"
        r"|rédigerai|contacterai|demanderai|organiserai|confirmerai)\b",
    ),
    CueRow(
        2.5,
        ("-tu ", "tu peux", "-vous ", "vous pouvez"),
        rf"\b(?:peux-tu|tu peux|pourrais-tu|pouvez-vous|vous pouvez|pourriez-vous) {_FR_TASK}\b",
        asks=True,
    ),
    CueRow(
        2.0,
        ("d'ici ", "pour ", "avant "),
        rf"\b(?:d'ici|pour|avant) (?:{_FR_DAY}|demain|la semaine prochaine"
        r"|la fin (?:du mois|de la semaine|de l'année))\b",
        deadline=True,
    ),
    CueRow(
        3.0,
        ("décidé", "convenu"),
        r"\b(?:on a|nous avons) (?:donc |tous )?(?:décidé|convenu)\b|\bc'est décidé\b|\bil (?:a été|est) décidé\b",
    ),
    CueRow(
        3.0,
        ("on part sur", "on retient", "on valide", "d'accord ", "décidons"),
        r"\bon (?:part sur|retient|valide)\b|\bon se met d'accord (?:pour|sur)\b|\bnous décidons\b",
    ),
)

_DE_DAY: Final = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
_DE_TASK: Final = (
    r"(?:schicken|senden|vorbereiten|schreiben|prüfen|klären|anrufen|erstellen|organisieren|nachfragen|kümmern"
    r"|übernehmen|erledigen|weiterleiten|melden|besorgen|abstimmen|aktualisieren)"
)
GERMAN: Final[tuple[CueRow, ...]] = (
    CueRow(
        3.0,
        ("ich ", " ich"),
        r"\bich (?:übernehme|erledige|kümmere mich|besorge|kläre)\b|\bdas (?:übernehme|erledige|mache|kläre) ich\b",
    ),
    CueRow(
        3.0,
        ("ich s", "ich p", "ich m", "ich l"),
        r"\bich (?:schicke|sende|schreibe|prüfe|melde mich|leite) (?:\w+ ){0,6}?"
        r"(?:bis|morgen|heute|noch|weiter|dir|euch|ihnen|bei)\b",
    ),
    CueRow(3.0, ("ich werde ", "ich will "), rf"\bich (?:werde|will) (?:\w+,? ){{0,8}}?{_DE_TASK}\b"),
    CueRow(
        2.5,
        ("kannst du", "könntest du", "können sie", "könnten sie"),
        rf"\b(?:kannst du|könntest du|können sie|könnten sie) (?:\w+,? ){{0,8}}?{_DE_TASK}\b",
        asks=True,
    ),
    CueRow(
        2.0,
        ("bis ",),
        rf"\bbis (?:(?:zum |kommenden |nächsten |diesen |spätestens )*{_DE_DAY}|morgen|übermorgen|nächste woche"
        r"|(?:zum )?ende (?:der|dieser|nächster) woche|(?:zum )?monatsende|ende des (?:monats|jahres))\b",
        deadline=True,
    ),
    CueRow(3.0, ("wir haben ",), r"\bwir haben (?:\w+,? ){0,8}?(?:entschieden|beschlossen|geeinigt|vereinbart)\b"),
    CueRow(
        3.0,
        ("einigen uns", "bleibt bei", "beschlossen", "machen wir", "entscheiden uns"),
        r"\bwir einigen uns\b|\bes bleibt bei\b|\b(?:damit|somit) ist (?:\w+ ){0,3}?beschlossen\b"
        r"|\bdann machen wir (?:das|es) so\b|\bwir entscheiden uns für\b",
    ),
)

# Before a cue and in its clause: what makes it a condition, a denial or somebody else's words.
CONDITION: Final = (
    r"\b(?:if|unless|whether|until|before|once|suppose|supposing|when|whenever|in case|should|would|might"
    r"|si|cuando|hasta que|quand|lorsque|tant que|wenn|falls|sobald|bevor|ob)\b[^,;:.!?]*$"
)
DENIAL: Final = (
    r"(?:n't|\b(?:not|never|no|nobody|without|nunca|tampoco|sin|ne|n'|pas|jamais|sans|nicht|nie|kein\w*))"
    r"(?:[^\w,;:]+\w+){0,4}[^\w,;:]*$"
)
REPORT: Final = (
    r"\b(?:said|says|saying|say|told|tells|asked|thought|think|claims?|claimed|like|goes|went|promised"
    r"|dijo|dice|dijeron|dit|disait|disent|sagte?|sagten|meinte)\W+"
    r"(?:(?:me|us|him|her|them|to \w+|that|que|qu|dass?|oh|well|okay) ?,? ?){0,3}\W*$"
)
# Behind a cue: what denies it, or puts it in the past.
DENIED_AFTER: Final = r"^(?:\W+\w+){0,3}\W+(?:nichts?|nie|keine?[nmrs]?|pas|jamais)\b"
PAST: Final = (
    r"\b(?:yesterday|ago|previously|back then|early on|earlier"
    r"|last (?:year|month|week|time|meeting|spring|summer|autumn|fall|winter)"
    r"|ayer|la semana pasada|el (?:mes|año) pasado|hier|la semaine dernière|le mois dernier|l'année dernière|gestern"
    r"|letzte[ns]? (?:woche|monat|jahr)|damals)\b"
)

TABLES: Final = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN}

"""Spanish cues; what a row means stands in `row.py`. Pure data."""

from typing import Final

from providers.extractive.cue_tables.row import Row, row

SPANISH: Final[tuple[Row, ...]] = (
    row(
        "topics",
        "",
        2.4,
        "orden pasamos punto debate proposición moción tema respecto cuanto pregunta",
        (
            r"\b(?:punto (?:siguiente )?del orden del día|pasamos a(?:l| la)?|debate (?:de|sobre)|en cuanto "
            r"a|con respecto a|hablar (?:de|sobre)|el tema de)\b"
        ),
    ),
    row(
        "action_items",
        "speaker",
        3.0,
        "voy encargo comprometo enviaré haré prepararé presentaré propondré remitiré trabajaré llevaré",
        (
            r"\b(?:me (?:voy a )?(?:encargo|encargar|comprometo)|voy a (?:enviar|mandar|preparar|hacer|"
            r"revisar|escribir|hablar con|mirar|pedir|presentar|proponer|llamar)|(?:enviaré|haré|prepararé|"
            r"presentaré|propondré|remitiré|trabajaré|llevaré))\b"
        ),
    ),
    row(
        "action_items",
        "group",
        2.4,
        ("vamos tenemos debemos hay haremos presentaremos trabajaremos seguiremos impulsaremos aprobaremos pondremos"),
        (
            r"\b(?:vamos a|tenemos que|debemos|hay que) (?:enviar|preparar|hacer|revisar|escribir|hablar|"
            r"presentar|impulsar|trabajar|aprobar|poner|buscar|convocar|crear|llevar|seguir)\b"
        ),
        r"\b(?:haremos|presentaremos|trabajaremos|impulsaremos|aprobaremos|pondremos)\b",
    ),
    row(
        "action_items",
        "addressee",
        2.6,
        "puede puedes podría podrías favor pido pedimos solicito instamos encárgate",
        (
            r"\b(?:puedes?|podrías?) (?:enviar|mandar|preparar|hacer|revisar|escribir|explicar|encargarse|"
            r"encargarte|decirnos)\b"
        ),
        r"\bpor favor\b.{0,40}\b(?:envíe|haga|revise|prepare)n?\b",
        r"\b(?:le|les|os) (?:pido|pedimos|solicito|ruego)\b",
        r"\binstamos\b",
    ),
    row(
        "decisions",
        "",
        3.0,
        (
            "decidido acordado acordamos decidimos aprobado aprueba rechazado rechaza aprobada rechazada "
            "queda quedan acuerdo"
        ),
        (
            r"\b(?:hemos|han|se ha|hemos sido|queda|quedan) (?:decidido|acordado|aprobad[oa]s?|"
            r"rechazad[oa]s?)\b"
        ),
        r"\b(?:decidimos|acordamos)\b",
        r"\bse (?:aprueba|rechaza|acuerda)\b",
        r"\bllegado a un acuerdo\b",
        r"\bestamos (?:todos )?de acuerdo en\b",
    ),
    row(
        "risks",
        "",
        2.6,
        "riesgo riesgos peligro amenaza problema preocupa preocupación preocupante grave",
        (
            r"\b(?:riesgos?|peligro|amenaza|preocupa(?:ción|nte|dos?)?|el problema (?:es|de)|un (?:grave "
            r")?problema)\b"
        ),
    ),
    row(
        "questions",
        "",
        2.4,
        "cómo qué cuándo cuál cuáles quién cuánto sabemos pregunto duda",
        r"¿\W*(?:y |pero )?(?:cómo|qué|cuándo|cuál(?:es)?|quién|cuánt[oa]s?|por qué|dónde)\b",
        r"\bno sabemos (?:si|cómo|qué|cuándo)\b",
        r"\bme pregunto\b",
    ),
)

"""French cues; what a row means stands in `row.py`. Pure data."""

from typing import Final

from providers.extractive.cue_tables.row import Row, row

FRENCH: Final[tuple[Row, ...]] = (
    row(
        "topics",
        "",
        2.4,
        "passons ordre sujet question concernant parler point",
        (
            r"\b(?:passons (?:à|au)|ordre du jour|le sujet de|la question d[ue]|concernant|parler de|point "
            r"suivant|en ce qui concerne)\b"
        ),
    ),
    row(
        "action_items",
        "speaker",
        3.0,
        "vais charge occupe enverrai ferai préparerai proposerai engage",
        (
            r"\bje (?:vais|m'engage à) (?:l'|le |la |les |vous )?(?:envoyer|préparer|faire|écrire|vérifier|"
            r"regarder|proposer|demander|contacter|organiser|rédiger|voir avec)\b"
        ),
        r"\bje m'en (?:occupe|charge)\b",
        r"\bje (?:vous |l'|le |la )?(?:enverrai|ferai|préparerai|proposerai|demanderai)\b",
    ),
    row(
        "action_items",
        "group",
        2.2,
        "allons faut devons ferons proposerons mettrons",
        (
            r"\b(?:nous allons|on va|il faut|nous devons|on doit) (?:envoyer|préparer|faire|écrire|vérifier|"
            r"organiser|proposer|créer|mettre en place|rédiger|demander)\b"
        ),
        r"\bnous (?:ferons|proposerons|mettrons|organiserons)\b",
    ),
    row(
        "action_items",
        "addressee",
        2.6,
        "peux pouvez pourriez pourrais veuillez demande",
        (
            r"\b(?:peux-tu|pouvez-vous|pourriez-vous|pourrais-tu|tu peux|vous pouvez) (?:\w+ )?(?:envoyer|"
            r"préparer|faire|écrire|vérifier|regarder|organiser|demander)\b"
        ),
        r"\bveuillez\b",
    ),
    row(
        "decisions",
        "",
        3.0,
        "décidé décidons convenu accord adopté adoptée rejeté rejetée choisi retenu",
        (
            r"\b(?:nous avons|on a|avons|a été|est|sont) (?:tous )?(?:décidé|convenu|choisi|adoptée?s?|"
            r"rejetée?s?|retenue?s?)\b"
        ),
        r"\bnous décidons\b",
        r"\bon est d'accord (?:pour|sur)\b",
    ),
    row(
        "risks",
        "",
        2.6,
        "risque risques danger menace problème crainte inquiet inquiétude difficulté",
        (
            r"\b(?:risques?|danger|menace|craintes?|inquiet|inquiétude|le problème (?:est|c'est|de)|un "
            r"(?:vrai |gros )?problème|la difficulté)\b"
        ),
    ),
    row(
        "questions",
        "",
        2.4,
        "comment pourquoi quand quel quelle qui combien sait demande est",
        r"^\W*(?:et |mais |alors )?(?:comment|pourquoi|quand|quels?|quelles?|qui|combien|est-ce que)\b",
        r"\bon ne sait pas (?:si|comment|quand)\b",
        r"\bje me demande\b",
    ),
)

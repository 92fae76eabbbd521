"""German cues; what a row means stands in `row.py`. Pure data."""

from typing import Final

from providers.extractive.cue_tables.row import Row, row

GERMAN: Final[tuple[Row, ...]] = (
    row(
        "topics",
        "",
        2.4,
        "nächster nächste tagesordnung thema kommen bezüglich punkt",
        (
            r"\b(?:nächster? (?:punkt|thema)(?: ist)?|tagesordnung(?:spunkt)?|das thema|kommen wir zu[mr]?|"
            r"bezüglich)\b"
        ),
    ),
    row(
        "action_items",
        "speaker",
        3.0,
        "ich",
        (
            r"\bich (?:werde|kann) (?:\w+ ){0,6}(?:schicken|senden|vorbereiten|machen|schreiben|prüfen|"
            r"klären|anrufen|erstellen|organisieren|nachfragen|kümmern)\b"
        ),
        r"\bich (?:kümmere mich|übernehme|schicke|erledige|kläre|prüfe|schreibe)\b",
    ),
    row(
        "action_items",
        "group",
        2.2,
        "wir",
        (
            r"\bwir (?:werden|müssen|sollten) (?:\w+ ){0,6}(?:schicken|senden|vorbereiten|machen|schreiben|"
            r"prüfen|klären|erstellen|organisieren|nachfragen|kümmern)\b"
        ),
    ),
    row(
        "action_items",
        "addressee",
        2.6,
        "kannst könntest können könnten bitte",
        (
            r"\b(?:kannst du|könntest du|können sie|könnten sie|bitte) (?:\w+ ){0,6}(?:schicken|senden|"
            r"vorbereiten|machen|schreiben|prüfen|klären|anrufen|erstellen|organisieren|nachfragen|kümmern)\b"
        ),
    ),
    row(
        "decisions",
        "",
        3.0,
        "entschieden beschlossen geeinigt einigen beschluss angenommen abgelehnt",
        r"\b(?:entschieden|beschlossen|geeinigt|angenommen|abgelehnt)\b",
        r"\bder beschluss\b",
        r"\bwir einigen uns\b",
    ),
    row(
        "risks",
        "",
        2.6,
        "risiko risiken gefahr problem sorge sorgen schwierig befürchte",
        (
            r"\b(?:risik(?:o|en)|gefahr|das problem (?:ist|mit|bei)|ein problem|sorgen? mache[nt]?|mache mir "
            r"sorgen|befürchte)\b"
        ),
    ),
    row(
        "questions",
        "",
        2.4,
        "wie was wann wer warum welche wissen frage unklar ob",
        r"^\W*(?:und |aber |also )?(?:wie|was|wann|wer|warum|welche[rsn]?)\b",
        r"\bwissen (?:noch )?nicht,? (?:ob|wie|wann|was)\b",
        r"\bdie frage ist\b",
        r"\bunklar,? (?:ob|wie|wann|was)\b",
    ),
)

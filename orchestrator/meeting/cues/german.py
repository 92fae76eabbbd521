"""German words by which the type of a meeting is known; what a row means stands in `row.py`. Pure data."""

from typing import Final

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.cues.row import Cues

GERMAN: Final[dict[MeetingType, Cues]] = {
    "interview": Cues(
        strong=(
            "erzählen sie uns von sich, erzählen sie etwas über sich, erzähl uns von dir, ihr lebenslauf, ihren "
            "lebenslauf, ihr werdegang, ihren werdegang, diese stelle, gehaltsvorstellung, gehaltsvorstellungen, "
            "kündigungsfrist, warum möchten sie, unser gast, mein gast, danke für die einladung, ihre stärken, ihre "
            "schwächen"
        ),
        plain=(
            "interview, bewerbung, bewerber, bewerberin, kandidat, kandidatin, die stelle, ihre erfahrung, studiert, "
            "berufserfahrung, qualifikation, einstellung"
        ),
    ),
    "sales": Cues(
        strong=(
            "kostenlos testen, testphase, preis pro nutzer, pro nutzer, pro lizenz, rahmenvertrag, ihr budget, "
            "einkaufsabteilung, angebot schicken, angebot zuschicken, angebot zukommen, vertrag unterschreiben, "
            "aktueller anbieter, jetziger anbieter, ihr aktueller anbieter, referenzkunden"
        ),
        plain=(
            "angebot, vertrag, verträge, rabatt, rabatte, abonnement, lizenz, lizenzen, verlängerung, anbieter, "
            "wettbewerber, eine demo, ein pilot, pilotprojekt, preismodell, vertrieb, einkauf, laufzeit, konditionen"
        ),
    ),
    "executive": Cues(
        strong=(
            "aufsichtsrat, vorstand, gesellschafter, aktionäre, geschäftsjahr, bruttomarge, operative marge, cashflow, "
            "marktanteil, geschäftsführung, geschäftsleitung, im vergleich zum vorjahr, umsatzwachstum"
        ),
        plain=(
            "umsatz, umsätze, gewinn, ergebnis, marge, quartal, quartals, prognose, investoren, übernahme, "
            "personalbestand, wachstum, strategie, strategisch, dividende, liquidität"
        ),
    ),
    "standup": Cues(
        strong=(
            "gestern habe ich, gestern hab ich, heute mache ich, heute werde ich, heute mach ich, ich bin blockiert, "
            "keine blocker, keine hindernisse, nichts blockiert, das war's von mir, das war s von mir, wer macht "
            "weiter, von meiner seite nichts, bei mir nichts neues"
        ),
        plain=(
            "gestern, heute, blockiert, hindernisse, in arbeit, im review, fertig geworden, aufgabe, aufgaben, "
            "weitermachen"
        ),
    ),
    "planning": Cues(
        strong=(
            "nächster sprint, nächsten sprint, nächste sprint, fahrplan, akzeptanzkriterien, liefertermin, "
            "projektplan, kritischer pfad, aufwandsschätzung, arbeitspaket, arbeitspakete, zeitplan"
        ),
        plain=(
            "schätzung, schätzungen, schätzen, frist, fristen, meilenstein, meilensteine, priorität, prioritäten, "
            "priorisieren, umfang, abhängigkeiten, termin, termine, kapazität, kapazitäten, planen, planung, phase, "
            "aufwand"
        ),
    ),
    "retrospective": Cues(
        strong=(
            "lief gut, gut gelaufen, gut lief, lief schlecht, schlecht gelaufen, nicht gut gelaufen, nicht so gut "
            "gelaufen, besser machen, retrospektive, rückblick, was lernen wir, letzter sprint, letzten sprint, "
            "aufhören mit, beibehalten"
        ),
        plain="verbessern, verbesserung, verbesserungen, frustrierend, nächstes mal, beim nächsten mal, gelernt",
    ),
    "design": Cues(
        strong=(
            "benutzeroberfläche, benutzerfreundlich, bedienbarkeit, nutzererlebnis, nutzertest, nutzertests, entwurf, "
            "entwürfe, skizze, skizzen, einfach zu bedienen, ergonomisch"
        ),
        plain=(
            "gestaltung, prototypen, oberfläche, knopf, knöpfe, taste, tasten, bildschirm, farbe, farben, form, "
            "schrift, nutzer, benutzer, material, menü, symbol, symbole, schaltfläche"
        ),
    ),
    "support": Cues(
        strong=(
            "wie kann ich ihnen helfen, was kann ich für sie tun, danke für ihren anruf, kundennummer, fehlermeldung, "
            "fehlermeldungen, störung, störungen, ausfall, nachstellen, rufbereitschaft, kundendienst, umgehungslösung"
        ),
        plain=(
            "kunde, kunden, kundin, funktioniert nicht, geht nicht, geht nicht mehr, neu starten, neustart, fehler, "
            "problem, passwort, behoben, beheben, gelöst, beschwerde, erstattung, abgestürzt"
        ),
    ),
    "committee": Cues(
        strong=(
            "herr präsident, frau präsidentin, herr vorsitzender, frau vorsitzende, sehr geehrte damen und herren, "
            "meine damen und herren, tagesordnung, tagesordnungspunkt, geschäftsordnung, gesetzentwurf, "
            "änderungsantrag, fraktion, fraktionen, abgeordnete, abgeordneten, wortmeldung, wortmeldungen, "
            "enthaltungen, gegenstimmen, wer stimmt dafür, das wort hat, beschlussfähig, ausschuss, protokoll der "
            "letzten"
        ),
        plain=(
            "antrag, anträge, abstimmung, bundestag, bundesregierung, regierung, minister, ministerin, gemeinderat, "
            "stadtrat, bürgermeister, bürgermeisterin, beschluss, gesetz, parlament, senat"
        ),
    ),
    "lecture": Cues(
        strong=(
            "in dieser vorlesung, heutige vorlesung, letzte vorlesung, letzten vorlesung, nächste vorlesung, klausur, "
            "übungsblatt, auf dieser folie, nächste folie, satz von, in diesem vortrag, in diesem video, wir "
            "definieren"
        ),
        plain=(
            "vorlesung, folie, folien, studierende, studenten, professor, prüfung, kapitel, gleichung, definition, "
            "begriff, zum beispiel, das heißt"
        ),
    ),
    "one-to-one": Cues(
        strong=(
            "wie fühlst du dich, wie geht es dir mit, deine arbeitslast, deine auslastung, deine ziele, deine "
            "entwicklung, deine karriere, meine karriere, mitarbeitergespräch, gehaltserhöhung, beförderung, meine "
            "chefin, mein chef, wie kann ich dich unterstützen"
        ),
        plain="urlaub, stress, gestresst, überlastet, motiviert, motivation, ziele, wochenende, familie, wohl fühlen",
    ),
}

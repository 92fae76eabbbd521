"""The day that is meant by the words of Spanish, French and German meetings."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.dues import day

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hoy", "2026-11-24"),
        ("mañana", "2026-11-25"),
        ("mañana por la mañana", "2026-11-25"),
        ("pasado mañana", "2026-11-26"),
        ("para el viernes", "2026-11-27"),
        ("el viernes por la tarde", "2026-11-27"),
        ("el viernes de la semana que viene", "2026-12-04"),
        ("la semana que viene, el viernes", "2026-12-04"),
        ("a finales de mes", "2026-11-30"),
        ("antes de fin de mes", "2026-11-30"),
        ("al final de la semana", "2026-11-27"),
        ("a finales del mes que viene", "2026-12-31"),
        ("a final de año", "2026-12-31"),
        ("en dos semanas", "2026-12-08"),
        ("dentro de 10 días", "2026-12-04"),
        ("en una semana", "2026-12-01"),
        ("dentro de quince días", "2026-12-08"),
        ("el 3 de diciembre", "2026-12-03"),
        ("3 de marzo de 2027", "2027-03-03"),
        ("para el día 27", "2026-11-27"),
        ("hasta el 27/11", "2026-11-27"),
        ("aujourd'hui", "2026-11-24"),
        ("demain matin", "2026-11-25"),
        ("après-demain", "2026-11-26"),
        ("d'ici vendredi", "2026-11-27"),
        ("pour vendredi midi", "2026-11-27"),
        ("vendredi de la semaine prochaine", "2026-12-04"),
        ("vendredi en huit", "2026-12-04"),
        ("la semaine prochaine, vendredi", "2026-12-04"),
        ("d'ici la fin du mois", "2026-11-30"),
        ("avant la fin de la semaine", "2026-11-27"),
        ("d'ici la fin de l'année", "2026-12-31"),
        ("fin du mois prochain", "2026-12-31"),
        ("dans trois semaines", "2026-12-15"),
        ("sous huit jours", "2026-12-01"),
        ("dans quinze jours", "2026-12-08"),
        ("le 1er décembre", "2026-12-01"),
        ("pour le 3 mars 2027", "2027-03-03"),
        ("pour le 2", "2026-12-02"),
        ("d'ici le 27/11/2026", "2026-11-27"),
        ("heute", "2026-11-24"),
        ("morgen früh", "2026-11-25"),
        ("übermorgen", "2026-11-26"),
        ("bis Freitag", "2026-11-27"),
        ("bis kommenden Freitag", "2026-11-27"),
        ("Freitag nächster Woche", "2026-12-04"),
        ("nächste Woche am Freitag", "2026-12-04"),
        ("Freitag in einer Woche", "2026-12-04"),
        ("bis Ende der Woche", "2026-11-27"),
        ("bis Ende nächster Woche", "2026-12-04"),
        ("zum Monatsende", "2026-11-30"),
        ("bis Ende des nächsten Monats", "2026-12-31"),
        ("bis Jahresende", "2026-12-31"),
        ("in zwei Wochen", "2026-12-08"),
        ("in einer Woche", "2026-12-01"),
        ("in acht Tagen", "2026-12-01"),
        ("binnen 10 Tagen", "2026-12-04"),
        ("in drei Monaten", "2027-02-24"),
        ("am 3. Dezember", "2026-12-03"),
        ("3. März 2027", "2027-03-03"),
        ("bis zum 27.", "2026-11-27"),
        ("bis zum 27.11.", "2026-11-27"),
        ("am 27.11.", "2026-11-27"),
        ("pour le 27/11", "2026-11-27"),
        ("27.11.2026", "2026-11-27"),
        ("bis 5.6.2027", "2027-06-05"),
        ("2026-11-27", "2026-11-27"),
        ("bis Samstag", "2026-11-28"),
    ],
)
def test_words_mean_a_day(words: str, expected: str) -> None:
    assert day(words, TUESDAY) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "words",
    [
        "pronto",
        "la semana que viene",
        "el próximo viernes",
        "el viernes que viene",
        "después del viernes",
        "antes del viernes",
        "cada viernes",
        "lunes o martes",
        "lunes y martes",
        "el viernes pasado",
        "hace dos días",
        "bientôt",
        "la semaine prochaine",
        "vendredi prochain",
        "après vendredi",
        "avant vendredi",
        "tous les vendredis",
        "lundi ou mardi",
        "il y a deux jours",
        "vendredi dernier",
        "bald",
        "nächste Woche",
        "nächsten Freitag",
        "nach Freitag",
        "vor Freitag",
        "jeden Freitag",
        "Montag oder Dienstag",
        "Montag und Dienstag",
        "letzten Freitag",
        "nicht morgen",
        "bis zum 31.2.",
        "bis zum 32.13.",
        "11/12",
        "at 9 am 11/12",
        "5.6.",
        "99.99.2026",
        "version 1.2.2026.4",
        "le 31/02",
    ],
)
def test_words_without_one_day_mean_none(words: str) -> None:
    assert day(words, TUESDAY) is None


def test_without_the_meetings_day_only_a_full_date_means_one() -> None:
    assert day("bis Freitag", None) is None
    assert day("el 3 de diciembre", None) is None
    assert day("el 3 de diciembre de 2026", None) == date(2026, 12, 3)
    assert day("bis 27.11.2026", None) == date(2026, 11, 27)


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.sampled_from([("lunes", 0), ("vendredi", 4), ("Sonntag", 6)]))
def test_a_weekday_is_the_next_one_of_its_name(start: date, named: tuple[str, int]) -> None:
    found = day(named[0], start)

    assert found is not None
    assert found.weekday() == named[1]
    assert 0 < (found - start).days <= 7


@given(st.lists(st.sampled_from("bis le el de 3 27. 11 / . viernes mai en dos fin ende des semana in wochen".split())))
def test_any_words_mean_a_day_or_none(words: list[str]) -> None:
    found = day(" ".join(words), TUESDAY)

    assert found is None or isinstance(found, date)

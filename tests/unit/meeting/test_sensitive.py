"""What is found to be personal by its form, written or dictated, and what is not."""

import pytest

from orchestrator.meeting import aloud, sensitive
from orchestrator.meeting.sensitive import Finder


def found(finder: Finder, text: str) -> list[str]:
    return [text[start:end] for start, end in finder(text)]


@pytest.mark.parametrize(
    ("finder", "text", "wanted"),
    [
        (
            sensitive.emails,
            "mail ann.lee+x@mail.example.co.uk, or O'Neil@example.com.",
            ["ann.lee+x@mail.example.co.uk", "O'Neil@example.com"],
        ),
        (sensitive.emails, "bob @ example.com", ["bob @ example.com"]),
        (sensitive.emails, "a rate @ 5 and name@host", []),
        (sensitive.emails, "jörg@bücher.example", ["jörg@bücher.example"]),
        (sensitive.urls, "see https://x.example/a?b=c#d, now", ["https://x.example/a?b=c#d"]),
        (
            sensitive.urls,
            "(www.example.com/prices). At shop.example.de:8080/x or example.com.",
            ["www.example.com/prices", "shop.example.de:8080/x", "example.com"],
        ),
        (sensitive.urls, "intern.corp.local/wiki and etc. e.g. 3.5 or Node.js", ["intern.corp.local/wiki"]),
        (
            sensitive.ips,
            "10.0.0.1 2001:db8::1 ::ffff:10.1.2.3 fe80::1",
            ["10.0.0.1", "2001:db8::1", "::ffff:10.1.2.3", "fe80::1"],
        ),
        (sensitive.ips, "at 12:30 or 12:30:45, version 1.2.3, 999.1.1.1, ::", []),
        (
            sensitive.ibans,
            "DE89 3704 0044 0532 0130 00 and gb82WEST12345698765432.",
            ["DE89 3704 0044 0532 0130 00", "gb82WEST12345698765432"],
        ),
        (sensitive.ibans, "DE89 3704 0044 0532 0130 00 now", ["DE89 3704 0044 0532 0130 00"]),
        (sensitive.ibans, "DE88 3704 0044 0532 0130 00, or AB12 3456", []),
        (
            sensitive.payment_cards,
            "4111 1111 1111 1111, 4111-1111-1111-1111 or 378282246310005",
            ["4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005"],
        ),
        (sensitive.payment_cards, "4111 1111 1111 1112", []),
        (
            sensitive.phones,
            "+1 (555) 123-4567, 030/1234567 or 5 5 5 1 2 3 4",
            ["+1 (555) 123-4567", "030/1234567", "5 5 5 1 2 3 4"],
        ),
        (sensitive.phones, "on 2026-11-28 or 28.11.2026 or 2019-2026, 1,250,000 dollars, room 12 34", []),
        (aloud.emails, "write john dot smith at example dot com please", ["john dot smith at example dot com"]),
        (
            aloud.emails,
            "It is Jo_x underscore y at mail dot example dot co dot uk",
            ["Jo_x underscore y at mail dot example dot co dot uk"],
        ),
        (aloud.emails, "bob at example.com", ["bob at example.com"]),
        (aloud.emails, "meet at noon; at 5.30 at version two dot 0", []),
        (
            aloud.urls,
            "go to triple w dot example dot com slash prices today",
            ["triple w dot example dot com slash prices"],
        ),
        (aloud.urls, "connect the dot to the dot", []),
        (aloud.phones, "call five five five, oh one double two now", ["five five five, oh one double two"]),
        (aloud.phones, "plus 4 4 two oh 7 9 4 6 0 0", ["plus 4 4 two oh 7 9 4 6 0 0"]),
        (aloud.phones, "one two three, go", []),
        (aloud.phones, "one two three four five six", []),
        (
            aloud.payment_cards,
            "four triple one one one one one one one one one one one one one",
            ["four triple one one one one one one one one one one one one one"],
        ),
        (aloud.payment_cards, "five five five, oh one double two", []),
        (aloud.phones, "four triple one one one one one one one one one one one one one", []),
    ],
)
def test_each_kind_is_found_as_it_is_written_and_said(finder: Finder, text: str, wanted: list[str]) -> None:
    assert found(finder, text) == wanted

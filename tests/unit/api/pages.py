"""Reads a report page back as a browser would see it: tags, attributes, anchors, links, text."""

from collections import Counter
from html.parser import HTMLParser

IN_THE_LINE = frozenset(("bdi",))  # between its words and those around it there is no gap
VOID = frozenset(("meta", "link", "br", "img", "input", "hr"))


class Page(HTMLParser):
    """`tags` counts opening tags, `attributes` names each (tag, attribute), `ids` and `links` keep their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[tuple[str, str]] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.heads: list[str] = []
        self.misnested: list[str] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self.feed(text)
        self.close()

    @property
    def words(self) -> str:
        """The text that a reader sees, styles left out, spaces made single."""
        return " ".join("".join(self._words).split())

    @property
    def unclosed(self) -> list[str]:
        return self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._part(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        found = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [found["href"] or ""] if tag == "a" and "href" in found else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)
        if not self._open or self._open.pop() != tag:
            self.misnested.append(tag)

    def _part(self, tag: str) -> None:
        if tag not in IN_THE_LINE:
            self._words.append(" ")

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self._words.append(data)
        if self._open and self._open[-1] in ("h1", "h2", "h3"):
            self.heads.append(data.strip())

"""Every example of README and handbook: fenced blocks, and what stands in backquotes in the prose.

The word after a block's language tells what is done with it, as in ` ```json POST /v1/jobs `; GitHub does not show it.
`KINDS` lists what there is, and `tests/house/test_examples.py` fails for a block that is none of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.house.checkout import ROOT, files

# What runs a kind, as a node of pytest; and what a writer has to know of it.
KINDS: Final = {
    "sh": ("tests/acceptance/test_examples.py::test_a_shell_example_runs", "each statement is run"),
    "console": (
        "tests/acceptance/test_examples.py::test_a_console_example_prints_what_it_shows",
        "a `$ command` and the output that it begins with",
    ),
    "python": (
        "tests/acceptance/test_examples_python.py::test_the_python_of_a_page_runs",
        "the blocks of a page are run in their order, in one namespace",
    ),
    "python entry": (
        "tests/acceptance/test_examples_python.py::test_the_python_of_a_page_runs",
        "an entry of a dict, in the names of the page and of the module that has the table",
    ),
    "json POST": (
        "tests/acceptance/test_examples.py::test_a_body_is_accepted",
        "`json POST /v1/...`: is sent there and accepted",
    ),
    "json part": (
        "tests/house/test_examples.py::test_a_part_of_an_answer_is_as_the_contract_has_it",
        "`json part JobView`: members of that component of the OpenAPI document",
    ),
    "toml catalog": (
        "tests/house/test_examples.py::test_what_a_page_adds_to_the_catalog_loads",
        "a file for MEETINGMIND_CATALOG; the blocks of a page are one",
    ),
    "sql": (
        "tests/acceptance/test_examples.py::test_sql_runs_on_a_database_in_use",
        "each statement is run as the all-seeing role",
    ),
    "env": ("tests/house/test_examples.py::test_a_variable_that_is_set_exists", "NAME=value, as in ops/env.example"),
    "http webhook": (
        "tests/acceptance/test_examples.py::test_a_delivery_has_the_headers_and_the_body_that_are_shown",
        "a delivery as it comes",
    ),
    "text output": (
        "tests/acceptance/test_examples.py::test_a_command_prints_what_is_shown",
        "`text output COMMAND`: what that prints, whole",
    ),
    "text differences": (
        "tests/house/test_examples_drawn.py::test_differences_are_printed_as_they_are_shown",
        "lines of `compare`, explained on the right",
    ),
    "text states": (
        "tests/house/test_examples_drawn.py::test_the_states_are_those_of_the_machine",
        "states of job, seat and attempt",
    ),
    "text drawing": (
        "tests/house/test_examples_drawn.py::test_a_drawing_holds_no_command_and_names_files_that_exist",
        "a picture or a course of things; no example",
    ),
}


@dataclass(frozen=True)
class Block:
    """A fenced block. `wish` is what follows the language."""

    page: str
    line: int
    language: str
    wish: str
    text: str

    @property
    def kind(self) -> str:
        """A key of KINDS, or what looks like one and is none."""
        return f"{self.language} {self.wish.split(' ')[0]}".strip()

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Inline:
    """What stands in backquotes, on one line."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} {self.text}"


def pages() -> tuple[str, ...]:
    return tuple(
        path for path in files() if path == "README.md" or (path.startswith("ops/handbook/") and path.endswith(".md"))
    )


@cache
def blocks() -> tuple[Block, ...]:
    return tuple(
        Block(page, _line(token), *_told(token.info), token.content)
        for page in pages()
        for token in _tokens(page)
        if token.type == "fence"
    )


def of(*kinds: str) -> list[Block]:
    """The blocks of these kinds, in their order."""
    return [block for block in blocks() if block.kind in kinds]


@cache
def inlines() -> tuple[Inline, ...]:
    return tuple(
        Inline(page, _line(token), " ".join(child.content.split()))
        for page in pages()
        for token in _tokens(page)
        for child in token.children or ()
        if child.type == "code_inline"
    )


def unreadable() -> Iterator[str]:
    """Code that is written so that it has no language: indented, or as HTML."""
    for page in pages():
        for token in _tokens(page):
            if token.type in {"code_block", "html_block"}:
                yield f"{page}:{_line(token)}"


@cache
def _tokens(page: str) -> tuple[Token, ...]:
    return tuple(MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text("utf-8")))


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _told(info: str) -> tuple[str, str]:
    language, _, wish = info.strip().partition(" ")
    return language, wish.strip()

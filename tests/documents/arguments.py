"""Whether programs of `ops` and of the house take their arguments: a process that stops each once it has parsed them.

Reads a list of command lines (module, arguments) as JSON from stdin, and prints for each the complaint, or null, and
all options that there are. It is a process of its own, as it puts a stop into argparse: a drill that went on would run
for minutes.
"""

import argparse
import contextlib
import io
import json
import runpy
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn


class Parsed(BaseException):
    """The arguments were taken, by a parser with these options. Nothing catches it, as it is no Exception."""

    def __init__(self, options: list[str]) -> None:
        super().__init__()
        self.options = options


def stopping(parse: Callable[..., Any]) -> Callable[..., NoReturn]:
    def parse_and_stop(parser: argparse.ArgumentParser, *given: Any, **more: Any) -> NoReturn:
        parse(parser, *given, **more)
        raise Parsed(sorted(options(parser)))

    return parse_and_stop


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Those of its subcommands included."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from options(inner)


def judged(module: str, *arguments: str) -> tuple[str | None, list[str]]:
    """What the program says against its arguments, and its options."""
    sys.argv = [module, *arguments]
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except Parsed as parsed:
        return None, parsed.options
    except SystemExit:
        return said.getvalue().strip() or "ended before it had parsed anything", []
    except Exception as error:  # noqa: BLE001 - whatever a program raises over its arguments is its complaint
        return repr(error), []
    return "asks argparse for nothing", []


def main() -> int:
    argparse.ArgumentParser.parse_args = stopping(argparse.ArgumentParser.parse_args)  # type: ignore[method-assign]
    print(json.dumps([judged(*line) for line in json.load(sys.stdin)]))  # noqa: T201 - it is the answer
    return 0


if __name__ == "__main__":
    sys.exit(main())

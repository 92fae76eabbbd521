"""The Python of README and handbook, page by page, against a service as that of tests/acceptance/test_examples.py.

The blocks of a page share a namespace. It begins with what is `given`: what pages may use without saying where it is
from. What a block only defines is called by an entry of `CALLED`.
"""

import ast
import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import closing
from types import CodeType
from typing import Any, Final, TypeAlias

import pytest

from api.client import Client
from api.webhook_client import NotVerified
from orchestrator import synthesis
from orchestrator.analysis.items import Candidate, Summary
from orchestrator.synthesis.flow import Inputs, Rule, Synthesis, drive
from tests.acceptance.conftest import Build
from tests.acceptance.examples import Reader
from tests.acceptance.examples_town import reading
from tests.documents.pages import Block, of
from tests.documents.shell import filled

Namespace: TypeAlias = dict[str, Any]


def given(reader: Reader, client: Client) -> Namespace:
    """`bodies` gives the jobs of a batch."""
    return {
        "Client": Client,
        "client": client,
        "closing": closing,
        "url": reader.town.product.url,
        "key": reader.key,
        "bodies": _bodies,
    }


def _bodies() -> Iterator[dict[str, object]]:
    for number in (1, 2):
        yield {"transcript": {"content": f"Ann: I will send draft {number} by Friday."}}


def loudest_keeps_the_lowest_of_equals(namespace: Namespace, _: Reader) -> None:
    quiet = Candidate(language="en", summary=Summary(text="Little was said.", bullets=()))

    found = drive(namespace["loudest"](Inputs(candidates={0: quiet, 1: quiet}, places={}, quorum=1)), [])

    assert isinstance(found, Synthesis)
    assert found.seats == (0,)


def receive_takes_a_delivery_and_no_other(namespace: Namespace, reader: Reader) -> None:
    came = reader.receiver.seen[0]

    namespace["receive"](came.headers, came.body)

    with pytest.raises(NotVerified):
        namespace["receive"](came.headers, came.body + b" ")


CALLED: Final[dict[str, Callable[[Namespace, Reader], None]]] = {
    "loudest": loudest_keeps_the_lowest_of_equals,
    "receive": receive_takes_a_delivery_and_no_other,
}


@pytest.fixture(scope="module")
def reader(build_town: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(build_town, tmp_path_factory.mktemp("reader")) as found:
        yield found


@pytest.mark.parametrize("page", sorted({block.page for block in of("python", "python entry")}))
def test_the_python_of_a_page_runs(page: str, reader: Reader) -> None:
    with closing(Client(reader.town.product.url, reader.key)) as client:
        namespace = given(reader, client)
        for block in (block for block in of("python", "python entry") if block.page == page):
            if block.kind == "python entry":
                assert isinstance(_entry(block, namespace), Rule)
            else:
                _run(block, namespace, reader)


def _run(block: Block, namespace: Namespace, reader: Reader) -> None:
    """In our own process; `await` may stand outside a function."""
    source = "\n" * block.line + filled(block.text, reader.values)
    before = set(namespace)

    code = compile(source, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    _execute(code, namespace)

    if _only_defines(source):
        made = [name for name in namespace.keys() - before if name in CALLED]
        assert made, f"{block}: nothing calls what it defines; let it call it, or add an entry to CALLED in {__name__}"
        for name in made:
            CALLED[name](namespace, reader)


def _execute(code: CodeType, namespace: Namespace) -> None:
    left = eval(code, namespace)  # noqa: S307 - the pages' own examples
    if inspect.iscoroutine(left):
        asyncio.run(left)


def _only_defines(source: str) -> bool:
    silent = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return all(
        isinstance(node, silent) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.parse(source).body
    )


def _entry(block: Block, namespace: Namespace) -> object:
    """The value of an entry of the strategies' table, as if it stood there."""
    [value] = eval(f"{{{block.text}}}", {**vars(synthesis), **namespace}).values()  # noqa: S307 - likewise
    return value

"""The shape of the house: what lies at the root, how large rooms are, what they may be called and what a door holds."""

import ast
import re
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path

import pytest

from tests.house.checkout import PACKAGES, ROOT, files, rooms

AT_THE_ROOT = {
    *PACKAGES,
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "docker-compose.yml",
    "meetingmind",
    "ops",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements.lock",
    "tests",
}
MOST_LINES = 300
EMPTY_WORDS = {
    "manager",
    "helper",
    "helpers",
    "util",
    "utils",
    "common",
    "base",
    "handler",
    "handlers",
    "processor",
    "misc",
}
PYTHON_IN_ROOMS = [path for path in rooms() if "/migrations/" not in path]


def test_the_root_holds_what_it_should_and_nothing_else() -> None:
    found = {path.split("/")[0] for path in files()}

    assert {name for name in found if not name.startswith(".")} == AT_THE_ROOT


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_name_resolves_into_this_checkout(package: str) -> None:
    spec = util.find_spec(package)

    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == ROOT / package / "__init__.py"


def test_no_installed_distribution_offers_one_of_our_five_names() -> None:
    assert not set(PACKAGES) & set(metadata.packages_distributions())


@pytest.mark.parametrize("room", rooms())
def test_a_room_is_no_longer_than_a_person_reads_at_night(room: str) -> None:
    assert len((ROOT / room).read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("room", rooms())
def test_a_room_is_called_after_what_it_holds(room: str) -> None:
    words = {word for part in Path(room).with_suffix("").parts for word in part.strip("_").split("_")}

    assert not words & EMPTY_WORDS


@pytest.mark.parametrize("room", PYTHON_IN_ROOMS)
def test_a_room_says_what_it_is(room: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / room).read_text()))


@pytest.mark.parametrize("door", [room for room in rooms() if room.endswith("__init__.py")])
def test_a_door_is_a_docstring_or_a_table(door: str) -> None:
    assert not_a_door(ast.parse((ROOT / door).read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        '"""Door."""\nfrom a.b import c\n',
        '"""Door."""\nfrom a.b import c\nTABLE = {}\n',
        '"""Door."""\nfrom a.b import c\n__all__ = ["c"]\n',
        '"""Door."""\nimport a.b\n',
        '"""Door."""\nregister()\n',
        '"""Door."""\ndef work():\n    pass\n',
        "TABLE = {}\n",
    ],
)
def test_whatever_else_stands_in_a_door_is_noticed(code: str) -> None:
    assert not_a_door(ast.parse(code))


def not_a_door(tree: ast.Module) -> list[str]:
    """What of a module is neither its docstring, nor a table, nor the import of something that a table holds."""
    if not ast.get_docstring(tree):
        return ["no docstring"]
    wrong, imported, used = [], set(), set()
    for node in tree.body[1:]:
        targets = {ast.unparse(target) for target in _targets(node)}
        if isinstance(node, ast.ImportFrom):
            imported |= {alias.asname or alias.name for alias in node.names} if node.module != "typing" else set()
        elif targets and (_names_a_type(node) or all(re.fullmatch(r"[A-Z][A-Z_]*", target) for target in targets)):
            used |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        else:
            wrong.append(ast.unparse(node))
    return wrong + sorted(imported - used)


def _names_a_type(node: ast.stmt) -> bool:
    """Such as the type of a table's rows."""
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"


def _targets(node: ast.stmt) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target):
            return [target]
    return []


PURE = (
    "orchestrator.analysis orchestrator.meeting orchestrator.routing orchestrator.synthesis orchestrator.work"
    " providers.calls providers.catalog providers.dialects providers.errors providers.extractive providers.pricing"
    " providers.waits providers.wire"
).split()
MOST_CPU_S = 3.0  # pydantic's third of a second and our classes; a slow machine gets several times that

LOOK = """
import importlib, pkgutil, socket, sys, time
def refuse(*_): raise AssertionError("a pure room opened a socket")
socket.socket.connect = socket.getaddrinfo = refuse
began = time.process_time()
for name in sys.argv[1:]:
    room = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(room, "__path__", []), name + "."):
        importlib.import_module(found.name)
heavy = {"celery", "kombu", "redis", "httpx", "httpcore", "sqlalchemy", "psycopg", "fastapi", "tenacity", "structlog"}
print(time.process_time() - began, *sorted(heavy & set(sys.modules)))
"""


def test_the_pure_rooms_are_imported_soon_and_bring_no_library_that_talks() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOOK, *PURE],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )

    cpu_s, *heavy = done.stdout.split()
    assert heavy == []
    assert float(cpu_s) < MOST_CPU_S

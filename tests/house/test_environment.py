"""ops/env.example names every variable that the house reads, with its default, and no other."""

import ast
import re

import pytest
from pydantic import TypeAdapter

from orchestrator.settings import DEFAULT_PROVIDER_TIMEOUT_S, Settings
from providers import catalog as catalogs
from tests.house.checkout import ROOT, rooms

EXAMPLE = (ROOT / "ops/env.example").read_text()
LINES = dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))
FIELDS = {field.alias: field for field in Settings.model_fields.values() if field.alias}


def of_the_catalog() -> set[str]:
    cards = catalogs.load().providers
    return {name for c in cards for name in (c.key_variable, c.base_url_variable, c.timeout_variable) if name}


def asked_for_by_name() -> set[str]:
    """The variables that the one room with access to the environment looks up itself."""
    tree = ast.parse((ROOT / "orchestrator/settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "os.environ.get"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def of_compose() -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))


def test_the_command_line_asks_for_its_three_variables() -> None:
    assert {"MEETINGMIND_URL", "MEETINGMIND_API_KEY", "MEETINGMIND_DATA_DIR"} <= asked_for_by_name()


def test_the_example_names_what_is_read_and_nothing_else() -> None:
    assert set(LINES) == set(FIELDS) | of_the_catalog() | asked_for_by_name() | of_compose()


def test_every_setting_has_an_alias_so_that_nothing_is_read_under_a_name_that_nobody_chose() -> None:
    assert len(FIELDS) == len(Settings.model_fields)


def test_a_variable_stands_there_once() -> None:
    names = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", EXAMPLE, re.MULTILINE)

    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted(name for name in FIELDS if LINES.get(name) and not FIELDS[name].is_required()))
def test_the_default_that_is_shown_is_the_default(name: str) -> None:
    field = FIELDS[name]
    shown: object = TypeAdapter[object](field.annotation or object).validate_strings(LINES[name])

    assert shown == field.default
    assert f"# {name}=" in EXAMPLE, "a default is shown, not set"


@pytest.mark.parametrize("name", sorted(name for name in of_the_catalog() if name.endswith("_TIMEOUT")))
def test_the_time_limit_that_is_shown_for_a_provider_is_the_default(name: str) -> None:
    assert float(LINES[name]) == DEFAULT_PROVIDER_TIMEOUT_S


def test_no_line_holds_a_secret() -> None:
    secret = [name for name in LINES if re.search(r"KEY|PASSWORD|PEPPER|AUTH", name)]

    assert len(secret) > 5
    assert [LINES[name] for name in secret] == [""] * len(secret)


def test_only_one_room_reads_the_environment() -> None:
    """Ruff forbids it by name; this sees every other spelling, a child's copy included."""
    readers = set()
    for path in rooms():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}:
                readers.add(path)

    assert readers == {"orchestrator/settings.py"}

"""What we depend on: each package with a reason, locked with hashes, under a licence that we may ship."""

import re
import site
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.checkout import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(PYPROJECT)
DIRECT = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEV = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
LOCKS = ("requirements.lock", "requirements-dev.lock", "ops/boot.lock")

# Licences without strings attached to what we ship.
FREE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
}

# Weak copyleft, used unchanged as libraries; a new one is a decision, hence a line here.
NAMED = {
    "certifi": "MPL-2.0",  # a list of certificates, reached through httpx
    "hypothesis": "MPL-2.0",  # tests alone
    "pathspec": "MPL-2.0",  # reached through mypy, checks alone
    "psycopg": "LGPL-3.0-only",  # the PostgreSQL driver
    "psycopg-binary": "LGPL-3.0-only",
}

# Older packages say it in words of their own.
SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "new bsd": "BSD-3-Clause",
}

# Files that run at every start of Python: a hijacked release once stole credentials through one.
RUN_AT_START = {"a1_coverage.pth", "distutils-precedence.pth"}


def locked(name: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Package -> pinned version and hashes."""
    text = (ROOT / name).read_text()
    blocks = re.findall(
        r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)((?:.*\\\n)(?:    --hash=.*\n)*)", text, re.MULTILINE
    )
    return {
        canonicalize_name(package): (version, tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)))
        for package, version, rest in blocks
    }


def licences(found: metadata.Distribution) -> set[str]:
    """The licences of a distribution: its own expression, else its classifiers, else its own words."""
    expression = str(found.metadata.json.get("license_expression", ""))
    if expression:
        return {word for word in re.split(r"\s+(?:AND|OR)\s+|[()]", expression) if word}
    classifiers = [line for line in found.metadata.get_all("Classifier") or [] if line.startswith("License :: ")]
    told = [line.rsplit(" :: ", 1)[1] for line in classifiers if line != "License :: DFSG approved"]
    told = told or [str(found.metadata.json.get("license", "unknown")).splitlines()[0]]
    return {SPELLINGS.get(words.strip().lower(), words.strip()) for words in told}


def installed() -> dict[str, metadata.Distribution]:
    return {canonicalize_name(each.metadata["Name"]): each for each in metadata.distributions()}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    pinned = locked(name)
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert "://" not in text
    assert len(pinned) == len({line.split("==")[0].split("[")[0] for line in lines}) > 0
    assert all(hashes for _, hashes in pinned.values())


def test_the_lock_satisfies_what_pyproject_asks_for() -> None:
    pinned = locked("requirements.lock")

    for wanted in DIRECT:
        version, _ = pinned[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version, prereleases=True), wanted


def test_the_developers_lock_holds_the_runtimes_and_the_tools() -> None:
    runtime, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    assert runtime.items() <= dev.items()
    for wanted in DEV:
        version, _ = dev[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version, prereleases=True), wanted


@pytest.mark.parametrize("wanted", [str(each) for each in (*DIRECT, *DEV)])
def test_every_dependency_says_why_it_is_here(wanted: str) -> None:
    line = next(line for line in PYPROJECT.splitlines() if line.strip().startswith(f'"{Requirement(wanted).name}'))

    assert re.search(r'",\s+# \S+ \S+', line), line


def test_what_the_tests_run_on_is_what_is_locked() -> None:
    dev = locked("requirements-dev.lock")
    drifted = {
        name: (each.version, dev[name][0])
        for name, each in installed().items()
        if name in dev and each.version != dev[name][0]
    }

    assert drifted == {}
    assert {name for name in installed() if name not in dev} <= {"pip", "setuptools", "wheel"}


@pytest.mark.parametrize("name", sorted(installed()))
def test_a_package_is_under_a_licence_that_we_may_ship(name: str) -> None:
    told = licences(installed()[name])

    assert told
    assert told <= FREE or told == {NAMED.get(name)}, f"{name}: {', '.join(sorted(told))}"


def test_every_named_exception_is_needed() -> None:
    assert {name: licences(each) for name, each in installed().items() if name in NAMED} == {
        name: {licence} for name, licence in NAMED.items()
    }


def test_only_known_files_run_when_python_starts() -> None:
    places = [Path(place) for place in site.getsitepackages()]
    found = {
        file.name
        for place in places
        for pattern in ("*.pth", "sitecustomize.py", "usercustomize.py")
        for file in place.glob(pattern)
    }

    assert found <= RUN_AT_START


def test_the_project_can_not_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()

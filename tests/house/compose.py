"""docker-compose.yml as the laws read it, and what can be wrong with such a file. Every check returns complaints."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final, Literal, get_args

from celery.bin.celery import celery as celery_program
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML

from api.__main__ import _parser as api_parser
from orchestrator.queues import ASKING, Profile
from orchestrator.settings import Settings
from providers import catalog as catalogs
from tests.house.checkout import ROOT, files
from workers.__main__ import COMMANDS

OURS: Final = "meetingmind:"
VARIABLE: Final = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?])([^}]*))?\}")
PINNED: Final = re.compile(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)*")
PYTHONS_OWN: Final = {"TMPDIR"}  # read by tempfile
SECRET: Final = re.compile(r"PASSWORD|PEPPER|AUTH$")


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Wait(Part):
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"] = "service_started"


class Healthcheck(Part):
    test: list[str] | str | None = None
    disable: bool = False


class Service(Part):
    image: str
    build: dict[str, str] | None = None
    command: list[str] = []
    environment: dict[str, str] = {}
    ports: list[str] = []
    volumes: list[str] = []
    networks: list[str] = []
    secrets: list[str] = []
    configs: list[str] = []
    depends_on: dict[str, Wait] = {}
    healthcheck: Healthcheck | None = None
    restart: str = "no"
    user: str = ""
    read_only: bool = False
    cap_drop: list[str] = []
    security_opt: list[str] = []

    @property
    def is_ours(self) -> bool:
        return self.image.startswith(OURS)


class Compose(Part):
    services: dict[str, Service]
    volumes: dict[str, Any] = {}
    networks: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    configs: dict[str, Any] = {}
    text: str = Field(repr=False)


def read(text: str) -> Compose:
    return Compose.model_validate({**YAML(typ="safe").load(text), "text": text})


def filled(text: str, values: Mapping[str, str]) -> str:
    """A value as compose would fill it in: the given one, else the default that stands there."""
    return VARIABLE.sub(lambda hit: values.get(hit[1]) or (hit[3] if hit[2] in {":-", "-"} else ""), text).replace(
        "$$", "$"
    )


def dangling_references(compose: Compose) -> list[str]:
    """Names of volumes, networks, secrets, configs and services that nothing answers to."""
    wrong = []
    for name, service in compose.services.items():
        volumes = {mount.split(":")[0] for mount in service.volumes}
        named = {volume for volume in volumes if not volume.startswith((".", "/"))}
        for kind, used, known in (
            ("volume", named, compose.volumes),
            ("network", service.networks, compose.networks),
            ("secret", service.secrets, compose.secrets),
            ("config", service.configs, compose.configs),
            ("service", service.depends_on, compose.services),
        ):
            wrong += [f"{name}: no {kind} is called {one}" for one in used if one not in known]
        places = {PurePosixPath(volume) for volume in volumes - named}
        wrong += [f"{name}: {place} is not in git" for place in places if not _is_in_git(place)]
    return wrong


def unexplained_variables(compose: Compose, documented: set[str]) -> list[str]:
    """Variables that ops/env.example does not name, or that are silently empty, or secrets with a default."""
    wrong = []
    for name, sign, _ in VARIABLE.findall(compose.text):
        if name not in documented:
            wrong.append(f"{name} is not in ops/env.example")
        if sign not in {":-", ":?"}:
            wrong.append(f"{name} has neither a default nor a word for whoever forgot it")
        if SECRET.search(name) and sign != ":?":
            wrong.append(f"{name} is a secret and has a default")
    return wrong


def loose_images(compose: Compose) -> list[str]:
    """Images whose next pull may bring something else, and our own under another version than the product's."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    wrong = [f"{name}: {one.image}" for name, one in compose.services.items() if not PINNED.fullmatch(one.image)]
    ours = {one.image for one in compose.services.values() if one.is_ours}
    return wrong + sorted(f"{image} is not of version {version}" for image in ours if image != OURS + version)


def waits_in_vain(compose: Compose) -> list[str]:
    """Services that wait for another's health or end, which it never shows."""
    wrong = []
    for name, service in compose.services.items():
        for other, wait in service.depends_on.items():
            awaited = compose.services.get(other)
            if awaited is None:
                continue
            check = awaited.healthcheck
            if wait.condition == "service_healthy" and (check is None or check.disable or not check.test):
                wrong.append(f"{name} waits for the health of {other}, which has no check")
            if wait.condition == "service_completed_successfully" and not awaited.restart.startswith(
                ("no", "on-failure")
            ):
                wrong.append(f"{name} waits for the end of {other}, which is restarted for ever")
    return wrong


def refused_commands(compose: Compose) -> list[str]:
    """Commands of our image that the program would not take."""
    return [
        f"{name}: {one.command}" for name, one in compose.services.items() if one.is_ours and not is_taken(one.command)
    ]


def missing_processes(compose: Compose) -> list[str]:
    """Parts of the product that nothing starts."""
    started = {tuple(one.command[-1:]) for one in compose.services.values() if "workers" in one.command}
    wanted = {(word,) for word in (*get_args(Profile), "beat", "migrate")}
    wrong = [f"nothing runs {word[0]}" for word in wanted - started]
    return wrong + ["nothing runs the API"] * (not any("api" in one.command for one in compose.services.values()))


def foreign_settings(compose: Compose) -> list[str]:
    """Variables that a process of ours does not read, or needs and is not given, or is given in a wrong shape."""
    settings = {field.alias: field for field in Settings.model_fields.values() if field.alias}
    cards = catalogs.load().providers
    keys = {name for c in cards for name in (c.key_variable, c.base_url_variable, c.timeout_variable) if name}
    wrong = []
    for name, service in compose.services.items():
        if not service.is_ours or service.command[:1] == ["celery"]:
            continue
        given = set(service.environment)
        wrong += [f"{name}: {one} is no setting" for one in given - set(settings) - keys - PYTHONS_OWN]
        wrong += [
            f"{name}: {one} is missing" for one, field in settings.items() if field.is_required() and one not in given
        ]
        if name in {"api", "worker-ask", "worker-ask-interactive"}:
            wrong += [f"{name}: {one} is not handed on" for one in sorted(keys - given)]
        wrong += [f"{name}: {problem}" for problem in _misfits(service)]
    return wrong


def open_ports(compose: Compose) -> list[str]:
    """Ports that others than this machine can reach."""
    return [
        f"{name}: {port}"
        for name, one in compose.services.items()
        for port in one.ports
        if not port.startswith("127.0.0.1:")
    ]


def soft_services(compose: Compose) -> list[str]:
    """Services that may do more than they need, and stores that could be reached from outside."""
    wrong = []
    for name, service in compose.services.items():
        if "no-new-privileges:true" not in service.security_opt:
            wrong.append(f"{name} may gain privileges")
        if name != "postgres" and not (service.read_only and service.cap_drop == ["ALL"]):
            wrong.append(f"{name} has a writable root or capabilities")
        if service.restart == "no":
            wrong.append(f"{name} is not restarted")
    stores = {name: compose.services[name] for name in ("postgres", "redis")}
    wrong += [
        f"{name} can be reached from outside" for name, one in stores.items() if one.ports or one.networks != ["stores"]
    ]
    if not (compose.networks.get("stores") or {}).get("internal"):
        wrong.append("the network of the stores leads outside")
    return wrong


def lost_spools(compose: Compose) -> list[str]:
    """Paid answers that would end with their container: a spool that is no volume, or an ask worker without one."""
    wrong = []
    for name, one in compose.services.items():
        place = one.environment.get("MEETINGMIND_SPOOL_DIR")
        kept = {mount.split(":")[1] for mount in one.volumes if mount.split(":")[0] in compose.volumes}
        if place and place not in kept:
            wrong.append(f"{name}: {place} is not on a volume")
        if one.command[-2:-1] == ["workers"] and one.command[-1] in ASKING and not place:
            wrong.append(f"{name} has no spool")
    return wrong


def homeless_uploads(compose: Compose) -> list[str]:
    """An API that has no place on a disk for batches that it must know whole: its root is read-only."""
    api = compose.services["api"]
    kept = {mount.split(":")[1] for mount in api.volumes if mount.split(":")[0] in compose.volumes}
    place = api.environment.get("TMPDIR", "")
    return [] if place in kept else [f"TMPDIR of the API, {place or 'not set'}, is not on a volume"]


def open_flower(compose: Compose) -> list[str]:
    """Ways in which Flower would show or do too much."""
    given = compose.services["flower"].environment
    wanted = {"FLOWER_READ_ONLY": "true", "FLOWER_MAX_TASKS": "5000", "FLOWER_ENABLE_EVENTS": "false"}
    wrong = [f"{name} is not {value}" for name, value in wanted.items() if given.get(name) != value]
    if not given.get("FLOWER_BASIC_AUTH", "").startswith("${FLOWER_BASIC_AUTH:?"):
        wrong.append("Flower would start without authentication")
    if any("basic" in word or "://" in word for word in compose.services["flower"].command):
        wrong.append("a secret stands in the list of processes")
    return wrong


def _misfits(service: Service) -> list[str]:
    values = {"MEETINGMIND_KEY_PEPPER": "sixteen characters and more", "MEETINGMIND_DB_PASSWORD": "a1"}
    given = {name: filled(value, values) for name, value in service.environment.items()}
    try:
        Settings.model_validate_strings(given)
    except ValidationError as error:
        return [f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors()]
    return []


def is_taken(command: list[str]) -> bool:
    match command:
        case ["python", "-P", "-m", "workers", word]:
            return word in COMMANDS
        case ["python", "-P", "-m", "api", *arguments]:
            try:
                api_parser().parse_args(arguments)
            except SystemExit:
                return False
            return True
        case ["celery", word]:
            return word in celery_program.commands
    return False


def _is_in_git(place: PurePosixPath) -> bool:
    return any(PurePosixPath(path).is_relative_to(place) for path in files())

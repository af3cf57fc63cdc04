"""The files of the deployment as Docker would read them: docker-compose.yaml with its variables filled in, and the Dockerfile."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<operator>:?[-?])(?P<operand>[^}]*))?\})")


class MissingVariableError(Exception):
    """A variable that docker-compose.yaml requires is not set."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` as Docker Compose fills them in."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        found, operator = variables.get(match["name"], ""), match["operator"] or ""
        if found:
            return found
        if "?" in operator:
            raise MissingVariableError(f"{match['name']}: {match['operand']}")
        return match["operand"] or ""

    return VARIABLE.sub(value, text)


def compose_as_written() -> dict[str, Any]:
    """docker-compose.yaml with its anchors resolved and its variables as they stand."""
    parsed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return parsed


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """docker-compose.yaml with its variables filled in; names without a value are taken from the variables, or left out.

    Raises:
        MissingVariableError: for a required variable that is not set.
    """

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return interpolate(value, variables)
        if isinstance(value, list):
            return [fill(item) for item in value]
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return value

    filled = fill(compose_as_written())
    for service in filled["services"].values():
        environment = service.get("environment", {})
        passed_on = {name: variables.get(name) if value is None else value for name, value in environment.items()}
        service["environment"] = {name: str(value) for name, value in passed_on.items() if value is not None}
    return filled


def new_environment() -> str:
    """The text of .env as `make env` writes it."""
    spec = importlib.util.spec_from_file_location("write_env", ROOT / "deploy" / "write_env.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.environment())


def variables_of(environment: str) -> dict[str, str]:
    """The variables of a .env file."""
    lines = (line for line in environment.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def dockerfile() -> list[list[str]]:
    """The Dockerfile's instructions as words, comments left out and continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [shlex.split(line) for line in text.replace("\\\n", " ").splitlines() if line]


def image_environment() -> dict[str, str]:
    """What the image itself sets."""
    settings = [word for instruction in dockerfile() if instruction[0] == "ENV" for word in instruction[1:]]
    return dict(word.split("=", 1) for word in settings)

"""docker-compose.yaml, Dockerfile and .env hold what docs/deployment.md promises; they are read as Docker reads them."""

from __future__ import annotations

import inspect
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.jobs import scheduler_job_runner
from cryptography.fernet import Fernet

from rasd.settings import Settings
from tests.deployment.files import (
    COMPOSE,
    ROOT,
    MissingVariableError,
    compose,
    compose_as_written,
    dockerfile,
    image_environment,
    interpolate,
    new_environment,
    variables_of,
)

AS_WRITTEN = compose_as_written()
VARIABLES = variables_of(new_environment())
SERVICES: dict[str, dict[str, Any]] = compose(VARIABLES)["services"]
ONE_SHOT = {"airflow-init", "airflow-cli", "s3-init", "superset-views", "superset-init"}
AIRFLOW = {name for name, service in SERVICES.items() if service.get("build") == "."}
SECRETS = {name for name, value in VARIABLES.items() if re.fullmatch(r"[0-9a-f]{64}|[\w-]{43}=", value)}


def strings(value: Any) -> list[str]:
    """All strings in a tree of dictionaries and lists."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def write_env(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ROOT / "deploy" / "write_env.py", path], capture_output=True, text=True)


@pytest.mark.parametrize("name", ["docker-compose.yaml", "docker-compose.dev.yaml"])
def test_the_file_is_a_compose_file(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_variables_are_filled_in_as_compose_does() -> None:
    filled = interpolate("${A} ${B:-b} ${A:-c} $$HOME ${A:?set A}", {"A": "1", "B": ""})
    assert filled == "1 b 1 $HOME 1"
    with pytest.raises(MissingVariableError, match="C: set C"):
        interpolate("${C:?set C}", {"C": ""})


def test_every_variable_is_required_or_has_a_default() -> None:
    bare = [text for text in strings(AS_WRITTEN) if re.search(r"\$\{\w+\}", text.replace("$$", ""))]
    assert bare == []


def test_every_variable_stands_in_the_template_or_names_an_image() -> None:
    used = {match for text in strings(AS_WRITTEN) for match in re.findall(r"\$\{(\w+)", text.replace("$$", ""))}
    assert {name for name in used - set(VARIABLES) if not name.endswith("_IMAGE")} <= {"RASD_LANDING", "RASD_LAKE", "RASD_POOL"}


def test_every_variable_of_the_template_is_used() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    known = {"COMPOSE_PROFILES"}
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.template").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {name for name in named - known if not re.search(rf"\b{name}\b", text)} == set()


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_has_a_default(name: str) -> None:
    with pytest.raises(MissingVariableError, match=f"{name}: run make env"):
        compose({key: value for key, value in VARIABLES.items() if key != name})


def test_no_secret_is_written_down() -> None:
    template = (ROOT / ".env.template").read_text(encoding="utf-8")
    assert len(SECRETS) == 8
    for name in SECRETS:
        assert re.search(rf"^{name}=<(secret|fernet key)>$", template, flags=re.MULTILINE)
    for service in AS_WRITTEN["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|FERNET|AUTH$|_CONN$|BROKER_URL|RESULT_BACKEND", name):
                assert value is None or re.search(r"\$\{\w+:\?", value), name


def test_secrets_are_new_each_time_and_for_their_owner_alone(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert write_env(first).returncode == write_env(second).returncode == 0
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    one, other = (variables_of(path.read_text()) for path in (first, second))
    assert {name for name in one if one[name] != other[name]} == SECRETS
    assert len({one[name] for name in SECRETS}) == len(SECRETS)
    Fernet(one["AIRFLOW_FERNET_KEY"])
    assert int(one["AIRFLOW_UID"]) > 0


def test_an_existing_env_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("POSTGRES_PASSWORD=mine\n")
    done = write_env(path)
    assert done.returncode == 1
    assert "stays as it is" in done.stderr
    assert path.read_text() == "POSTGRES_PASSWORD=mine\n"


def test_ports_are_bound_to_this_machine_alone() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert "airflow-apiserver" in ports
    for published in ports.values():
        assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_bounded_logged_and_checked(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    health = service["healthcheck"]
    if name in ONE_SHOT:
        assert health == {"disable": True}
    else:
        assert health["test"][0] in ("CMD", "CMD-SHELL")
        assert {"interval", "timeout", "retries", "start_period"} <= health.keys()
    assert ":latest" not in service["image"] or "build" in service


@pytest.mark.parametrize("name", sorted(AIRFLOW))
def test_airflow_runs_without_rights(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert group == "0"
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["init"] is True


def test_profiles() -> None:
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert {name for name, of in profiles.items() if not of} == {
        "airflow-init",
        "airflow-apiserver",
        "airflow-scheduler",
        "airflow-dag-processor",
        "airflow-triggerer",
        "postgres",
    }
    assert {name for name, of in profiles.items() if of == ["celery"]} == {"airflow-worker", "redis"}
    assert {name for name, of in profiles.items() if of == ["s3"]} == {"s3", "s3-init"}
    assert {name for name, of in profiles.items() if of == ["bi"]} == {"superset", "superset-init", "superset-views"}


def test_superset_reads_the_file_that_its_views_are_written_to() -> None:
    file = SERVICES["superset"]["environment"]["RASD_VIEWS"]
    assert SERVICES["superset-views"]["command"] == ["python", "-m", "rasd", "views", file]
    assert SERVICES["superset-init"]["environment"]["RASD_VIEWS"] == file
    mounts = {volume["target"]: volume.get("read_only", False) for volume in SERVICES["superset"]["volumes"]}
    assert mounts == {"/rasd/lake": True, "/var/lib/superset": False}
    assert (ROOT / SERVICES["superset-init"]["command"][0]).is_file()
    for name in ("superset", "superset-init"):
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_services_wait_for_what_runs_with_them(name: str) -> None:
    service = SERVICES[name]
    for other, wanted in service.get("depends_on", {}).items():
        needed = SERVICES[other]
        one_shot = wanted["condition"] == "service_completed_successfully"
        assert one_shot == (other in ONE_SHOT)
        always = not needed.get("profiles") or needed.get("profiles") == service.get("profiles")
        assert always or wanted["required"] is False


def test_workers_can_be_scaled() -> None:
    worker = SERVICES["airflow-worker"]
    assert "container_name" not in worker
    assert "ports" not in worker
    assert "hostname" not in worker


def test_for_work_on_the_code_the_checkout_takes_the_place_of_the_images() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.dev.yaml").read_text(encoding="utf-8"))["services"]
    assert services.keys() == AIRFLOW - {"airflow-init", "s3-init", "superset-views"}
    for service in services.values():
        for volume in service["volumes"]:
            assert (ROOT / volume["source"]).is_dir()
            assert volume["target"] == f"/opt/rasd/{Path(volume['source']).name}"


def test_only_who_signs_tokens_holds_the_key() -> None:
    holders = {name for name, service in SERVICES.items() if "AIRFLOW__API_AUTH__JWT_SECRET" in service["environment"]}
    assert holders == {"airflow-apiserver", "airflow-scheduler"}


@pytest.mark.parametrize("name", ["airflow-scheduler", "airflow-worker", "airflow-cli"])
def test_what_runs_tasks_sees_the_landing_area_and_the_lake(name: str) -> None:
    mounts = {volume["target"]: volume.get("read_only", False) for volume in SERVICES[name]["volumes"]}
    assert mounts == {"/opt/airflow/logs": False, "/rasd/landing": True, "/rasd/lake": False}
    assert SERVICES[name]["environment"]["RASD_LANDING"] == "/rasd/landing"
    assert SERVICES[name]["environment"]["RASD_LAKE"] == "/rasd/lake"


def test_every_airflow_variable_names_an_option(tmp_path: Path) -> None:
    names = {name for service in SERVICES.values() for name in service["environment"]} | image_environment().keys()
    command = [Path(sys.executable).with_name("airflow"), "config", "list", "--defaults", "--include-env-vars"]
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path)}
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    options = set(re.findall(r"^# Variable: (AIRFLOW__\w+)$", listed.stdout, flags=re.MULTILINE))
    assert len(options) > 300
    undocumented = {"AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES"}
    assert {name for name in names if name.startswith("AIRFLOW__")} - options == undocumented
    assert '"num_stuck_in_queued_retries"' in inspect.getsource(scheduler_job_runner)


def test_every_setting_of_rasd_can_be_set() -> None:
    settings = {f"RASD_{name.upper()}" for name in Settings.model_fields}
    passed_on = {name for name in AS_WRITTEN["services"]["airflow-scheduler"]["environment"] if name.startswith("RASD_")}
    assert passed_on == settings, "docker-compose.yaml, x-airflow, lists every setting of include/rasd/settings.py"


def test_a_setting_reaches_the_tasks_only_where_it_is_set() -> None:
    assert "RASD_TIMEZONE" not in SERVICES["airflow-scheduler"]["environment"]
    changed = compose(VARIABLES | {"RASD_TIMEZONE": "Africa/Cairo"})["services"]
    assert changed["airflow-worker"]["environment"]["RASD_TIMEZONE"] == "Africa/Cairo"


def test_what_the_image_copies_is_there_and_reaches_docker() -> None:
    copied = [name for words in dockerfile() if words[0] == "COPY" and not words[1].startswith("--") for name in words[1:-1]]
    assert {"dags", "plugins", "include", "requirements.txt", "requirements-deploy.txt"} <= set(copied)
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in copied:
        assert (ROOT / name).exists(), name
        assert any(Path(name).match(pattern) for pattern in allowed), name


def test_the_image_is_pinned_locked_compiled_and_runs_without_rights() -> None:
    instructions = dockerfile()
    assert re.search(r":3\.1[1-3]\.\d+-slim-\w+$", next(words[1] for words in instructions if words[0] == "ARG"))
    commands = [" ".join(words[1:]) for words in instructions if words[0] == "RUN"]
    for command in commands:
        for install in re.findall(r"pip (?:install|sync)[^&]*", command):
            assert "--require-hashes" in install
    assert any("compileall" in command and all(f" {part}" in command for part in ("include", "plugins", "dags")) for command in commands)
    assert any("--compile-bytecode requirements.txt requirements-deploy.txt" in command for command in commands)
    assert [words for words in instructions if words[0] == "USER"][-1] == ["USER", "50000:0"]

"""The stack of docker-compose.yaml as processes of this machine: the same commands, the same environment, the same health checks.

Postgres and Redis come from Debian's packages. What differs from containers is only what must: host names become 127.0.0.1, ports are free
ones, and paths of the containers become folders of the test.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.deployment.files import ROOT, compose, image_environment, new_environment, variables_of
from tests.integration.airflow_server import AirflowApi, free_port

ALWAYS_ON = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
START_SECONDS = 900
"""How long a service may take to become healthy: what it does in half a minute takes many on a busy machine."""

POSTGRES_ACCOUNT = "postgres"  # Postgres refuses to run as root
BIN = Path(os.environ.get("STACK_BIN", Path(sys.executable).parent))


def server_program(name: str) -> str | None:
    """Path of a server's program, also where Debian keeps Postgres's; None where it is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


def missing_programs() -> list[str]:
    return [name for name in ("postgres", "initdb", "redis-server") if not server_program(name)]


class Stack(AirflowApi):
    """A context manager that starts the services, waits until their health checks pass, and stops them.

    Args:
        folder: New folder for databases, logs and Airflow's home.
        executor: LocalExecutor or CeleryExecutor; with the latter `workers` workers run.
    """

    def __init__(self, folder: Path, landing: Path, lake: Path, *, executor: str, workers: int = 0, **settings: str) -> None:
        super().__init__(free_port())
        self.folder, self.workers = folder, workers
        variables = variables_of(new_environment()) | {"AIRFLOW_EXECUTOR": executor} | settings
        self.admin = (variables["ADMIN_USER"], variables["ADMIN_PASSWORD"])
        self._password = variables["POSTGRES_PASSWORD"]
        self.services: dict[str, Any] = compose(variables)["services"]
        self.processes: dict[str, psutil.Popen] = {}
        self._postgres_port, self._redis_port, self._health_port = free_port(), free_port(), free_port()
        self._here = {
            "@postgres/": f"@127.0.0.1:{self._postgres_port}/",
            "@redis:6379": f"@127.0.0.1:{self._redis_port}",
            "airflow-apiserver:8080": f"127.0.0.1:{self.port}",
            "localhost:8080": f"127.0.0.1:{self.port}",
            "localhost:8974": f"127.0.0.1:{self._health_port}",
            "/rasd/landing": str(landing),
            "/rasd/lake": str(lake),
            "/opt/airflow": str(folder / "airflow"),
            "/opt/rasd": str(ROOT),
            "/opt/venv/bin": str(BIN),
        }

    def __enter__(self) -> Stack:
        try:
            (self.folder / "airflow" / "logs").mkdir(parents=True)
            (self.folder / "airflow" / "airflow.cfg").touch()
            self._start_postgres()
            if self.workers:
                self._start_redis()
            self._run_to_its_end("airflow-init")
            for service in ALWAYS_ON:
                self._start(service, service)
            for number in range(1, self.workers + 1):
                self._start("airflow-worker", f"airflow-worker-{number}", "--celery-hostname", f"celery@airflow-worker-{number}")
            self.wait_until_healthy()
            self.login(*self.admin)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes.values()):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT if process is self.processes.get("postgres") else signal.SIGTERM)
        for process in reversed(self.processes.values()):
            try:
                process.wait(20)
            except psutil.TimeoutExpired:
                kill_tree(process)

    def wait_until_healthy(self) -> None:
        """Wait for the health checks of all processes; raises AssertionError with the log of one that ends or stays unhealthy."""
        for name in self.processes:
            self._wait_until(name, lambda name=name: self.is_healthy(name))

    def log(self, name: str) -> str:
        """What a process has printed so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def is_healthy(self, name: str) -> bool:
        """Run the health check of a process's service as Docker runs it in the container."""
        if name == "postgres":
            address = ["--host=127.0.0.1", f"--port={self._postgres_port}"]
            return not subprocess.run([*self.services["postgres"]["healthcheck"]["test"][1:], *address], capture_output=True).returncode
        service = re.sub(r"-\d$", "", name)
        kind, *check = self.services[service]["healthcheck"]["test"]
        command = ["/bin/sh", "-c", check[0]] if kind == "CMD-SHELL" else check
        environment = self._environment(service, name)
        if service == "redis":
            command = ["/bin/sh", "-c", check[0].replace("redis-cli", f"redis-cli -p {self._redis_port}")]
        limit = float(self.services[service]["healthcheck"]["timeout"].removesuffix("s"))
        try:
            return not subprocess.run(self._command(command), env=environment, capture_output=True, timeout=limit * 4).returncode
        except subprocess.TimeoutExpired:
            return False

    def memory(self) -> dict[str, int]:
        """Resident bytes of each process and its children."""
        return {name: sum(p.memory_info().rss for p in tree(process)) for name, process in self.processes.items() if process.is_running()}

    def tasks_of(self, worker: str) -> list[psutil.Process]:
        """The processes of a worker that run tasks now: children of its pool's processes."""
        return [task for pool in self.processes[worker].children() for task in pool.children()]

    def _start_postgres(self) -> None:
        account = {"user": POSTGRES_ACCOUNT, "group": POSTGRES_ACCOUNT, "extra_groups": []} if os.getuid() == 0 else {}
        data, password = self.folder / "postgres", self.folder / "password"
        data.mkdir()
        password.write_text(self._password)
        if account:
            for path in (data, password):
                shutil.chown(path, POSTGRES_ACCOUNT, POSTGRES_ACCOUNT)
        arguments = self.services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
        settings = {"listen_addresses": "127.0.0.1", "port": self._postgres_port, "unix_socket_directories": data, "fsync": "off"}
        initdb = [server_program("initdb"), "-D", data, "-U", "airflow", "-E", "UTF8", "--no-sync", f"--pwfile={password}", *arguments]
        done = subprocess.run(initdb, cwd="/", capture_output=True, text=True, **account)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stderr
        password.unlink()
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._spawn("postgres", [server_program("postgres"), "-D", data, *options], {"LANG": "C.UTF-8"}, account)
        self._wait_until("postgres", lambda: self.is_healthy("postgres") and self._createdb())

    def _createdb(self) -> bool:
        address = ["--host=127.0.0.1", f"--port={self._postgres_port}", "--username=airflow"]
        command = ["psql", *address, "--dbname=postgres", "--command=CREATE DATABASE airflow"]
        return not subprocess.run(command, env=os.environ | {"PGPASSWORD": self._password}, capture_output=True).returncode

    def _start_redis(self) -> None:
        folder = self.folder / "redis"
        folder.mkdir()
        program, *arguments = self.services["redis"]["command"]
        here = ["--port", str(self._redis_port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self._spawn("redis", [server_program(program), *arguments, *here], {})
        self._wait_until("redis", lambda: self.is_healthy("redis"))

    def _run_to_its_end(self, service: str) -> None:
        done = subprocess.run(
            self._command(self.services[service]["command"]),
            env=self._environment(service, service),
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        (self.folder / f"{service}.log").write_text(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout + done.stderr

    def _start(self, service: str, name: str, *arguments: str) -> None:
        self._spawn(name, [*self._command(self.services[service]["command"]), *arguments], self._environment(service, name))

    def _spawn(self, name: str, command: list[Any], environment: dict[str, str], account: dict[str, Any] | None = None) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = psutil.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **(account or {})
            )

    def _environment(self, service: str, name: str) -> dict[str, str]:
        """The image's environment and the service's, and nothing of the test's own; ports that would clash on one host are free ones."""
        ports = {
            "AIRFLOW__API__PORT": self.port,
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": self._health_port,
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": free_port(),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": free_port(),
        }
        given = image_environment() | self.services[service]["environment"] | {"HOSTNAME": name}
        local = {key: self._localize(value) for key, value in given.items()}
        # the image's code is compiled; this machine's is, once for all processes, in a folder beside the stack's
        del local["PYTHONDONTWRITEBYTECODE"]
        local["PYTHONPYCACHEPREFIX"] = str(self.folder.parent / "bytecode")
        return local | {key: str(port) for key, port in ports.items()} | {"AIRFLOW__API__HOST": "127.0.0.1"}

    def _localize(self, text: str) -> str:
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text

    def _command(self, words: list[str]) -> list[str]:
        program, *arguments = map(self._localize, words)
        return [str(BIN / program) if (BIN / program).is_file() else program, *arguments]

    def _wait_until(self, name: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            alive = self.processes[name].poll() is None
            assert alive and time.monotonic() < deadline, f"{name} did not become healthy:\n{self.log(name)[-5000:]}"
            time.sleep(1)


def tree(process: psutil.Process) -> list[psutil.Process]:
    """A process and its descendants, parents first."""
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def kill_tree(process: psutil.Process) -> None:
    """End a process and all its descendants at once, as a container that is killed."""
    for member in tree(process):
        with suppress(psutil.NoSuchProcess):
            member.kill()

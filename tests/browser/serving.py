"""The Newsroom on a port of its own, without Airflow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from rasd.newsroom.web import create_app
from tests.integration.airflow_server import free_port


@contextmanager
def newsroom(lake: Path) -> Iterator[str]:
    """Serve a lake's pages while the block runs; gives their address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(lake), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()

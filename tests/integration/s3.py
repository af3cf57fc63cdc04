"""A real S3 server for tests: moto's, over HTTP, on a free port, with the empty bucket `news`."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import fsspec
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer


@contextmanager
def s3_server() -> Iterator[fsspec.AbstractFileSystem]:
    """The file system of a server that this process, and those that it starts, reach by the environment while the block runs."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells of every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        variables = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
        # Polars asks for leave to speak plain HTTP
        with mock.patch.dict(os.environ, variables | {"AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true"}):
            filesystem = fsspec.get_filesystem_class("s3")
            filesystem.clear_instance_cache()  # of a server that is gone
            moto_api_backend.reset()
            bucket = filesystem()
            bucket.mkdir("news")
            yield bucket
            filesystem.clear_instance_cache()
    finally:
        server.stop()

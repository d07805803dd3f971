"""Certificates for loopback, by the system's openssl."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def no_public_authorities() -> Iterator[None]:
    """Have this process trust none but those that it is given, until the block ends.

    To read those of the system takes 50 ms of a CPU at each connection.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        yield


def certificate(directory: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that signs itself; its key lies beside it."""
    path = directory / f"{name}.crt"
    shape = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    claims = ["subjectAltName=IP:127.0.0.1", "keyUsage=critical,digitalSignature,keyCertSign"]
    named = ["-subj", f"/CN={name}", *(word for claim in claims for word in ("-addext", claim))]
    files = ["-keyout", path.with_suffix(".key"), "-out", path]
    command = ["openssl", "req", "-x509", *shape, *named, *files]
    subprocess.run(command, check=True, capture_output=True)
    return path

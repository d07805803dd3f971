"""What a container file holds: named texts. A container within a container is not opened."""

from __future__ import annotations

from typing import NamedTuple


class NotReadable(Exception):
    """A file that cannot be searched; the message completes the sentence `PATH ...`."""


class Member(NamedTuple):
    """A file within a container, or a source within a source map."""

    name: str
    data: bytes

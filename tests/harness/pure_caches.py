"""What gives the same for the same input, worked out once in a process that makes many sites."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from wxlogin.operators import passwords


class CompiledTemplates(BytecodeCache):
    """The code of each template's text: every app has an environment of its own."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def install() -> None:
    """Remember from now on, in this process, what all sites ask for again."""
    # Every operator of a test has the same password.
    passwords.is_guessable = cache(passwords.is_guessable)
    # Each of werkzeug's servers asks for werkzeug's.
    importlib.metadata.version = cache(importlib.metadata.version)
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}

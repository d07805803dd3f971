"""Reads a secret from the first line of standard input."""

from __future__ import annotations

import sys

import click

MAX_BYTES = 4096


def read_secret() -> str:
    """Return the first line without its line ending and byte-order mark."""
    line = sys.stdin.buffer.readline(MAX_BYTES) if sys.stdin else b""
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("Standard input should be text in UTF-8.") from None

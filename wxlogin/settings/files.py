"""Small text files that hold settings: named by `X_FILE`, or kept in `instance/`.

The message of a ValueError continues a sentence that begins with the file's name. It quotes neither
path nor content: either may be a secret in the wrong place.
"""

from __future__ import annotations

import base64
import re
import secrets
from pathlib import Path

MAX_BYTES = 65_536
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]")
WHY = {
    FileNotFoundError: "does not exist",
    IsADirectoryError: "is a directory",
    PermissionError: "may not be read by this process",
}


def strip(text: str) -> str:
    """Return the text without surrounding white space and byte-order mark."""
    return text.strip().removeprefix("\ufeff").strip()


def file_text(path: Path) -> str:
    """Return the stripped text of a file; ValueError if it cannot be read or is empty."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as fault:
        raise ValueError(WHY.get(type(fault), "cannot be read")) from None
    if len(content) > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES} bytes")
    text = _decode(content)
    if not text:
        raise ValueError("is empty")
    return text


def kept_key(path: Path, prefix: str) -> str:
    """Return the key in the file; the first process creates it, all others read that one.

    Raises OSError if it cannot be created.
    """
    if not path.exists():
        _create(path, prefix + base64.b64encode(secrets.token_bytes(32)).decode())
    return file_text(path)


def _decode(content: bytes) -> str:
    try:
        text = strip(content.decode("utf-8"))
    except UnicodeDecodeError:
        text = "\0"
    if CONTROLS.search(text):  # UTF-16 of Latin letters decodes too, with a NUL beside each
        raise ValueError("is not text in UTF-8")
    return text


def _create(path: Path, key: str) -> None:
    """Write the file atomically; another process may be first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(key, encoding="utf-8")
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

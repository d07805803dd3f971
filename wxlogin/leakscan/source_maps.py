"""Source maps: the original sources (`sourcesContent`) that a build leaves beside its bundles."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator

from wxlogin.leakscan.members import Member

INLINE = re.compile(rb"sourceMappingURL=data:application/json;[^,\s]{0,40}base64,([A-Za-z0-9+/=]+)")


def is_source_map(name: str, head: bytes) -> bool:
    """Return whether a file with this name and beginning is a source map."""
    return name.endswith(".map") and head.lstrip()[:1] == b"{"


def source_map_members(data: bytes) -> list[Member]:
    """Return the sources that a source map holds; none if it holds none or is no JSON."""
    try:
        found = json.loads(data)
    except ValueError:
        return []
    if not isinstance(found, dict):
        return []
    names, contents = found.get("sources"), found.get("sourcesContent")
    if not isinstance(contents, list):
        return []
    names = names if isinstance(names, list) else []
    names = [*names, *range(len(names), len(contents))]
    return [
        Member(str(name), content.encode("utf-8", "replace"))
        for name, content in zip(names, contents, strict=False)
        if isinstance(content, str)
    ]


def inline_source_maps(data: bytes) -> Iterator[Member]:
    """Yield the sources of the maps that stand in a script itself."""
    for found in INLINE.finditer(data):
        try:
            yield from source_map_members(base64.b64decode(found[1]))
        except binascii.Error:
            continue

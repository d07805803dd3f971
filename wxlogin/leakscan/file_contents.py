"""A file's bytes as the texts to search: itself, or what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from wxlogin.leakscan.archives import archive_members, is_archive
from wxlogin.leakscan.content import as_utf8
from wxlogin.leakscan.members import Member
from wxlogin.leakscan.source_maps import inline_source_maps, is_source_map, source_map_members
from wxlogin.leakscan.wxapkg import is_wxapkg, wxapkg_members

HEAD = 512
"""How much of a file tells whether it is a container."""


def is_container(name: str, head: bytes) -> bool:
    """Return whether a file has to be read whole, because it holds others."""
    return is_wxapkg(head) or is_archive(head) or is_source_map(name, head)


def contents(name: str, data: bytes, appid: str = "") -> Iterator[Member]:
    """Yield the texts of a file; a member without a name is the file itself.

    Raise NotReadable for a container that cannot be opened. `appid` opens an encrypted package.
    """
    head = data[:HEAD]
    if is_wxapkg(head):
        members = wxapkg_members(data, appid)
    elif is_archive(head):
        members = archive_members(name, data)
    else:
        yield from _text(Member("", data), name)
        return
    for member in members:
        yield from _text(member, member.name)


def _text(member: Member, name: str) -> Iterator[Member]:
    """Yield a text, and the sources of the source map that it is or holds."""
    inside = f"{member.name}!/" if member.name else ""
    sources = source_map_members(member.data) if is_source_map(name, member.data[:HEAD]) else []
    if not sources:
        yield Member(member.name, as_utf8(member.data))
        sources = list(inline_source_maps(member.data))
    for source in sources:
        yield Member(inside + source.name, source.data)

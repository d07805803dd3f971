"""`.leakscan-allow`: findings that are known and no leak, each with a reason.

A line is `path GLOB REASON` or `value DIGEST REASON`; `#` begins a comment. A glob is matched
against the path from the allow list's folder; `*` does not cross `/`, `**` does. The digest is the
one that the scan prints beside a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from wxlogin.leakscan.findings import DIGEST_LENGTH, Finding

NAME = ".leakscan-allow"
GLOB = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
DIGEST = re.compile(f"[0-9a-f]{{{DIGEST_LENGTH}}}")


class AllowListFault(ValueError):
    """A line of the allow list that is no entry; the message says which and what it should be."""


class AllowList:
    """The paths and values whose findings are no leak."""

    def __init__(self, text: str = "", folder: Path = Path()) -> None:
        """Read the entries of `text`; raise AllowListFault at the first that is wrong."""
        self._folder = folder.resolve()
        self._paths: list[re.Pattern[str]] = []
        self._digests: set[str] = set()
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                self._add(number, line.split(maxsplit=2))

    def allows(self, finding: Finding) -> bool:
        """Return whether a finding's path or value is on the list."""
        if finding.digest in self._digests:
            return True
        path = self._from_folder(finding.path)
        names = [path, f"{path}!/{finding.inside}"]
        return any(glob.fullmatch(name) for glob in self._paths for name in names)

    def _add(self, number: int, words: list[str]) -> None:
        if len(words) < 3 or words[0] not in ("path", "value"):
            raise AllowListFault(
                f"line {number} should be `path GLOB REASON` or `value DIGEST REASON`"
            )
        kind, what, _ = words
        if kind == "path":
            self._paths.append(_glob(what))
        elif DIGEST.fullmatch(what):
            self._digests.add(what)
        else:
            raise AllowListFault(
                f"line {number} should have {DIGEST_LENGTH} hex digits, as printed"
            )

    def _from_folder(self, path: str) -> str:
        whole = Path(path).resolve()
        return (
            whole.relative_to(self._folder).as_posix()
            if whole.is_relative_to(self._folder)
            else whole.as_posix()
        )


def read_allow_list(file: Path | None, searched: Iterable[Path]) -> AllowList:
    """Return the allow list of a file: the one given, else the one of a folder that is searched.

    Of several the first is taken; the current folder's is the last. Raise AllowListFault if it
    cannot be read or a line of it is wrong.
    """
    folders = [path for path in searched if path.is_dir()]
    candidates = [folder / NAME for folder in (*folders, Path())]
    found = file or next((path for path in candidates if path.is_file()), None)
    if found is None:
        return AllowList()
    try:
        text = found.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise AllowListFault(f"{found} cannot be read: {fault}") from None
    return AllowList(text, found.parent)


def _glob(text: str) -> re.Pattern[str]:
    """Return the pattern of a glob; one that ends in `/` means everything below."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    whole = f"{text}**" if text.endswith("/") else text
    return re.compile("".join(parts.get(part) or re.escape(part) for part in GLOB.findall(whole)))

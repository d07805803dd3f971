"""Builds what a release consists of, into dist/: the source, what is in it, and checksums.

    python .ci/release.py [DIRECTORY]

The source archive is that of the commit, the same byte for byte wherever it is built. The SBOM
(CycloneDX 1.6) has every package of requirements.txt, and what the client for phones is built of.
Ends with 1 where the tree has changes, or the changelog has no section of this version.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
VERSION = re.compile(r'^VERSION = "(\d+\.\d+\.\d+)"$', re.MULTILINE)
PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==(\S+)(?: ; .+?)?(?: \\)?$")
BUNDLED = ("@noble/hashes",)
"""npm packages whose code stands in miniprogram/dist/."""


class Locked(NamedTuple):
    """A package of a lock file, and the packages that want it."""

    name: str
    version: str
    wanted_by: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(lock: str) -> list[Locked]:
    """Return the packages of a requirements.txt as uv writes it, `# via` and all."""
    found: list[Locked] = []
    for line in lock.split("\n"):
        if package := PACKAGE.match(line):
            found.append(Locked(package[1].lower().replace("_", "-"), package[2], ()))
        elif (via := re.match(r"^    #(?: via|  ) ([\w.-]+)", line)) and found:
            found[-1] = found[-1]._replace(wanted_by=(*found[-1].wanted_by, via[1]))
    return found


def sbom(version: str, packages: list[Locked], npm: dict[str, Any], moment: datetime) -> str:
    """Return the bill of materials as CycloneDX 1.6, the same for the same release."""
    own = f"pkg:generic/wxlogin@{version}"
    bundled = [f"pkg:npm/{name.replace('@', '%40')}@{it['version']}" for name, it in npm.items()]
    components = [
        *(
            {"type": "library", "name": p.name, "version": p.version, "purl": p.purl}
            for p in packages
        ),
        *(
            {"type": "library", "name": name, "version": it["version"], "purl": purl}
            for (name, it), purl in zip(npm.items(), bundled, strict=True)
        ),
    ]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{own}{moment.isoformat()}')}",
        "version": 1,
        "metadata": {
            "timestamp": moment.isoformat().replace("+00:00", "Z"),
            "component": {
                "type": "application",
                "name": "wxlogin",
                "version": version,
                "purl": own,
                "bom-ref": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": [{"bom-ref": one["purl"], **one} for one in components],
        "dependencies": list(_dependencies(own, packages, bundled)),
    }
    return json.dumps(document, indent=2) + "\n"


def _dependencies(own: str, packages: list[Locked], bundled: list[str]) -> Iterator[dict[str, Any]]:
    """Name what each package asks for, the other way round than a lock file tells it."""
    asks = {
        name: sorted(p.purl for p in packages if name in p.wanted_by)
        for name in ("wxlogin", *(p.name for p in packages))
    }
    yield {"ref": own, "dependsOn": [*asks["wxlogin"], *bundled]}
    for package in packages:
        yield {"ref": package.purl, "dependsOn": asks[package.name]}
    for purl in bundled:
        yield {"ref": purl, "dependsOn": []}


def source(version: str) -> bytes:
    """Return the commit as a tar.gz without anything of this machine or this moment."""
    tar = _git_output("archive", "--format=tar", f"--prefix=wxlogin-{version}/", "HEAD")
    return gzip.compress(tar, 9, mtime=0)


def build(target: Path) -> list[str]:
    """Write the three files and return their names."""
    version = _version()
    seconds = int(_git("log", "-1", "--format=%ct"))
    npm = json.loads((ROOT / "miniprogram/package-lock.json").read_text("utf-8"))["packages"]
    bill = sbom(
        version,
        locked((ROOT / "requirements.txt").read_text(encoding="utf-8")),
        {name: npm[f"node_modules/{name}"] for name in BUNDLED},
        datetime.fromtimestamp(seconds, UTC),
    )
    files = {
        f"wxlogin-{version}.tar.gz": source(version),
        f"wxlogin-{version}.cdx.json": bill.encode(),
    }
    sums = [f"{hashlib.sha256(held).hexdigest()}  {name}\n" for name, held in files.items()]
    files["SHA256SUMS"] = "".join(sums).encode()
    target.mkdir(parents=True, exist_ok=True)
    for name, held in files.items():
        (target / name).write_bytes(held)
    return list(files)


def faults() -> list[str]:
    """Return what keeps this tree from being released."""
    found = []
    version = _version()
    if _git("status", "--porcelain"):
        found.append("the tree has changes that no commit has")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE
    ):
        found.append(f"CHANGELOG.md has no section [{version}] with its date")
    return found


def main() -> int:
    """Build a release, or say why not."""
    if found := faults():
        sys.stderr.write("".join(f"release: {fault}\n" for fault in found))
        return 1
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    for name in build(target):
        sys.stdout.write(f"{target / name}\n")
    return 0


def _version() -> str:
    found = VERSION.search((ROOT / "wxlogin/version.py").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("wxlogin/version.py has no VERSION")
    return found[1]


def _git(*words: str) -> str:
    return _git_output(*words).decode().strip()


def _git_output(*words: str) -> bytes:
    command = ["git", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())

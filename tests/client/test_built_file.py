"""dist/wxlogin.js is what the source makes, small, and asks for nothing that a phone lacks."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.client.conftest import CLIENT, run
from tests.house.test_sizes import FILE_LINES

BUILT = CLIENT / "dist/wxlogin.js"
MOST_BYTES = 20_000
LACKING = re.compile(
    r"\b(?:BigInt|TextEncoder|TextDecoder|globalThis|window|crypto|Buffer|atob|btoa|fetch|require)\b"
)
"""What other platforms have and a mini-program on some phone has not."""
PAGE = """\
import { createClient, isClientError, type Client } from './built/wxlogin'

const client: Client = createClient({ baseUrl: 'https://login.example.com' })
client.request<{ id: number }>({ url: '/x', method: 'POST' }).then(
  ({ data }) => data.id.toFixed(),
  (error: unknown) => (isClientError(error) ? error.text.trim() : ''),
)
"""


@pytest.mark.slow
def test_the_built_files_are_fresh(client: Path, tmp_path: Path) -> None:
    run("node", "build.mjs", str(tmp_path), cwd=client)
    made, kept = (
        {file.name: file.read_text("utf-8") for file in folder.iterdir()}
        for folder in (tmp_path, CLIENT / "dist")
    )
    assert made == kept


@pytest.mark.slow
def test_the_types_of_the_source_hold(client: Path) -> None:
    run("npm", "run", "--silent", "check", cwd=client)


@pytest.mark.slow
def test_the_types_beside_it_are_what_a_page_needs(client: Path) -> None:
    shutil.copytree(client / "dist", client / "src/built")
    (client / "src/page.ts").write_text(PAGE, encoding="utf-8")
    run("npm", "run", "--silent", "check", cwd=client)
    (client / "src/page.ts").write_text(f"{PAGE}client.nothing()\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="Property 'nothing' does not exist"):
        run("npm", "run", "--silent", "check", cwd=client)
    (client / "src/page.ts").unlink()
    shutil.rmtree(client / "src/built")


def test_the_built_file_is_under_20_kb() -> None:
    assert BUILT.stat().st_size < MOST_BYTES


def test_the_built_files_use_nothing_that_a_phone_lacks() -> None:
    for built in (CLIENT / "dist").glob("*.js"):
        assert LACKING.findall(built.read_text(encoding="utf-8")) == []


def test_the_package_needs_no_other_at_run_time() -> None:
    package = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in package
    imported = {
        name
        for source in (CLIENT / "src").rglob("*.ts")
        for name in re.findall(r"from '([^.'][^']*)'", source.read_text(encoding="utf-8"))
    }
    assert imported == {"@noble/hashes/sha2.js"}


@pytest.mark.parametrize("folder", ["", "example-taro", "example-uni-app"])
def test_every_package_is_pinned_and_hashed(folder: str) -> None:
    lock = json.loads((CLIENT / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: found for name, found in lock["packages"].items() if name}
    assert len(packages) > 20
    ours = {"node_modules/wxlogin-miniprogram"} if folder else set()
    assert {name for name, found in packages.items() if "integrity" not in found} == ours
    package = json.loads((CLIENT / folder / "package.json").read_text(encoding="utf-8"))
    asked = package["devDependencies"] | package.get("dependencies", {})
    assert {asked for asked, version in asked.items() if not version[0].isdigit()} == (
        {"wxlogin-miniprogram"} if folder else set()
    )


def test_no_file_is_long() -> None:
    files = [file for room in ("src", "test") for file in (CLIENT / room).rglob("*.ts")]
    lengths = {file.name: file.read_text(encoding="utf-8").count("\n") for file in files}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}

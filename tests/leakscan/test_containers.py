"""What lies in packages, archives and source maps is searched as if it were unpacked."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from tests.leakscan.made_up import APP_SECRET, APPID, HAY, hidden
from tests.leakscan.packages import encrypted, wxapkg
from wxlogin.leakscan import archives
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.files import findings_of_file
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.known_secrets import KnownSecrets
from wxlogin.leakscan.members import NotReadable

TEXT, LINE = hidden(f"secret: '{APP_SECRET}'")
FILES = {"app.js": HAY.encode(), "pages/index.js": TEXT, "img/a.png": b"\x89PNG\0" * 200}


def of(name: str, data: bytes, appid: str = "") -> list[Finding]:
    """Return what is found in a file."""
    return list(findings_of_file(data, name, Search(KnownSecrets()), appid))


def places(name: str, data: bytes, appid: str = "") -> list[str]:
    """Return where something is found in a file."""
    return [finding.place for finding in of(name, data, appid)]


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    """Return a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def source_map(files: dict[str, bytes]) -> bytes:
    """Return a source map that holds its sources."""
    sources = [data.decode("latin-1") for data in files.values()]
    whole = {"version": 3, "sources": list(files), "sourcesContent": sources, "mappings": "AAAA"}
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("app.wxapkg", wxapkg),
        ("app.zip", zipped),
        ("app.jar", zipped),
        ("app.tar", tarred),
        ("app.tar.gz", lambda files: gzip.compress(tarred(files))),
        ("app.tar.bz2", lambda files: bz2.compress(tarred(files))),
        ("app.tar.xz", lambda files: lzma.compress(tarred(files))),
        ("app.js.map", source_map),
    ],
)
def test_a_member_is_named_with_its_own_line(
    name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    assert places(name, pack(FILES)) == [f"{name}!/pages/index.js:{LINE}"]


def test_a_rotated_log_is_searched() -> None:
    assert places("access.log.1.gz", gzip.compress(TEXT)) == [
        f"access.log.1.gz!/access.log.1:{LINE}"
    ]


def test_a_source_map_within_a_package_is_opened() -> None:
    package = wxapkg({"app.js.map": source_map(FILES)})
    assert places("a.wxapkg", package) == [f"a.wxapkg!/app.js.map!/pages/index.js:{LINE}"]


def test_a_source_map_within_a_script_is_opened() -> None:
    code = base64.b64encode(source_map(FILES)).decode()
    script = f"a()\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,{code}\n"
    assert places("a.js", script.encode()) == [f"a.js!/pages/index.js:{LINE}"]


def test_a_source_map_without_sources_is_searched_as_text() -> None:
    for text in (f'{{"secret": "{APP_SECRET}"}}', f'{{"secret": "{APP_SECRET}" broken'):
        assert places("a.js.map", text.encode()) == ["a.js.map:1"]


def test_an_encrypted_package_opens_with_its_appid() -> None:
    package = encrypted(wxapkg(FILES), APPID)
    assert places("a.wxapkg", package, APPID) == [f"a.wxapkg!/pages/index.js:{LINE}"]


def test_an_encrypted_package_says_what_it_needs() -> None:
    package = encrypted(wxapkg(FILES), APPID)
    with pytest.raises(NotReadable, match=r"encrypted \(V1MMWX\); name its appid"):
        of("a.wxapkg", package)
    with pytest.raises(NotReadable, match="does not open with wx0000000000000000"):
        of("a.wxapkg", package, "wx0000000000000000")
    with pytest.raises(NotReadable, match="head is cut off"):
        of("a.wxapkg", package[:500], APPID)


def test_a_damaged_container_is_named_and_searched_as_far_as_it_goes() -> None:
    package = wxapkg(FILES)
    with pytest.raises(NotReadable, match="index is cut off"):
        of("a.wxapkg", package[:40])
    for name, data in (("a.zip", zipped(FILES)), ("a.gz", gzip.compress(TEXT))):
        with pytest.raises(NotReadable, match="cannot be unpacked"):
            of(name, data[: len(data) // 2])


def test_a_damaged_archive_is_searched_as_far_as_it_goes() -> None:
    first = 512 + -(-len(TEXT) // 512) * 512  # a header, and the file in blocks
    data = tarred({"a.js": TEXT, "b.js": TEXT})[: first + 600]
    found = findings_of_file(data, "a.tar", Search(KnownSecrets()), "")
    assert next(found).place == f"a.tar!/a.js:{LINE}"
    with pytest.raises(NotReadable, match="cannot be unpacked"):
        next(found)


def test_an_archive_that_unpacks_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 10_000)
    with pytest.raises(NotReadable, match="unpacks to more than"):
        of("a.zip", zipped({"a": b"0" * 6000, "b": b"0" * 6000}))
    with pytest.raises(NotReadable, match="unpacks to more than"):
        of("a.gz", gzip.compress(b"0" * 20_000))


def test_a_pkcs12_file_is_a_private_key() -> None:
    (finding,) = of("cert/apiclient_cert.p12", b"\x30\x82\x0a" + bytes(range(256)))
    assert (finding.kind, finding.place) == ("private-key", "cert/apiclient_cert.p12:1")
    assert of("notes.p12", b"no certificate") == []


def test_a_text_in_utf_16_is_searched() -> None:
    assert places("a.txt", TEXT.decode().encode("utf-16")) == [f"a.txt:{LINE}"]

"""Files that settings come from: a byte-order mark is no part of one, and a garbled one is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import config
from tests.harness.environment import PRODUCTION, SECRETS, fault_of, faults_of

MARK = b"\xef\xbb\xbf"
KEY = SECRETS["WXLOGIN_SECRET_KEYS"].encode()
GARBLED = {
    "binary": (b"\x00\x01\x02\x80\xff" * 9, "is not text in UTF-8"),
    "UTF-16 with its mark": (
        b"\xff\xfe" + KEY.decode().encode("utf-16-le"),
        "is not text in UTF-8",
    ),
    "UTF-16 without": (KEY.decode().encode("utf-16-be"), "is not text in UTF-8"),
    "GBK": ("密钥".encode("gbk") + KEY, "is not text in UTF-8"),
    "empty": (b"", "is empty"),
    "blank": (b" \r\n", "is empty"),
    "a mark alone": (MARK + b"\n", "is empty"),
    "too large": (KEY * 3000, "is larger than 65536 bytes"),
}
KEPT = {
    "secret_keys": "WXLOGIN_SECRET_KEYS",
    "data_keys": "WXLOGIN_DATA_KEYS",
    "index_keys": "WXLOGIN_INDEX_KEYS",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a secret lies."""
    return tmp_path / "secret"


def from_file(file: Path, name: str = "WXLOGIN_SECRET_KEYS") -> dict[str, str]:
    """Production with one secret in a file."""
    given = {**PRODUCTION, f"{name}_FILE": str(file)}
    del given[name]
    return given


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("form", [MARK + b"%s", MARK + b"%s\r\n", b" \n" + MARK + b" %s \n"])
def test_a_mark_and_white_space_are_no_part_of_a_secret_s_file(
    file: Path, name: str, form: bytes
) -> None:
    file.write_bytes(form % SECRETS[name].encode())
    assert config.load(from_file(file, name)) == config.load(PRODUCTION)


@pytest.mark.parametrize("name", SECRETS)
def test_a_mark_is_no_part_of_a_value_of_the_environment(name: str) -> None:
    given = {**PRODUCTION, name: f"\ufeff{SECRETS[name]} "}
    assert config.load(given) == config.load(PRODUCTION)


@pytest.mark.parametrize("kind", GARBLED)
@pytest.mark.parametrize("name", ["WXLOGIN_SECRET_KEYS", "WXLOGIN_DATA_KEYS", "WXLOGIN_WX_SECRET"])
def test_a_garbled_file_is_one_fault_of_its_setting(file: Path, name: str, kind: str) -> None:
    content, why = GARBLED[kind]
    file.write_bytes(content)
    told = f"{name}_FILE should be the path of a text file; this one {why}"
    assert faults_of(from_file(file, name)) == [told]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/nowhere/s3cret", "does not exist"),
        ("/", "is a directory"),
        ("/etc/passwd/s3cret", "cannot be read"),
        ("s3cret" * 200, "cannot be read"),
    ],
)
def test_a_path_without_a_file_is_told_and_not_shown(path: str, why: str) -> None:
    (fault,) = faults_of(from_file(Path(path)))
    assert fault.endswith(f"this one {why}")
    assert "s3cret" not in fault


def test_a_file_that_this_process_may_not_read_is_told(file: Path) -> None:
    file.write_bytes(KEY)
    file.chmod(0)
    given, user = from_file(file), os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root reads everything
    try:
        (told,) = faults_of(given)
    finally:
        os.seteuid(user)
    assert told.endswith("this one may not be read by this process")


def test_a_secret_may_come_through_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, KEY)
    os.close(writing)
    settings = config.load(from_file(Path(f"/dev/fd/{reading}")))
    os.close(reading)
    assert settings.secret_keys == (KEY.decode(),)


# What a development machine keeps


@pytest.mark.parametrize("kind", [*GARBLED, "another text"])
@pytest.mark.parametrize("name", KEPT)
def test_a_garbled_kept_key_is_a_sentence_that_names_setting_and_file(
    tmp_path: Path, name: str, kind: str
) -> None:
    content, why = {**GARBLED, "another text": (b"hello", "should be")}[kind]
    (tmp_path / name).write_bytes(content)
    (fault,) = faults_of({"WXLOGIN_ENV": "development"}, tmp_path)
    path = tmp_path / name
    assert fault.startswith(f"{KEPT[name]} is not given, and the one kept in {path} {why}")
    assert path.read_bytes() == content


def test_all_garbled_kept_keys_are_told_at_once(tmp_path: Path) -> None:
    for name in KEPT:
        (tmp_path / name).mkdir()
    told = faults_of({"WXLOGIN_ENV": "testing"}, tmp_path)
    assert [fault.split()[0] for fault in told] == list(KEPT.values())
    assert all("is a directory" in fault for fault in told)


def test_a_place_where_nothing_can_be_kept_is_told(file: Path) -> None:
    file.write_text("not a directory", encoding="utf-8")
    told = faults_of({"WXLOGIN_ENV": "testing"}, file / "instance")
    assert told == [
        f"{file / 'instance'} should be a directory in which keys and a database can be kept"
    ]


# Region files


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xff" * 256, b"\0" * 1_000_000, b"\x02\0" * 300_000]
)
def test_a_garbled_region_file_is_one_fault(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert fault_of(WXLOGIN_IP_REGION_DB=str(file)).startswith("WXLOGIN_IP_REGION_DB should be the")


@pytest.mark.parametrize("path", ["/nowhere", "/", "/dev/null"])
def test_a_region_path_without_a_file_is_one_fault(path: str) -> None:
    assert fault_of(WXLOGIN_IP_REGION_DB=path).startswith("WXLOGIN_IP_REGION_DB should be the")

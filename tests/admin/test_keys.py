"""Keys in the admin and on the command line: by name, never by value."""

from __future__ import annotations

import base64

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.plural import plural


def test_keys_are_listed_with_the_rows_that_need_them(site: Site, owner: Operator) -> None:
    Phone(site).login()
    page = owner.done("GET", "/keys")
    assert (page["next"], page["lost"]) == (None, 0)
    data, index, signing = page["items"]
    assert data["id"] == f"data:{site.settings.data_keys[0].id}"
    assert data["rows"] == len(["the app", "alice", "the audit trail's key"])
    assert (index["kind"], index["rows"]) == ("index", 1)
    assert (signing["kind"], signing["key"], signing["rows"]) == ("signing", None, None)
    assert {item["newest"] for item in page["items"]} == {True}


def test_keys_page(owner: Operator) -> None:
    first = owner.done("GET", "/keys?limit=2")
    second = owner.done("GET", f"/keys?limit=2&cursor={first['next']}")
    kinds = [[item["kind"] for item in page["items"]] for page in (first, second)]
    assert kinds == [["data", "index"], ["signing"]]
    assert second["next"] is None


def test_no_key_is_told(site: Site, owner: Operator) -> None:
    told = owner.ask("GET", "/keys").text
    settings = site.settings
    values = [
        base64.b64encode(key.key).decode() for key in settings.data_keys + settings.index_keys
    ]
    assert [value for value in (*values, *settings.secret_keys) if value in told] == []


def test_the_command_says_the_same(site: Site, owner: Operator) -> None:
    Phone(site).login()
    result = site.app.test_cli_runner().invoke(args=["keys", "list"])
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    items = owner.done("GET", "/keys")["items"]
    assert [(line[0], line[2]) for line in lines] == [
        (item["kind"], item["fingerprint"]) for item in items
    ]
    assert [line[1] for line in lines] == [item["key"] or "-" for item in items]
    assert [line[4:] for line in lines] == [
        plural(item["rows"], "row").split() if item["rows"] is not None else [] for item in items
    ]

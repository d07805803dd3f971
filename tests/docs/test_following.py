"""The runner: what fails on a page is found, where it stands, and nothing of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.following import Followed, follow, part_of
from tests.docs.samples import differs
from tests.docs.table import Part
from tests.harness.doc_pages import blocks
from tests.harness.namespaces import needed
from tests.house.source import ROOT

PAGE = """# A page

```sh
WORD=there; echo "$WORD" >left-behind
echo 127.0.0.1 a.example.com >>/etc/hosts
```

1. In a list:

   ```sh
   read -rs SECRET
   ```

   ```sh
   echo "$WORD $SECRET" "$(cat left-behind)" "$(getent hosts a.example.com)"
   ```

   ```text
   there typed 127.0.0.1
   ```

```sh
# Not run by the tests: it is wrong.
false
```

## Later

```sh
true; nobody-has-this | cat
echo not reached
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page whose last block fails in its first line."""
    (tmp_path / "A.md").write_text(PAGE, encoding="utf-8")
    return tmp_path / "A.md"


def followed(page: Path, *parts: Part, number: int = 0) -> Followed:
    """A part of the page, run."""
    needed()
    place = page.parent / f"run{number}"
    place.mkdir()
    found = part_of(blocks(page, page.parent), parts, number)
    return follow(ROOT, place, parts[number], found, {})


def test_a_block_that_fails_is_named_and_ends_the_page(page: Path) -> None:
    run = followed(page, Part(typed={"read -rs SECRET": "typed\n"}))
    assert run.status == 127
    assert run.last
    assert run.last.place == "A.md:29"
    assert "nobody-has-this" in run.said[29]
    assert "not reached" not in run.said[29]


def test_what_blocks_leave_is_there_for_the_next_and_gone_with_the_page(page: Path) -> None:
    parts = (Part(typed={"read -rs SECRET": "typed\n"}), Part(since="Later"))
    run = followed(page, *parts)
    assert (run.status, list(run.said)) == (0, [3, 10, 14])
    assert run.said[14].split() == ["there", "typed", "there", "127.0.0.1", "a.example.com"]
    assert not (ROOT / "left-behind").exists()
    assert "a.example.com" not in Path("/etc/hosts").read_text(encoding="utf-8")


def test_blocks_know_where_they_stand(page: Path) -> None:
    found = blocks(page, page.parent)
    assert [(b.line, b.language, b.follows) for b in found] == [
        (3, "sh", None),
        (10, "sh", None),
        (14, "sh", 10),
        (18, "text", 14),
        (22, "sh", 18),
        (29, "sh", None),
    ]
    assert found[1].text == "read -rs SECRET\n"
    assert [b.not_run for b in found if b.not_run] == ["it is wrong."]
    assert found[-1].headings == ("A page", "Later")


def test_an_output_is_compared_by_its_shape() -> None:
    shown = "ID                      Rows\nU4yV6asXwbm1F4ghFgMJeQ  41250\n"
    assert differs("text", shown, "before\nID   Rows\nq3VYJmXo1n0mZ4yIuK9v0w  1\n") is None
    assert differs("text", shown, "ID   Rows\n-nu8JzlyXl3MHjbxX0fGm-  1\n") is None
    assert differs("text", shown, "ID   Rows\nq3VYJmXo1n0mZ4yIuK9v0w  none\n") is not None
    assert differs("json", '{"a": 1, "b": "x"}', '{"b": "y", "a": 2}') is None
    assert differs("json", '{"a": 1}', '{"a": null}') == "{'a': 'int'} is {'a': 'NoneType'}"
    assert differs("json", '{"a": 1}', "curl: (6)") == "not JSON: curl: (6)"

"""Every block of the documentation that can be run does what its page says.

A page is followed as a reader does it: in a fresh clone with a fresh `.venv`, on a machine of its
own (namespaces), block after block as it stands, in one shell. `make run` and gunicorn have a
terminal of their own until the page ends. `make test` and `.ci/run` run as they stand as well: the
environment's PYTEST_ADDOPTS, which every pytest reads, names one test for them. Else this test
would run itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.docs.following import Followed, part_of
from tests.docs.samples import differs
from tests.docs.table import PAGES
from tests.harness.doc_pages import SHOWN, blocks
from tests.house.source import ROOT

REFUSAL = re.compile(r"urn:wxlogin:error|Traceback")
# Each part goes to whichever process is free (tests/harness/schedule.py).
PARTS = [(page, number) for page, parts in PAGES.items() for number in range(len(parts))]


@pytest.mark.parametrize(("page", "number"), PARTS)
def test_the_page_runs_as_it_stands(
    page: str, number: int, followed: Callable[[str, int], Followed]
) -> None:
    run = followed(page, number)
    where = run.last.place if run.last else f"the setting up of {page}"
    last = run.said.get(run.last.line, "") if run.last else ""
    assert run.status == 0, f"{where} ended with {run.status}:\n{last}{run.log}"
    said = "\n".join(run.said.values())
    assert not REFUSAL.search(said), said
    part = PAGES[page][number]
    assert [pattern for pattern in part.says if not re.search(pattern, said)] == [], said
    assert wrong_samples(page, run) == []


def wrong_samples(page: str, run: Followed) -> list[str]:
    """What the page shows beneath its blocks and they did not print."""
    shown = [b for b in blocks(ROOT / page) if b.language in SHOWN and b.follows in run.said]
    wrong = [(b, differs(b.language, b.text, run.said[b.follows or 0])) for b in shown]
    return [f"{b.place}: {found}\n{run.said[b.follows or 0]}" for b, found in wrong if found]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_that_runs_is_in_a_part(page: str) -> None:
    found = blocks(ROOT / page)
    parts = [part_of(found, PAGES[page], number) for number in range(len(PAGES[page]))]
    assert [block for part in parts for block in part] == [block for block in found if block.runs]
    assert all(parts)

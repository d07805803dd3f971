"""The webhook to the sandbox's receiver: set once, and set anew where it has to be."""

from __future__ import annotations

import stat
from pathlib import Path

from wxlogin.development import webhook
from wxlogin.outbox import EventType

URL, OTHER = "http://127.0.0.1:8001/sandbox/webhooks", "http://127.0.0.1:8009/sandbox/webhooks"


class Commands:
    """Stands for `flask webhooks`: each webhook that is added has the next id and secret."""

    def __init__(self) -> None:
        self.run: list[tuple[str, ...]] = []

    def __call__(self, *words: str, may_fail: bool = False) -> str:
        self.run.append(words[:2])
        assert may_fail == (words[0] == "remove")
        number = len(self.run)
        return f"id-{number}\nsecret-{number}" if words[0] == "add" else ""


def test_it_is_told_of_every_type() -> None:
    assert tuple(EventType) == webhook.EVENTS


def test_it_is_set_once(tmp_path: Path) -> None:
    run = Commands()
    assert webhook.register(tmp_path, URL, run, fresh=True) == "secret-1"
    assert webhook.register(tmp_path, URL, run, fresh=False) == "secret-1"
    assert run.run == [("add", URL)]
    kept = tmp_path / webhook.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_new_database_gets_one_and_a_new_address_another(tmp_path: Path) -> None:
    run = Commands()
    webhook.register(tmp_path, URL, run, fresh=True)
    assert webhook.register(tmp_path, URL, run, fresh=True) == "secret-2"
    assert webhook.register(tmp_path, OTHER, run, fresh=False) == "secret-4"
    assert run.run == [("add", URL), ("add", URL), ("remove", "id-2"), ("add", OTHER)]


def test_without_a_sandbox_it_is_removed(tmp_path: Path) -> None:
    run = Commands()
    assert webhook.register(tmp_path, None, run, fresh=True) is None
    webhook.register(tmp_path, URL, run, fresh=False)
    assert webhook.register(tmp_path, None, run, fresh=False) is None
    assert run.run == [("add", URL), ("remove", "id-1")]
    assert not (tmp_path / webhook.FILE).exists()


def test_a_garbled_note_counts_as_none(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"id": "x"}'):
        (tmp_path / webhook.FILE).write_text(text)
        assert webhook.register(tmp_path, URL, Commands(), fresh=False) == "secret-1"

"""The harness holds what several folders of tests use; what one uses stands in that folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import ROOT, modules, written
from tests.house.test_imports import imported

HARNESS = "tests.harness."


def folders(root: Path) -> dict[str, set[str]]:
    """The folders of tests that use each module of the harness, by way of others of it or not."""
    found = modules(root, "tests/")
    known = {module.name for module in found if module.name.startswith(HARNESS)}
    users: dict[str, set[str]] = defaultdict(set)
    for module in found:
        for name in known & set(imported(module, known)):
            users[name].add(module.name)
    return {name: {_folder(user) for user in _all_users(users, name)} for name in sorted(known)}


def of_one_folder(root: Path) -> list[str]:
    """Modules of the harness that one folder uses, or none."""
    return [
        f"{name}: {', '.join(sorted(used_by)) or 'unused'}"
        for name, used_by in folders(root).items()
        if len(used_by) < 2 and used_by != {"tests"}
    ]


def _folder(module: str) -> str:
    """The folder of a module; `tests` of the conftest that all folders share."""
    parts = module.split(".")
    return ".".join(parts[: min(2, len(parts) - 1)])


def _all_users(users: dict[str, set[str]], name: str) -> Iterator[str]:
    """The modules outside of the harness that need this one."""
    seen, waiting = {name}, [name]
    while waiting:
        for user in users[waiting.pop()] - seen:
            seen.add(user)
            if user.startswith(HARNESS):
                waiting.append(user)
            else:
                yield user


def test_several_folders_use_each_module_of_the_harness() -> None:
    assert of_one_folder(ROOT) == []


def test_modules_of_one_folder_and_of_none_are_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        tests__conftest="from tests.harness import shared",
        tests__harness__shared="",
        tests__harness__used="",
        tests__harness__inner="",
        tests__harness__unused="",
        tests__harness__outer="from tests.harness import inner, used",
        tests__api__a="from tests.harness.outer import x",
        tests__api__b="from tests.harness import used",
        tests__unit__a="from tests.harness import used",
    )
    assert of_one_folder(tmp_path) == [
        "tests.harness.inner: tests.api",
        "tests.harness.outer: tests.api",
        "tests.harness.unused: unused",
    ]

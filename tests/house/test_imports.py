"""Imports run downhill, without circles and without imports inside functions."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import PACKAGE, ROOT, Module, functions, modules, product, written

LAYERS = (
    ("cpus", "settings", "unpatched"),
    ("config",),
    ("api_error",),
    (
        "background_task",
        "clock",
        "errors",
        "http_deadline",
        "languages",
        "metrics",
        "plural",
        "service_error",
        "strict_json",
        "user_agents",
        "version",
        "visible_text",
    ),
    ("local_time", "redisdb"),
    ("limits",),
    ("extensions",),
    ("database", "leakscan", "models", "vault"),
    ("logs",),
    ("scan_store", "sessions"),
    ("outbox",),
    ("wechat",),
    ("accounts",),
    ("watch", "operators"),
    ("keyring",),
    ("doctor",),
    ("error_mapping", "error_words", "field_words"),
    ("services",),
    ("wiring",),
    ("session_creation", "background", "guard", "startup"),
    ("integration", "openapi", "openapi_examples", "responses"),
    (
        "admin",
        "cli",
        "decrypt",
        "home",
        "login",
        "me",
        "meta",
        "phones",
        "push",
        "scan",
        "server_api",
    ),
    ("blueprints",),
    ("app",),
    (PACKAGE,),
)
"""Bottom to top. A unit imports from lower layers alone: never up, never its neighbours."""

ASIDE = {
    "sandbox": {"sandbox"},
    "development": {"config", "development", "sandbox"},
    "serving": {"config", "cpus", "serving"},
}
"""What is not part of the app, and what each may import."""

HEIGHT = {unit: height for height, layer in enumerate(LAYERS) for unit in layer}
TOP = len(LAYERS)
WITHOUT_FLASK = (
    "accounts",
    "doctor",
    "keyring",
    "leakscan",
    "limits.failures",
    "limits.rate_limits",
    "limits.windows",
    "logs",
    "operators",
    "outbox",
    "redisdb",
    "scan_store",
    "sessions",
    "vault",
    "watch",
    "wechat",
)
"""Parts of the package that know neither Flask nor what belongs to it."""


def imported(module: Module, known: set[str]) -> Iterator[str]:
    """The dotted names that a module imports; a submodule that is `known` is named whole."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield whole if whole in known else source


def unit_of(name: str) -> str:
    """The layer table's word for a module: the part of wxlogin that it belongs to."""
    parts = name.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else parts[0]


def own_imports(root: Path) -> dict[str, set[str]]:
    """Which of the project's modules each module of the product imports."""
    found = product(root)
    known = {module.name for module in found}
    return {module.name: known & set(imported(module, known)) for module in found}


def uphill(root: Path) -> list[str]:
    """Imports that do not run downhill."""
    wrong = []
    for name, sources in own_imports(root).items():
        for source in sources:
            above, below = unit_of(name), unit_of(source)
            allowed = (
                below in ASIDE[above]
                if above in ASIDE
                else below not in ASIDE and HEIGHT.get(below, TOP) < HEIGHT.get(above, 0)
            )
            if above != below and not allowed:
                wrong.append(f"{name} imports {source}")
    return wrong


def relative(root: Path) -> list[str]:
    """Modules with a relative import, which the other checks would not see."""
    return [
        module.name
        for module in product(root)
        if any(name.startswith(".") for name in imported(module, set()))
    ]


def circle(root: Path) -> list[str]:
    """The first circle of imports, or nothing."""
    try:
        graphlib.TopologicalSorter(own_imports(root)).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def inside_functions(root: Path) -> list[str]:
    """Imports that stand in a function."""
    return [
        f"{module.path}:{inner.lineno}"
        for module in modules(root)
        for function in functions(module)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def knowing_flask(root: Path) -> list[str]:
    """Modules of services that import Flask, one of its extensions or Werkzeug."""
    return [
        f"{module.name} imports {name}"
        for module in product(root)
        if f"{module.name}.".startswith(tuple(f"{PACKAGE}.{part}." for part in WITHOUT_FLASK))
        for name in imported(module, set())
        if name.startswith(("flask", "werkzeug"))
    ]


def test_every_part_of_the_package_has_a_layer() -> None:
    parts = {unit_of(module.name) for module in product()}
    assert parts == set(HEIGHT) | set(ASIDE)


def test_imports_run_downhill() -> None:
    assert uphill(ROOT) == []
    assert relative(ROOT) == []


def test_no_import_circle() -> None:
    assert circle(ROOT) == []


def test_no_import_inside_a_function() -> None:
    assert inside_functions(ROOT) == []


def test_services_know_no_flask() -> None:
    assert knowing_flask(ROOT) == []


def test_uphill_sideways_and_outside_imports_are_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__errors="from wxlogin.guard import bodies\n",
        wxlogin__wiring="from wxlogin.guard import gate\n",
        wxlogin__guard__bodies="from wxlogin import wiring\n",
        wxlogin__guard__gate="from wxlogin import wiring\n",
        wxlogin__login__routes="from wxlogin.meta.service import x\n",
        wxlogin__meta__service="from wxlogin.sandbox import world\n",
        wxlogin__sandbox__world="from wxlogin import errors\n",
        wxlogin__clock="from . import errors\n",
    )
    assert sorted(uphill(tmp_path)) == [
        "wxlogin.errors imports wxlogin.guard.bodies",
        "wxlogin.login.routes imports wxlogin.meta.service",
        "wxlogin.meta.service imports wxlogin.sandbox.world",
        "wxlogin.sandbox.world imports wxlogin.errors",
        "wxlogin.wiring imports wxlogin.guard.gate",
    ]
    assert relative(tmp_path) == ["wxlogin.clock"]


def test_circles_and_inner_imports_and_flask_are_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__vault__a="from wxlogin.vault import b\n",
        wxlogin__vault__b="import flask_limiter\ndef f():\n    import wxlogin.vault.a\n",
    )
    assert set(circle(tmp_path)) == {"wxlogin.vault.a", "wxlogin.vault.b"}
    assert inside_functions(tmp_path) == ["wxlogin/vault/b.py:3"]
    assert knowing_flask(tmp_path) == ["wxlogin.vault.b imports flask_limiter"]

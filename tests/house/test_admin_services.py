"""The admin knows no SQL, and functions say in their signatures what they use."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.source import ROOT, Module, functions, modules, written
from tests.house.test_imports import imported

ADMIN = "wxlogin/admin/"
SERVICES = {"services", "current_services"}
SQL = ("sqlalchemy", "flask_sqlalchemy", "wxlogin.extensions")
HOLDERS = ("wxlogin/services.py", "wxlogin/wiring.py", "wxlogin/development/")
"""Who puts services together; the command of `make run` has services of its own."""
REACHING = (
    "wxlogin/services.py",
    "wxlogin/guard/",
    "wxlogin/cli/",
    "wxlogin/admin/console/",
    "wxlogin/integration.py",
)
"""What may reach for the services of the current app besides views: what stands around views, that
is gates, the console's layout and decorators, and commands."""


def knowing_sql(root: Path) -> list[str]:
    """Modules of the admin that import SQLAlchemy or the extension with its session."""
    return [
        f"{module.name} imports {name}"
        for module in modules(root, ADMIN)
        for name in imported(module, {"wxlogin.extensions"})
        if name.startswith(SQL)
    ]


def taking_all_services(root: Path) -> list[str]:
    """Functions that take all services instead of those that they use."""
    return [
        f"{module.path}:{function.lineno} {function.name}"
        for module in modules(root, "wxlogin/")
        if not module.path.startswith(HOLDERS)
        for function in functions(module)
        if "Services" in annotations(function)
    ]


def using_all_services(root: Path) -> list[str]:
    """Modules that reach for the services of the current app, though they are no views."""
    return [
        module.path
        for module in modules(root, "wxlogin/")
        if not module.path.endswith(("routes.py", "pages.py"))
        if not module.path.startswith(REACHING)
        if "wxlogin.services" in imported(module, set()) and SERVICES & names(module)
    ]


def annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The annotations of a function's arguments."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [ast.unparse(one.annotation) for one in arguments if one.annotation]


def names(module: Module) -> set[str]:
    """The names that a module imports from others."""
    return {
        alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_admin_knows_no_sql() -> None:
    assert knowing_sql(ROOT) == []


def test_functions_take_the_parts_that_they_use() -> None:
    assert taking_all_services(ROOT) == []
    assert using_all_services(ROOT) == []


def test_sql_and_hubs_in_the_admin_are_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__admin__a__service="import sqlalchemy\nfrom wxlogin.extensions import db",
        wxlogin__admin__b__service="from wxlogin.services import services",
        wxlogin__admin__b__routes="from wxlogin.services import services",
        wxlogin__login__service="from wxlogin.services import Accounts, current_services",
        wxlogin__admin__c="def f(services: Services) -> None: ...",
        wxlogin__guard__c="def f(services: Services) -> None: ...",
        wxlogin__watch__d="from sqlalchemy import select",
    )
    assert knowing_sql(tmp_path) == [
        "wxlogin.admin.a.service imports sqlalchemy",
        "wxlogin.admin.a.service imports wxlogin.extensions",
    ]
    assert taking_all_services(tmp_path) == ["wxlogin/admin/c.py:1 f", "wxlogin/guard/c.py:1 f"]
    assert using_all_services(tmp_path) == [
        "wxlogin/admin/b/service.py",
        "wxlogin/login/service.py",
    ]

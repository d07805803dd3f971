"""Every error that a service raises has its entry of the catalogue."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from tests.house.source import product
from wxlogin.error_mapping import ENTRIES
from wxlogin.service_error import ServiceError


def classes(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
    """A class and all that derive from it."""
    yield root
    for below in root.__subclasses__():
        yield from classes(below)


def raised() -> set[type[ServiceError]]:
    """The classes of the product; one that others derive from is a rung that nobody raises."""
    for module in product():
        if module.name.startswith("wxlogin.") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {
        one
        for one in classes(ServiceError)
        if one is not ServiceError
        and one.__module__.startswith("wxlogin.")
        and not one.__subclasses__()
    }


def test_every_error_has_an_entry() -> None:
    assert raised() - set(ENTRIES) == set()


def test_every_row_is_an_error_of_the_product() -> None:
    assert all(one.__module__.startswith("wxlogin.") for one in ENTRIES)

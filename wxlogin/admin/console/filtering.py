"""Filters of the console's lists.

What an operator types about a person, such as an address, stands in no URL that a browser or a
proxy remembers: it is sent as a form and kept sealed in the URL of the list, which is opaque and
can still be reloaded, gone back to and passed on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from flask import Response, request, url_for
from pydantic import BaseModel

from wxlogin import errors
from wxlogin.admin.console.forms import NO_DATA, validated, with_zone
from wxlogin.admin.console.notices import redirect_to
from wxlogin.errors import ApiError
from wxlogin.guard.cursors import OF_A_PAGE
from wxlogin.services import services
from wxlogin.vault import SealBroken, Vault

Query = TypeVar("Query", bound=BaseModel)

PARAMETER = "filter"
TIMES = frozenset({"since", "until"})
NO_FILTER = NO_DATA | {PARAMETER}


def list_query(model: type[Query]) -> Query:
    """Return what the list's URL asks for, its sealed filter included."""
    sealed = request.args.get(PARAMETER)
    return validated(model, {**(_opened(sealed) if sealed else {}), **_given(request.args)})


def filtered(model: type[BaseModel], path: str) -> Response:
    """Lead to the list at this path, with the filter of the form that was sent.

    INVALID_REQUEST, which leads back to the form, names the wrong fields.
    """
    kept = _given(request.form)
    validated(model, kept)
    return redirect_to(_with_filter(path, kept) if kept else path)


def filter_url(endpoint: str, **fields: str) -> str:
    """Return the URL of a list with a filter, sealed."""
    return _with_filter(url_for(endpoint), fields)


def list_filter(**more: str | None) -> dict[str, str | None]:
    """Return the parameters of this list's URL that are its filter, and more."""
    return {name: text for name, text in request.args.items() if name not in OF_A_PAGE} | more


def filter_is_set() -> bool:
    """Return whether this list's URL has a filter."""
    return any(text for text in list_filter().values())


def _given(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that say something; times of a form are those of WXLOGIN_TIMEZONE."""
    typed = {name: value.strip() for name, value in fields.items() if name not in NO_FILTER}
    return {
        name: with_zone(value) if name in TIMES else value for name, value in typed.items() if value
    }


def _opened(sealed: str) -> dict[str, str]:
    """Return a sealed filter; INVALID_REQUEST unless this list sealed it."""
    try:
        clear = _vault().open(sealed, _place(request.path))
    except SealBroken:
        fields = [(PARAMETER, "should be the one of a page")]
        raise ApiError(errors.INVALID_REQUEST, fields=fields) from None
    found: dict[str, str] = json.loads(clear)
    return found


def _with_filter(path: str, fields: Mapping[str, str]) -> str:
    return f"{path}?{PARAMETER}={_vault().seal(json.dumps(fields), _place(path))}"


def _vault() -> Vault:
    return Vault(services.settings.data_keys)


def _place(path: str) -> str:
    """Return what a filter is bound to: the list, whose file ends in `.csv`."""
    return f"console.filter:{path.removesuffix('.csv')}"

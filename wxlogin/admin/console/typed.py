"""What was typed into a form that was refused: the form's page has it again, once.

It travels sealed in a cookie of its own; passwords, secrets and codes do not.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, request

from wxlogin.admin.console.notices import keep_for_page
from wxlogin.guard.admin_gate import is_from_own_page
from wxlogin.services import services
from wxlogin.vault import SealBroken, Vault

COOKIE = "wxlogin_typed"
SECONDS = 600
LONGEST = 3_000
"""Characters of the cookie; what is longer is not kept."""
NOT_KEPT = frozenset(
    {
        "aes_key",
        "csrf_token",
        "invitation",
        "key",
        "new_password",
        "openid",
        "otp",
        "passkey",
        "password",
        "phone",
        "q",
        "secret",
        "token",
    }
)


def keep_form_input(response: Response) -> None:
    """Keep the form of this request for the page that it leads back to, the one of its path.

    Another site's page keeps nothing: it would fill in our forms.
    """
    if not is_from_own_page():
        return
    form = {name: request.form.getlist(name) for name in request.form if name not in NOT_KEPT}
    sealed = _vault().seal(json.dumps(form), _place())
    if form and len(sealed) <= LONGEST:
        keep_for_page(response, COOKIE, sealed, SECONDS)


def typed(name: str, otherwise: Any = "") -> Any:
    """Return what was typed into this page's field of this name, else what the page has for it."""
    return (_form().get(name) or [otherwise])[0]


def was_ticked(name: str, value: str) -> bool:
    """Return whether this value of this page's field had been ticked."""
    return value in _form().get(name, [])


def delete_typed(response: Response) -> Response:
    """Delete the cookie once a page has shown what it holds."""
    if g.get("typed"):
        response.delete_cookie(COOKIE, path="/admin")
    return response


def _form() -> dict[str, list[str]]:
    if "typed" not in g:
        g.typed = _opened(request.cookies.get(COOKIE, "")) if request.method == "GET" else {}
    form: dict[str, list[str]] = g.typed
    return form


def _opened(sealed: str) -> dict[str, list[str]]:
    """Return the form of a cookie; nothing unless it was sent to this page's path."""
    try:
        found: dict[str, list[str]] = json.loads(_vault().open(sealed, _place()))
    except SealBroken:
        return {}
    return found


def _vault() -> Vault:
    return Vault(services.settings.data_keys)


def _place() -> str:
    return f"console.typed:{request.path}"

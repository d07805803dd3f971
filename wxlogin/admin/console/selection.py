"""What was selected in a list, for the page that asks before all of it is acted on.

It is kept for the admin's session under a random name, so that the page can be reloaded and a form
that was refused keeps it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from wxlogin import errors
from wxlogin.admin.console.notices import Notice, redirect_to
from wxlogin.errors import ApiError
from wxlogin.guard.admin_gate import signed_in
from wxlogin.services import services

FIELD = "selected"
MOST = 200
"""A page of a list has no more rows."""
ID = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)


def selected_ids() -> list[str]:
    """Return the ids that were ticked in a list, each once."""
    ticked = [one for one in request.form.getlist(FIELD) if ID.fullmatch(one)]
    return list(dict.fromkeys(ticked))[:MOST]


def ask_about(endpoint: str, ids: list[str], back: str, **variables: Any) -> Response:
    """Lead to the page that asks about these; back to the list if nothing was ticked.

    `variables` are those of the page's path beside the selection.
    """
    if not ids:
        return redirect_to(back, Notice("refused", gettext("Nothing is selected.")))
    name = services.operators.found.keep(signed_in().ref.sid, json.dumps(ids))
    return redirect_to(url_for(endpoint, selection=name, **variables))


def kept_selection(name: str) -> list[str]:
    """Return what was selected; NOT_FOUND once it is forgotten, or for another session."""
    kept = services.operators.found.get(signed_in().ref.sid, name)
    found = json.loads(kept) if kept else None
    if not isinstance(found, list):
        raise ApiError(errors.NOT_FOUND, gettext("This selection is over. Please select again."))
    return found

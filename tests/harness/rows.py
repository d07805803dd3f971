"""A look at what the database holds of a user, opened with the site's own vault."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.vault import BlindIndex, Vault


class UserRow:
    """One user's row as it stands at this moment."""

    def __init__(self, site: Site, public_id: str) -> None:
        self._site = site
        self._public_id = public_id

    def column(self, name: str) -> Any:
        """What stands in the column."""
        with self._site.app.app_context():
            wanted = select(getattr(User, name)).where(User.public_id == self._public_id)
            return db.session.scalars(wanted).one()

    def opened(self, name: str) -> Any:
        """The text that is sealed in the column, or None; JSON is read."""
        sealed = self.column(name)
        if sealed is None:
            return None
        place = f"user.{name}:{self._public_id}"
        clear = Vault(self._site.settings.data_keys).open(sealed, place)
        return json.loads(clear) if clear.startswith("{") else clear

    def is_indexed(self, name: str, value: str, purpose: str) -> bool:
        """Whether the column holds the value's blind index for the purpose."""
        index = BlindIndex(self._site.settings.index_keys)
        return self.column(name) in [indexed.digest for indexed in index.of(value, purpose)]

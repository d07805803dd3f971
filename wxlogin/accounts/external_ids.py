"""The team's own ids of users, unique in a mini-program: its tables need no change."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wxlogin.accounts.errors import ExternalIdTaken, UserNotFound
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.accounts.update_expressions import UNSYNCHRONIZED, next_version
from wxlogin.models import User

FORM = re.compile(r"[\x21-\x7e]{1,64}")
"""It stands in headers: visible ASCII, without spaces."""


class ExternalIds:
    """Gives users the ids that the team knows them by."""

    def __init__(
        self, current_session: Callable[[], Session], id_propagation: IdPropagation
    ) -> None:
        self._current_session = current_session
        self._id_propagation = id_propagation

    def link(self, public_id: str, external_id: str) -> None:
        """Give a user the team's own id, in place of an earlier one; live sessions follow.

        ExternalIdTaken if another user of the mini-program has it, UserNotFound without the user.
        """
        session, own = self._current_session(), User.public_id == public_id
        found = session.execute(select(User.external_id).where(own)).first()
        if found is not None and found.external_id != external_id:
            columns = {"external_id": external_id, "ids_version": next_version(User.ids_version)}
            change = update(User).where(own).values(columns)
            try:
                session.execute(change, execution_options=UNSYNCHRONIZED)
            except IntegrityError:
                session.rollback()
                raise ExternalIdTaken from None
        session.commit()
        if found is None:
            raise UserNotFound
        self._id_propagation.propagate([public_id])

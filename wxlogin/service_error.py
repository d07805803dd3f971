"""The root of what services raise. Each package has a ladder of its own in its `errors.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ServiceError(Exception):
    """A call that a service refuses; `error_mapping.py` says what callers of the API get for it.

    `detail` says what to do in place of the catalogue's words. `fields` names wrong fields, each
    with its reason. `members` are further members of the answer. `retry_after` is in seconds.
    None of them holds a secret.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        fields: Sequence[tuple[str, str]] = (),
        members: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or type(self).__name__)
        self.detail = detail
        self.fields = tuple(fields)
        self.members = dict(members or {})
        self.retry_after = retry_after

"""What the audit trail says of an act that raised."""

from __future__ import annotations

import pytest

from wxlogin import errors
from wxlogin.error_mapping import ENTRIES, outcome_of
from wxlogin.errors import ApiError
from wxlogin.service_error import ServiceError
from wxlogin.watch.errors import AuditUnavailable


class NotFound(ServiceError):
    """A refusal of a service."""


@pytest.fixture(autouse=True)
def _entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENTRIES, NotFound, errors.NOT_FOUND)


@pytest.mark.parametrize("fault", [ApiError(errors.NOT_FOUND), NotFound()])
def test_a_refusal_is_recorded_with_its_code(fault: Exception) -> None:
    assert outcome_of(fault) == ("refused", {"code": "NOT_FOUND"})


@pytest.mark.parametrize("fault", [ApiError(errors.STORE_UNAVAILABLE), AuditUnavailable()])
def test_a_store_that_fails_makes_the_act_fail(fault: Exception) -> None:
    assert outcome_of(fault) == ("failed", {"code": "STORE_UNAVAILABLE"})


@pytest.mark.parametrize("fault", [KeyError("x"), KeyboardInterrupt()])
def test_any_other_exception_is_recorded_by_its_type_alone(fault: BaseException) -> None:
    assert outcome_of(fault) == ("failed", {"fault": type(fault).__name__})

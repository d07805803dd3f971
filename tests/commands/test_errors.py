"""How a command reports that it is refused."""

from __future__ import annotations

import click
import pytest

from wxlogin import errors
from wxlogin.cli.output import report_errors
from wxlogin.error_mapping import ENTRIES
from wxlogin.errors import ApiError
from wxlogin.service_error import ServiceError


class AppMissing(ServiceError):
    """A refusal of a service."""


@pytest.mark.parametrize("error", [ApiError(errors.NOT_FOUND, "Gone."), AppMissing("Gone.")])
def test_a_refusal_ends_the_command_with_its_code_and_detail(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENTRIES, AppMissing, errors.NOT_FOUND)
    with pytest.raises(click.ClickException) as raised, report_errors():
        raise error
    assert raised.value.message == "NOT_FOUND: Gone."

"""WeChat's errcodes against the table of the contract (section 5)."""

from __future__ import annotations

import pytest

from wxlogin.wechat.errcodes import ERRCODES, refusal

CONTRACT = {
    "CODE_INVALID": {40029},
    "CODE_USED": {40163},
    "WX_RATE_LIMITED": {45011, 45009},
    "WX_USER_BLOCKED": {40226},
    "WX_UNAVAILABLE": {-1},
    "WX_MISCONFIGURED": {40013, 40125, 41002, 41004, 40164, 61004, 48001, 50002, 40243},
}


def test_the_table_is_the_contracts() -> None:
    table: dict[str, set[int]] = {}
    for errcode, entry in ERRCODES.items():
        table.setdefault(entry.code, set()).add(errcode)
    assert table == CONTRACT


@pytest.mark.parametrize("errcode", [40001, 41008, 87009, 99999, -2, 10**30])
def test_an_errcode_that_nobody_knows_is_wechat_being_unavailable(errcode: int) -> None:
    assert refusal(errcode).entry.code == "WX_UNAVAILABLE"

"""WeChat's errcodes against the table of the contract (section 5)."""

from __future__ import annotations

import pytest
from flask import Flask, current_app
from flask_babel import Babel

from wxlogin.admin.console.errcode_labels import ADVICES, MEANINGS
from wxlogin.error_mapping import ENTRIES, entry_of
from wxlogin.wechat.errcodes import ADVICE, ERRCODES, FOR_A_PERSON, error_of

CONTRACT = {
    "CODE_INVALID": {40029},
    "CODE_USED": {40163},
    "WX_RATE_LIMITED": {45011, 45009},
    "WX_USER_BLOCKED": {40226},
    "WX_UNAVAILABLE": {-1},
    "WX_MISCONFIGURED": {
        *(40013, 40125, 41002, 41004, 40164, 61004, 48001, 48004, 50002, 50004, 50007, 40243),
        *(45035, 89503, 89506, 89507),
    },
}


def test_the_table_is_the_contracts() -> None:
    table: dict[str, set[int]] = {}
    for errcode, error in ERRCODES.items():
        table.setdefault(ENTRIES[error].code, set()).add(errcode)
    assert table == CONTRACT


def test_nobody_is_told_to_repeat_what_a_person_has_to_mend() -> None:
    actions = {errcode: entry_of(error_of(errcode)).action for errcode in FOR_A_PERSON}
    assert set(actions.values()) == {"contact"}


@pytest.mark.parametrize("errcode", [40001, 41008, 87009, 99999, -2, 10**30])
def test_an_errcode_that_nobody_knows_is_wechat_being_unavailable(errcode: int) -> None:
    assert entry_of(error_of(errcode)).code == "WX_UNAVAILABLE"


def test_what_a_person_has_to_mend_says_how_in_both_languages() -> None:
    assert set(ADVICE) == set(FOR_A_PERSON)
    with Flask(__name__).app_context():
        Babel(current_app)
        assert set(FOR_A_PERSON.values()) == set(map(str, MEANINGS))
        assert set(ADVICE.values()) == set(map(str, ADVICES))

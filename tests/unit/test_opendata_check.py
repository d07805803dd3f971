"""Open data: what is believed of what opens, and what of it leaves."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.unit import vectors
from tests.unit.vectors import Sealed
from wxlogin.wechat import opendata
from wxlogin.wechat.opendata import (
    PHONE,
    PROFILE,
    DataTooOld,
    DataUnreadable,
    Owner,
    unionid_of,
)

APPID = "wx4f4bc4dec97d474b"
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
UNIONID = "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"
OWNER = Owner(APPID, OPENID)
NOW = 1_477_314_187
NOTHING = frozenset[str]()


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def watermarked(timestamp: Any = NOW, **entries: Any) -> dict[str, Any]:
    return entries | {"watermark": {"timestamp": timestamp, "appid": APPID}}


def check(
    data: dict[str, Any], required: frozenset[str] = NOTHING, *, owner: Owner = OWNER
) -> dict[str, Any]:
    return opendata.check(data, owner, required, now=float(NOW), max_age=600)


class TestCheck:
    def test_the_official_profile_leaves_without_identities(self) -> None:
        clear = json.loads(vectors.OFFICIAL_PROFILE.clear)
        checked = check(clear, PROFILE)
        assert checked == {
            name: value
            for name, value in clear.items()
            if name not in {"openId", "unionId", "watermark"}
        }

    def test_a_phone_number_leaves_as_it_stands(self) -> None:
        data = json.loads(vectors.MASKED_PHONE.clear)
        owner = Owner("wxc****17e87e0e0a7", OPENID)
        checked = opendata.check(data, owner, PHONE, now=1_634_545_675, max_age=600)
        assert checked == {
            "phoneNumber": "186****5613",
            "purePhoneNumber": "186****5613",
            "countryCode": "86",
        }

    @pytest.mark.parametrize(
        ("sealed", "now"), [(vectors.GROUP, 1_535_624_932), (vectors.STEPS, NOW)]
    )
    def test_other_kinds_pass_with_their_own_name(self, sealed: Sealed, now: int) -> None:
        data = json.loads(sealed.clear)
        name = next(iter(data))
        checked = opendata.check(data, OWNER, frozenset({name}), now=now, max_age=600)
        assert checked == {name: data[name]}

    def test_data_without_a_watermark_are_refused(self) -> None:
        with pytest.raises(DataUnreadable):
            check(json.loads(vectors.GROUP_WITHOUT_WATERMARK.clear))

    @pytest.mark.parametrize(
        "watermark",
        [
            None,
            "text",
            [],
            {},
            {"timestamp": NOW},
            {"appid": APPID},
            {"appid": "wx0000000000000000", "timestamp": NOW},
            {"appid": APPID.upper(), "timestamp": NOW},
            {"appid": [APPID], "timestamp": NOW},
            {"appid": APPID, "timestamp": None},
            {"appid": APPID, "timestamp": str(NOW)},
            {"appid": APPID, "timestamp": float(NOW)},
        ],
    )
    def test_a_watermark_of_another_app_or_shape_is_refused(self, watermark: Any) -> None:
        with pytest.raises(DataUnreadable):
            check({"watermark": watermark})

    def test_true_is_no_timestamp(self) -> None:
        with pytest.raises(DataUnreadable):
            opendata.check(watermarked(timestamp=True), OWNER, NOTHING, now=1, max_age=600)

    def test_data_of_the_greatest_age_pass_and_a_second_more_is_too_old(self) -> None:
        assert check(watermarked(NOW - 600, n=1)) == {"n": 1}
        with pytest.raises(DataTooOld):
            check(watermarked(NOW - 601, n=1))

    def test_wechats_clock_may_be_300_seconds_ahead_and_no_more(self) -> None:
        assert check(watermarked(NOW + 300, n=1)) == {"n": 1}
        with pytest.raises(DataUnreadable):
            check(watermarked(NOW + 301, n=1))

    def test_a_timestamp_beyond_every_float_is_judged_like_any_other(self) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(10**400))
        with pytest.raises(DataTooOld):
            check(watermarked(-(10**400)))

    @pytest.mark.parametrize(
        "openid", ["oAnother", OPENID[:-1], "", "ö", "\ud800", None, 1, [OPENID]]
    )
    def test_data_of_another_user_are_refused(self, openid: Any) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(openId=openid))

    @pytest.mark.parametrize("missing", sorted(PHONE))
    def test_a_missing_name_is_refused_and_more_names_are_not(self, missing: str) -> None:
        number = dict.fromkeys(PHONE, "1")
        assert check(watermarked(**number, more=1), PHONE) == {**number, "more": 1}
        del number[missing]
        with pytest.raises(DataUnreadable):
            check(watermarked(**number), PHONE)

    def test_old_data_of_another_user_are_not_called_too_old(self) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(0, openId="oAnother"))
        with pytest.raises(DataUnreadable):
            check(watermarked(0), PHONE)

    @pytest.mark.parametrize("unionid", [1, [UNIONID], "u" * 129])
    def test_a_unionid_of_another_shape_is_refused(self, unionid: Any) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(unionId=unionid))

    def test_a_unionid_is_read_from_checked_data(self) -> None:
        assert unionid_of(watermarked(unionId=UNIONID)) == UNIONID
        assert unionid_of(watermarked()) is None

    @pytest.mark.parametrize("unionid", [None, ""])
    def test_an_empty_unionid_is_none(self, unionid: Any) -> None:
        assert check(watermarked(unionId=unionid, n=1)) == {"n": 1}

    def test_an_identity_leaves_under_no_other_name_and_at_no_depth(self) -> None:
        data = watermarked(
            unionId=UNIONID,
            openid=OPENID,
            union=UNIONID,
            url=f"https://example.com/?u={OPENID}&n=1",
            deep=[{"of": {"user": UNIONID}}],
            **{OPENID: 1},
            n=1,
        )
        assert check(data) == {"n": 1}

    def test_an_openid_renamed_by_a_forged_iv_does_not_leave(self) -> None:
        sealed = vectors.OFFICIAL_PROFILE
        first, wanted = sealed.clear.encode()[:16], b'{"other_":"12345'
        mask = zip(base64.b64decode(sealed.iv), first, wanted, strict=True)
        iv = text(bytes(byte ^ was ^ want for byte, was, want in mask))
        data = opendata.decrypt(sealed.session_key, sealed.encrypted_data, iv)
        assert data["other_"] == "12345" + OPENID[5:]
        assert OPENID[5:] not in json.dumps(check(data, PROFILE))

    def test_no_repr_shows_whose_data_they_are(self) -> None:
        assert OPENID not in repr(OWNER)


class TestKinds:
    @pytest.mark.parametrize(
        ("sealed", "names"),
        [
            (vectors.OFFICIAL_PROFILE, PROFILE),
            (vectors.MASKED_PHONE, PHONE),
            (vectors.GROUP, {"openGId"}),
            (vectors.STEPS, {"stepInfoList"}),
        ],
    )
    def test_a_kind_is_known_by_its_names(self, sealed: Sealed, names: frozenset[str]) -> None:
        assert opendata.kind_of(json.loads(sealed.clear)) == names

    @pytest.mark.parametrize(
        "data", [{}, {"other": 1}, {"nickName": "Band"}, {"phoneNumber": "1", "countryCode": "86"}]
    )
    def test_data_of_no_known_kind_are_refused(self, data: dict[str, Any]) -> None:
        with pytest.raises(DataUnreadable):
            opendata.kind_of(data)

    def test_what_wechat_told_is_ours_by_its_watermark(self) -> None:
        assert opendata.is_ours(watermarked(), APPID)
        assert not opendata.is_ours(watermarked(), "wx0000000000000000")
        assert not opendata.is_ours({}, APPID)
        assert not opendata.is_ours({"watermark": APPID}, APPID)

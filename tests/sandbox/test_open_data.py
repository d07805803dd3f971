import base64
import hashlib
import json
from typing import Any

from Crypto.Cipher import AES

from wxlogin.sandbox import World
from wxlogin.sandbox.opendata import raw_signature

from .client import APPID, OTHER_APPID, Clock


def opened(data: dict[str, str], session_key: str) -> Any:
    """Decrypt by the book: AES-128-CBC, PKCS#7 checked by hand, UTF-8 JSON."""
    cipher = AES.new(base64.b64decode(session_key), AES.MODE_CBC, base64.b64decode(data["iv"]))
    padded = cipher.decrypt(base64.b64decode(data["encryptedData"], validate=True))
    count = padded[-1]
    assert 1 <= count <= 16
    assert padded.endswith(bytes([count]) * count)
    return json.loads(padded[:-count])


def test_a_payload_comes_back_with_its_watermark(world: World, clock: Clock) -> None:
    data = world.encrypt("bob", {"openGId": "tG你好", "n": 1})
    assert set(data) == {"encryptedData", "iv"}
    assert opened(data, world.session_key("bob")) == {
        "openGId": "tG你好",
        "n": 1,
        "watermark": {"timestamp": int(clock()), "appid": APPID},
    }


def test_the_watermark_names_the_app_and_can_be_left_out(world: World) -> None:
    data = world.encrypt("bob", {"n": 1}, OTHER_APPID)
    assert opened(data, world.session_key("bob", OTHER_APPID))["watermark"]["appid"] == OTHER_APPID
    data = world.encrypt("bob", {"n": 1}, watermark=False)
    assert opened(data, world.session_key("bob")) == {"n": 1}


def test_the_iv_is_16_bytes_and_never_the_same(world: World) -> None:
    ivs = {world.encrypt("bob", {"n": 1})["iv"] for _ in range(20)}
    assert len(ivs) == 20
    assert {len(base64.b64decode(iv, validate=True)) for iv in ivs} == {16}


def test_data_is_under_the_key_valid_when_it_was_made(world: World) -> None:
    old = world.session_key("bob")
    before = world.encrypt("bob", {"n": 1})
    world.rotate_session_key("bob")
    after = world.encrypt("bob", {"n": 2}, watermark=False)
    assert opened(before, old)["n"] == 1
    assert opened(after, world.session_key("bob")) == {"n": 2}


def test_a_profile_is_anonymised_but_carries_the_name(world: World) -> None:
    profile = world.profile("bob")
    assert set(profile) == {"rawData", "signature", "encryptedData", "iv"}
    shown = json.loads(profile["rawData"])
    assert "bob" in shown["nickName"]
    assert shown["gender"] == 0
    assert [shown[name] for name in ("language", "city", "province", "country")] == [""] * 4
    clear = opened(profile, world.session_key("bob"))
    assert clear.pop("openId") == world.openid("bob")
    assert clear.pop("watermark")["appid"] == APPID
    assert clear == shown


def test_a_profile_holds_the_unionid_on_an_open_platform(world: World) -> None:
    world.open_platform = True
    clear = opened(world.profile("bob"), world.session_key("bob"))
    assert clear["unionId"] == world.unionid("bob")


def test_a_profiles_signature_is_over_raw_data_and_key(world: World) -> None:
    profile = world.profile("bob")
    signed = profile["rawData"] + world.session_key("bob")
    assert profile["signature"] == hashlib.sha1(signed.encode()).hexdigest()


def test_raw_signature_gives_wechats_own_answer() -> None:
    raw = (
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou",'
        '"province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/'
        "1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ"
        '/0"}'
    )
    signature = raw_signature(raw, "HyVFkGl5F5OQWJZZaNzBBg==")
    assert signature == "75e81ceda165f4ffa64f4068af58c64b8f54b88c"


def test_a_phone_payload_has_wechats_fields(world: World, clock: Clock) -> None:
    clear = opened(world.phone("bob"), world.session_key("bob"))
    assert clear["phoneNumber"] == clear["purePhoneNumber"]
    assert clear["countryCode"] == "86"
    assert clear["watermark"] == {"timestamp": int(clock()), "appid": APPID}
    assert next(iter(clear)) == "phoneNumber"

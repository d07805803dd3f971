"""Known answers: WeChat's own published samples, and others where WeChat published none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sealed:
    """Encrypted data and the clear text it holds, if its key opens it."""

    session_key: str
    iv: str
    encrypted_data: str
    clear: str = ""


@dataclass(frozen=True)
class Signed:
    """A signature made with a session_key."""

    session_key: str
    message: str
    signature: str


OFFICIAL_PROFILE = Sealed(
    session_key="tiihtNczf5v6AKRyjwEUhQ==",
    iv="r7BXXKkLb8qrSNn05n0qiA==",
    encrypted_data=(
        "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7f"
        "JlAC+oNPdbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8"
        "Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GR"
        "HpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UI"
        "eorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYT"
        "opNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T"
        "8yO5hzuyDb/XcxxmK01EpqOyuxINew=="
    ),
    clear=(
        '{"openId":"oGZUI0egBJY1zhBYw2KhdUfwVJJE","nickName":"Band","gender":1,"language":"zh'
        '_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx'
        ".qlogo.cn/mmopen/vi_32/aSKcBBPpibyKNicHNTMM0qJVh8Kjgiak2AHWr8MHM4WgMEm7GFhsf8OYrySdb"
        'vAMvTsw3mo8ibKicsnfN5pRjl1p8HQ/0","unionId":"ocMvos6NjeKLIBqg5Mr9QjxrP1FA","watermar'
        'k":{"timestamp":1477314187,"appid":"wx4f4bc4dec97d474b"}}'
    ),
)
"""The sample of the aes-sample demo on WeChat's signature page."""

MASKED_PHONE = Sealed(
    session_key="YZJqKnNFi0KAiKUc0ggC2g==",
    iv="KEWv/gyiIwAfHvjrLeaX6w==",
    encrypted_data=(
        "Gu2PVnxVWl+jK4F8c0liGxfkB5Bj3m5HRvwgEIk1Yb+36RZ3Bg7YmUnud/ooiHz0PQroipsH7GCjlGwUeT04"
        "NwmrFaP1y3dRYPLpS43ed9QZWcFIFo+8vTs3Zco6S98DUvaNEAs8duhz/BzfBOZaIHMziRqEtPFI0ZDzCgJl"
        "uBirJ6Wl3UkygZ5/QLo3KA53qGdip7K48Rq8XbCwuidTCw=="
    ),
    clear=(
        '{"phoneNumber":"186****5613","purePhoneNumber":"186****5613","countryCode":"86","wat'
        'ermark":{"timestamp":1634545675,"appid":"wxc****17e87e0e0a7"}}'
    ),
)
"""From the tests of DotNetCore.SKIT.FlurlHttpClient.Wechat."""

GROUP_WITHOUT_WATERMARK = Sealed(
    session_key="tiihtNczf5v6AKRyjwEUhQ==",
    iv="r7BXXKkLb8qrSNn05n0qiA==",
    encrypted_data="MzSIcRSG9gB4fs5k+UvtAsLvRPKvBoS0AaXMJ9OuIdQ=",
    clear='{"openGId":"opengid_demo_001"}',
)
"""From the golden fixtures of a Rust port of WxJava; without a watermark."""

GROUP = Sealed(
    session_key="tiihtNczf5v6AKRyjwEUhQ==",
    iv="r7BXXKkLb8qrSNn05n0qiA==",
    encrypted_data=(
        "rz/estAShkhrO9EUjM3yP0nixtExIaOEE4RCf1QhEFlusznme942l1wx6jQTfcJFcQwZv6OjMKgWaL6QuJcl"
        "wXUMgNd3ZodceG9evtCCzfy65og1T/5IZPxUAeykRucZ08b0mN51RUtTEB0fmmFyvg=="
    ),
    clear=(
        '{"openGId":"tGDKhM5UF0H8J6TGG_Wh2Z4DTSsnA","watermark":{"timestamp":1535624932,"appi'
        'd":"wx4f4bc4dec97d474b"}}'
    ),
)
"""Made for these tests, under the official sample's key, in the shape of getShareInfo."""

STEPS = Sealed(
    session_key="tiihtNczf5v6AKRyjwEUhQ==",
    iv="r7BXXKkLb8qrSNn05n0qiA==",
    encrypted_data=(
        "XoLUxF76jN/OsfTGUqF/ZqRn+2PtO66lAMg/g0D3bg1L2/Nds8gTQrH7fGmbTgGtUC2R9lbJh7fLEaO9boeC"
        "qru1Em2BD/IbfN6lI/nu55iYlOdvBG/PicU8pMeVU32B3O68Ot2mP0ivKxccJMLOPL06Lt1z+Cd2wKlJ6Whd"
        "DjszfUo7lbbI4lxqW0w5dd2MEJdcEjHsflH8uLO8hrRUkw=="
    ),
    clear=(
        '{"stepInfoList":[{"timestamp":1445866601,"step":100},{"timestamp":1445876601,"step":'
        '120}],"watermark":{"timestamp":1477314187,"appid":"wx4f4bc4dec97d474b"}}'
    ),
)
"""Made for these tests, under the official sample's key, in the shape of getWeRunData."""

STALE_KEY = Sealed(
    session_key="0sVkQ4CtcaiYJtvoPLBecw==",
    iv="4y2ftkwAM2mF6Qc89HydpA==",
    encrypted_data=(
        "GiW4s+17o7RSaPOwGX8Ir1+3c/RYbHKvRzBg8UFlmIIiArLtU0ctkzjq1LRR5MH5CSPs63Jt4qCoFScSlRKl"
        "Q4/RVXXJFQV+r/1L+qKv/PdHRvVDLb+8P6CvPTurEuHsxlLyXTnnlEIu6IFYFzZWBMIp6+SHEK85mEb1gw4B"
        "tMmEy9EitnMskNjsEnmpI3M9r8ItKyQ8hinJejuno0JPXn3trc+2gMheNt4+4NwMTM6mzzGVO6g40NP7NjK9"
        "Tl6+An2TjBe+GGVFdrkl5hpYDXE/YO2FsL909faX3Y08msSuCVk5AsMGMJiUwddiu44KODdxCYfwLxBaIgYJ"
        "EY6xLygFmAMuDg/L2g4/wDabBrhA5BNsD6lrcRRbvrHK65Lu3xd1oTXyMGbfUGTD4GLlLSJUX2FhcG7ZmHwg"
        "1jQUuKFHJu/AMQgdoPa/JONAu5Hjp0hL7ahr5LC0ghwdTfTowg3X1Ko9IgRxxj755eGgXQK7AnsMwjXzt4X+"
        "4YpOYpCb2LVSrTV2t4QjVNPe+Rjmsg=="
    ),
)
"""Real data with a session_key that no longer held: WeiXinMPSDK issue 1869."""

RAW_DATA = Signed(
    session_key="HyVFkGl5F5OQWJZZaNzBBg==",
    message=(
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guan'
        'gdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4Lt'
        'QpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
    ),
    signature="75e81ceda165f4ffa64f4068af58c64b8f54b88c",
)
"""The sample of WeChat's signature page."""

POST_SIGNATURE = Signed(
    session_key="o0q0otL8aEzpcZL/FT9WsQ==",
    message='{"foo":"bar"}',
    signature="654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b",
)
"""The sample of WeChat's http-signature page."""

GET_SIGNATURE = Signed(
    session_key="o0q0otL8aEzpcZL/FT9WsQ==",
    message="",
    signature="46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128",
)
"""Computed for these tests, under that page's key: a GET signs the empty string."""

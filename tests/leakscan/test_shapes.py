"""Secrets are found by their shape in whatever language, and nothing else is."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from tests.leakscan.made_up import (
    ACCESS_TOKEN,
    AES_KEY,
    API_TOKEN,
    APP_SECRET,
    APPID,
    DATA_KEY,
    HAY,
    INVITATION,
    OTHER_SECRET,
    PAY_KEY,
    PKCS8,
    PRIVATE_KEY,
    SESSION_KEY,
    SESSION_TOKEN,
    WEBHOOK_SECRET,
    hidden,
)
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.findings import findings
from wxlogin.leakscan.known_secrets import KnownSecrets

SEARCH = Search(KnownSecrets())
QUARTERS = [APP_SECRET[at : at + 8] for at in range(0, 32, 8)]

APP_SECRETS = {
    "js": f"const appSecret = '{APP_SECRET}'",
    "js, semicolon-free": f"  secret:'{APP_SECRET}',",
    "js, a default": f'const SECRET = process.env.WX_SECRET || "{APP_SECRET}"',
    "js, a default of another name": f"secret: process.env.S || '{APP_SECRET}',",
    "js, a nullish default": f'appSecret = process.env.S ?? "{APP_SECRET}"',
    "js, compared": f'if (secret === "{APP_SECRET}") return',
    "js, a template": f"var AppSecret=`{APP_SECRET}`",
    "js, upper case": f"APPSECRET='{APP_SECRET.upper()}'",
    "js, misspelt": f"appSecert: '{APP_SECRET}'",
    "js, misspelt again": f"appserect: '{APP_SECRET}'",
    "js, minified": f'var a="{APPID}",b="{APP_SECRET}";',
    "js, positional": f'new WeChat("{APPID}", "{APP_SECRET}")',
    "js, next to the appid": f"appid: '{APPID}',\n  key: '{APP_SECRET}',",
    "js, before the appid": f"k: '{APP_SECRET}',\n  id: '{APPID}',",
    "js, a URL": f"url: 'https://api.weixin.qq.com/sns/jscode2session?appid='+a+'&secret={APP_SECRET}&js_code='",
    "js, in pieces": "secret = " + " + ".join(f'"{piece}"' for piece in QUARTERS),
    "js, in pieces over lines": "secret =\n  " + " +\n  ".join(f"'{p}'" for p in QUARTERS),
    "js, an array": "const secret = [" + ",".join(f'"{p}"' for p in QUARTERS) + "].join('')",
    "js, pieces beside the appid": f"x='{APPID}';y='{APP_SECRET[:16]}'+'{APP_SECRET[16:]}'",
    "js, an array that is joined elsewhere": f"k = {QUARTERS}.join('');\nconst secret = k",
    "js, added up": "let secret = '';" + "".join(f"secret += '{p}';" for p in QUARTERS),
    "js, base64": f'secret = atob("{base64.b64encode(APP_SECRET.encode()).decode()}")',
    "k8s": f"kind: Secret\n  WX_SECRET: {base64.b64encode(APP_SECRET.encode()).decode()}",
    "ts": f'private readonly appSecret: string = "{APP_SECRET}";',
    "json": f'{{"appid": "{APPID}", "secret": "{APP_SECRET}"}}',
    "json in json": json.dumps(json.dumps({"app_secret": APP_SECRET})),
    "json, unicode escapes": f'{{"url": "x?secret\\u003d{APP_SECRET}\\u0026"}}',
    "yaml": f"wx:\n  app-secret: {APP_SECRET}",
    "yaml, quoted": f'AppSecret: "{APP_SECRET}"',
    "env": f"WX_APP_SECRET={APP_SECRET}",
    "env, exported": f"export WX_SECRET='{APP_SECRET}'",
    "properties": f"wx.miniapp.configs[0].secret={APP_SECRET}",
    "properties, spaced": f"wechat.appSecret = {APP_SECRET}",
    "toml": f'secret = "{APP_SECRET}"',
    "xml": f"<appSecret>{APP_SECRET}</appSecret>",
    "xml, CDATA": f"<secret><![CDATA[{APP_SECRET}]]></secret>",
    "xml, a property": f'<property name="appSecret" value="{APP_SECRET}"/>',
    "xml, android": f'<string name="wx_app_secret">{APP_SECRET}</string>',
    "java": f'private static final String APP_SECRET = "{APP_SECRET}";',
    "java, a setter": f'config.setSecret("{APP_SECRET}");',
    "java, a getter": f'String getSecret() {{\n        return "{APP_SECRET}";',
    "java, an annotation": f'@Value("${{wx.secret:{APP_SECRET}}}")',
    "go": f'secret := "{APP_SECRET}"',
    "go, a struct": f'    AppSecret: "{APP_SECRET}",',
    "go, a constant": f'const AppSecret string = "{APP_SECRET}"',
    "python": f'SECRET = "{APP_SECRET}"',
    "python, a dict": f"{{'app_secret': '{APP_SECRET}'}}",
    "python, a default": f'os.environ.get("WX_SECRET", "{APP_SECRET}")',
    "python, a default of another name": f"SECRET = os.environ.get('S', '{APP_SECRET}')",
    "python, getenv": f"app_secret=os.getenv('S') or '{APP_SECRET}'",
    "php, env": f"'secret' => env('S', '{APP_SECRET}'),",
    "ruby, a default": f"app_secret: ENV.fetch('S') {{ '{APP_SECRET}' }}",
    "yaml, a default": f"app-secret: ${{S:{APP_SECRET}}}",
    "sh, a default": f"SECRET=${{S:-{APP_SECRET}}}",
    "html": f"<tr><td>AppSecret</td><td>{APP_SECRET}</td></tr>",
    "python, bytes": f"SECRET = b'{APP_SECRET}'",
    "php": f"'secret' => '{APP_SECRET}',",
    "php, a constant": f"define('APP_SECRET', '{APP_SECRET}');",
    "php, joined": f"$secret = '{APP_SECRET[:20]}' . '{APP_SECRET[20:]}';",
    "c#": f'public string Secret {{ get; set; }} = "{APP_SECRET}";',
    "sql": f"INSERT INTO app VALUES (1, '{APPID}', '{APP_SECRET}');",
    "sql, a row of settings": f"SET value='{APP_SECRET}' WHERE name='wx_app_secret';",
    "sql, updated": f"UPDATE app SET secret='{APP_SECRET}' WHERE id=1;",
    "a log": f"GET /sns/jscode2session?appid={APPID}&secret={APP_SECRET}&js_code=0a1",
    "a log, encoded": f"url=https%3A%2F%2Fx%3Fsecret%3D{APP_SECRET}%26js_code%3D0a1",
    "csv": f"shop,{APPID},{APP_SECRET},2024",
    "a note": f"{APPID}\n{APP_SECRET}",
    "a note in Chinese": f"小程序密钥：{APP_SECRET}",
    "a note with both": f"AppSecret（小程序密钥）：{APP_SECRET}",
    "markdown": f"| AppSecret | `{APP_SECRET}` |",
    "a comment": f"# secret {APP_SECRET}",
}
OTHERS = {
    "wechat-session-key": (
        (f'{{"session_key":"{SESSION_KEY}","openid":"o"}}', SESSION_KEY),
        (f"sessionKey = '{SESSION_KEY}'", SESSION_KEY),
        ('"session_key":"' + SESSION_KEY.replace("/", "\\/") + '"', SESSION_KEY),
        ("session_key=" + SESSION_KEY.replace("/", "%2F").replace("=", "%3D"), SESSION_KEY),
    ),
    "wechat-access-token": (
        (f'"access_token":"{ACCESS_TOKEN}"', ACCESS_TOKEN),
        (f"/cgi-bin/message/send?access_token={ACCESS_TOKEN}", ACCESS_TOKEN),
        (f"let t = '{ACCESS_TOKEN}'", ACCESS_TOKEN),
    ),
    "wechat-encoding-aes-key": (
        (f"EncodingAESKey: {AES_KEY}", AES_KEY),
        (f'aes_key = "{AES_KEY}"', AES_KEY),
        (f"wx.aesKey={AES_KEY}", AES_KEY),
    ),
    "wechat-pay-key": (
        (f'apiV3Key: "{PAY_KEY}"', PAY_KEY),
        (f"wechat.api-v3-key={PAY_KEY}", PAY_KEY),
        (f"wxpay.merchant.key={PAY_KEY}", PAY_KEY),
        (f"'mch_key' => '{PAY_KEY}'", PAY_KEY),
        (f'private String partnerKey = "{PAY_KEY}";', PAY_KEY),
    ),
    "wxlogin-session-token": ((f"Authorization: Bearer {SESSION_TOKEN}", SESSION_TOKEN),),
    "wxlogin-api-token": ((f'TOKEN="{API_TOKEN}"', API_TOKEN),),
    "wxlogin-invitation": (
        (f"https://login.example.com/admin/invitation#{INVITATION}", INVITATION),
    ),
    "wxlogin-webhook-secret": ((f"hook: {WEBHOOK_SECRET}", WEBHOOK_SECRET),),
    "private-key": (
        (PRIVATE_KEY, None),
        (PRIVATE_KEY.replace("PRIVATE", "RSA PRIVATE"), None),
        (json.dumps({"key": PRIVATE_KEY}), None),
        ('key = "' + PRIVATE_KEY.replace("\n", '\\n" +\n  "') + '"', None),
        (f'private_key = "{PKCS8}"', None),
    ),
    "wxlogin-settings-key": (
        (f"WXLOGIN_DATA_KEYS=d1:{DATA_KEY}", f"d1:{DATA_KEY}"),
        (f'  WXLOGIN_INDEX_KEYS: "i1:{DATA_KEY}"', f"i1:{DATA_KEY}"),
        (f"export WXLOGIN_SECRET_KEYS={DATA_KEY}", DATA_KEY),
        (f'WXLOGIN_ASSERTION_KEYS="a1:{DATA_KEY}"', f"a1:{DATA_KEY}"),
    ),
}
QUIET = {
    "a placeholder": "appSecret: 'your_secret'",
    "x": f"appSecret: '{'x' * 32}'",
    "zeros": f"appSecret: '{'0' * 32}'",
    "counting": "secret: '0123456789abcdef0123456789abcdef'",
    "doubled": "secret: '00112233445566778899aabbccddeeff'",
    "one piece repeated": f"secret: '{APP_SECRET[:16] * 2}'",
    "of a setting": "secret: process.env.WX_SECRET, appid: process.env.WX_APPID",
    "of a setting, and a hash behind": f"secret: process.env.SECRET, etag: '{APP_SECRET}'",
    "of a variable, and a hash behind": f"SECRET = os.getenv('SECRET')\nETAG = '{APP_SECRET}'",
    "a hash where a row is": f"SET hash='{APP_SECRET}' WHERE name='banner';",
    "md5 of nothing": "secret: 'd41d8cd98f00b204e9800998ecf8427e'",
    "md5 of a file": f"md5: '{APP_SECRET}'",
    "a hash of the secret": f"secretMd5: '{APP_SECRET}'",
    "a secret's id": f"secretId: '{APP_SECRET}'",
    "an etag beside an appid": f"appid: '{APPID}', etag: '{APP_SECRET}'",
    "a cloud id beside an appid": f'"appid": "{APPID}", "_id": "{APP_SECRET}"',
    "a nonce in a log": f"appid={APPID}&nonce_str={APP_SECRET}&sign={OTHER_SECRET}",
    "a picture beside an appid": f"appid: '{APPID}', src: 'https://cdn.example/{APP_SECRET}.png'",
    "a trace beside an appid": f'{{"appid":"{APPID}","trace_id":"{APP_SECRET}"}}',
    "a git hash": f"commit {APP_SECRET}deadbe01 of {APPID}",
    "an integrity": f'"integrity": "sha512-{DATA_KEY}{DATA_KEY}=="',
    "sha1 in a lock": f"resolved x.tgz#{APP_SECRET}12345678",
    "a far md5": f"appid: '{APPID}'\n{HAY * 2}\nx: '{APP_SECRET}'",
    "32 digits and more": f"secret: '{APP_SECRET}{OTHER_SECRET}'",
    "a session_key of the docs": "session_key: 'tiihtNczf5v6AKRyjwEUhQ=='",
    "a session_key of zeros": '"session_key":"AAAAAAAAAAAAAAAAAAAAAA=="',
    "iv": f"iv: '{SESSION_KEY}'",
    "an example token": "Authorization: Bearer wxs_...",
    "a pay key by name": "apiV3Key: wechatPayConfigurationApiV3KeyOf",
    "a public key": PRIVATE_KEY.replace("PRIVATE", "PUBLIC"),
    "a certificate": PRIVATE_KEY.replace("PRIVATE KEY", "CERTIFICATE"),
    "a PEM without a body": "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "a command for a key": 'WXLOGIN_DATA_KEYS="d1:$(openssl rand -base64 32)"',
    "a list of checksums": f"crc: ['{APP_SECRET[:16]}', '{APP_SECRET[16:]}']",
    "another secret in base64": f"client_secret: {DATA_KEY}",
    "pieces": "const names = ['apple', 'banana', 'cherry', 'dragonfruit', 'elderberry']",
}


def of(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the kinds and values that are found in a text."""
    return ((match.kind, match.value) for match in SEARCH.matches(text))


@pytest.mark.parametrize("form", APP_SECRETS)
def test_an_app_secret_is_found_in(form: str) -> None:
    text, line = hidden(APP_SECRETS[form])
    (match,) = SEARCH.matches(text)
    assert match.kind == "wechat-app-secret"
    assert match.value.lower() == APP_SECRET.encode()
    (finding,) = findings(text, [match], "a.js")
    assert line <= finding.line <= line + APP_SECRETS[form].count("\n")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(kind, *one) for kind, listed in OTHERS.items() for one in listed],
)
def test_another_secret_is_found(kind: str, text: str, value: str | None) -> None:
    ((found, secret),) = of(hidden(text)[0])
    assert found == kind
    if value is not None:
        assert secret == value.encode()


@pytest.mark.parametrize("form", QUIET)
def test_no_secret_is_found_in(form: str) -> None:
    assert list(of(hidden(QUIET[form])[0])) == []


def test_the_hay_holds_nothing() -> None:
    assert list(of(HAY.encode())) == []


def test_several_secrets_on_a_line_are_all_found() -> None:
    text = f'{{"secret":"{APP_SECRET}","session_key":"{SESSION_KEY}","secret":"{OTHER_SECRET}"}}'
    assert [kind for kind, _ in of(text.encode())] == [
        "wechat-app-secret",
        "wechat-session-key",
        "wechat-app-secret",
    ]


def test_a_private_key_has_one_digest_however_it_is_written() -> None:
    forms = (PRIVATE_KEY, PRIVATE_KEY.replace("\n", "\r\n"), json.dumps(PRIVATE_KEY))
    assert len({value for form in forms for _, value in of(form.encode())}) == 1

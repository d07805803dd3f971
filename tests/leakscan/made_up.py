"""Secrets that nobody uses, and code without any to hide them in."""

from __future__ import annotations

import base64
import random

_random = random.Random("leakscan")


def made_up(length: int, alphabet: str) -> str:
    """Return a value that a program could have drawn."""
    return "".join(_random.choices(alphabet, k=length))


HEX = "0123456789abcdef"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
APPID = "wx" + made_up(16, HEX)
APP_SECRET = made_up(32, HEX)
OTHER_SECRET = made_up(32, HEX)
SESSION_KEY = made_up(9, LETTERS) + "/" + made_up(11, LETTERS) + "g=="
ACCESS_TOKEN = "87_" + made_up(133, LETTERS + "-_")
AES_KEY = made_up(43, LETTERS)
PAY_KEY = made_up(32, LETTERS)
SESSION_TOKEN = f"wxs_{made_up(45, LETTERS)}.{made_up(6, LETTERS)}.{made_up(43, LETTERS)}"
API_TOKEN = "wxa_" + made_up(43, LETTERS) + made_up(8, HEX)
WEBHOOK_SECRET = "whsec_" + made_up(32, LETTERS)
DATA_KEY = base64.b64encode(_random.randbytes(32)).decode()
_BODY = base64.b64encode(_random.randbytes(600)).decode()
_LINES = [_BODY[at : at + 64] for at in range(0, len(_BODY), 64)]
PRIVATE_KEY = "\n".join(["-----BEGIN PRIVATE KEY-----", *_LINES, "-----END PRIVATE KEY-----\n"])
PUSH_TOKEN = made_up(32, LETTERS)
INVITATION = "wxi_" + made_up(43, LETTERS + "-_")
PKCS8 = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASC" + _BODY[:400]

HAY = """// pages/index/index.js
const app = getApp()
Page({
  data: { motto: 'Hello', userInfo: {}, hasUserInfo: false, canIUse: wx.canIUse('button') },
  onLoad(options) {
    wx.login({ success: res => { this.post('/login', { code: res.code }) } })
  },
  post(path, data) {
    return new Promise((resolve, reject) => wx.request({
      url: app.globalData.host + path, data, method: 'POST', success: resolve, fail: reject,
    }))
  },
})
"""


def hidden(text: str) -> tuple[bytes, int]:
    """Return code with a text in its middle, and the number of the line on which that begins."""
    return (HAY * 3 + text + "\n" + HAY).encode(), HAY.count("\n") * 3 + 1

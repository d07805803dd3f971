"""What the ready page says, in both languages."""

from __future__ import annotations

from wxlogin.languages import Language

WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "title": "微信扫码登录",
        "alt": "小程序码",
        "loading": "正在获取小程序码…",
        "waiting": "请用微信扫描小程序码",
        "seen": "已扫码，请在手机上确认登录",
        "signed_in": "登录成功",
        "refused": "已在手机上拒绝登录",
        "expired": "小程序码已过期",
        "limited": "操作过于频繁，请稍候",
        "banned": "该账号已被封禁",
        "devices": "登录设备数已达上限，请先在其他设备上退出登录",
        "failed": "暂时无法登录，请稍后再试",
        "alone": "请从需要登录的网站打开本页面",
        "again": "刷新小程序码",
        "hint": "请核对手机上显示的浏览器和所在地区，非本人操作请拒绝。",
        "noscript": "请启用 JavaScript 后刷新本页面。",
    },
    "en": {
        "title": "Sign in with WeChat",
        "alt": "Mini-program code",
        "loading": "Fetching the code…",
        "waiting": "Scan the code with WeChat",
        "seen": "Scanned. Confirm on your phone",
        "signed_in": "You are signed in",
        "refused": "The sign-in was refused on the phone",
        "expired": "The code has expired",
        "limited": "Too many tries. Please wait a moment",
        "banned": "This account is banned",
        "devices": "This account is signed in on too many devices. Sign out on one first",
        "failed": "Signing in does not work at the moment. Please try again later",
        "alone": "Open this page from the site that you want to sign in to",
        "again": "Get a new code",
        "hint": "Check the browser and region that your phone shows. Refuse if they are not yours.",
        "noscript": "Enable JavaScript and load this page again.",
    },
}

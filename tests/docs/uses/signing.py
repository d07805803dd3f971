"""Ends Alice's sessions by a call that has to be signed; `headers` is the page's."""
# ruff: noqa: F821, T201

import requests

base, target, body = "https://login.example.com", "/v1/logout", b'{"scope": "all"}'
code = requests.post("http://127.0.0.1:8001/sandbox/code", data={"user": "alice"}, timeout=9).json()
login = requests.post(f"{base}/v1/login", json=code, timeout=9).json()
signed = headers(login["signing"]["key"], "POST", target, body) | {
    "Authorization": f"Bearer {login['token']}",
    "Content-Type": "application/json",
}
answer = requests.post(base + target, data=body, headers=signed, timeout=9)
print("Python, signed:", answer.status_code)

"""WeChat, played by the sandbox on 127.0.0.1:8001, with the mini-programs that the pages name."""

from __future__ import annotations

import os
import signal
import sys

sys.path.insert(0, os.curdir)

from wxlogin.sandbox import SandboxServer

SHOP = "wx0123456789abcdef"
apps = {os.environ["WXLOGIN_WX_APPID"]: os.environ["WXLOGIN_WX_SECRET"], SHOP: os.environ["SHOP"]}
SandboxServer(apps, port=8001).start()
signal.pause()

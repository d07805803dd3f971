"""Scans: a browser shows a picture, a phone that is signed in reads it and says yes or no.

No Flask in here, and no session: whoever asks this package learns which user said yes, once.
"""

from pathlib import Path

from wxlogin.redisdb.scripts import ScriptFolder
from wxlogin.scans.pictures import Pictures
from wxlogin.scans.records import Browser, Scan, State
from wxlogin.scans.store import Scans

__all__ = ["LUA", "Browser", "Pictures", "Scan", "Scans", "State"]

LUA = ScriptFolder(Path(__file__).parent / "lua", durable=frozenset({"begin_scan", "move_scan"}))

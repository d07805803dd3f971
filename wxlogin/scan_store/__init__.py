"""Scans: a browser shows a picture, a phone that is signed in reads it and says yes or no.

No Flask in here, and no session: whoever asks this package learns which user said yes, once.
"""

from pathlib import Path

from wxlogin.redisdb.scripts import ScriptFolder
from wxlogin.scan_store.pictures import Pictures
from wxlogin.scan_store.records import Browser, Scan, State
from wxlogin.scan_store.store import ScanStore

__all__ = ["LUA", "Browser", "Pictures", "Scan", "ScanStore", "State"]

LUA = ScriptFolder(Path(__file__).parent / "lua", durable=frozenset({"begin_scan", "move_scan"}))

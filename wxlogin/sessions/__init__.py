"""Sessions: opaque signed tokens, their records in Redis, device policy, WeChat's session_key.

No Flask in here. Everything that touches one user touches one slot, by one atomic script.
"""

from pathlib import Path

from wxlogin.redisdb.scripts import ScriptFolder
from wxlogin.sessions.codes import CodeMarks
from wxlogin.sessions.device_policy import DevicePolicy
from wxlogin.sessions.lifetimes import Lifetimes
from wxlogin.sessions.nonces import Nonces
from wxlogin.sessions.records import Draft, Session
from wxlogin.sessions.session_keys import SessionKeys
from wxlogin.sessions.store import Created, SessionStore
from wxlogin.sessions.tokens import TokenRef, Tokens

__all__ = [
    "LUA",
    "SLOT_LUA",
    "CodeMarks",
    "Created",
    "DevicePolicy",
    "Draft",
    "Lifetimes",
    "Nonces",
    "Session",
    "SessionKeys",
    "SessionStore",
    "TokenRef",
    "Tokens",
]

LUA = ScriptFolder(Path(__file__).parent / "lua")
SLOT_LUA = ScriptFolder(
    Path(__file__).parent / "lua" / "slot",
    durable=frozenset({"create", "finish", "block", "lift", "void"}),
)
"""Scripts on a user's sessions, which have `prelude.lua` in front of them."""

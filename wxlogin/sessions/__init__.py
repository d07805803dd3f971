"""Sessions: opaque signed tokens, their records in Redis, device policy, WeChat's session_key.

No Flask in here. Everything that touches one user touches one slot, by one atomic script.
"""

from wxlogin.sessions.codes import CodeMarks
from wxlogin.sessions.connection import connect
from wxlogin.sessions.nonces import Nonces
from wxlogin.sessions.records import Draft, Session
from wxlogin.sessions.scripts import Scripts
from wxlogin.sessions.session_keys import SessionKeys
from wxlogin.sessions.store import Created, DevicePolicy, Lifetimes, SessionStore
from wxlogin.sessions.tokens import TokenRef, Tokens

__all__ = [
    "CodeMarks",
    "Created",
    "DevicePolicy",
    "Draft",
    "Lifetimes",
    "Nonces",
    "Scripts",
    "Session",
    "SessionKeys",
    "SessionStore",
    "TokenRef",
    "Tokens",
    "connect",
]

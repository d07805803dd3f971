"""Redis: connections, batches, clusters, scripts, and the names of all keys. No Flask in here."""

from wxlogin.redisdb.admission import Admission
from wxlogin.redisdb.connection import connect
from wxlogin.redisdb.scripts import Scripts

__all__ = ["Admission", "Scripts", "connect"]

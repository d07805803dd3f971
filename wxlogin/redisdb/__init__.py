"""Redis: connections, batches, clusters, scripts, and the names of all keys. No Flask in here."""

from wxlogin.redisdb.connection import connect
from wxlogin.redisdb.reconciled_servers import ReconciledServers
from wxlogin.redisdb.scripts import Scripts

__all__ = ["ReconciledServers", "Scripts", "connect"]

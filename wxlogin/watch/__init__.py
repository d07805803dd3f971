"""The watch: security events, rules, alerts, statistics and the audit trail."""

from pathlib import Path

from wxlogin.redisdb.scripts import ScriptFolder

LUA = ScriptFolder(Path(__file__).parent / "lua", durable=frozenset({"probe"}))
"""The probe writes as a login does, so it waits for replicas as well."""

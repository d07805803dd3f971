"""A stand-in for WeChat's server, with the phone beside it, for development and tests."""

from wxlogin.sandbox.faults import Fault, Faults, Hold
from wxlogin.sandbox.server import SandboxServer
from wxlogin.sandbox.world import World

__all__ = ["Fault", "Faults", "Hold", "SandboxServer", "World"]

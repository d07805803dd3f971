"""A sandbox that replaces WeChat's server and the phone, for development and tests."""

from wxlogin.sandbox.faults import Fault, Faults, Hold
from wxlogin.sandbox.orders import Orders
from wxlogin.sandbox.server import SandboxServer
from wxlogin.sandbox.world import World

__all__ = ["Fault", "Faults", "Hold", "Orders", "SandboxServer", "World"]

"""Two phones in the browser, for development: they run the mini-program client on this server.

The app serves them where the sandbox plays WeChat and stands on this machine; production has no
sandbox, and so no phones.
"""

from wxlogin.phones.routes import phones
from wxlogin.phones.service import are_served

__all__ = ["are_served", "phones"]

"""WeChat's message push: what users withdraw and cancel at WeChat, and whatever else it sends."""

from wxlogin.push.routes import push

__all__ = ["push"]

"""Gunicorn's master and workers for wxlogin, and the number of CPUs."""

from wxlogin.cpus import cpus
from wxlogin.serving.master import Master, hand_sockets_on
from wxlogin.serving.worker import Worker

__all__ = ["Master", "Worker", "cpus", "hand_sockets_on"]

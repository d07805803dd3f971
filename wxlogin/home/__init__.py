"""The page at `/`: what runs here. In production it gives a name and nothing else."""

from wxlogin.home.routes import home

__all__ = ["home"]

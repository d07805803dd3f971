"""The doctor: an examination of the installation, on demand."""

from wxlogin.admin.doctor import pages

__all__ = ["pages"]

"""The console: what its pages share. The pages of a subject are in the subject's folder."""

from wxlogin.admin.console import refusals, static_files
from wxlogin.admin.console.layout import bind_console

__all__ = ["bind_console", "refusals", "static_files"]

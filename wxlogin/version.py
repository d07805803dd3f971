"""The version of this program."""

VERSION = "0.1.0"
"""As pyproject.toml has it."""

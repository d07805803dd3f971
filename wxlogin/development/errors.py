"""The one error of the development command."""


class StartError(Exception):
    """A part cannot start; the message says why and what to do."""

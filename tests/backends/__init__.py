"""The samples of docs/backends.md, run beside a real wxlogin."""

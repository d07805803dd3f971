"""The samples of docs/backends/, run beside a real wxlogin."""

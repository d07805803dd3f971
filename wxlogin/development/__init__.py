"""What `make run` adds to the app: Valkey, a sandbox in place of WeChat, and a web server."""

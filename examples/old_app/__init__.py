"""A shop with a login of its own, and how it moves to wxlogin: docs/migrate.md."""

"""The admin API, a module a subject."""

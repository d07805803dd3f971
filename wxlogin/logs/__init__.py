"""Logs: one format for every line, and the redaction of secrets."""

"""A team's own calls in wxlogin's app: docs/own-code.md."""

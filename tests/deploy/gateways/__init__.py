"""Gateways other than nginx in front of a wxlogin and a backend."""

"""The WSGI app: `gunicorn wsgi:app`, `flask --app wsgi`."""

from flask import Flask

from config import ConfigError, load
from wxlogin.app import create_app
from wxlogin.cli.help import app_without_settings, needs_no_settings

app: Flask
try:
    app = create_app(load())
except ConfigError as fault:
    if not needs_no_settings():
        raise
    app = app_without_settings(fault)

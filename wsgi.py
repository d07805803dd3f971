"""The WSGI app: `gunicorn wsgi:app`, `flask --app wsgi`."""

import gc

# What is imported stays. To look through it again and again would take a fifth of the start.
gc.disable()

from flask import Flask

from config import ConfigError, load
from wxlogin.app import create_app
from wxlogin.background import start_with_first_request
from wxlogin.cli.help import app_without_settings, needs_no_settings

gc.freeze()
gc.enable()

app: Flask
try:
    app = create_app(load())
    start_with_first_request(app)
except ConfigError as fault:
    if not needs_no_settings():
        raise
    app = app_without_settings(fault)

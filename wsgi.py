"""The WSGI app: `gunicorn wsgi:app`, `flask --app wsgi`."""

from config import load
from wxlogin import create_app

app = create_app(load())

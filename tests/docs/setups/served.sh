# wxlogin as in production.
.venv/bin/gunicorn -c deploy/gunicorn.conf.py wsgi:app

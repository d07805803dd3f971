# A colleague in the console, and an API token.
.venv/bin/flask --app wsgi admin create bob --role operator >/dev/null
.venv/bin/flask --app wsgi admin token orders --scope introspect >/dev/null

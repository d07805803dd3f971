# The settings of production, and a migrated database.
. "$SETUPS/settings.sh"
.venv/bin/flask --app wsgi db upgrade >/dev/null

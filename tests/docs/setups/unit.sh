# The unit of docs/deploy.md, once gunicorn runs: a reload reads the settings as they are by then.
systemctl() {
    local master=$!
    # As systemd stops it: the master alone is told, and lets its workers end.
    if [[ $(<"/proc/$master/comm") == bash ]]; then
        master=$(pgrep -P "$master")
    fi
    kill -TERM "$master"
    wait $! || true
    .venv/bin/gunicorn -c deploy/gunicorn.conf.py wsgi:app
}

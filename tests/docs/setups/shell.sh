# What the terminals of every page have. A page is followed in one shell; what goes on until Ctrl-C
# has a terminal of its own until the page ends.
set -eo pipefail

in_another_terminal() {  # READY COMMAND...: start it, and wait until READY holds
    local ready=$1 tries=600
    shift
    set -m # a process group of its own, which Ctrl-C reaches
    "$@" >"$PAGE/terminal" 2>&1 </dev/null &
    set +m
    while ! eval "$ready" >/dev/null 2>&1; do
        kill -0 $! || { cat "$PAGE/terminal"; return 1; }
        ((tries--)) || { echo "not ready: $*"; cat "$PAGE/terminal"; return 1; }
        sleep 0.1
    done
}

ctrl_c() { # in the other terminal
    kill -INT -- -$!
    wait $! || true
}

make() {
    case $1 in
    run) in_another_terminal 'grep Ctrl-C $PAGE/terminal' command make "$@" ;;
    *) command make "$@" ;;
    esac
}

.venv/bin/gunicorn() {
    in_another_terminal 'curl -fsS http://127.0.0.1:8000/readyz' command .venv/bin/gunicorn "$@"
}

# A certificate for a name, which then is this machine, and whose holder it trusts.
certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:$1" \
        -addext keyUsage=critical,digitalSignature,keyCertSign \
        -keyout "/etc/ssl/$1.key" -out "/etc/ssl/$1.pem" 2>/dev/null
    echo "127.0.0.1 $1" >>/etc/hosts
    export CURL_CA_BUNDLE=/etc/ssl/$1.pem NODE_EXTRA_CA_CERTS=/etc/ssl/$1.pem
    export REQUESTS_CA_BUNDLE=/etc/ssl/$1.pem
}

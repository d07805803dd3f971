# The settings of production: WXLOGIN_DATABASE_URL is given, Redis is where it always is, and the
# sandbox in WeChat's place.
WXLOGIN_SECRET_KEYS=$(openssl rand -base64 32)
WXLOGIN_DATA_KEYS="d2:$(openssl rand -base64 32),d1:$(openssl rand -base64 32)"
WXLOGIN_INDEX_KEYS="i1:$(openssl rand -base64 32)"
WXLOGIN_REDIS_URL=redis://127.0.0.1:6379/0
WXLOGIN_TRUSTED_HOPS=1
WXLOGIN_WX_APPID=wx00000000000000a1
WXLOGIN_WX_SECRET=$(openssl rand -hex 16)
WXLOGIN_WX_API_BASE=http://127.0.0.1:8001
export WXLOGIN_SECRET_KEYS WXLOGIN_DATA_KEYS WXLOGIN_INDEX_KEYS WXLOGIN_REDIS_URL
export WXLOGIN_TRUSTED_HOPS WXLOGIN_WX_APPID WXLOGIN_WX_SECRET WXLOGIN_WX_API_BASE
redis-server --bind 127.0.0.1 --daemonize yes --save '' --dir "$PAGE" >/dev/null
in_another_terminal 'curl -fsS http://127.0.0.1:8001/sandbox/' \
    .venv/bin/python "$SETUPS/wechat.py"

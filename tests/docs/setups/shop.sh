# Beside the clone, a mini-program whose AppSecret stands in its repository, registered with that.
mkdir -p ../shop/utils
git -C ../shop init -q
cat >../shop/utils/config.js <<'EOF'
const APPID = 'wx0123456789abcdef'
const APP_SECRET = 'c41f7a09e35d826b10f4c97be2d8a365'
module.exports = { APPID, APP_SECRET }
EOF
echo 'App({})' >../shop/app.js
git -C ../shop add .
git -C ../shop -c user.name=shop -c user.email=shop@example.com commit -qm 'Add the settings'
echo c41f7a09e35d826b10f4c97be2d8a365 |
    .venv/bin/flask --app wsgi apps add wx0123456789abcdef --name Shop --secret-stdin >/dev/null

# nginx in front of 127.0.0.1:8000, with the files of deploy/ and a certificate for their name.
certificate login.example.com
rm -f /etc/nginx/sites-enabled/* /etc/nginx/conf.d/*
install -D -m 644 -t /etc/nginx/wxlogin deploy/nginx/*.conf
install -m 644 deploy/nginx.conf /etc/nginx/conf.d/wxlogin.conf
nginx

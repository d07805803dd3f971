# Alice has signed in, as in the README.
APP=https://login.example.com SANDBOX=http://127.0.0.1:8001
CODE=$(curl -s -X POST $SANDBOX/sandbox/code -d user=alice)
TOKEN=$(curl -s $APP/v1/login -H 'Content-Type: application/json' -d "$CODE" | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')

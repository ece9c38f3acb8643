#!/bin/sh
# A file found in the working directory cannot redirect credentials. "Theirs" listens at the address
# that such a file names and writes down all that reaches it; what is not for this machine goes to a
# proxy that refuses everything.
. "$(dirname "$0")/lib.sh"

cat >"$T/theirs.py" <<'PY'
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        with open(sys.argv[1], "a") as f:
            f.write("%s %s\n%s%s\n" % (self.command, self.path, self.headers, body))
        self.send_response(400)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    do_GET = do_PUT = do_POST
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_address[1], flush=True)
s.serve_forever()
PY
mkfifo "$T/port"
python3 "$T/theirs.py" "$T/seen" >"$T/port" &
E2E_PIDS="$E2E_PIDS $!"
read -r port <"$T/port"
theirs=http://127.0.0.1:$port
touch "$T/seen"

export HTTPS_PROXY=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=1
secrets='hush-web hush-access hush-refresh hush-client hush-key hush-process'
mkdir -p "$HOME/.aws/sso/cache"
echo hush-web >"$HOME/web-token"
cat >"$HOME/.aws/config" <<INI
[profile web]
role_arn = arn:aws:iam::111122223333:role/web
web_identity_token_file = $HOME/web-token
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = hush-key
[profile role]
role_arn = arn:aws:iam::111122223333:role/deploy
source_profile = base
[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Viewer
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp/start
INI
token() { # EXPIRES: the cached token of the session "corp"
    printf '{"startUrl":"https://corp/start","region":"us-east-1","accessToken":"hush-access","expiresAt":"%s","refreshToken":"hush-refresh","clientId":"id","clientSecret":"hush-client","registrationExpiresAt":"2099-01-01T00:00:00Z"}' "$1" >"$HOME/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
}

safe() { # DESCRIPTION: none of the secrets reached them
    for word in $secrets; do
        if grep -q -e "$word" "$T/seen"; then
            fail "$1" "$word went to theirs:" "$(cat "$T/seen")"
            return
        fi
    done
    pass "$1"
}

# ---- endpoints of the services that hand out credentials ----
for profile in web role sso; do
    for when in 2000-01-01T00:00:00Z 2099-01-01T00:00:00Z; do
        [ "$profile" = sso ] || [ "$when" = 2099-01-01T00:00:00Z ] || continue
        for name in AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL_SSO AWS_ENDPOINT_URL_SSO_OIDC; do
            token "$when"
            : >"$T/seen"
            echo "$name=$theirs" >.env.eventbridge
            AWS_PROFILE=$profile run list --limit 1
            safe "$name of the folder, profile $profile, token until $when"
            is "no credentials, no list" "$([ "$RC" != 0 ] && echo failed)" failed
            is "nothing at all went there" "$(wc -c <"$T/seen" | tr -d ' ')" 0
            [ "$name" = AWS_ENDPOINT_URL ] || has "$name: said" "$T/err" "$name is ignored"
        done
    done
done
# The same from a file that was named, and from the environment, is the person's own wish.
token 2000-01-01T00:00:00Z
: >"$T/seen"
echo "AWS_ENDPOINT_URL_SSO_OIDC=$theirs" >named.env
rm -f .env.eventbridge
AWS_PROFILE=sso run list --limit 1 --env-file named.env
has "a named file may say where a token is renewed" "$T/seen" hush-refresh
: >"$T/seen"
AWS_PROFILE=web AWS_ENDPOINT_URL=$theirs run list --limit 1
has "and so may the environment" "$T/seen" hush-web

# ---- sources of credentials, and programs ----
printf '[default]\ncredential_process = sh -c "echo hush-process >>%s/ran"\n' "$T" >evil.ini
export AWS_CONTAINER_AUTHORIZATION_TOKEN=hush-access
for line in "AWS_CONTAINER_CREDENTIALS_FULL_URI=$theirs/creds" "AWS_EC2_METADATA_SERVICE_ENDPOINT=$theirs" \
    "AWS_CONFIG_FILE=$PWD/evil.ini" "AWS_SHARED_CREDENTIALS_FILE=$PWD/evil.ini" "HOME=$PWD" \
    "AWS_WEB_IDENTITY_TOKEN_FILE=$HOME/web-token"; do
    : >"$T/seen"
    echo "$line" >.env.eventbridge
    AWS_EC2_METADATA_DISABLED=$([ "${line%%=*}" = AWS_EC2_METADATA_SERVICE_ENDPOINT ] && echo false || echo true) \
        run config
    has "${line%%=*} is ignored" "$T/err" "${line%%=*} is ignored"
    [ "${line%%=*}" = AWS_EC2_METADATA_SERVICE_ENDPOINT ] || run list --limit 1
    is "${line%%=*}: nothing went there" "$(wc -c <"$T/seen" | tr -d ' ')" 0
done
unset AWS_CONTAINER_AUTHORIZATION_TOKEN
is "no program was run" "$(cat "$T/ran" 2>/dev/null)" ""
for name in HTTPS_PROXY https_proxy ALL_PROXY AWS_CA_BUNDLE SSLKEYLOGFILE; do
    echo "$name=$theirs" >.env.eventbridge
    exits 0 config --json
    is "$name is among what is ignored" "$(json "$T/out" 'd["ignored"][0]["variable"]')" "$name"
done

# ---- a program of the person's does not inherit such an endpoint either ----
printf '#!/bin/sh\nenv | grep AWS_ENDPOINT >>%s/inherited\nexit 1\n' "$T" >"$HOME/process"
chmod +x "$HOME/process"
printf '[profile process]\ncredential_process = %s\n' "$HOME/process" >"$HOME/.aws/config"
printf 'AWS_ENDPOINT_URL=%s\nAWS_ENDPOINT_URL_STS=%s\n' "$theirs" "$theirs" >.env.eventbridge
AWS_PROFILE=process run list --limit 1
is "credential_process does not see it" "$(cat "$T/inherited" 2>/dev/null)" ""

# ---- endpoints of other services ----
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=hush-key
echo "AWS_ENDPOINT_URL_DYNAMODB=https://elsewhere.invalid" >.env.eventbridge
run status job --record
hasnt "another machine is not asked" "$T/err" "reach elsewhere.invalid"
has "and that is said" "$T/err" "AWS_ENDPOINT_URL_DYNAMODB is ignored"
has "with what to do" "$T/err" "mvpdash config --trust"
exits 0 config
has "config lists it" "$T/out" "ignored     AWS_ENDPOINT_URL_DYNAMODB of ./.env.eventbridge:1"
run doctor --only A1
has "the doctor too" "$T/out" "AWS_ENDPOINT_URL_DYNAMODB is ignored"
exits 0 config --trust
has "what was confirmed is said" "$T/out" "AWS_ENDPOINT_URL_DYNAMODB=https://elsewhere.invalid"
exits 0 config --json
is "then it counts" "$(json "$T/out" 'd["ignored"]')" "[]"
run doctor --only A3.dynamodb --json
has "and is asked" "$T/out" "elsewhere.invalid"
echo "AWS_ENDPOINT_URL_DYNAMODB=https://other.invalid" >.env.eventbridge
run config
has "another address asks again" "$T/err" "AWS_ENDPOINT_URL_DYNAMODB is ignored"
echo "AWS_ENDPOINT_URL_DYNAMODB=https://elsewhere.invalid" >.env.eventbridge
exits 0 config --untrust
run config
has "taken back" "$T/err" "AWS_ENDPOINT_URL_DYNAMODB is ignored"
exits 2 config --trust --untrust
rm -f .env.eventbridge
exits 2 config --trust
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

# ---- the local cloud's own lines work from the folder ----
cloud_start
"$MVPDASH" local --help >/dev/null
env | grep -E '^AWS_(ENDPOINT_URL|ACCESS_KEY_ID|SECRET_ACCESS_KEY|REGION|DEFAULT_REGION)=' >.env.eventbridge
unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION
exits 0 send --user-id u --product-id p
exits 0 list
hasnt "without a warning" "$T/err" ignored
run doctor --only B1 --json
is "and it is asked who we are" "$(json "$T/out" '[c["state"] for c in d["checks"] if c["id"] == "B1"]')" '["PASS"]'
done_testing

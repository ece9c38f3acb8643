#!/bin/sh
# Settings: precedence, origins, masking, what the env file may do.
. "$(dirname "$0")/lib.sh"

value() { json "$T/out" "[r['$2'] for r in d['settings'] if r['name'] == '$1'][0]"; }

mkdir -p "$XDG_CONFIG_HOME/mvpdash"
printf '[names]\ntable = t-ini\nbus = b-ini\nqueue = q-ini\nquee = x\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
printf '# comment\r\nexport EVENTBRIDGE_BUS_NAME="b-file"\r\nDYNAMODB_TABLE_NAME=t-file\r\n' >.env.eventbridge
export DYNAMODB_TABLE_NAME=t-env
exits 0 config --json
is "environment beats the env file" "$(value table value)" t-env
is "the env file beats config.ini" "$(value bus value)" b-file
is "with its line" "$(value bus from)" ./.env.eventbridge:2
is "config.ini beats the default" "$(value queue value)" q-ini
is "a default is called so" "$(value rule origin)" default
is "an unknown key is a warning" "$(json "$T/out" 'len(d["warnings"])')" 1
exits 0 config --json --table t-flag
is "a flag beats all" "$(value table value) $(value table from)" "t-flag flag --table"
exits 0 config
has "the warning is for people too" "$T/err" 'did you mean "queue"?'

printf 'EVENTBRIDGE_BUS_NAME=b-named\n' >other.env
exits 0 config --json --env-file other.env
is "--env-file instead of ./.env.eventbridge" "$(value bus value)" b-named
exits 4 config --env-file nowhere.env
has "and the rest is shown all the same" "$T/out" "b-ini"
has "with what is wrong" "$T/err" "nowhere.env"
exits 4 list --env-file nowhere.env
printf 'A=1\nnonsense\nEVENTBRIDGE_BUS_NAME=b-after\n' >bad.env
exits 0 config --env-file bad.env
has "a bad line is named" "$T/err" "bad.env:2"
exits 0 config --json --env-file bad.env
is "and spoils no other line" "$(value bus value)" b-after
exits 2 config --region 'x y'
AWS_REGION='x y' run list
is "a bad value in the environment is configuration" "$RC" 4
AWS_REGION='x y' run help
is "help comes all the same" "$RC" 0
AWS_REGION='x y' run config
is "which is shown all the same" "$RC" 4
has "with every setting" "$T/out" "t-env"
has "and what is wrong" "$T/err" 'environment AWS_REGION: "x y" is not a region'

AWS_DEFAULT_REGION=eu-west-1 run config --json
is "AWS_DEFAULT_REGION counts" "$(value region value)" eu-west-1
mkdir -p "$HOME/.aws"
printf '[profile dev]\nregion = ap-south-1\n' >"$HOME/.aws/config"
exits 0 config --json --profile dev
is "a profile's region when nobody names one" "$(value region value)" ap-south-1
AWS_REGION=eu-west-2 run config --json --profile dev
is "the environment's before it" "$(value region value)" eu-west-2
for broken in 'services = gone' 'use_fips_endpoint = yes' 'max_attempts = many'; do
    printf '[profile ill]\nregion = ap-south-1\n%s\n' "$broken" >"$HOME/.aws/config"
    exits 0 config --json --profile ill
    is "a region that is not known is no default ($broken)" "$(value region value) $(value region from)" "null unknown"
    has "and why is said ($broken)" "$T/err" "the region is not known: "
    exits 4 list --profile ill
    has "nothing is asked ($broken)" "$T/err" "ill"
done

secret='hunter2%21'
FOUNDERDASH_DATABASE_URL="postgresql://app:$secret@db.example/x" run config
hasnt "the database password is masked" "$T/out" "$secret"
has "its host is not" "$T/out" "db.example"
FOUNDERDASH_DATABASE_URL="postgresql://app:$secret@db.example/x" run config --json
hasnt "and in JSON" "$T/out" "$secret"

printf 'AWS_ACCESS_KEY_ID=AKIAFROMFILE12345678\nAWS_SECRET_ACCESS_KEY=topsecret\nAWS_CONFIG_FILE=/tmp/x\n' >.env.eventbridge
exits 0 config
has "keys of the env file are in use" "$T/out" "AKIA****5678"
hasnt "the secret key never shows" "$T/out" "topsecret"
has "a file read unasked may not name programs" "$T/err" "AWS_CONFIG_FILE is ignored"
chmod 666 .env.eventbridge
run config
has "nor be one that everybody may write to" "$T/err" "is ignored"
hasnt "its keys are not in use then" "$T/out" "AKIA"
rm -f .env.eventbridge

# ---- views, commands and keys of a person ----
cat >"$XDG_CONFIG_HOME/mvpdash/config.ini" <<'INI'
[keys]
view late = F7
[views]
late = age>1h | -age | | active
odd = | nope
[commands]
notes = T, confirm, notes {jobId}
wrong = x notes
INI
exits 0 config
has "a view is listed" "$T/out" "age>1h | -age |  | active"
has "and what is wrong in another" "$T/out" 'config.ini:5 [views] odd: sort: there is no column "nope"'
has "a command is listed" "$T/out" "confirm  notes {jobId}"
has "and what is wrong in another" "$T/out" "config.ini:8 [commands] wrong: expected KEY, PROGRAM"
has "a key that is taken is a warning" "$T/err" '[commands] notes: T was the key of "retry", which has no key now'
exits 0 config --json
is "the same as JSON" "$(json "$T/out" '[(v["name"], v["states"], bool(v["mistake"])) for v in d["views"]]')" '[["late", "active", false], ["odd", "", true]]'
is "with how a command runs" "$(json "$T/out" '[(c["keys"], c["confirm"], c["safe"]) for c in d["commands"]][0]')" '["T", true, false]'
is "and the keys" "$(json "$T/out" '[len(d["keyWarnings"]), len(d["keyNotices"])]')" "[0, 1]"
exits 0 list --help
hasnt "no other command minds them" "$T/err" "odd"
rm "$XDG_CONFIG_HOME/mvpdash/config.ini"

# ---- the policies ----
AWS_REGION=eu-west-1 run iam --viewer --table shop-jobs --json
is "iam needs no credentials" "$RC" 0
is "the names in force are in it" "$(json "$T/out" 'd["Version"], d["Statement"][0]["Resource"][0]')" '["2012-10-17", "arn:aws:dynamodb:eu-west-1:*:table/shop-jobs"]'
hasnt "who watches writes nothing" "$T/out" "Put"
exits 0 iam --operator
has "who deploys does" "$T/out" "events:PutEvents"
exits 2 iam
exits 2 iam --viewer --operator

# ---- [cost]: the README's example, and mistakes ----
sed -n '/^<!-- cost -->$/,/^<!-- \/cost -->$/s/^    //p' "$(dirname "$0")/../../README.md" >"$XDG_CONFIG_HOME/mvpdash/config.ini"
rm -f .env.eventbridge
exits 0 config --json
is "the README's prices are read" "$(json "$T/out" '[d["warnings"], sum(r["origin"] == "config" for r in d["settings"])]')" "[[], 11]"
is "a price that has no default" "$(value ec2_vcpu value)" 0.02
printf '[cost]\nfargate_vcpu = 0,05\nfargate_gb = 0.005\nfargate_cpu = 1\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
exits 0 config --json
is "a mistake spoils its key alone" "$(json "$T/out" '[r["value"] for r in d["settings"] if r["name"].startswith("fargate_") and r["name"][8:] in ("vcpu", "gb")]')" '[null, "0.005"]'
exits 0 config
has "it names the file, the line and the key" "$T/err" 'config.ini:2: "0,05" is not a fargate_vcpu; expected USD for an hour'
has "and a key that does not exist" "$T/err" 'did you mean "fargate_vcpu"?'

# ---- a bad line spoils itself alone ----
ini=$XDG_CONFIG_HOME/mvpdash/config.ini
unset DYNAMODB_TABLE_NAME
export AWS_ACCESS_KEY_ID=AKIAEXAMPLE12345678 AWS_SECRET_ACCESS_KEY=secret AWS_EC2_METADATA_DISABLED=true
away="--endpoint-url http://127.0.0.1:1 --timeout 1"
printf '[ui]\ntheme = dark\nrefresh\ncolumns = status,nmae\n[keys]\ncancle = x\n[views]\nodd = | nope\n[names]\nbus = b-ini\n' >"$ini"
exits 0 config
has "what is right counts" "$T/out" "b-ini"
for at in 2 3 4 6 8; do
    has "line $at is told" "$T/err" "config.ini:$at"
done
# shellcheck disable=SC2086
exits 5 list $away
has "every command tells of it" "$T/err" 'config.ini:2: "dark" is not a theme; expected default, light'
# shellcheck disable=SC2086
exits 1 doctor --json $away
is "and the doctor's A1" "$(json "$T/out" '[(c["state"], all(f"config.ini:{n}" in c["detail"] for n in (2, 3, 4, 6, 8))) for c in d["checks"] if c["id"] == "A1"][0]')" '["WARN", true]'
printf '[names]\nbus = b-ini\ntable mvp-prod\n' >"$ini"
exits 4 config
has "a line that says where is written" "$T/err" "config.ini:3: expected name = value; nothing is written until this is right"
has "the table is shown" "$T/out" "mvp-development-jobs"
# shellcheck disable=SC2086
exits 4 send --user-id u --product-id p $away
has "nothing is written to the default instead" "$T/err" "config.ini:3: expected name = value; nothing is written"
exits 4 serve --listen 127.0.0.1:0
has "a server does not start" "$T/err" "config.ini:3: expected name = value; nothing is written"
# shellcheck disable=SC2086
exits 5 list $away
# shellcheck disable=SC2086
exits 5 send --user-id u --product-id p --table t $away
hasnt "unless a flag says it" "$T/err" "nothing is written until"
# shellcheck disable=SC2086
exits 1 doctor --json $away
is "the doctor's A1 fails" "$(json "$T/out" '[c["state"] for c in d["checks"] if c["id"] == "A1"][0]')" FAIL
rm "$ini"
printf 'EVENTBRIDGE_BUS_NAME=b-file\nBATCH_JOB_QUEUE: q\n' >.env.eventbridge
# shellcheck disable=SC2086
exits 4 send --user-id u --product-id p $away
has "a line of the env file too" "$T/err" "./.env.eventbridge:2: expected KEY=VALUE"
rm .env.eventbridge
# shellcheck disable=SC2086
exits 2 list --theme
exits 2 --theme
has "--theme lists its names" "$T/err" "default|light|high-contrast|colour-blind|mono"
exits 2 --theme list
has "and so it does with another name" "$T/err" "expected default, light, high-contrast, colour-blind or mono"
done_testing

#!/bin/sh
# infra/: format, validity, its own tests with a provider that calls nobody, and what a destroy meets first.
#
# The provider comes from a mirror (TF_PLUGIN_MIRROR, /opt/tf-plugins), else from the registry into
# build/tf-plugins. Where terraform or the provider cannot be had, this says so and passes.
set -u
cd "$(dirname "$0")/../.." || exit 2
if ! command -v terraform >/dev/null 2>&1; then
    echo "SKIP infra/ is not looked at: terraform is not here (https://developer.hashicorp.com/terraform/install)"
    exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# A copy: what init writes (a lock file of this platform alone, most of all) does not belong here.
mkdir "$tmp/infra"
cp infra/*.tf "$tmp/infra" && cp -R infra/tests "$tmp/infra" || exit 1
: >"$tmp/rc"
mirror=${TF_PLUGIN_MIRROR:-/opt/tf-plugins}
if [ -d "$mirror" ]; then
    printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$mirror" >"$tmp/rc"
else
    TF_PLUGIN_CACHE_DIR=$PWD/build/tf-plugins
    export TF_PLUGIN_CACHE_DIR
    mkdir -p "$TF_PLUGIN_CACHE_DIR"
fi
TF_CLI_CONFIG_FILE=$tmp/rc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 HOME=$tmp
export TF_CLI_CONFIG_FILE CHECKPOINT_DISABLE TF_IN_AUTOMATION HOME

terraform fmt -check -recursive -diff infra || { echo "terraform.sh: terraform fmt -recursive infra"; exit 1; }
cd "$tmp/infra" || exit 1
if ! terraform init -backend=false -input=false -no-color >"$tmp/init" 2>&1; then
    if grep -Eq 'Failed to (query available provider packages|install provider)' "$tmp/init"; then
        echo "SKIP infra/ is not tested: the AWS provider cannot be had here"
        exit 0
    fi
    cat "$tmp/init"
    exit 1
fi
terraform validate -no-color >"$tmp/out" 2>&1 || { cat "$tmp/out"; exit 1; }

# What nothing depends on, but terraform_data.keep, must stand in its depends_on: a destroy that is refused
# touches nothing then.
terraform graph >"$tmp/graph" || exit 1
awk -F '"' '
    / -> / { needed[$4] = 1; next }
    /\[label=/ && $2 !~ /^data[.]/ { node[$2] = 1 }
    END {
        for (n in node)
            if (!(n in needed) && n != "terraform_data.keep") { print "infra/keep.tf: " n " is missing in the depends_on of terraform_data.keep"; bad = 1 }
        if (!("terraform_data.keep" in node)) { print "infra/keep.tf: terraform_data.keep is gone"; bad = 1 }
        exit bad
    }' "$tmp/graph" || exit 1

terraform test -no-color >"$tmp/out" 2>&1 || { cat "$tmp/out"; exit 1; }
sed -n 's/^Success!/infra:/p' "$tmp/out"

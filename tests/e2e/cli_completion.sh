#!/bin/sh
# Shell completions, asked as bash asks them.
. "$(dirname "$0")/lib.sh"
"$MVPDASH" help --completion bash >"$T/bash"
is "bash's are printed" "$?" 0
"$MVPDASH" help --completion zsh >"$T/_mvpdash"
is "zsh's are printed" "$?" 0
has "for its compinit" "$T/_mvpdash" "#compdef mvpdash"
exits 2 help --completion fish
has "a shell that is not known" "$T/err" "bash or zsh"
if command -v zsh >/dev/null 2>&1; then
    ok "zsh can read its own" zsh -n "$T/_mvpdash"
fi
command -v bash >/dev/null 2>&1 || done_testing
ok "bash can read its own" bash -n "$T/bash"

# offers WORD...: what bash offers for the last word, sorted.
offers() {
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mvpdash
             printf "%s\n" "${COMPREPLY[@]}"' bash "$T/bash" mvpdash "$@" | LC_ALL=C sort | tr '\n' ' '
}
is "commands" "$(offers stat)" "status "
is "after common options, too" "$(offers --region eu-west-1 --json can)" "cancel "
is "every command of help" "$(offers '' | tr ' ' '\n' | grep -c .)" \
    "$("$MVPDASH" help | sed -n '/^Commands:/,/^$/p' | grep -c '^  [a-z]')"
is "options of the command and common ones" "$(offers send --p)" "--priority --product-id --profile "
is "no options of others" "$(offers cancel --prio)" " "
is "the choices of a value" "$(offers send --priority '')" "high low normal "
is "nothing where anything goes" "$(offers send --user-id '')" " "
is "help explains commands" "$(offers help ba)" "batch "
: >deploys.csv
is "files" "$(offers batch dep)" "deploys.csv "
is "files of an option" "$(offers list --env-file dep)" "deploys.csv "
is "no command twice" "$(offers send se)" " "
done_testing

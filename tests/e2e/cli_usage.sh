#!/bin/sh
# Help, versions, wrong usage: everything that asks nothing of a network.
. "$(dirname "$0")/lib.sh"

exits 0 --version
has "the version goes to stdout" "$T/out" "mvpdash "
exits 0 --help
cp "$T/out" "$T/help"
for command in send list status cancel retry logs jobs bus event report test config local help; do
    has "help lists $command" "$T/help" "  $command "
    exits 0 "$command" --help
    has "$command --help has an example" "$T/out" "Example:"
    cp "$T/out" "$T/help.$command"
    exits 0 help "$command"
    ok "help $command says the same" cmp -s "$T/out" "$T/help.$command"
done

exits 2 nonsense
exits 2 stauts x
has "a mistyped command is guessed" "$T/err" 'did you mean "status"?'
exits 2 list --limt 3
has "a mistyped option is guessed" "$T/err" "did you mean --limit?"
exits 2 status
exits 2 list --limit
exits 2 list extra
exits 2 --action batch --user-id u
has "a batch of one, as the old tool took it" "$T/err" "--product-id"
exits 2 --action batch
has "or five samples, where somebody can be asked" "$T/err" "five sample deploys"
exits 2 --action dance
exits 2
has "no dashboard without a terminal" "$T/err" "terminal"
hasnt "stdout carries results only" "$T/out" "terminal"

exits 2 --json stauts
is "wrong usage is JSON with --json" "$(json "$T/err" 'd["error"]["code"]')" E_USAGE
exits 0 --json --version
is "the version is JSON with --json" "$(json "$T/out" 'sorted(d)')" '["version"]'
exits 0 --version --verbose
for library in libcurl/ OpenSSL SQLite cJSON ncurses inih; do
    has "--verbose names the libraries inside: $library" "$T/out" "$library"
done

LC_ALL=C run nonsense
has "ASCII where the locale has nothing else" "$T/err" "  -> "
LC_ALL=C.UTF-8 run nonsense
has "an arrow in UTF-8" "$T/err" "  → "

# A reader that goes away is no failure and no noise.
{ "$MVPDASH" help --man 2>"$T/err"; echo $? >"$T/rc"; } | head -n 1 >/dev/null
is "a closed pipe is quiet" "$(cat "$T/rc") $(said)" "0 "
if [ -w /dev/full ]; then
    "$MVPDASH" help >/dev/full 2>"$T/err"
    is "a full disk is not" "$? $(grep -c 'cannot write' "$T/err")" "1 1"
fi
exits 2 list --user ''
has "an empty user is not every user" "$T/err" "--user: the value is empty"
done_testing

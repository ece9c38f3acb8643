#!/bin/sh
# Shell completions, in the shells themselves: Tab is pressed in an interactive bash and zsh.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
needs bash zsh
mkdir "$T/site"
"$MVPDASH" help --completion bash >"$T/site/mvpdash"
is "bash's are printed" "$?" 0
"$MVPDASH" help --completion zsh >"$T/site/_mvpdash"
is "zsh's are printed" "$?" 0
exits 2 help --completion fish
has "a shell that is not known" "$T/err" "bash or zsh"
: >deploys.csv
# The names of contexts come from the program itself, which is not the function of complete.py.
mkdir -p "$XDG_CONFIG_HOME/mvpdash"
printf '[context prod]\n[context pre]\n[context stage]\ntable = x\n[context spoiled]\ntabel = x\n[context $(touch>ran)]\n' \
    >"$XDG_CONFIG_HOME/mvpdash/config.ini"
mkdir -p "$HOME/.aws" "$T/bin"
printf '[default]\n[profile "stage two"]\n[profile shared]\n[sso-session s]\n' >"$HOME/.aws/config"
printf '[shared]\n[keys-only]\n[odd$(touch>ran)]\n' >"$HOME/.aws/credentials"
# Jobs are in what the dashboard kept, which only a dashboard writes (e2e_welcome.c): here the program
# in PATH answers for it, and tells the options that it was called with.
cat >"$T/bin/mvpdash" <<END
#!/bin/sh
[ "\$1 \$2 \$3" = "config --complete jobs" ] || exec "$MVPDASH" "\$@"
shift 3
echo "job_1_\$#\$(printf '_%s' "\$@" | tr -c 'a-z\n' _)"
echo other_2
END
chmod +x "$T/bin/mvpdash"
PATH="$T/bin:$PATH"
export PATH
: >"with blank.csv"

# What is typed (\t is Tab), and what the shell then runs, in angle brackets.
cat >"$T/cases" <<'END'
a command|mvpdash statu\t|<status>
after common options|mvpdash --region eu-west-1 --json can\t|<--region><eu-west-1><--json><cancel>
after one with =|mvpdash --region=eu-west-1 can\t|<--region=eu-west-1><cancel>
an option, and the choices of its value|mvpdash send --pri\th\t|<send><--priority><high>
the value after =|mvpdash send --priority=l\t|<send><--priority=low>
nothing where anything goes|mvpdash send --user-id \tx|<send><--user-id><x>
no options of others|mvpdash cancel --prio\t|<cancel><--prio>
no command twice|mvpdash send lis\t|<send><lis>
help explains commands|mvpdash help ba\t|<help><batch>
what an argument may be|mvpdash dlq red\t|<dlq><redrive>
only the first one|mvpdash dlq list red\t|<dlq><list><red>
files|mvpdash batch dep\t|<batch><deploys.csv>
files with blanks in their names|mvpdash batch with\t|<batch><with blank.csv>
files of an option|mvpdash list --env-file dep\t|<list><--env-file><deploys.csv>
and after =|mvpdash list --env-file=dep\t|<list><--env-file=deploys.csv>
the name of a context|mvpdash --context sta\t|<--context><stage>
the rest of one|mvpdash list --context pro\t|<list><--context><prod>
and after =, none that is spoiled|mvpdash list --context=s\t|<list><--context=stage>
a command after it|mvpdash --context prod can\t|<--context><prod><cancel>
a profile|mvpdash list --profile sh\t|<list><--profile><shared>
one that only has keys, after =|mvpdash --profile=key\t|<--profile=keys-only>
one with a blank|mvpdash --profile stag\t|<--profile><stage two>
a state|mvpdash list --status comp\t|<list><--status><completed>
a state of a search|mvpdash logs --status=can\t|<logs><--status=cancelled>
a region|mvpdash --region eu-n\t|<--region><eu-north-1>
a theme|mvpdash --theme hi\t|<--theme><high-contrast>
a group|mvpdash stats --by us\t|<stats><--by><user>
a job|mvpdash status oth\t|<status><other_2>
one job only|mvpdash status other_2 oth\t|<status><other_2><oth>
many jobs|mvpdash cancel other_2 oth\t|<cancel><other_2><other_2>
a job of an option|mvpdash doctor --job oth\t|<doctor><--job><other_2>
jobs of the place that the line names|mvpdash --context prod retry --table=mine job\t|<--context><prod><retry><--table=mine><job_1_2___context_prod___table_mine>
END

lists() { python3 "$here/complete.py" "$1" "$T/site/$2" "$3" >"$T/listed"; }
in_shell() {
    shell=$1
    ok "$shell can read its own" "$shell" -n "$T/site/$2"
    # One shell for all lines: it takes a second to start.
    cut -d '|' -f 2 "$T/cases" | tr '\n' '\0' |
        xargs -0 python3 "$here/complete.py" "$shell" "$T/site/$2" >"$T/ran"
    at=0
    while IFS="|" read -r what _ wanted; do
        at=$((at + 1))
        is "$shell: $what" "$(sed -n "${at}p" "$T/ran")" "$wanted"
    done <"$T/cases"
}
commands() { "$MVPDASH" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\).*/\1/p' | LC_ALL=C sort; }

in_shell bash mvpdash
lists bash mvpdash 'mvpdash ?'
is "bash lists every command of help" "$(tr -s ' ' '\n' <"$T/listed" | LC_ALL=C sort)" "$(commands)"
lists bash mvpdash 'mvpdash send --p?'
is "own and common options" "$(cat "$T/listed")" "--priority  --product-id  --profile"
lists bash mvpdash 'mvpdash --context pr?'
is "bash lists the contexts" "$(cat "$T/listed")" "pre  prod"
lists bash mvpdash 'mvpdash --profile ?'
is "and the profiles of both files" "$(tr -s ' ' '\n' <"$T/listed" | grep -c -e default -e shared -e keys-only)" 3
lists bash mvpdash 'mvpdash --context ?'
in_shell zsh _mvpdash
lists zsh _mvpdash 'mvpdash ?'
is "zsh lists every command of help" "$(sed 's/ .*//' "$T/listed" | LC_ALL=C sort)" "$(commands)"
has "with what it does" "$T/listed" "status  -- Show one job: its true state, facts and timeline"
lists zsh _mvpdash 'mvpdash send --pr\t?'
has "options with what they are" "$T/listed" "--priority  -- high, normal or low"
has "common ones too" "$T/listed" "--profile  -- profile of ~/.aws"
lists zsh _mvpdash 'mvpdash --context pr?'
is "zsh lists the contexts" "$(cat "$T/listed")" "pre  prod"
ok "no name is run" test ! -e ran
done_testing

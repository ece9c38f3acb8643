#!/bin/sh
# Phrases that a text of the program must not have: each was mended once, everywhere.
#
#   phrases.sh [FILE...]  looks at the texts (texts.py) of these files instead of all of src, ui and include
#
# The local cloud's answers that copy AWS word for word are not ours to mend: src/cloud/dynamodb, events, http.
set -u
cd "$(dirname "$0")/../.." || exit 2

# A phrase (extended regular expression) and what to write instead, with a tab between.
phrases=$(mktemp) || exit 2
trap 'rm -f "$phrases"' EXIT
cat >"$phrases" <<'END'
(^|[^a-z])(is|are|it is) no (a |an )?(address|array|account|action|duration|email|event|exit|field|file|image|JSON|job id|key|link|name|number|object|plain|proxy|request|role|setting|state|status|table|text|time|terminal|valid|workbook)	is not a ...
\(any more\)	no longer ..., or say what is not known
 any more[.,;:)]	no longer ...
belongs? into	belongs in
(put|type)s? [^.:;]* into (quotes|the env|an env|a file of)	put in
for who (watch|deploy|read|ask)	for people who ...
sent on[.:;]	say what was sent, from where
(^|[^a-z])(it|job|job %s) is (not )?over([^ ]|$| and)	has (not) ended
[Tt]ry again([.;]|$)	say what to change first, or leave the remedy out
correct the value	say which value and what is accepted
nobody to ask	stdin is not a terminal
wants a |wants all |which wants 	needs
[Bb]eside each other	side by side
(is|was|were|are) made anew	was created again
cannot be told	is not known
(Batch|record|log) (does not )?tells? (of|its|when|how|whose)	shows, says or knows
(is|are|be) told on	is reported on
Resend|(^|[^p])resen[dt]	redrive (messages), retry (jobs), send (deploys)
END

python3 tests/lint/texts.py "$@" | grep -Ev '^src/cloud/(dynamodb|events|http|batch)/' |
    LC_ALL=C awk -F '\t' -v list="$phrases" '
BEGIN { while ((getline line < list) > 0) { split(line, part, "\t"); phrase[++n] = part[1]; instead[n] = part[2] } }
{
    gsub(/[Tt]here (is|are) no /, "", $2)
    for (i = 1; i <= n; i++)
        if ($2 ~ phrase[i]) {
            print $1 ": \"" $2 "\": write: " instead[i]
            bad = 1
        }
}
END { exit bad }'

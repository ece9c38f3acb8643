#!/bin/sh
# The README's tour of the commands people use most prints what the README says.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
cloud_start
mkdir "$T/bin"
ln -s "$MVPDASH" "$T/bin/mvpdash"
PATH=$T/bin:$PATH
python3 "$here/readme.py" "$here/../../README.md"

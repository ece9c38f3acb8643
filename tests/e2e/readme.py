"""Runs the README's tour and compares what it prints with what the README says.

usage: readme.py README.md

The tour is what is indented between <!-- tour --> and <!-- /tour -->: "$ COMMAND", then its output.
"..." stands for any lines. Job ids, times, durations and places differ from run to run: an id of the
README stands for one of this run, the same one throughout; the others are only compared in form.
"""

import re
import subprocess
import sys

JOB = r"job_\d{13}_[0-9a-z]{9}"
FORMS = [
    (r"file://\S+", "PLACE"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "TIME"),
    (r"<?\b\d+[sm]\b", "SPAN"),
    (r"\b\d+ (passed|skipped)\b", r"N \1"),
    (r" +", " "),
]


def steps(path):
    """(command, wanted lines) of the tour."""
    text = open(path).read().split("<!-- tour -->")[1].split("<!-- /tour -->")[0]
    out = []
    for line in text.splitlines():
        if line.startswith("    $ "):
            out.append((line[6:], []))
        elif line.startswith("    ") and out:
            out[-1][1].append(line[4:])
    return out


def form(line):
    for pattern, word in FORMS:
        line = re.sub(pattern, word, line)
    return re.sub(JOB, "JOB", line).strip()


def same(wanted, got, ids):
    """One line; learns the ids that the README's stand for."""
    if form(wanted) != form(got):
        return False
    pairs = list(zip(re.findall(JOB, wanted), re.findall(JOB, got)))
    if any(ids.get(w, g) != g for w, g in pairs):
        return False
    ids.update(pairs)
    return True


def compare(wanted, got, ids):
    """None, or the first wanted line that is not there."""
    at, skip = 0, False
    for line in wanted:
        if line == "...":
            skip = True
            continue
        while skip and at < len(got) and not same(line, got[at], ids):
            at += 1
        if at == len(got) or not same(line, got[at], ids):
            return line
        at, skip = at + 1, False
    return None if skip or at == len(got) else "nothing more than that"


def main():
    ids, failed = {}, 0
    tour = steps(sys.argv[1])
    for n, (command, wanted) in enumerate(tour, 1):
        real = re.sub(JOB, lambda m: ids.get(m[0], m[0]), command)
        ran = subprocess.run(["sh", "-c", real], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=180)
        wrong = compare(wanted, ran.stdout.splitlines(), ids)
        print(f"{'ok' if wrong is None and ran.returncode == 0 else 'not ok'} {n} - {command}")
        if wrong is not None or ran.returncode != 0:
            failed += 1
            print(f"#   exit status {ran.returncode}; not found: {wrong}")
            print("".join(f"#   | {line}\n" for line in ran.stdout.splitlines()), end="")
    print(f"1..{len(tour)}")
    used = {c.split()[1] for c, _ in tour if c.startswith("mvpdash ")}
    if failed or len(used) < 10:
        print(f"# {failed} of {len(tour)} failed, {len(used)} commands shown")
        sys.exit(1)


main()

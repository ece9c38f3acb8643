"""AWS's shared files as botocore reads them: generated files, read by botocore and by the program.

usage: aws_files.py PATH/TO/aws_read [SEED]        another SEED makes other files

Every profile of every file must have the same settings in both: keys of the config and of the
credentials file, nested keys, and the services and sso-session sections that a profile names. Then
the files are changed at random, a blank or a separator at a time; what botocore still reads must
still agree. What the SDKs' common reference says otherwise (a comment after a value, a byte order
mark) is added to the program's copy only, and must change nothing.
"""

import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile

import botocore.exceptions
import botocore.session

FILES = 30
MUTANTS = 4  # of each file
KEYS = """region output ca_bundle max_attempts retry_mode endpoint_url services use_fips_endpoint
use_dualstack_endpoint ignore_configured_endpoint_urls role_arn source_profile credential_source
external_id role_session_name duration_seconds mfa_serial web_identity_token_file sso_session
sso_account_id sso_role_name sso_start_url sso_region credential_process login_session
aws_access_key_id aws_secret_access_key aws_session_token aws_security_token aws_account_id""".split()
NESTED = ["s3.addressing_style", "s3.max_concurrent_requests", "dynamodb.endpoint_url"]
SERVICES = ["+dynamodb.endpoint_url", "+sqs.endpoint_url", "+cloudwatch_logs.endpoint_url"]
SESSIONS = ["@sso_start_url", "@sso_region", "@sso_registration_scopes"]
ASKED = KEYS + NESTED + SERVICES + SESSIONS

NAMES = ["default", "dev", "a b", "two  blanks", "it's", 'say "hi"', "back\\slash", "grüße", "x/y+z%@.:", "#1", "[x", "p;q", "-"]
VALUES = """eu-central-1|us-gov-west-1|arn:aws:iam::123456789012:role/a=b:c|https://x.example/a?b=c&d=e
|http://127.0.0.1:4566|a#b;c|"quoted"|'single'|true|0|/opt/a b/bin --flag='x y' --region : =|%(region)s|$HOME/x|ключ
|wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY==|[not a section|x]|\\n|""".replace("\n", "").split("|")


class Writer:
    """One file, in a style of its own."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.end = rnd.choice(["\n", "\n", "\r\n", "\r"])
        self.margin = rnd.choice(["", "", " ", "\t", "    "])
        self.lines = []
        self.used = set()  # the section's keys so far
        self.remarks = set()  # lines that may end in a comment

    def add(self, text, remark=False):
        if remark:
            self.remarks.add(len(self.lines))
        self.lines.append(text)

    def gap(self):
        while self.rnd.random() < 0.3:
            self.add(self.rnd.choice(["", "  ", "\t", "# [profile gone]", "  ; region = gone", "   #", ";x = y"]))

    def section(self, text):
        self.gap()
        self.used = set()
        blank = self.margin if self.rnd.random() < 0.5 else ""
        self.add(blank + "[" + text + "]" + self.rnd.choice(["", " ", "\t"]), remark=True)

    def key(self, name, value, indent=None):
        rnd = self.rnd
        self.gap()
        self.used.add(name)
        name = "".join(c.upper() if rnd.random() < 0.1 else c for c in name)
        sep = rnd.choice(["=", " = ", " =", "= ", ":", " : ", "\t=\t", " = "])
        tail = rnd.choice(["", "", " ", "\t", "\u00a0"])
        self.add((self.margin if indent is None else indent) + name + sep + value + tail, remark=True)

    def nest(self, name, keys):
        rnd = self.rnd
        self.key(name, "")
        deeper = self.margin + rnd.choice([" ", "  ", "\t", "        "])
        if rnd.random() < 0.2 and not self.used & {k for k, _ in keys}:
            deeper = self.margin  # then these are keys of the section
            self.used |= {k for k, _ in keys}
        for key, value in keys:
            if rnd.random() < 0.3:
                self.add(rnd.choice(["", "   ", deeper + "# remark"]))
            self.add(deeper + key + rnd.choice(["=", " = ", "\t=  "]) + value)

    def text(self, lines=None):
        return self.end.join(self.lines if lines is None else lines) + self.rnd.choice(["", self.end])

    def remarked(self):
        """The same with comments after sections and values, and a byte order mark."""
        return "\ufeff" + self.end.join(
            line + self.rnd.choice([" # why", "\t; see [x] = y", " #", "  ;; a # b"]) if i in self.remarks else line
            for i, line in enumerate(self.lines)
        )


def quoted(rnd, name):
    forms = [shlex.quote(name), '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"']
    if " " in name:
        forms.append(name.replace("\\", "\\\\").replace(" ", "\\ ").replace("'", "\\'").replace('"', '\\"'))
    return rnd.choice(forms)


def block(w, rnd, keys):
    for name in rnd.sample(keys, rnd.randint(1, 6)):
        w.key(name, rnd.choice(VALUES))
        if rnd.random() < 0.15 and w.lines[-1].strip()[-1] not in "=:":
            w.add(w.margin + rnd.choice([" ", "\t", "     "]) + rnd.choice(["more", "--x=y", "[z]", "a : b"]))


def config_file(rnd, names):
    w = Writer(rnd)
    w.gap()
    for name in names:
        head = "profile" + rnd.choice([" ", "  ", "\t"]) + quoted(rnd, name)
        w.section("default" if name == "default" and rnd.random() < 0.7 else head)
        keys = [k for k in KEYS if k not in ("services", "sso_session")]
        block(w, rnd, keys)
        if rnd.random() < 0.6:
            w.key("services", rnd.choice(["local", "two words"]))
        if rnd.random() < 0.4:
            w.key("sso_session", "corp")
        if rnd.random() < 0.5:
            w.nest("s3", [("addressing_style", "path"), ("max_concurrent_requests", "20 = x")])
        if rnd.random() < 0.3:
            w.nest("dynamodb", [("endpoint_url", "http://127.0.0.1:8000/a=b")])
    for name in ("local", "two words"):
        w.section("services " + quoted(rnd, name))
        for service in rnd.sample(["dynamodb", "sqs", "cloudwatch_logs"], 2):
            w.nest(service, [("endpoint_url", f"http://127.0.0.1:{rnd.randint(1, 9999)}")])
    w.section("sso-session corp")
    w.key("sso_start_url", "https://corp.example/start#/")
    w.key("sso_region", rnd.choice(["eu-west-3", "us-east-2"]))
    if rnd.random() < 0.2:
        w.section("DEFAULT")
        w.key("region", "all-1")
    if rnd.random() < 0.5:
        w.section(rnd.choice(["plugins", "preview", "toplevel", "profile", "profile a b c"]))
        w.key("region", "nowhere-1")
    return w


def credentials_file(rnd, names):
    w = Writer(rnd)
    for name in rnd.sample(names, rnd.randint(0, len(names))):
        w.section(name)
        w.key("aws_access_key_id", "AKIA" + str(rnd.randint(10**9, 10**10)))
        w.key("aws_secret_access_key", rnd.choice(VALUES))
        if rnd.random() < 0.6:
            w.key(rnd.choice(["aws_session_token", "aws_security_token"]), "token//" + str(rnd.random()))
        if rnd.random() < 0.3:
            w.key("region", rnd.choice(["", "sa-east-1"]))
    return w


def flat(settings, prefix=""):
    out = {}
    for key, value in settings.items():
        out.update(flat(value, prefix + key + ".") if isinstance(value, dict) else {prefix + key: value})
    return out


def of_botocore(profile):
    """The settings of a profile, or None when there is no such profile. ConfigParseError passes."""
    session = botocore.session.Session(profile=profile)
    full = session.full_config
    try:
        scoped = session.get_scoped_config()
    except botocore.exceptions.ProfileNotFound:
        return {} if profile == "default" else None  # the program needs no [default]
    got = flat(scoped)
    for mark, kind, key in (("+", "services", "services"), ("@", "sso_sessions", "sso_session")):
        named = full.get(kind, {}).get(scoped.get(key) or "", {})
        got.update({mark + k: v for k, v in flat(named).items()})
    return {k: v for k, v in got.items() if k in ASKED and v != ""}


def of_program(reader, profile):
    told = subprocess.run([reader, "files", profile, *ASKED], capture_output=True, text=True, check=True)
    got = json.loads(told.stdout)
    return None if "error" in got else got


def mutate(rnd, lines):
    lines = list(lines)
    i = rnd.randrange(len(lines))
    line = lines[i]
    how = rnd.randrange(6)
    if how == 0:
        line = rnd.choice([" ", "\t", "   "]) + line
    elif how == 1:
        line = line.lstrip()
    elif how == 2:
        line = line.replace("=", ":", 1) if "=" in line else line.replace(":", "=", 1)
    elif how == 3:
        line = rnd.choice(["", "#" + line, "  ;" + line])
    elif how == 4:
        at = rnd.randint(0, len(line))
        line = line[:at] + rnd.choice([" ", "=", ":", "]", "[", '"', "'", "\\", "#", "\u2009"]) + line[at:]
    else:
        at = rnd.randint(0, max(len(line) - 1, 0))
        line = line[:at] + line[at + 1 :]
    lines[i] = line
    return lines


def compare(reader, work, texts, names):
    """The differences; None when botocore does not read the files."""
    paths = [os.path.join(work, "config"), os.path.join(work, "credentials")]
    botocores, ours = texts
    want = {}
    for path, text in zip(paths, botocores, strict=True):
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
    try:
        for name in names:
            want[name] = of_botocore(name)
    except (botocore.exceptions.ConfigParseError, AttributeError):
        return None  # AttributeError: a key that nests where a plain value is wanted
    for path, text in zip(paths, ours, strict=True):
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
    wrong = []
    for name in names:
        got = of_program(reader, name)
        if got != want[name]:
            w, g = want[name] or {}, got or {}
            keys = sorted(k for k in w.keys() | g.keys() if w.get(k) != g.get(k))
            wrong.append(f"  profile {name!r}: " + ("missing in one" if (got is None) != (want[name] is None) else ""))
            wrong += [f"    {k}: botocore {w.get(k)!r}, program {g.get(k)!r}" for k in keys]
    return wrong


def differs_on_purpose(line):
    """A comment after a value; a blank before a section's name; what only begins like a kind of section
    ("profile[ x")."""
    line = line.strip()
    return any(mark in line for mark in (" #", "\t#", " ;", "\t;")) or re.match(
        r"\[(\s|(profile|sso-session|services)[^ \t\]\"'\\])", line
    )


def main():
    reader = os.path.abspath(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    failed = 0
    checked = mutants = 0
    with tempfile.TemporaryDirectory() as work:
        os.environ.update(
            AWS_CONFIG_FILE=os.path.join(work, "config"), AWS_SHARED_CREDENTIALS_FILE=os.path.join(work, "credentials")
        )
        for n in range(FILES):
            rnd = random.Random(f"{seed}/{n}")
            names = ["default", *rnd.sample(NAMES[1:], 4)]
            config, credentials = config_file(rnd, names), credentials_file(rnd, names)
            plain = (config.text(), credentials.text())
            asked = [*names, "gone", "a"]
            trials = [("as it is", (plain, plain)), ("with comments", (plain, (config.remarked(), credentials.remarked())))]
            for m in range(MUTANTS):
                lines = mutate(rnd, config.lines)
                if not any(differs_on_purpose(line) for line in lines):
                    text = config.end.join(lines)
                    trials.append((f"changed {m}", ((text, plain[1]), (text, plain[1]))))
            for what, texts in trials:
                wrong = compare(reader, work, texts, asked)
                if wrong is None:
                    if what == "as it is":
                        wrong = ["  botocore does not read what this test wrote"]
                    else:
                        continue
                checked += 1
                mutants += what.startswith("changed")
                if wrong:
                    failed += 1
                    print(f"not ok file {n} of seed {seed} {what}", *wrong, "  ---", sep="\n")
                    print("\n".join("  |" + repr(line) for line in texts[1][0].splitlines()))
    if checked < 2 * FILES or mutants < FILES:
        failed += 1
        print(f"not ok only {checked} files and {mutants} changed ones were compared (seed {seed})")
    if failed == 0:
        print(f"ok {FILES} files, each also with comments, and {mutants} changed ones agree (seed {seed})")
    return failed > 0


sys.exit(main())

"""The policies that people and roles are given, against what each command really asks for.

usage: iam.py PATH/TO/mvpdash FOLDER/OF/iam-simulate

Recorded by recorded.py, judged by @cloud-copilot/iam-simulate (iam_judge.cjs): everything that is asked is
allowed, the same of another resource is not, and nothing is granted that nobody asks for. terraform_moto.py
asks the same of the policies that infra/ makes. Prints "ok" and "not ok" lines; exits 1 when one is "not ok".
"""

import json
import os
import subprocess
import sys

import boto3

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recorded  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
LOOKING = ["list", "status", "status --record", "logs", "jobs", "stats", "bus", "outbox", "doctor", "dashboard"]
REPLICA = ["serve --state table"]
ACTING = ["test", "send", "cancel", "retry", "batch", "event", "dlq", "dlq redrive", "dlq purge", "doctor --e2e", "report", "serve"]
# To look at a dead letter is to hide it from others for a while: the viewer sees only how many there are.
NOT_TO_SEE = {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"}
# Granted, and asked for only where AWS has what the local cloud has not.
JUSTIFIED = {"ecr:DescribeImages": "the doctor looks for the image when it is one of ECR"}
# AWS knows narrower resources that the program has no use for.
ALL_OF_THEM = {"cloudwatch:GetMetricData", "cloudwatch:PutMetricData"}
# What is read of everybody's, because whose it is cannot be told beforehand: rules of the default bus that
# start our queue, and, where `mvpdash iam` knows no names, roles and repositories.
SHARED = {"events:DescribeRule", "events:ListTargetsByRule", "batch:TerminateJob"}
UNNAMED = {"iam:GetRole", "iam:SimulatePrincipalPolicy", "ecr:DescribeImages"}


def listed(x):
    return x if isinstance(x, list) else [x]


class Judge:
    def __init__(self, folder, context=None):
        self.folder, self.context = folder, context or {}

    def answers(self, questions):
        p = subprocess.run(["node", HERE + "/iam_judge.cjs", self.folder], input=json.dumps(questions), text=True,
                           capture_output=True, timeout=300)
        if p.returncode != 0:
            raise AssertionError(p.stderr[-2000:])
        return json.loads(p.stdout)

    def allowed(self, policy, pairs, context=None):
        """The pairs of action and resource that the policy allows."""
        pairs = sorted(pairs)
        said = self.answers([{"policy": policy, "action": a, "resource": r, "context": self.context | (context or {})} for a, r in pairs])
        wrong = {p: s for p, s in zip(pairs, said) if s not in ("Allowed", "ImplicitlyDenied", "ExplicitlyDenied")}
        assert not wrong, wrong
        return {p for p, s in zip(pairs, said) if s == "Allowed"}


def as_iam_sees(pairs):
    """A log group is asked about with an empty stream in its place."""
    return {(a, r + ":log-stream:" if a == "logs:FilterLogEvents" else r) for a, r in pairs if a not in recorded.FREE}


def others(pairs):
    """The same, of resources that are not ours: another name, another region, another account."""
    found = set()
    for action, resource in pairs:
        if resource == "*":
            continue
        part = resource.split(":", 5)
        head, mark, name = part[5].partition("/") if "/" in part[5] else part[5].rpartition(":")
        for region, account, what in ((part[3], part[4], f"{head}{mark}another-{name}"),
                                      ("eu-west-1" if part[3] else "", part[4], part[5]), (part[3], "999999999999", part[5])):
            if part[2] == "logs" and what != part[5]:
                what = part[5].replace("log-group:/aws/", "log-group:/another/")
            found.add((action, ":".join(part[:3] + [region, account, what])))
    return found - set(pairs)


def shapes(check, judge, policy, name):
    """Each action exists, and has "*" for its resource just where AWS knows no other."""
    rows = [(a, listed(s["Resource"])) for s in policy["Statement"] for a in listed(s["Action"])]
    known = judge.answers([{"policy": "shape", "action": a} for a, _ in rows])
    check(f"{name}: every action exists", [a for (a, _), k in zip(rows, known) if k is None], [])
    wrong = [a for (a, resources), k in zip(rows, known) if k is not None and a not in ALL_OF_THEM and (resources == ["*"]) != (k == [])]
    check(f"{name}: all resources just where AWS knows no others", wrong, [])


def fits(check, judge, name, policy, asked, spare=(), shared=SHARED, justified=JUSTIFIED, any_account=False):
    """The policy allows what is asked, and that only."""
    missing = asked - judge.allowed(policy, asked)
    check(f"{name}: all that is asked is allowed", sorted(missing), [])
    wrong = judge.allowed(policy, {(a, r) for a, r in others(asked) if a not in shared and not (any_account and ":999999999999:" in r)})
    check(f"{name}: the same of others is not", sorted(wrong), [])
    granted = {a for s in policy["Statement"] for a in listed(s["Action"])}
    check(f"{name}: nothing is granted that nobody asks for", sorted(granted - {a for a, _ in asked} - set(justified) - set(spare)), [])
    shapes(check, judge, policy, name)


def people(commands):
    """What who watches asks for, and what who acts asks for besides."""
    looking = {p for c in LOOKING for p in commands[c] if p[0] not in NOT_TO_SEE}
    return as_iam_sees(looking), as_iam_sees({p for c in LOOKING + ACTING for p in commands[c]})


def changes(pairs):
    """What changes something, or hides a dead letter."""
    verbs = ("Put", "Update", "Delete", "Terminate", "Cancel", "Receive", "Change")
    return {(a, r) for a, r in pairs if a.partition(":")[2].startswith(verbs)}


def client_of(service, env):
    return boto3.client(service, endpoint_url=env["AWS_ENDPOINT_URL"], region_name="us-east-1",
                        aws_access_key_id=env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"])


def record(check, mvpdash):
    commands, unknown = recorded.record(mvpdash, client_of)
    check("every request of every command is known", unknown, [])
    check("every command was recorded", sorted(set(commands) - set(LOOKING + ACTING + REPLICA)), [])
    check("... and asked for something", sorted(c for c, asked in commands.items() if not asked and c != "outbox"), [])
    return commands


def printed(mvpdash, who):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    return subprocess.run([mvpdash, "iam", who, "--json"], env=env, text=True, capture_output=True, timeout=60, cwd="/")


def main():
    failures = 0

    def check(name, got, want):
        nonlocal failures
        if got == want:
            print(f"ok {name}", flush=True)
        else:
            failures += 1
            print(f"not ok {name}\n  got  {got!r}\n  want {want!r}", flush=True)

    mvpdash, judge = sys.argv[1], Judge(sys.argv[2], {"aws:username": "local"})
    commands = record(check, mvpdash)
    looking, all_of_it = people(commands)
    how = {"shared": SHARED | UNNAMED, "any_account": True}
    viewer, operator = (json.loads(printed(mvpdash, who).stdout) for who in ("--viewer", "--operator"))
    fits(check, judge, "mvpdash iam --viewer", viewer, looking, **how)
    check("mvpdash iam --viewer: changes nothing", sorted(judge.allowed(viewer, changes(all_of_it))), [])
    fits(check, judge, "mvpdash iam --operator", operator, all_of_it, **how)
    replica = as_iam_sees({p for c in REPLICA for p in commands[c]})
    fits(check, judge, "mvpdash iam --api", json.loads(printed(mvpdash, "--api").stdout), replica, **how)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

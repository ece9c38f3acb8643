"""The policies that infra/ made, against what the commands and the services ask for (see iam.py).

    infra_iam.run(check, client, mvpdash, folder of iam-simulate, machine)
    infra_iam.replica(check, client, mvpdash, folder of iam-simulate)      where there is the REST API
"""

import iam
import recorded

ACCOUNT = "123456789012"
NAMES = {  # what has another name in the local cloud
    recorded.ACCOUNT: ACCOUNT,
    "log-group:/aws/batch/job": "log-group:/aws/batch/mvp-pipeline-job",
    "role/mvp-development-events": "role/mvp-us-east-1-events",
}
DELIVERY = {"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"}  # fmt: skip


def here(pairs):
    found = set()
    for action, resource in pairs:
        for there, name in NAMES.items():
            resource = resource.replace(there, name)
        found.add((action, resource))
    return found


def policy_of(client, name):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def policy_within(client, role):
    name, = client.list_role_policies(RoleName=role)["PolicyNames"]
    return client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def ends_its_own(check, judge, name, policy, asked):
    job = {(a, r) for a, r in asked if a == "batch:TerminateJob"}
    check(f"{name}: ends no job that carries another system's tag", sorted(judge.allowed(
        policy, job, {"aws:ResourceTag/Project": "another"})), [])
    check("... but one with this system's", judge.allowed(policy, job, {"aws:ResourceTag/Project": "mvp"}), job)


def people(check, judge, client, commands):
    looking, all_of_it = iam.people(commands)
    looking, all_of_it = here(looking), here(all_of_it)
    viewer, operator = (policy_of(client, f"mvp-us-east-1-{who}") for who in ("viewer", "operator"))
    iam.fits(check, judge, "the viewer", viewer, looking)
    check("the viewer: changes nothing", sorted(judge.allowed(viewer, iam.changes(all_of_it))), [])
    iam.fits(check, judge, "the operator", operator, all_of_it)
    ends_its_own(check, judge, "the operator", operator, all_of_it)


def asked_by_services(client, machine):
    """What each role's service asks for."""
    arn = recorded.arn
    table, topics = arn("dynamodb", "table/mvp-development-jobs"), [arn("sns", f"mvp-job-{n}") for n in ("finished", "failed")]
    of_tasks = {"dynamodb:updateItem": [("dynamodb:UpdateItem", table)], "cloudwatch:putMetricData": [("cloudwatch:PutMetricData", "*")],
                "sns:publish": [("sns:Publish", t) for t in topics]}
    tasks = {":".join(s["Resource"].split(":")[-2:]) for s in machine["States"].values() if s["Type"] == "Task"}
    secret = client("secretsmanager").describe_secret(SecretId="mvp/founderdash-database-url")["ARN"]
    repository = arn("ecr", "repository/mvp-pipeline")
    return {
        "tracker": {pair for task in tasks for pair in of_tasks[task]},
        "events": {("batch:SubmitJob", arn("batch", "job-queue/mvp-pipeline-queue")),
                   ("batch:SubmitJob", arn("batch", "job-definition/mvp-pipeline-job:3")),
                   ("states:StartExecution", arn("states", "stateMachine:mvp-development-tracker"))},
        "execution": {("ecr:GetAuthorizationToken", "*"), ("secretsmanager:GetSecretValue", secret)}
        | {(f"ecr:{a}", repository) for a in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")}
        | {(f"logs:{a}", arn("logs", "log-group:/aws/batch/job:log-stream:mvp-pipeline-job/default/0")) for a in
           ("CreateLogStream", "PutLogEvents")},
    }  # fmt: skip


def replica(check, client, mvpdash, folder):
    """The role of the REST API's tasks."""
    judge = iam.Judge(folder)
    commands, unknown = recorded.record_replica(mvpdash)
    check("every request of a replica is known", unknown, [])
    policy = policy_within(client("iam"), "mvp-us-east-1-api")
    asked = {(a, r.replace("user/local", "role/mvp-us-east-1-api")) for a, r in here(iam.as_iam_sees(commands))}
    iam.fits(check, judge, "the API's role", policy, asked)
    ends_its_own(check, judge, "the API's role", policy, asked)


def run(check, client, mvpdash, folder, machine):
    judge = iam.Judge(folder, {"aws:username": "local", "cloudwatch:namespace": "MVPDash"})
    commands, roles = iam.record(check, mvpdash), client("iam")
    people(check, judge, roles, commands)
    asked = asked_by_services(client, machine) | {"job": iam.as_iam_sees(commands["report"] | commands["status --record"])}
    for role, pairs in asked.items():
        iam.fits(check, judge, f"the role {role}", policy_within(roles, f"mvp-us-east-1-{role}"), here(pairs), spare=DELIVERY)
    elsewhere = {"cloudwatch:namespace": "AWS/Batch"}
    check("the role tracker: counts in its own namespace", judge.allowed(
        policy_within(roles, "mvp-us-east-1-tracker"), {("cloudwatch:PutMetricData", "*")}, elsewhere), set())

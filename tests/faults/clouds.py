"""The clouds that a program is tried against, each in a process of its own: the local cloud and moto."""

import json
import os
import select
import socket
import subprocess
import sys
import time

import aws


children = []


def spawn(args, **how):
    """A process that does not outlive this one."""
    process = subprocess.Popen(args, **how)
    children.append(process)
    return process


def readable(stream, seconds):
    """Like select, for more than 1024 descriptors."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return bool(poll.poll(max(0, seconds) * 1000))


def end_children(*_):
    for process in children:
        if process.poll() is None:
            process.kill()
    os._exit(130)


def clean_environment(home):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("AWS_", "XDG_", "EVENTBRIDGE_", "MVPDASH_", "BATCH_", "DYNAMODB_", "FOUNDERDASH_"))}
    env.update(HOME=home, XDG_STATE_HOME=home + "/state", XDG_CONFIG_HOME=home + "/config", LC_ALL="C.UTF-8",
               AWS_EC2_METADATA_DISABLED="true")
    return env


class LocalCloud:
    """`mvpdash local`, whose jobs are /bin/true: a Batch job is counted, not watched."""

    name = "local"
    starts_jobs = True

    def __init__(self, program, home):
        self.program, self.home = program, home
        self.env = {}
        self.listen = "127.0.0.1:0"
        self.start()
        self.client = aws.Client(self.host, self.env)
        self.define(["/bin/true"])

    def define(self, command):
        self.client.batch("registerjobdefinition", {
            "jobDefinitionName": "mvp-pipeline-job", "type": "container", "platformCapabilities": ["FARGATE"],
            "containerProperties": {"image": "busybox", "command": command, "resourceRequirements": [
                {"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]}})

    def start(self):
        os.makedirs(self.home, exist_ok=True)
        self.process = spawn(
            [self.program, "local", "--listen", self.listen, "--data", self.home + "/cloud"],
            env=clean_environment(self.home), stdout=subprocess.PIPE, stderr=open(self.home + "/cloud.log", "a"), text=True)
        for line in self.process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            self.env[name] = value.strip("'\"")
            if name == "AWS_DEFAULT_REGION":
                self.host = self.env.pop("AWS_ENDPOINT_URL").removeprefix("http://")
                self.listen = self.host
                return
        raise SystemExit("mvpdash local does not start: " + open(self.home + "/cloud.log").read()[-500:])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()


class MotoCloud:
    """moto, an implementation of AWS that is not ours. Its rules start no Batch jobs, so there records and
    events are counted; an event in doubt, which nobody picks up, is rightly sent again."""

    name = "moto"
    starts_jobs = False

    def __init__(self, program, home):
        del program
        os.makedirs(home, exist_ok=True)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        self.env = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1"}
        self.process = spawn(
            [sys.executable, "-c", f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"],
            env=clean_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.time() + 60
        while time.time() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        self.client = aws.Client(self.host, self.env)
        self.make()

    def make(self):
        import boto3  # moto needs it; nothing else here does

        how = {"endpoint_url": "http://" + self.host, "region_name": "us-east-1", "aws_access_key_id": "a",
               "aws_secret_access_key": "b"}
        boto3.client("dynamodb", **how).create_table(
            TableName=aws.TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "jobId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "jobId", "AttributeType": "S"}])
        boto3.client("logs", **how).create_log_group(logGroupName=aws.LOG_GROUP)
        events = boto3.client("events", **how)
        events.create_event_bus(Name=aws.BUS)
        events.put_rule(Name="mvp-development-rule", EventBusName=aws.BUS, EventPattern=json.dumps(
            {"source": ["founderdash.web"], "detail-type": ["MVP Development Request"]}))
        events.put_targets(Rule="mvp-development-rule", EventBusName=aws.BUS, Targets=[
            {"Id": "log", "Arn": f"arn:aws:logs:us-east-1:123456789012:log-group:{aws.LOG_GROUP}"}])
        iam, ec2, batch = (boto3.client(s, **how) for s in ("iam", "ec2", "batch"))
        environment = batch.create_compute_environment(
            computeEnvironmentName="mvp-ce", type="MANAGED", state="ENABLED",
            serviceRole=iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"],
            computeResources={"type": "FARGATE", "maxvCpus": 4,
                              "subnets": [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]][:1],
                              "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]]})
        batch.create_job_queue(jobQueueName=aws.QUEUE, state="ENABLED", priority=1, computeEnvironmentOrder=[
            {"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}])

    def stop(self):
        self.process.kill()
        self.process.wait()

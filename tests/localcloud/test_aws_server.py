"""The moto server as a process: start, stop, kill and replay; a machine's loss of power is not proved here."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.localcloud.conftest import TOKEN, token_file

Start = Callable[..., Any]
SETS = 16
"""Sets of 20 things made in parallel."""
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localcloud.aws.moto", *options]
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd=root)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_one_of_each(aws: Any, number: int) -> None:
    """Create a handful of related things of many services, whose ids moto draws."""
    name = f"many-{number}"
    vpc = aws.ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.{i}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for i, zone in enumerate(("eu-west-1a", "eu-west-1b"))
    ]
    group = aws.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    balancer = aws.elbv2.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[group], Scheme="internal")
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    targets = aws.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    target = targets["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    aws.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
    aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    aws.logs.create_log_group(logGroupName=name)
    aws.ecs.create_cluster(clusterName=name)
    definition = aws.ecs.register_task_definition(
        family=name,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "nginx", "portMappings": [{"containerPort": 80}]}],
    )["taskDefinition"]["taskDefinitionArn"]
    aws.ecs.create_service(
        cluster=name,
        serviceName=name,
        taskDefinition=definition,
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}},
        loadBalancers=[{"targetGroupArn": target, "containerName": "app", "containerPort": 80}],
    )
    resource = f"service/{name}/{name}"
    target_of = {
        "ServiceNamespace": "ecs",
        "ResourceId": resource,
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    aws.scaling.register_scalable_target(**target_of, MinCapacity=1, MaxCapacity=4)
    aws.scaling.put_scaling_policy(
        **target_of,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 55,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    )
    aws.sqs.create_queue(QueueName=name)
    aws.client("secretsmanager").create_secret(Name=name, SecretString="s")
    aws.kms.create_key(Description=name)
    template = aws.ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=3,
        LaunchTemplate={"LaunchTemplateId": template},
        VPCZoneIdentifier=",".join(subnets),
    )
    aws.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2)


def everything(aws: Any) -> dict[str, Any]:
    """What describes answer of each kind of thing, times included."""
    clusters = aws.ecs.list_clusters()["clusterArns"]
    services, tasks = [], []
    for cluster in clusters:
        services += aws.ecs.describe_services(cluster=cluster, services=[cluster.rpartition("/")[2]])["services"]
        arns = aws.ecs.list_tasks(cluster=cluster)["taskArns"]
        tasks += aws.ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    balancers = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    listeners = [
        listener
        for balancer in balancers
        for listener in aws.elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    ]
    secrets = aws.client("secretsmanager").list_secrets()["SecretList"]
    return {
        "vpcs": aws.ec2.describe_vpcs()["Vpcs"],
        "subnets": aws.ec2.describe_subnets()["Subnets"],
        "groups": aws.ec2.describe_security_groups()["SecurityGroups"],
        "interfaces": aws.ec2.describe_network_interfaces()["NetworkInterfaces"],
        "instances": aws.ec2.describe_instances()["Reservations"],
        "templates": aws.ec2.describe_launch_templates()["LaunchTemplates"],
        "balancers": balancers,
        "targets": aws.elbv2.describe_target_groups()["TargetGroups"],
        "listeners": listeners,
        "rules": [aws.elbv2.describe_rules(ListenerArn=x["ListenerArn"])["Rules"] for x in listeners],
        "roles": aws.iam.list_roles()["Roles"],
        "log groups": aws.logs.describe_log_groups()["logGroups"],
        "clusters": aws.ecs.describe_clusters(clusters=clusters)["clusters"],
        "services": services,
        "tasks": tasks,
        "policies": aws.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"],
        "scalable targets": aws.scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"],
        "alarms": aws.cloudwatch.describe_alarms()["MetricAlarms"],
        "secrets": [{**s, "LastAccessedDate": None} for s in secrets],
        "keys": [aws.kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in aws.kms.list_keys()["Keys"]],
        "scaling groups": aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"],
    }


def test_parallel_creates_come_back_the_same_after_a_kill(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)
    services = ["ec2", "elbv2", "iam", "logs", "ecs", "sqs", "secretsmanager", "kms", "autoscaling", "cloudwatch"]
    for service in [*services, "application-autoscaling"]:
        aws.client(service)  # boto3 makes clients one at a time
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: make_one_of_each(aws, number), range(SETS)))
    before = everything(aws)
    aws.end(signal.SIGKILL)
    assert len(journal.read_text().splitlines()) == 1 + SETS * 20
    again = start_aws(journal)
    after = everything(again)
    assert {kind: len(found) for kind, found in after.items()} == {kind: len(found) for kind, found in before.items()}
    for kind, found in before.items():
        assert after[kind] == found, kind


def test_certificates_stores_names_and_queues_come_back_the_same(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)
    clients = ["acm", "s3", "route53", "ecr", "ssm", "wafv2", "servicediscovery", "sns", "sqs", "iam"]
    acm, s3, route53, ecr, ssm, waf, discovery, sns, sqs, iam = map(aws.client, clients)
    for number in range(2):
        name = f"one-{number}"
        acm.request_certificate(DomainName="example.com", SubjectAlternativeNames=["a.example.com", "b.example.com"])
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket=name, Key="k", Body=bytes(range(256)), Metadata={"under_score": "1"})
        route53.create_hosted_zone(Name="example.com", CallerReference=name)
        ecr.create_repository(repositoryName=name)
        ssm.put_parameter(Name=name, Value="v", Type="SecureString")
        visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
        action: Any = {"Allow": {}}
        waf.create_web_acl(Name=name, Scope="REGIONAL", DefaultAction=action, VisibilityConfig=visible)
        discovery.create_http_namespace(Name=name)
        topic = sns.create_topic(Name=name)["TopicArn"]
        queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        iam.create_instance_profile(InstanceProfileName=name)

    def found(server: Any) -> list[Any]:
        acm, s3, route53, ecr, ssm, waf, discovery, sns, sqs, iam = map(server.client, clients)
        arns = [c["CertificateArn"] for c in acm.list_certificates(Includes={})["CertificateSummaryList"]]
        certificates = [acm.describe_certificate(CertificateArn=arn)["Certificate"] for arn in arns]
        objects = [s3.get_object(Bucket=b["Name"], Key="k") for b in s3.list_buckets()["Buckets"]]
        return [
            certificates,
            s3.list_buckets()["Buckets"],
            [(o["Body"].read(), o["ETag"], o["Metadata"], o["LastModified"]) for o in objects],
            route53.list_hosted_zones()["HostedZones"],
            ecr.describe_repositories()["repositories"],
            ssm.get_parameters(Names=["one-0", "one-1"])["Parameters"],
            waf.list_web_acls(Scope="REGIONAL")["WebACLs"],
            discovery.list_namespaces()["Namespaces"],
            sns.list_subscriptions()["Subscriptions"],
            [url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]],
            iam.list_roles()["Roles"],
            iam.list_instance_profiles()["InstanceProfiles"],
        ]

    waiter = acm.get_waiter("certificate_validated")
    for issued in acm.list_certificates(Includes={})["CertificateSummaryList"]:
        waiter.wait(CertificateArn=issued["CertificateArn"], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    before = found(aws)
    aws.end(signal.SIGKILL)
    after = found(start_aws(journal))
    for one, other in zip(before, after, strict=True):
        assert one == other


def test_a_change_after_a_replay_is_replayed_too(start_aws: Start, journal: Path) -> None:
    ids: list[list[str]] = []
    for _ in range(3):
        aws = start_aws(journal)
        aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")
        ids.append([vpc["VpcId"] for vpc in aws.ec2.describe_vpcs()["Vpcs"]])
        aws.end(signal.SIGKILL)
    assert [len(found) for found in ids] == [2, 3, 4]
    assert ids[2][:3] == ids[1]
    assert ids[1][:2] == ids[0]


def test_kills_between_parallel_creates_lose_nothing_that_was_answered(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)
    answered: list[str] = []
    enough = threading.Event()

    def create() -> None:
        while True:
            try:
                answered.append(aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])
            except Exception:  # noqa: BLE001 - the server is killed under it
                return
            if len(answered) > 40:
                enough.set()

    aws.client("ec2")
    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    aws.end(signal.SIGKILL)
    for thread in threads:
        thread.join()
    found = {vpc["VpcId"] for vpc in start_aws(journal).ec2.describe_vpcs()["Vpcs"]}
    assert set(answered) <= found
    assert len(found) <= len(answered) + 8 + 1  # the requests in work, and the default VPC


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly(start_aws: Start, journal: Path, aws_log: Path, how: int) -> None:
    aws = start_aws(journal)
    aws.sqs.create_queue(QueueName="one")
    said = aws_log.read_text()
    assert aws.end(how) == 0
    assert aws_log.read_text() == said


def test_it_listens_on_the_loopback_address_only(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)
    listening = [c.laddr for c in psutil.Process(aws.process.pid).net_connections() if c.status == "LISTEN"]
    assert [tuple(address) for address in listening] == [("127.0.0.1", aws.port)]


def test_what_an_account_has_from_the_start_does_not_hang_on_the_first_request(
    start_aws: Start, tmp_path: Path
) -> None:
    one, other = start_aws(tmp_path / "one"), start_aws(tmp_path / "other")
    one.sqs.create_queue(QueueName="first")
    one.ec2.create_key_pair(KeyName="first")
    found = [(aws.ec2.describe_vpcs()["Vpcs"], aws.ec2.describe_subnets()["Subnets"]) for aws in (one, other)]
    assert found[0] == found[1]


def test_a_journal_of_another_moto_is_refused_in_one_sentence(journal: Path) -> None:
    journal.write_text(json.dumps({"format": 1, "python": "3.11", "moto": "5.0.0", "moto_gaps": 1}) + "\n")
    before = journal.read_bytes()
    ended = run("--port", str(free_port()), "--token-file", token_file(journal.parent), "--journal", str(journal))
    assert ended.returncode == 2
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python == "3.11":
        assert ended.stderr == (
            f"error: {journal} was written with moto 5.0.0 and this is moto 5.2.5, which would give other ids; go back "
            "to that version, or run `accordion local reset` to begin with an empty cloud\n"
        )
    assert journal.read_bytes() == before


def test_a_reset_empties_the_cloud_and_its_journal(start_aws: Start, journal: Path) -> None:
    import urllib.request

    aws = start_aws(journal)
    aws.sqs.create_queue(QueueName="one")
    address = f"http://127.0.0.1:{aws.port}/moto-api/reset"
    reset = urllib.request.Request(address, method="POST", headers={"Authorization": f"token {TOKEN}"})
    urllib.request.urlopen(reset, timeout=10).close()
    assert aws.sqs.list_queues().get("QueueUrls") is None
    assert len(journal.read_text().splitlines()) == 1
    aws.sqs.create_queue(QueueName="two")
    aws.end(signal.SIGKILL)
    urls = start_aws(journal).sqs.list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in urls] == ["two"]


def test_a_journal_of_an_account_that_was_emptied_begins_anew(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws.ecs.create_cluster(clusterName="one")
    definition = aws.ecs.register_task_definition(
        family="one", containerDefinitions=[{"name": "app", "image": "nginx", "memory": 64}]
    )["taskDefinition"]["taskDefinitionArn"]
    aws.ecs.create_service(cluster="one", serviceName="one", taskDefinition=definition, desiredCount=1)
    aws.end()
    assert len(journal.read_text().splitlines()) == 5
    aws = start_aws(journal)
    assert len(journal.read_text().splitlines()) == 5
    aws.ecs.delete_service(cluster="one", service="one", force=True)
    aws.ecs.deregister_task_definition(taskDefinition=definition)
    aws.ecs.delete_cluster(cluster="one")
    aws.ec2.delete_vpc(VpcId=vpc)
    aws.end()
    assert len(journal.read_text().splitlines()) == 9
    aws = start_aws(journal)
    assert len(journal.read_text().splitlines()) == 1
    assert aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] != vpc, "as at AWS no id is given twice"


def test_one_thing_that_is_left_keeps_the_journal(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)
    aws.sns.create_topic(Name="one")
    aws.sqs.create_queue(QueueName="one")
    aws.sqs.delete_queue(QueueUrl=aws.sqs.get_queue_url(QueueName="one")["QueueUrl"])
    aws.end()
    assert len(start_aws(journal).sns.list_topics()["Topics"]) == 1
    assert len(journal.read_text().splitlines()) == 4


def test_a_client_that_repeats_a_lost_create_after_a_kill_makes_one_thing(start_aws: Start, journal: Path) -> None:
    aws = start_aws(journal)

    def same(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "one-call"

    def client(server: Any) -> Any:
        made = server.client("ec2")
        made.meta.events.register("before-send.ec2.*", same)
        return made

    first = client(aws).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws.end(signal.SIGKILL)
    again = client(start_aws(journal))
    assert again.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] == first
    assert len(again.describe_vpcs()["Vpcs"]) == 2


def test_an_action_that_moto_lacks_is_named_and_not_repeated(filled_aws: Any) -> None:
    refused = filled_aws.refusal(lambda: filled_aws.ecs.submit_task_state_change(cluster="c"))
    assert refused == (
        "NotImplemented: the local cloud does not serve ecs:SubmitTaskStateChange "
        "(The submit_task_state_change action has not been implemented)"
    )


def test_managed_policies_are_there(filled_aws: Any) -> None:
    role = filled_aws.name()
    filled_aws.iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    filled_aws.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    attached = filled_aws.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [arn]


def test_a_certificate_is_issued_after_a_second(filled_aws: Any) -> None:
    arn = filled_aws.acm.request_certificate(DomainName="example.com", ValidationMethod="DNS")["CertificateArn"]
    waiter = filled_aws.acm.get_waiter("certificate_validated")
    waiter.wait(CertificateArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 5})

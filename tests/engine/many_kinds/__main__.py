"""Some hundred resources of many kinds, which a change of `number` updates, replaces, adds and takes away."""

import json

import pulumi
import pulumi_aws as aws

number = 0
IMAGE = "ami-12c6146b"  # one that every moto has
SECOND = pulumi.ResourceOptions(delete_before_replace=True)


def policy(action: str, resource: str = "*", **principal: object) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    statement |= {"Principal": principal} if principal else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


aws_ = aws.Provider(
    "aws", region="eu-west-1", default_tags={"tags": {"round": str(number)}}, allowed_account_ids=["123456789012"]
)
pulumi.runtime.register_stack_transformation(
    lambda given: (
        pulumi.ResourceTransformationResult(
            given.props, pulumi.ResourceOptions.merge(given.opts, pulumi.ResourceOptions(provider=aws_))
        )
        if given.type_.startswith("aws:")
        else None
    )
)

vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
gateway = aws.ec2.InternetGateway("net", vpc_id=vpc.id)
public = aws.ec2.RouteTable("public", vpc_id=vpc.id)
out = aws.ec2.Route(
    "out", route_table_id=public.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id, opts=SECOND
)
subnets, private = [], []
for at, zone in enumerate("ab"):
    open_ = aws.ec2.Subnet(
        f"public-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{at}.0/24", availability_zone=f"eu-west-1{zone}"
    )
    subnets.append(open_)
    aws.ec2.RouteTableAssociation(f"public-{zone}", route_table_id=public.id, subnet_id=open_.id)
    # A changed range replaces the network's part, and what hangs on it.
    closed = aws.ec2.Subnet(
        f"private-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{100 + 10 * (number % 3) + at}.0/24",
        availability_zone=f"eu-west-1{zone}",
    )
    private.append(closed)
    table = aws.ec2.RouteTable(f"private-{zone}", vpc_id=vpc.id)
    aws.ec2.RouteTableAssociation(f"private-{zone}", route_table_id=table.id, subnet_id=closed.id)
address = aws.ec2.Eip("nat", domain="vpc")
nat = aws.ec2.NatGateway(
    "nat", allocation_id=address.id, subnet_id=subnets[0].id, opts=pulumi.ResourceOptions(depends_on=[out])
)
aws.ec2.Route("private", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", nat_gateway_id=nat.id)
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name="com.amazonaws.eu-west-1.s3", route_table_ids=[public.id])
aws.ec2.NetworkInterface("spare", subnet_id=private[0].id)

groups = {}
for name in ("balancer", "tasks", "data"):
    # A changed description replaces the group, and its rules.
    text = f"{name} of round {number % 2}" if name == "data" else name
    groups[name] = aws.ec2.SecurityGroup(name, vpc_id=vpc.id, description=text)
    aws.vpc.SecurityGroupEgressRule(name, security_group_id=groups[name].id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0")
for at in range(3 + number % 2):
    aws.vpc.SecurityGroupIngressRule(
        f"web-{at}",
        security_group_id=groups["balancer"].id,
        ip_protocol="tcp",
        from_port=8000 + at,
        to_port=8000 + at,
        cidr_ipv4="10.0.0.0/8",
    )
aws.vpc.SecurityGroupIngressRule(
    "tasks",
    security_group_id=groups["tasks"].id,
    ip_protocol="tcp",
    from_port=80,
    to_port=80,
    referenced_security_group_id=groups["balancer"].id,
)
aws.ec2.SecurityGroupRule(
    "data",
    security_group_id=groups["data"].id,
    type="ingress",
    protocol="tcp",
    from_port=5432,
    to_port=5432,
    cidr_blocks=["10.0.0.0/16"],
)

key = aws.kms.Key("key", description=f"round {number}")
aws.kms.Alias("key", target_key_id=key.key_id)
topic = aws.sns.Topic("alerts")
queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=30 + number)
aws.sqs.QueuePolicy(
    "jobs",
    queue_url=queue.url,
    policy=queue.arn.apply(lambda arn: policy("sqs:SendMessage", arn, Service="sns.amazonaws.com")),
)
aws.sns.TopicSubscription("jobs", topic=topic.arn, protocol="sqs", endpoint=queue.arn)
aws.sns.TopicPolicy(
    "alerts",
    arn=topic.arn,
    policy=topic.arn.apply(lambda arn: policy("sns:Publish", arn, Service="cloudwatch.amazonaws.com")),
)
log = aws.cloudwatch.LogGroup("web", retention_in_days=30 if number % 2 else 90)
aws.cloudwatch.LogStream("web", log_group_name=log.name)
aws.cloudwatch.LogMetricFilter(
    "errors",
    log_group_name=log.name,
    pattern="ERROR",
    metric_transformation={"name": "errors", "namespace": "many", "value": "1"},
)
flow = aws.iam.Role("flow", assume_role_policy=trust("vpc-flow-logs.amazonaws.com"))
aws.iam.RolePolicy("flow", role=flow.name, policy=policy("logs:PutLogEvents"))
aws.ec2.FlowLog("net", vpc_id=vpc.id, traffic_type="ALL", log_destination=log.arn, iam_role_arn=flow.arn)

task_role = aws.iam.Role("tasks", assume_role_policy=trust("ecs-tasks.amazonaws.com"))
aws.iam.RolePolicyAttachment("tasks", role=task_role.name, policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
more = aws.iam.Policy("tasks", policy=policy("sqs:SendMessage"))
aws.iam.RolePolicyAttachment("more", role=task_role.name, policy_arn=more.arn)
machine = aws.iam.Role("machine", assume_role_policy=trust("ec2.amazonaws.com"))
profile = aws.iam.InstanceProfile("machine", role=machine.name)
user = aws.iam.User("robot")
aws.iam.UserPolicy("robot", user=user.name, policy=policy("s3:GetObject"))

bucket = aws.s3.Bucket("files")
aws.s3.BucketVersioning("files", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketPublicAccessBlock("files", bucket=bucket.id, block_public_acls=True)
aws.s3.BucketServerSideEncryptionConfiguration(
    "files", bucket=bucket.id, rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]
)
aws.s3.BucketLifecycleConfiguration(
    "files",
    bucket=bucket.id,
    rules=[{"id": "old", "status": "Enabled", "expiration": {"days": 30 + number}, "filter": {"prefix": "tmp/"}}],
)
site = aws.s3.Bucket("site")
for at in range(4 - number % 2):
    aws.s3.BucketObject(f"page-{at}", bucket=site.id, key=f"{at}.html", content=f"round {number}")
secret = aws.secretsmanager.Secret("password", recovery_window_in_days=0)
aws.secretsmanager.SecretVersion("password", secret_id=secret.id, secret_string=pulumi.Output.secret(f"hush {number}"))
for at in range(4):
    aws.ssm.Parameter(f"setting-{at}", type="String", value=f"{at} of round {number}")
aws.dynamodb.Table("items", attributes=[{"name": "id", "type": "S"}], hash_key="id", billing_mode="PAY_PER_REQUEST")
repository = aws.ecr.Repository("web", force_delete=True)
aws.ecr.RepositoryPolicy(
    "web",
    repository=repository.name,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
        }
    ),
)

balancer = aws.lb.LoadBalancer(
    "web",
    subnets=[each.id for each in subnets],
    security_groups=[groups["balancer"].id],
    opts=pulumi.ResourceOptions(depends_on=[out]),
)
target = aws.lb.TargetGroup("web", port=80, protocol="HTTP", target_type="ip", vpc_id=vpc.id)
listener = aws.lb.Listener(
    "web",
    load_balancer_arn=balancer.arn,
    port=80,
    protocol="HTTP",
    default_actions=[{"type": "forward", "target_group_arn": target.arn}],
)
rules = [
    aws.lb.ListenerRule(
        f"path-{at}",
        listener_arn=listener.arn,
        priority=10 + at,
        conditions=[{"path_pattern": {"values": [f"/{at}/{number}/*"]}}],
        actions=[{"type": "forward", "target_group_arn": target.arn}],
    )
    for at in range(3)
]
firewall = aws.wafv2.WebAcl(
    "web",
    scope="REGIONAL",
    default_action={"allow": {}},
    visibility_config={"cloudwatch_metrics_enabled": True, "metric_name": "web", "sampled_requests_enabled": True},
)
aws.wafv2.WebAclAssociation("web", resource_arn=balancer.arn, web_acl_arn=firewall.arn)

cluster = aws.ecs.Cluster("web")
task = aws.ecs.TaskDefinition(
    "web",
    family="many-web",
    container_definitions=json.dumps(
        [
            {
                "name": "web",
                "image": f"nginx:1.{number}",
                "essential": True,
                "portMappings": [{"containerPort": 80}],
            }
        ]
    ),
    requires_compatibilities=["FARGATE"],
    network_mode="awsvpc",
    cpu="256",
    memory="512",
    execution_role_arn=task_role.arn,
)
service = aws.ecs.Service(
    "web",
    cluster=cluster.arn,
    task_definition=task.arn,
    desired_count=1,
    launch_type="FARGATE",
    load_balancers=[{"target_group_arn": target.arn, "container_name": "web", "container_port": 80}],
    network_configuration={"subnets": [each.id for each in private], "security_groups": [groups["tasks"].id]},
    opts=pulumi.ResourceOptions(depends_on=[listener, *rules]),
)
scaled = aws.appautoscaling.Target(
    "web",
    service_namespace="ecs",
    scalable_dimension="ecs:service:DesiredCount",
    resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
    min_capacity=1,
    max_capacity=4 + number,
)
aws.appautoscaling.Policy(
    "web",
    service_namespace=scaled.service_namespace,
    scalable_dimension=scaled.scalable_dimension,
    resource_id=scaled.resource_id,
    policy_type="TargetTrackingScaling",
    target_tracking_scaling_policy_configuration={
        "target_value": 50 + number,
        "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
    },
)
aws.appautoscaling.ScheduledAction(
    "morning",
    service_namespace=scaled.service_namespace,
    scalable_dimension=scaled.scalable_dimension,
    resource_id=scaled.resource_id,
    schedule="cron(0 8 * * ? *)",
    scalable_target_action={"min_capacity": 2, "max_capacity": 4},
)
template = aws.ec2.LaunchTemplate(
    "fleet", image_id=IMAGE, instance_type="t3.micro", iam_instance_profile={"arn": profile.arn}
)
fleet = aws.autoscaling.Group(
    "fleet",
    min_size=1,
    max_size=2,
    vpc_zone_identifiers=[each.id for each in subnets],
    launch_template={"id": template.id, "version": "$Latest"},
)
aws.autoscaling.Policy(
    "fleet",
    autoscaling_group_name=fleet.name,
    policy_type="TargetTrackingScaling",
    target_tracking_configuration={
        "target_value": 50 + number,
        "predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"},
    },
)
aws.autoscaling.Schedule(
    "night",
    autoscaling_group_name=fleet.name,
    scheduled_action_name="night",
    recurrence="0 20 * * *",
    min_size=1,
    max_size=2,
    desired_capacity=1,
)
aws.autoscaling.LifecycleHook(
    "leave", autoscaling_group_name=fleet.name, lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING"
)
alarms = [
    aws.cloudwatch.MetricAlarm(
        f"cpu-{at}",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=2,
        metric_name="CPUUtilization",
        namespace="AWS/ECS",
        period=60,
        statistic="Average",
        threshold=60 + 10 * at + number,
        alarm_actions=[topic.arn],
    )
    for at in range(3)
]
aws.cloudwatch.CompositeAlarm(
    "all",
    alarm_name="many-all",
    alarm_rule=pulumi.Output.all(*(each.name for each in alarms)).apply(
        lambda names: " OR ".join(f"ALARM({name})" for name in names)
    ),
)
aws.cloudwatch.Dashboard("web", dashboard_name="many", dashboard_body='{"widgets": []}')
rule = aws.cloudwatch.EventRule("tick", schedule_expression="rate(5 minutes)")
aws.cloudwatch.EventTarget("tick", rule=rule.name, arn=topic.arn)
zone = aws.route53.Zone("shop", name="shop.example")
for name in ("www", "api"):
    aws.route53.Record(
        name, zone_id=zone.zone_id, name=f"{name}.shop.example", type="A", ttl=60 + number, records=["192.0.2.1"]
    )
names = aws.servicediscovery.PrivateDnsNamespace("inner", name="inner.example", vpc=vpc.id)
aws.servicediscovery.Service("web", dns_config={"namespace_id": names.id, "dns_records": [{"type": "A", "ttl": 10}]})
pulumi.export("service", service.name)

"""ECS on the local cloud: what is kept and what is refused; that AWS's own words are these is not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
INVALID = "InvalidParameterException: "


def definition(aws: Any, image: str = "nginx:1", **members: Any) -> str:
    container = {"name": "app", "image": image, "portMappings": [{"containerPort": 80}]}
    values = {
        "family": aws.name(),
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [container],
        **members,
    }
    return str(aws.ecs.register_task_definition(**values)["taskDefinition"]["taskDefinitionArn"])


def cluster(aws: Any, *providers: str) -> str:
    name = aws.name()
    aws.ecs.create_cluster(clusterName=name, capacityProviders=list(providers))
    return str(name)


def service(aws: Any, **members: Any) -> dict[str, Any]:
    """A Fargate service of two tasks; `members` over the defaults, None to leave one out."""
    values: dict[str, Any] = {"serviceName": aws.name(), "desiredCount": 2, "launchType": "FARGATE", **members}
    if "cluster" not in values:
        values["cluster"] = cluster(aws)
    if "taskDefinition" not in values:
        values["taskDefinition"] = definition(aws)
    if "networkConfiguration" not in values:
        _, subnets = aws.network()
        values["networkConfiguration"] = {"awsvpcConfiguration": {"subnets": subnets}}
    made = aws.ecs.create_service(**{k: v for k, v in values.items() if v is not None})["service"]
    return dict(made)


def described(aws: Any, made: dict[str, Any]) -> dict[str, Any]:
    return dict(aws.ecs.describe_services(cluster=made["clusterArn"], services=[made["serviceName"]])["services"][0])


def behind_a_balancer(aws: Any) -> tuple[str, list[str]]:
    vpc, subnets = aws.network()
    balancer = aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = aws.elbv2.create_target_group(Name=aws.name(), Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    aws.elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return str(arn), subnets


def capacity_provider(aws: Any) -> str:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    template = aws.ec2.create_launch_template(LaunchTemplateName=aws.name(), LaunchTemplateData=data)
    name = aws.name()
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=1,
        MaxSize=2,
        AvailabilityZones=["eu-west-1a"],
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplate"]["LaunchTemplateId"]},
    )
    group = aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
    provider = {"autoScalingGroupArn": group["AutoScalingGroupARN"], "managedScaling": {"status": "ENABLED"}}
    aws.ecs.create_capacity_provider(name=name, autoScalingGroupProvider=provider)
    return str(name)


@scenario
def members_of_a_new_service_are_kept(aws: Any) -> tuple[Any, Any]:
    alarms = {"alarmNames": ["5xx"], "enable": True, "rollback": True}
    members = {
        "deploymentConfiguration": {**BREAKER, "maximumPercent": 150, "minimumHealthyPercent": 50, "alarms": alarms},
        "healthCheckGracePeriodSeconds": 30,
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "availabilityZoneRebalancing": "ENABLED",
    }
    role = "arn:aws:iam::111122223333:role/task"
    found = described(aws, service(aws, taskDefinition=definition(aws, taskRoleArn=role), **members))
    return {name: found.get(name) for name in members}, members


@scenario
def a_capacity_provider_strategy_is_kept_in_place_of_a_launch_type(aws: Any) -> tuple[Any, Any]:
    strategy = [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0},
    ]
    mixed = cluster(aws, "FARGATE", "FARGATE_SPOT")
    found = described(aws, service(aws, cluster=mixed, launchType=None, capacityProviderStrategy=strategy))
    return (found.get("capacityProviderStrategy"), "launchType" in found), (strategy, False)


@scenario
def a_clusters_default_strategy_is_a_services_own(aws: Any) -> tuple[Any, Any]:
    name, strategy = cluster(aws), [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    aws.ecs.put_cluster_capacity_providers(
        cluster=name, capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=strategy
    )
    found = described(aws, service(aws, cluster=name, launchType=None))
    return found.get("capacityProviderStrategy"), strategy


@scenario
def service_connect_is_kept_with_the_deployment(aws: Any) -> tuple[Any, Any]:
    configuration = {"enabled": True, "namespace": "shop", "services": []}
    found = described(aws, service(aws, serviceConnectConfiguration=configuration))
    return [d.get("serviceConnectConfiguration") for d in found["deployments"]], [configuration]


@scenario
def security_groups_may_be_left_out(aws: Any) -> tuple[Any, Any]:
    return service(aws)["status"], "ACTIVE"


@scenario
def a_name_is_given_to_one_service(aws: Any) -> tuple[Any, Any]:
    made = service(aws)
    again = {"cluster": made["clusterArn"], "serviceName": made["serviceName"]}
    return aws.refusal(lambda: service(aws, **again)), INVALID + "Creation of service was not idempotent."


@scenario
def a_shell_into_a_task_needs_a_role_of_the_task(aws: Any) -> tuple[Any, Any]:
    return aws.refusal(lambda: service(aws, enableExecuteCommand=True)), INVALID + (
        "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in "
        "your task definition and try again."
    )


@scenario
def groups_and_subnets_of_a_service_are_of_one_network(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    vpc = aws.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    far = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=vpc)["GroupId"]
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [far]}}
    return aws.refusal(lambda: service(aws, networkConfiguration=network)), (
        INVALID + f"Security group {far} does not appear to belong to the same VPC as the input subnets."
    )


@scenario
def an_unknown_target_group_is_refused(aws: Any) -> tuple[Any, Any]:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/0123456789abcdef"
    balancers = [{"targetGroupArn": arn, "containerName": "app", "containerPort": 80}]
    refused = aws.refusal(lambda: service(aws, loadBalancers=balancers))
    return refused, INVALID + f"The target group {arn} does not exist."


@scenario
def a_target_group_without_a_balancer_is_refused(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    group = aws.elbv2.create_target_group(Name=aws.name(), Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    balancers = [{"targetGroupArn": arn, "containerName": "app", "containerPort": 80}]
    return aws.refusal(lambda: service(aws, loadBalancers=balancers)), (
        INVALID + f"The target group with targetGroupArn {arn} does not have an associated load balancer."
    )


@scenario
def a_balanced_container_must_exist_and_have_the_port(aws: Any) -> tuple[Any, Any]:
    arn, _ = behind_a_balancer(aws)
    wrong = [{"containerName": "web", "containerPort": 80}, {"containerName": "app", "containerPort": 81}]
    refused = [
        aws.refusal(lambda member=member: service(aws, loadBalancers=[{"targetGroupArn": arn, **member}]))
        for member in wrong
    ]
    return refused, [
        INVALID + "The container web does not exist in the task definition.",
        INVALID + "The container app did not have a container port 81 defined.",
    ]


@scenario
def an_unknown_capacity_provider_is_refused(aws: Any) -> tuple[Any, Any]:
    strategy = [{"capacityProvider": "nobody", "weight": 1}]
    refused = aws.refusal(lambda: service(aws, launchType=None, capacityProviderStrategy=strategy))
    return refused, INVALID + "The specified capacity provider 'nobody' was not found."


@scenario
def a_capacity_provider_must_be_the_clusters(aws: Any) -> tuple[Any, Any]:
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    refused = aws.refusal(lambda: service(aws, launchType=None, capacityProviderStrategy=strategy))
    return refused, INVALID + "The specified capacity provider 'FARGATE_SPOT' is not associated with the cluster."


@scenario
def one_capacity_provider_has_a_base(aws: Any) -> tuple[Any, Any]:
    mixed = cluster(aws, "FARGATE", "FARGATE_SPOT")
    strategy = [{"capacityProvider": name, "base": 1} for name in ("FARGATE", "FARGATE_SPOT")]
    return aws.refusal(lambda: service(aws, cluster=mixed, launchType=None, capacityProviderStrategy=strategy)), (
        INVALID + "Only one capacity provider in a capacity provider strategy can have a base value defined."
    )


@scenario
def a_launch_type_and_a_strategy_exclude_each_other(aws: Any) -> tuple[Any, Any]:
    mixed, strategy = cluster(aws, "FARGATE"), [{"capacityProvider": "FARGATE", "weight": 1}]
    return aws.refusal(lambda: service(aws, cluster=mixed, capacityProviderStrategy=strategy)), (
        INVALID + "Specifying both a launch type and capacity provider strategy is not supported. Remove one."
    )


@scenario
def fargate_needs_a_network(aws: Any) -> tuple[Any, Any]:
    return aws.refusal(lambda: service(aws, networkConfiguration=None)), (
        INVALID + "Network Configuration must be provided when networkMode 'awsvpc' is specified."
    )


@scenario
def a_task_definition_must_support_fargate(aws: Any) -> tuple[Any, Any]:
    wrong = definition(aws, requiresCompatibilities=["EC2"])
    refused = aws.refusal(lambda: service(aws, taskDefinition=wrong))
    return refused, INVALID + "Task definition does not support launch_type FARGATE."


@scenario
def an_inactive_task_definition_is_refused(aws: Any) -> tuple[Any, Any]:
    old = definition(aws)
    aws.ecs.deregister_task_definition(taskDefinition=old)
    return aws.refusal(lambda: service(aws, taskDefinition=old)), "ClientException: TaskDefinition is inactive"


@scenario
def a_deleted_service_cannot_be_changed(aws: Any) -> tuple[Any, Any]:
    made = service(aws)
    names = {"cluster": made["clusterArn"], "service": made["serviceName"]}
    aws.ecs.delete_service(**names, force=True)
    refused = aws.refusal(lambda: aws.ecs.update_service(**names, desiredCount=1))
    return refused, "ServiceNotActiveException: Service was not ACTIVE."


@scenario
def a_changed_subnet_must_exist(aws: Any) -> tuple[Any, Any]:
    made = service(aws)
    network = {"awsvpcConfiguration": {"subnets": ["subnet-0123456789abcdef0"]}}
    names = {"cluster": made["clusterArn"], "service": made["serviceName"]}
    return aws.refusal(lambda: aws.ecs.update_service(**names, networkConfiguration=network)), (
        INVALID + "Error retrieving subnet information for [subnet-0123456789abcdef0]: The subnet ID "
        "'subnet-0123456789abcdef0' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
    )


@scenario
def an_impossible_fargate_size_is_refused(aws: Any) -> tuple[Any, Any]:
    return aws.refusal(lambda: definition(aws, cpu="256", memory="4096")), (
        "ClientException: No Fargate configuration exists for given values: 256 CPU, 4096 memory. "
        "See the Amazon ECS documentation for the valid values."
    )


@scenario
def fargate_needs_a_size(aws: Any) -> tuple[Any, Any]:
    container = {"name": "app", "image": "nginx", "memory": 128}
    values = {"family": aws.name(), "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [container]}
    refused = aws.refusal(lambda: aws.ecs.register_task_definition(**values, memory="512"))
    return refused, "ClientException: Fargate requires that 'cpu' be defined at the task level."


@scenario
def fargate_needs_its_network_mode(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: definition(aws, networkMode="bridge"))
    return refused, "ClientException: Fargate only supports network mode 'awsvpc'."


@scenario
def containers_have_names_of_their_own(aws: Any) -> tuple[Any, Any]:
    containers = [{"name": "app", "image": "nginx"}] * 2
    refused = aws.refusal(lambda: definition(aws, containerDefinitions=containers))
    return refused, "ClientException: Container names must be unique within a task definition."


@scenario
def an_unknown_role_is_refused(aws: Any) -> tuple[Any, Any]:
    arn = "arn:aws:iam::123456789012:role/nobody"
    return aws.refusal(lambda: definition(aws, executionRoleArn=arn)), "ClientException: Role is not valid"


@scenario
def a_cluster_with_services_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    made = service(aws)
    refused = aws.refusal(lambda: aws.ecs.delete_cluster(cluster=made["clusterArn"]))
    aws.ecs.delete_service(cluster=made["clusterArn"], service=made["serviceName"], force=True)
    then = aws.refusal(lambda: aws.ecs.delete_cluster(cluster=made["clusterArn"]))
    text = "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active."
    return (refused, then), (text, "accepted")


@scenario
def a_cluster_that_is_made_again_keeps_its_services(aws: Any) -> tuple[Any, Any]:
    made = service(aws)
    name = made["clusterArn"].rpartition("/")[2]
    again = aws.ecs.create_cluster(clusterName=name)["cluster"]
    return again["activeServicesCount"], 1


@scenario
def cluster_settings_have_an_action_of_their_own(aws: Any) -> tuple[Any, Any]:
    settings = [{"name": "containerInsights", "value": "enhanced"}]
    return aws.ecs.update_cluster_settings(cluster=cluster(aws), settings=settings)["cluster"]["settings"], settings


@scenario
def every_account_has_the_fargate_providers(aws: Any) -> tuple[Any, Any]:
    own = capacity_provider(aws)
    found = {p["name"] for p in aws.ecs.describe_capacity_providers()["capacityProviders"]}
    return {"FARGATE", "FARGATE_SPOT", own} <= found, True


@scenario
def a_capacity_provider_needs_a_group_that_exists(aws: Any) -> tuple[Any, Any]:
    provider = {"autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:x"}
    create = aws.ecs.create_capacity_provider
    return aws.refusal(lambda: create(name=aws.name(), autoScalingGroupProvider=provider)), (
        "ClientException: The specified Auto Scaling group ARN is not valid. Specify a valid ARN."
    )


@scenario
def a_capacity_provider_of_a_cluster_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    own = capacity_provider(aws)
    name = cluster(aws, own)
    refused = aws.refusal(lambda: aws.ecs.delete_capacity_provider(capacityProvider=own))
    aws.ecs.put_cluster_capacity_providers(cluster=name, capacityProviders=[], defaultCapacityProviderStrategy=[])
    then = aws.refusal(lambda: aws.ecs.delete_capacity_provider(capacityProvider=own))
    text = "The capacity provider cannot be deleted because it is associated with a cluster."
    return (refused, then), (f"ResourceInUseException: {text}", "accepted")


@scenario
def an_unknown_capacity_provider_of_a_cluster_is_refused(aws: Any) -> tuple[Any, Any]:
    put, name = aws.ecs.put_cluster_capacity_providers, cluster(aws)
    refused = aws.refusal(lambda: put(cluster=name, capacityProviders=["nobody"], defaultCapacityProviderStrategy=[]))
    return refused, INVALID + "The specified capacity provider 'nobody' was not found."


@scenario
def a_capacity_provider_of_a_service_stays_with_its_cluster(aws: Any) -> tuple[Any, Any]:
    name, strategy = cluster(aws, "FARGATE"), [{"capacityProvider": "FARGATE", "weight": 1}]
    service(aws, cluster=name, launchType=None, capacityProviderStrategy=strategy)
    put = aws.ecs.put_cluster_capacity_providers
    return aws.refusal(lambda: put(cluster=name, capacityProviders=[], defaultCapacityProviderStrategy=[])), (
        "ResourceInUseException: The specified capacity provider is in use and cannot be removed."
    )


@scenario
def tasks_are_listed_by_service(aws: Any) -> tuple[Any, Any]:
    shared = cluster(aws)
    made = [service(aws, cluster=shared, desiredCount=count) for count in (1, 3)]
    listed = [aws.ecs.list_tasks(cluster=shared, serviceName=m["serviceName"])["taskArns"] for m in made]
    return [len(arns) for arns in listed], [1, 3]


@scenario
def a_subnet_of_running_tasks_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    made = service(aws)
    subnet = made["networkConfiguration"]["awsvpcConfiguration"]["subnets"][0]
    refused = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnet))
    aws.ecs.delete_service(cluster=made["clusterArn"], service=made["serviceName"], force=True)
    then = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnet))
    text = f"DependencyViolation: The subnet '{subnet}' has dependencies and cannot be deleted."
    return (refused, then), (text, "accepted")


@scenario
def a_security_group_of_running_tasks_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    group = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=vpc)["GroupId"]
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}}
    service(aws, networkConfiguration=network)
    refused = aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=group))
    return refused, f"DependencyViolation: resource {group} has a dependent object"


SIZES = {
    ("256", "512"): True,
    ("0.25 vCPU", "1 GB"): True,
    ("256", "4096"): False,
    ("512", "512"): False,
    ("1024", "8192"): True,
    ("1024", "8193"): False,
    ("4096", "30720"): True,
    ("8192", "20480"): True,
    ("8192", "17408"): False,
    ("16384", "122880"): True,
    ("300", "512"): False,
    ("some", "512"): False,
}


@pytest.mark.parametrize(("size", "possible"), SIZES.items(), ids=str)
def test_fargate_has_these_sizes(size: tuple[str, str], possible: bool) -> None:
    from localcloud.aws.limits import fargate

    assert fargate.runs(*size) is possible


def on_a_bridge(aws: Any) -> str:
    """A task definition without a network interface of its own."""
    mapped = {"name": "app", "image": "nginx:1", "memory": 128, "portMappings": [{"containerPort": 80}]}
    return definition(aws, requiresCompatibilities=["EC2"], networkMode="bridge", containerDefinitions=[mapped])


def of_kind(aws: Any, kind: str) -> tuple[str, list[str]]:
    """A target group of a kind behind a balancer, and the subnets."""
    vpc, subnets = aws.network()
    balancer = aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    made = aws.elbv2.create_target_group(Name=aws.name(), Protocol="HTTP", Port=80, VpcId=vpc, TargetType=kind)
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    aws.elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return arn, subnets


ON_INSTANCES = {"launchType": "EC2", "networkConfiguration": None}


@scenario
def tasks_with_an_interface_of_their_own_are_behind_addresses(aws: Any) -> tuple[Any, Any]:
    (by_instance, subnets), (by_address, _) = of_kind(aws, "instance"), of_kind(aws, "ip")
    network = {"awsvpcConfiguration": {"subnets": subnets}}

    def behind(arn: str, **members: Any) -> str:
        balancer = {"targetGroupArn": arn, "containerName": "app", "containerPort": 80}
        return str(aws.refusal(lambda: service(aws, loadBalancers=[balancer], **members)))

    told = (
        f"{INVALID}The provided target group {{}} has target type {{}}, which is incompatible with the {{}} network mode "
        "specified in the task definition."
    )
    return [
        behind(by_instance, networkConfiguration=network),
        behind(by_address, taskDefinition=on_a_bridge(aws), **ON_INSTANCES),
        behind(by_instance, taskDefinition=on_a_bridge(aws), **ON_INSTANCES),
    ], [told.format(by_instance, "instance", "awsvpc"), told.format(by_address, "ip", "bridge"), "accepted"]


@scenario
def a_public_address_is_for_fargate(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    public = {"awsvpcConfiguration": {"subnets": subnets, "assignPublicIp": "ENABLED"}}
    mine = definition(aws, requiresCompatibilities=["EC2", "FARGATE"])

    def on(kind: str) -> str:
        members = {"taskDefinition": mine, "launchType": kind, "networkConfiguration": public}
        return str(aws.refusal(lambda: service(aws, **members)))

    told = f"{INVALID}Assign public IP is not supported for this launch type."
    return [on("EC2"), on("FARGATE")], [told, "accepted"]


@scenario
def daemons_run_on_instances(aws: Any) -> tuple[Any, Any]:
    told = f"{INVALID}The DAEMON scheduling strategy is not supported for tasks that use the Fargate launch type."
    daemon = {"schedulingStrategy": "DAEMON", "desiredCount": None}
    return [
        aws.refusal(lambda: service(aws, **daemon)),
        aws.refusal(lambda: service(aws, taskDefinition=on_a_bridge(aws), **daemon, **ON_INSTANCES)),
    ], [told, "accepted"]


@scenario
def a_deployment_has_room_and_a_breaker_of_its_own_kind(aws: Any) -> tuple[Any, Any]:
    full = {"maximumPercent": 100, "minimumHealthyPercent": 100}
    other = {"deploymentController": {"type": "CODE_DEPLOY"}, "deploymentConfiguration": BREAKER}
    made = service(aws)
    update = {"cluster": made["clusterArn"], "service": made["serviceName"], "deploymentConfiguration": full}
    told = f"{INVALID}Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
    return [
        aws.refusal(lambda: service(aws, deploymentConfiguration=full)),
        aws.refusal(lambda: aws.ecs.update_service(**update)),
        aws.refusal(lambda: service(aws, **other)),
    ], [
        told,
        told,
        f"{INVALID}deploymentCircuitBreaker is only supported with the ECS deployment controller, not with CODE_DEPLOY.",
    ]


@scenario
def a_record_of_an_address_has_no_port(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    discovery = aws.client("servicediscovery")
    discovery.create_private_dns_namespace(Name=f"{aws.name()}.local", Vpc=vpc)
    space = discovery.list_namespaces()["Namespaces"][-1]["Id"]

    def registry(kind: str, **port: Any) -> str:
        records = {"NamespaceId": space, "DnsRecords": [{"Type": kind, "TTL": 60}]}
        arn = discovery.create_service(Name=aws.name(), DnsConfig=records)["Service"]["Arn"]
        return str(aws.refusal(lambda: service(aws, serviceRegistries=[{"registryArn": arn, **port}])))

    no_port = (
        f"{INVALID}A service registry with DNS records of type A takes no port, containerName or containerPort; use "
        "records of type SRV for them."
    )
    return [
        registry("A", containerName="app", containerPort=80),
        registry("A"),
        registry("SRV", port=80),
        registry("SRV"),
    ], [
        no_port,
        "accepted",
        "accepted",
        f"{INVALID}A service registry with DNS records of type SRV needs a port, or a containerName and containerPort.",
    ]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"

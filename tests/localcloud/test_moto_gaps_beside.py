"""Network ACLs, file systems, health checks and mute rules on the local cloud; it cannot prove that AWS words it so."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def acl(aws: Any, vpc: str) -> str:
    return str(aws.ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"])


def acls(aws: Any, **filters: str) -> list[Any]:
    named = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return list(aws.ec2.describe_network_acls(Filters=named)["NetworkAcls"])


ANYTHING = {"Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}


@scenario
def a_new_acl_denies_what_no_entry_allows(aws: Any) -> tuple[Any, Any]:
    made = acl(aws, aws.network()[0])
    found = aws.ec2.describe_network_acls(NetworkAclIds=[made])["NetworkAcls"][0]["Entries"]
    return sorted((e["RuleNumber"], e["RuleAction"], e["Egress"]) for e in found), [
        (32767, "deny", False),
        (32767, "deny", True),
    ]


@scenario
def what_is_not_there_cannot_be_taken_from_an_acl(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    made = acl(aws, vpc)
    refused = (
        aws.refusal(lambda: aws.ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=7, Egress=False)),
        aws.refusal(lambda: aws.ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=32767, Egress=False)),
        aws.refusal(
            lambda: aws.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=32767, Egress=True, **ANYTHING)
        ),
        aws.refusal(lambda: aws.ec2.replace_network_acl_association(AssociationId="aclassoc-none", NetworkAclId=made)),
    )
    return refused, (
        f"InvalidNetworkAclEntry.NotFound: The ingress entry with rule number 7 does not exist in network ACL {made}",
        "InvalidParameterValue: Value (32767) for parameter ruleNumber is invalid.",
        "InvalidParameterValue: Value (32767) for parameter ruleNumber is invalid.",
        "InvalidAssociationID.NotFound: The association ID 'aclassoc-none' does not exist",
    )


@scenario
def type_and_code_of_icmp_are_kept(aws: Any) -> tuple[Any, Any]:
    made = acl(aws, aws.network()[0])
    ping = {**ANYTHING, "Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}}
    aws.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=1, Egress=False, **ping)
    changed = {**ping, "IcmpTypeCode": {"Type": 0, "Code": 3}}
    aws.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=2, Egress=False, **ping)
    aws.ec2.replace_network_acl_entry(NetworkAclId=made, RuleNumber=2, Egress=False, **changed)
    found = aws.ec2.describe_network_acls(NetworkAclIds=[made])["NetworkAcls"][0]["Entries"]
    kept = {e["RuleNumber"]: e["IcmpTypeCode"] for e in found if e["RuleNumber"] < 3}
    return kept, {1: {"Code": -1, "Type": 8}, 2: {"Code": 3, "Type": 0}}


@scenario
def an_acl_stays_in_its_network(aws: Any) -> tuple[Any, Any]:
    (vpc, subnets), (other, _) = aws.network(), aws.network()
    elsewhere, default = acl(aws, other), acls(aws, vpc_id=vpc, default="true")[0]
    association = next(a for a in default["Associations"] if a["SubnetId"] == subnets[0])["NetworkAclAssociationId"]
    move = aws.ec2.replace_network_acl_association
    return (
        aws.refusal(lambda: move(AssociationId=association, NetworkAclId=elsewhere)),
        aws.refusal(lambda: aws.ec2.delete_network_acl(NetworkAclId=default["NetworkAclId"])),
    ), (
        f"InvalidParameterValue: networkAcl {elsewhere} and subnet belong to different networks",
        f"InvalidParameterValue: cannot delete default network ACL {default['NetworkAclId']}",
    )


@scenario
def an_acl_outlives_its_subnet_and_holds_its_network(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network(open_to_the_world=False)
    made, default = acl(aws, vpc), acls(aws, vpc_id=vpc, default="true")[0]
    for association in default["Associations"]:
        aws.ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=made)
    for subnet in subnets:
        aws.ec2.delete_subnet(SubnetId=subnet)
    held = aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc))
    aws.ec2.delete_network_acl(NetworkAclId=made)
    return (held, aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc))), (
        f"DependencyViolation: The vpc '{vpc}' has dependencies and cannot be deleted.",
        "accepted",
    )


def system(aws: Any, **members: Any) -> str:
    return str(aws.efs.create_file_system(CreationToken=aws.name(), **members)["FileSystemId"])


@scenario
def throughput_and_protection_of_a_file_system_change(aws: Any) -> tuple[Any, Any]:
    made = system(aws)
    aws.efs.update_file_system(FileSystemId=made, ThroughputMode="provisioned", ProvisionedThroughputInMibps=64.0)
    aws.efs.update_file_system_protection(FileSystemId=made, ReplicationOverwriteProtection="DISABLED")
    refused = aws.refusal(lambda: aws.efs.update_file_system(FileSystemId=made, ThroughputMode="elastic",
                                                             ProvisionedThroughputInMibps=64.0))  # fmt: skip
    found = aws.efs.describe_file_systems(FileSystemId=made)["FileSystems"][0]
    shown = (found["ThroughputMode"], found["ProvisionedThroughputInMibps"], found["FileSystemProtection"])
    return (shown, refused.partition(":")[0]), (
        ("provisioned", 64.0, {"ReplicationOverwriteProtection": "DISABLED"}),
        "BadRequest",
    )


@scenario
def backups_of_a_file_system_are_turned_on_and_off(aws: Any) -> tuple[Any, Any]:
    made, found = system(aws), []
    for status in ("ENABLED", "DISABLED"):
        aws.efs.put_backup_policy(FileSystemId=made, BackupPolicy={"Status": status})
        found.append(aws.efs.describe_backup_policy(FileSystemId=made)["BackupPolicy"]["Status"])
    return found, ["ENABLED", "DISABLED"]


@scenario
def a_mount_target_has_the_default_group_and_holds_its_subnet(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    target = aws.efs.create_mount_target(FileSystemId=system(aws), SubnetId=subnets[0])["MountTargetId"]
    groups = aws.efs.describe_mount_target_security_groups(MountTargetId=target)["SecurityGroups"]
    named = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = aws.ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"]
    held = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    return (groups, held), (
        [default],
        f"DependencyViolation: The subnet '{subnets[0]}' has dependencies and cannot be deleted.",
    )


@scenario
def what_belongs_to_a_file_system_needs_one_and_goes_with_it(aws: Any) -> tuple[Any, Any]:
    none, made = "fs-0123456789abcdef0", system(aws)
    point = aws.efs.create_access_point(FileSystemId=made, ClientToken=aws.name())["AccessPointId"]
    refused = [
        aws.refusal(lambda: aws.efs.create_access_point(FileSystemId=none, ClientToken=aws.name())).partition(":")[0],
        aws.refusal(lambda: aws.efs.describe_file_system_policy(FileSystemId=none)).partition(":")[0],
    ]
    aws.efs.delete_file_system(FileSystemId=made)
    refused.append(aws.refusal(lambda: aws.efs.describe_access_points(AccessPointId=point)).partition(":")[0])
    return refused, ["FileSystemNotFound", "FileSystemNotFound", "AccessPointNotFound"]


@scenario
def a_health_check_keeps_what_it_is_made_with(aws: Any) -> tuple[Any, Any]:
    make = aws.route53.create_health_check
    web = {"Type": "HTTPS", "FullyQualifiedDomainName": "shop.example", "ResourcePath": "/health"}
    alarm = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": "a", "Region": "eu-west-1"}}
    made = make(CallerReference=aws.name(), HealthCheckConfig=web)["HealthCheck"]
    kept = make(CallerReference=aws.name(), HealthCheckConfig=alarm)["HealthCheck"]["HealthCheckConfig"]
    changed = aws.route53.update_health_check(
        HealthCheckId=made["Id"], ResetElements=["ResourcePath"], FailureThreshold=5
    )
    found, version = changed["HealthCheck"]["HealthCheckConfig"], changed["HealthCheck"]["HealthCheckVersion"]
    stale = aws.refusal(lambda: aws.route53.update_health_check(HealthCheckId=made["Id"], HealthCheckVersion=1))
    none = aws.refusal(lambda: make(CallerReference=aws.name(), HealthCheckConfig={"Type": "HTTP"}))
    shown = (
        made["HealthCheckConfig"]["Port"],
        kept["AlarmIdentifier"],
        found.get("ResourcePath"),
        found["FailureThreshold"],
    )
    return (shown, version, stale.partition(":")[0], none.partition(":")[0]), (
        (443, alarm["AlarmIdentifier"], None, 5),
        2,
        "HealthCheckVersionMismatch",
        "InvalidInput",
    )


@scenario
def a_group_tells_topics_of_its_launches(aws: Any) -> tuple[Any, Any]:
    name, topic = aws.name(), aws.sns.create_topic(Name=aws.name())["TopicArn"]
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    aws.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=0, MaxSize=1, AvailabilityZones=["eu-west-1a"],
        LaunchTemplate={"LaunchTemplateName": name})  # fmt: skip
    put = aws.autoscaling.put_notification_configuration
    launch, end = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"
    put(AutoScalingGroupName=name, TopicARN=topic, NotificationTypes=[launch])
    put(AutoScalingGroupName=name, TopicARN=topic, NotificationTypes=[launch, end])
    refused = (
        aws.refusal(lambda: put(AutoScalingGroupName=name, TopicARN=topic, NotificationTypes=["launch"])),
        aws.refusal(lambda: put(AutoScalingGroupName=name, TopicARN=f"{topic}x", NotificationTypes=[end])),
    )
    look = aws.autoscaling.describe_notification_configurations
    found = look(AutoScalingGroupNames=[name])["NotificationConfigurations"]
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name)
    left = look(AutoScalingGroupNames=[name])["NotificationConfigurations"]
    return ([f["NotificationType"] for f in found], left, refused), (
        [launch, end],
        [],
        (
            "ValidationError: launch is not a valid Notification Type",
            f"ValidationError: Unable to publish test message to notification target {topic}x.",
        ),
    )


@scenario
def queries_are_saved(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    made = aws.logs.put_query_definition(name=name, queryString="fields @message")["queryDefinitionId"]
    aws.logs.put_query_definition(name=name, queryString="fields @timestamp", queryDefinitionId=made)
    found = aws.logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    gone = [aws.refusal(lambda: aws.logs.delete_query_definition(queryDefinitionId=made)) for _ in range(2)]
    return ([(q["queryDefinitionId"], q["queryString"]) for q in found], gone[0], gone[1].partition(":")[0]), (
        [(made, "fields @timestamp")],
        "accepted",
        "ResourceNotFoundException",
    )


@scenario
def a_mute_rule_has_a_status_and_is_found_by_its_alarm(aws: Any) -> tuple[Any, Any]:
    name, alarm = aws.name(), aws.name()
    aws.cloudwatch.put_metric_alarm(
        AlarmName=alarm, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m", Namespace="n",
        Period=60, Statistic="Sum", Threshold=1)  # fmt: skip
    put = aws.cloudwatch.put_alarm_mute_rule
    always = {"Schedule": {"Expression": "cron(* * * * *)", "Duration": "PT2M"}}
    put(Name=name, Rule=always, MuteTargets={"AlarmNames": [alarm]}, Tags=[{"Key": "team", "Value": "shop"}])
    found = aws.cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName=name)
    look = aws.cloudwatch.list_alarm_mute_rules
    active = [r["AlarmMuteRuleArn"] for r in look(AlarmName=alarm, Statuses=["ACTIVE"])["AlarmMuteRuleSummaries"]]
    expired = look(AlarmName=alarm, Statuses=["EXPIRED"])["AlarmMuteRuleSummaries"]
    tags = aws.cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmMuteRuleArn"])["Tags"]
    refused = aws.refusal(lambda: put(Name=name, Rule=always, MuteTargets={"AlarmNames": ["none"]}))
    for _ in range(2):
        aws.cloudwatch.delete_alarm_mute_rule(AlarmMuteRuleName=name)
    gone = aws.refusal(lambda: aws.cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName=name)).partition(":")[0]
    return (found["Status"], found["MuteType"], active, expired, tags, refused, gone), (
        "ACTIVE",
        "RECURRING",
        [found["AlarmMuteRuleArn"]],
        [],
        [{"Key": "team", "Value": "shop"}],
        "ValidationError: The following alarms do not exist: none",
        "ResourceNotFoundException",
    )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"

"""Network ACLs, file systems, health checks and others through their lives: it cannot prove what AWS itself answers."""

import json
import uuid
from datetime import datetime
from typing import Any

import pytest

from tests.localcloud.conftest import Failed, Made, Values

ACL, RULE = "aws:ec2/networkAcl:NetworkAcl", "aws:ec2/networkAclRule:NetworkAclRule"
DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"


def entry(number: int, **more: Any) -> Values:
    return {"ruleNo": number, "action": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443} | more


def test_an_acl_lives_through_its_life(provider: Any, cloud: Any, vpc: Made, subnets: list[Made]) -> None:
    ping = entry(120, protocol="icmp", icmpType=8, icmpCode=-1, fromPort=0, toPort=0, cidrBlock="10.0.0.0/8")
    first = {"vpcId": vpc.id, "ingress": [entry(100, cidrBlock="0.0.0.0/0"), ping], "subnetIds": [subnets[0].id]}
    other = {**first, "ingress": [ping, entry(90, ipv6CidrBlock="::/0", protocol="6")], "subnetIds": [subnets[1].id]}
    made = provider.cycle(ACL, first, other)
    found = cloud("ec2").describe_network_acls(NetworkAclIds=[made.id])["NetworkAcls"][0]
    assert [a["SubnetId"] for a in found["Associations"]] == [subnets[1].id]
    shown = {(e["RuleNumber"], e["Protocol"], e.get("Ipv6CidrBlock") or e["CidrBlock"]) for e in found["Entries"]}
    last = (32767, "-1", "0.0.0.0/0")
    assert shown == {(120, "1", "10.0.0.0/8"), (90, "6", "::/0"), last}
    assert [e["IcmpTypeCode"] for e in found["Entries"] if e["RuleNumber"] == 120] == [{"Code": -1, "Type": 8}]
    provider.delete(made)
    assert provider.refresh(made) is None
    back = cloud("ec2").describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnets[1].id]}])
    assert [acl["IsDefault"] for acl in back["NetworkAcls"]] == [True]


@pytest.mark.parametrize("egress", [True, False])
def test_a_rule_of_an_acl_lives_through_its_life(provider: Any, vpc: Made, egress: bool) -> None:
    acl = provider.create(ACL, {"vpcId": vpc.id})
    inputs = {"networkAclId": acl.id, "ruleNumber": 200, "egress": egress, "protocol": "tcp", "ruleAction": "Deny",
              "cidrBlock": "10.9.0.0/16", "fromPort": 22, "toPort": 22}  # fmt: skip
    made = provider.cycle(RULE, inputs, import_id=f"{acl.id}:200:tcp:{str(egress).lower()}")
    assert provider.refresh(acl).inputs == acl.inputs, "entries of their own resources are not the ACL's"
    replaced = provider.diff(made, inputs | {"toPort": 23})
    assert (replaced.replaces, replaced.delete_before_replace) == (["toPort"], True)
    provider.delete(made)
    assert provider.refresh(made) is None


def test_an_association_that_was_replaced_leaves_the_new_one_alone(
    provider: Any, cloud: Any, vpc: Made, subnets: list[Made]
) -> None:
    one, two = (provider.create(ACL, {"vpcId": vpc.id}, name) for name in ("one", "two"))
    token = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
    first = provider.cycle(token, {"networkAclId": one.id, "subnetId": subnets[0].id})
    second = provider.create(token, {"networkAclId": two.id, "subnetId": subnets[0].id})
    assert provider.refresh(first) is None
    provider.delete(first)
    assert provider.refresh(second) is not None
    provider.delete(second)
    used = cloud("ec2").describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnets[0].id]}])
    assert used["NetworkAcls"][0]["IsDefault"] is True


def test_the_default_acl_is_taken_with_its_entries_and_kept(provider: Any, cloud: Any, vpc: Made) -> None:
    acl = vpc.state["defaultNetworkAclId"]
    made = provider.cycle(DEFAULT_ACL, {"defaultNetworkAclId": acl}, {"defaultNetworkAclId": acl, "ingress": [
        entry(100, cidrBlock="10.0.0.0/8")]})  # fmt: skip
    assert made.id == acl
    provider.delete(made)
    entries = cloud("ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    assert [e["RuleNumber"] for e in entries if e["RuleNumber"] < 32767] == [100]


def test_an_acl_that_is_not_the_default_one_is_not_taken_for_it(provider: Any, vpc: Made) -> None:
    acl = provider.create(ACL, {"vpcId": vpc.id})
    with pytest.raises(Failed, match=f"defaultNetworkAclId: {acl.id} is not the default network ACL of its network"):
        provider.create(DEFAULT_ACL, {"defaultNetworkAclId": acl.id})


ALLOWED = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
NO_PROTOCOL = "'http' is no protocol; allowed are tcp, udp, icmp, icmpv6, ah, esp, -1 (all), and 0 to 255"
BAD_ENTRIES: list[tuple[Values, list[tuple[str, str]]]] = [
    ({"ruleNo": 0}, [("ingress[0].ruleNo", "0 is not within 1 to 32766")]),
    ({"ruleNo": 32767}, [("ingress[0].ruleNo", "32767 is not within 1 to 32766")]),
    ({"action": "permit"}, [("ingress[0].action", "'permit' is not allowed; allowed are allow, deny")]),
    ({"cidrBlock": None}, [("ingress[0].cidrBlock", "give exactly one of 'cidrBlock' and 'ipv6CidrBlock'")]),
    ({"ipv6CidrBlock": "::/0"}, [("ingress[0].ipv6CidrBlock", "give exactly one of 'cidrBlock' and 'ipv6CidrBlock'")]),
    ({"cidrBlock": "10.0.0.1/8"}, [("ingress[0].cidrBlock",
                                    "'10.0.0.1/8' has host bits set; did you mean '10.0.0.0/8'?")]),
    ({"fromPort": 444}, [("ingress[0].toPort", "443 is below fromPort 444")]),
    ({"toPort": 65536}, [("ingress[0].toPort", "65536 is not a port: -1 to 65535")]),
    ({"protocol": "-1"}, [(f"ingress[0].{n}", "entries for all protocols ('-1') take no ports: give 0")
                          for n in ("fromPort", "toPort")]),
    ({"protocol": "http"}, [("ingress[0].protocol", NO_PROTOCOL)]),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "failures"), BAD_ENTRIES)
def test_what_aws_refuses_of_an_entry_is_refused_in_the_preview(provider: Any, wrong: Values, failures: Any) -> None:
    one = {"vpcId": "vpc-1", "ingress": [entry(100, cidrBlock="10.0.0.0/8") | wrong]}
    assert sorted(provider.check(ACL, one)[1]) == sorted(failures)


def test_two_entries_of_one_number_are_refused(provider: Any) -> None:
    two = [entry(100, cidrBlock="10.0.0.0/8"), entry(100, cidrBlock="10.1.0.0/16")]
    why = "100 is there already: an ACL has one entry of a number"
    assert provider.check(ACL, {"vpcId": "vpc-1", "egress": two})[1] == [("egress[1].ruleNo", why)]
    assert provider.check(ACL, {"vpcId": "vpc-1", "egress": two[:1], "ingress": two[1:]})[1] == []


def test_a_file_system_lives_through_its_life(provider: Any, cloud: Any) -> None:
    token = "aws:efs/fileSystem:FileSystem"
    first = {"encrypted": True, "lifecyclePolicies": [{"transitionToIa": "AFTER_30_DAYS"}], "tags": {"Name": "files"}}
    other = {"encrypted": True, "throughputMode": "provisioned", "provisionedThroughputInMibps": 64,
             "protection": {"replicationOverwrite": "DISABLED"}, "tags": {"Name": "others"}}  # fmt: skip
    made = provider.cycle(token, first, other)
    assert made.state["name"] == "others"
    assert made.state["dnsName"] == f"{made.id}.efs.eu-west-1.amazonaws.com"
    assert cloud("efs").describe_lifecycle_configuration(FileSystemId=made.id)["LifecyclePolicies"] == []
    back = provider.update(made, first)
    assert provider.refresh(back).inputs == back.inputs
    assert provider.diff(back, first | {"encrypted": False}).replaces == ["encrypted"]
    found = provider.invoke("aws:efs/getFileSystem:getFileSystem", {"tags": {"Name": "files"}, "fileSystemId": made.id})
    assert (found["arn"], found["lifecyclePolicies"]) == (made.state["arn"], [{"transitionToIa": "AFTER_30_DAYS"}])
    with pytest.raises(Failed, match="no matching EFS file systems found"):
        provider.invoke("aws:efs/getFileSystem:getFileSystem", {"fileSystemId": "fs-0123456789abcdef0"})


def test_a_file_system_is_mounted_with_the_groups_of_the_program(provider: Any, vpc: Made, subnets: list[Made]) -> None:
    system = provider.create("aws:efs/fileSystem:FileSystem", {}, "system")
    group = provider.create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc.id}, "group")
    plain = {"fileSystemId": system.id, "subnetId": subnets[0].id}
    made = provider.cycle("aws:efs/mountTarget:MountTarget", plain | {"securityGroups": [vpc.state["defaultSecurityGroupId"]]},
                          plain | {"securityGroups": [group.id]})  # fmt: skip
    assert made.state["mountTargetDnsName"] == f"eu-west-1a.{system.id}.efs.eu-west-1.amazonaws.com"
    with pytest.raises(Failed, match="mount target already exists in this AZ"):
        provider.create("aws:efs/mountTarget:MountTarget", plain)
    with pytest.raises(Failed, match="has dependencies and cannot be deleted"):
        provider.delete(subnets[0])
    with pytest.raises(Failed, match="Must delete all mount targets before deleting file system"):
        provider.delete(system)
    provider.delete(made)
    provider.delete(system)


def test_an_access_point_and_the_policies_of_a_file_system_live_through_their_lives(provider: Any) -> None:
    system = provider.create("aws:efs/fileSystem:FileSystem", {}, "system")
    plain = {"fileSystemId": system.id}
    for inputs, other in (
        ({"posixUser": {"uid": 1, "gid": 2, "secondaryGids": [5, 4]}}, {"posixUser": {"uid": 3, "gid": 2}}),
        ({"rootDirectory": {"path": "/a/b"}}, {"rootDirectory": {"path": "/a"}}),
        ({}, {"rootDirectory": {"path": "/a"}}),
    ):
        made = provider.cycle("aws:efs/accessPoint:AccessPoint", plain | inputs, plain | inputs | {"tags": {"a": "b"}})
        assert provider.diff(made, plain | other | {"tags": {"a": "b"}}).replaces != []
    on, off = ({"backupPolicy": {"status": status}} for status in ("ENABLED", "DISABLED"))
    policy = provider.cycle("aws:efs/backupPolicy:BackupPolicy", plain | on, plain | off)
    again = provider.update(policy, plain | on)
    provider.delete(again)
    assert provider.refresh(again) is None


def test_health_checks_live_through_their_lives(provider: Any, cloud: Any) -> None:
    token = "aws:route53/healthCheck:HealthCheck"
    web = {
        "type": "HTTPS",
        "fqdn": "shop.example",
        "resourcePath": "/health",
        "regions": ["us-east-1", "eu-west-1", "us-west-2"],
    }
    other = {
        "type": "HTTPS",
        "fqdn": "www.shop.example",
        "port": 8443,
        "failureThreshold": 2,
        "disabled": True,
        "tags": {"team": "shop"},
    }
    made = provider.cycle(token, web, other)
    kept = cloud("route53").get_health_check(HealthCheckId=made.id)["HealthCheck"]["HealthCheckConfig"]
    assert (kept["Port"], kept["EnableSNI"], kept.get("ResourcePath"), kept.get("Regions")) == (8443, True, None, None)
    both = {"type": "CALCULATED", "childHealthchecks": [made.id], "childHealthThreshold": 1}
    provider.cycle(token, both, both | {"childHealthThreshold": 0, "invertHealthcheck": True})
    alarm = {"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": "a", "cloudwatchAlarmRegion": "eu-west-1",
             "insufficientDataHealthStatus": "Healthy"}  # fmt: skip
    provider.cycle(token, alarm, alarm | {"insufficientDataHealthStatus": "Unhealthy", "cloudwatchAlarmName": "b"})
    assert provider.diff(made, other | {"requestInterval": 10}).replaces == ["requestInterval"]


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({"type": "HTTP"}, [("fqdn", "missing: type 'HTTP' needs 'fqdn' or 'ipAddress'")]),
        ({"type": "TCP", "ipAddress": "192.0.2.1"}, [("port", "missing required property of type 'TCP'")]),
        ({"type": "CALCULATED"}, [("childHealthchecks", "missing required property of type 'CALCULATED'")]),
        ({"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": "a"},
         [("cloudwatchAlarmRegion", "missing required property of type 'CLOUDWATCH_METRIC'")]),
    ],
)  # fmt: skip
def test_a_health_check_needs_what_it_looks_at(provider: Any, inputs: Values, failures: Any) -> None:
    assert provider.check("aws:route53/healthCheck:HealthCheck", inputs)[1] == failures


def test_items_of_a_table_live_through_their_lives(provider: Any, cloud: Any) -> None:
    names = [{"name": "id", "type": "S"}, {"name": "at", "type": "N"}]
    table = provider.create("aws:dynamodb/table:Table", {
        "attributes": names, "hashKey": "id", "rangeKey": "at", "billingMode": "PAY_PER_REQUEST"})  # fmt: skip
    plain = {"tableName": table.id, "hashKey": "id", "rangeKey": "at"}
    item = {
        "id": {"S": "a"},
        "at": {"N": "7"},
        "raw": {"B": "AAEC"},
        "deep": {"M": {"l": {"L": [{"BOOL": True}, {"BS": ["AA=="]}]}}},
    }
    token = "aws:dynamodb/tableItem:TableItem"
    made = provider.cycle(
        token, plain | {"item": json.dumps(item)}, plain | {"item": json.dumps(item | {"n": {"N": "1"}})}
    )
    assert made.id == f"{table.id}|id|a|at|7"
    assert (made.state["hashKeyValue"], made.state["rangeKeyValue"]) == ("a", "7")
    with pytest.raises(Failed, match="The conditional request failed"):
        provider.create(token, plain | {"item": json.dumps(item)})
    moved = provider.update(made, plain | {"item": json.dumps({"id": {"S": "b"}, "at": {"N": "7"}})})
    keys = sorted(found["id"]["S"] for found in cloud("dynamodb").scan(TableName=table.id)["Items"])
    assert keys == ["b"]
    assert provider.refresh(moved).inputs == moved.inputs
    provider.delete(moved)
    assert cloud("dynamodb").scan(TableName=table.id)["Items"] == []


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("{", "is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "is no JSON object"),
        ('{"id": "a"}', '"a" is no attribute value such as {"S": "text"}'),
        ('{"at": {"N": "1"}}', "lacks the key 'id' that hashKey names"),
    ],
)
def test_an_item_that_is_none_is_refused_in_the_preview(provider: Any, item: str, reason: str) -> None:
    inputs = {"tableName": "t", "hashKey": "id", "item": item}
    assert provider.check("aws:dynamodb/tableItem:TableItem", inputs)[1] == [("item", reason)]


def test_saved_queries_live_through_their_lives(provider: Any) -> None:
    token = "aws:cloudwatch/queryDefinition:QueryDefinition"
    name = f"errors-{uuid.uuid4().hex}"
    first = {"name": name, "queryString": "fields @message", "logGroupNames": ["a", "b"]}
    made = provider.cycle(token, first, {"name": f"{name}-2", "queryString": "fields @timestamp"})
    assert provider.imported(token, made.state["arn"]).id == made.id
    provider.delete(made)
    assert provider.refresh(made) is None


def mute(**schedule: str) -> Values:
    return {"rule": {"schedule": {"expression": "cron(0 2 * * SUN)", "duration": "PT4H"} | schedule}}


def test_mute_rules_live_through_their_lives(provider: Any, cloud: Any) -> None:
    token, watched = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule", {
        "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "threshold": 1, "metricName": "m",
        "namespace": "n", "period": 60, "statistic": "Sum"}  # fmt: skip
    alarm = provider.create("aws:cloudwatch/metricAlarm:MetricAlarm", watched, "watched")
    other = mute(timezone="Europe/Berlin", duration="P2DT12H") | {
        "muteTargets": {"alarmNames": [alarm.id]}, "startDate": "2026-01-01T00:00:00+01:00", "description": "nights",
        "expireDate": "2999-12-31T23:59:00Z", "tags": {"team": "shop"}}  # fmt: skip
    made = provider.cycle(token, mute(), other)
    assert (made.state["muteType"], made.state["arn"].rpartition(":")[2]) == ("RECURRING", made.id)
    found = cloud("cloudwatch").list_alarm_mute_rules(AlarmName=alarm.id)["AlarmMuteRuleSummaries"]
    assert [rule["AlarmMuteRuleArn"] for rule in found] == [made.state["arn"]]
    provider.delete(made)
    assert provider.refresh(made) is None


SIX_FIELDS = "'0 2 ? * SUN *' has 6 fields, wanted 5: minutes, hours, day of month, month, day of week"
RULE_FAULTS: list[tuple[Values, list[tuple[str, str]]]] = [
    (mute(expression="cron(0 2 ? * SUN *)"), [("rule.schedule.expression", SIX_FIELDS)]),
    (mute(expression="cron(0/5 2 * * *)"), [("rule.schedule.expression", "'0/5 2 * * *' has steps: only '*', '-' and ',' are taken")]),
    (mute(expression="at(2026-12-31T23:59:00)"), [("rule.schedule.expression", "wanted at(yyyy-mm-ddThh:mm)")]),
    (mute(expression="rate(1 hour)"), [("rule.schedule.expression", "'rate(1 hour)' is not of the form cron(...) or at(...)")]),
    (mute(duration="PT0M"), [("rule.schedule.duration", "PT0M is not within PT1M to P15D")]),
    (mute(duration="P15DT1M"), [("rule.schedule.duration", "P15DT1M is not within PT1M to P15D")]),
    (mute(duration="4h"), [("rule.schedule.duration", "'4h' is no duration of ISO 8601 such as PT4H or P2DT12H")]),
    (mute(duration="PT"), [("rule.schedule.duration", "'PT' is no duration of ISO 8601 such as PT4H or P2DT12H")]),
    (mute(timezone="Berlin"), [("rule.schedule.timezone", "'Berlin' is no time zone of the IANA database, such as Europe/Berlin")]),
    (mute() | {"startDate": "2026-01-01T00:00:30Z"}, [("startDate", "'2026-01-01T00:00:30Z' has seconds, which must be 00")]),
    (mute(expression="at(2026-12-31T23:59)") | {"expireDate": "2027-01-01T00:00:00Z"},
     [("expireDate", "an at(...) comes once: leave it out")]),
    (mute() | {"startDate": "2026-01-02T00:00:00Z", "expireDate": "2026-01-02T00:30:00+01:00"},
     [("expireDate", "2026-01-02T00:30:00+01:00 is not after startDate 2026-01-02T00:00:00Z")]),
    ({}, [("rule", "missing required property")]),
]  # fmt: skip


@pytest.mark.parametrize(("inputs", "failures"), RULE_FAULTS)
def test_what_aws_refuses_of_a_mute_rule_is_refused_in_the_preview(
    provider: Any, inputs: Values, failures: Any
) -> None:
    assert provider.check("aws:cloudwatch/alarmMuteRule:AlarmMuteRule", inputs)[1] == failures


@pytest.mark.parametrize(
    ("schedule", "more", "moment", "expected"),
    [
        ({"expression": "cron(0 2 * * SUN)"}, {}, "2026-11-29T02:00", "ACTIVE"),
        ({"expression": "cron(0 2 * * SUN)"}, {}, "2026-11-29T01:59", "SCHEDULED"),
        ({"expression": "cron(0 2 * * SUN)"}, {}, "2026-11-29T05:59", "ACTIVE"),
        ({"expression": "cron(0 2 * * SUN)"}, {}, "2026-11-29T06:00", "SCHEDULED"),
        ({"expression": "cron(0 2 * * SUN)", "timezone": "Europe/Berlin"}, {}, "2026-11-29T01:00", "ACTIVE"),
        ({"expression": "cron(0 2 * * SUN)", "timezone": "Europe/Berlin"}, {}, "2026-07-05T00:00", "ACTIVE"),
        ({"expression": "cron(0 18 * * FRI)", "duration": "P2DT12H"}, {}, "2026-11-30T05:59", "ACTIVE"),
        ({"expression": "cron(0 18 * * FRI)", "duration": "P2DT12H"}, {}, "2026-11-30T06:00", "SCHEDULED"),
        ({"expression": "cron(0 1 1 * *)", "duration": "P15D"}, {}, "2026-11-16T00:59", "ACTIVE"),
        ({"expression": "cron(0 1 1 * MON)", "duration": "PT1M"}, {}, "2026-11-30T01:00", "ACTIVE"),
        ({"expression": "cron(0,30 1-2 * JAN-FEB *)", "duration": "PT1M"}, {}, "2026-02-01T02:30", "ACTIVE"),
        ({"expression": "cron(0,30 1-2 * JAN-FEB *)", "duration": "PT1M"}, {}, "2026-03-01T02:30", "SCHEDULED"),
        ({"expression": "at(2026-11-29T02:00)"}, {}, "2026-11-29T01:59", "SCHEDULED"),
        ({"expression": "at(2026-11-29T02:00)"}, {}, "2026-11-29T05:59", "ACTIVE"),
        ({"expression": "at(2026-11-29T02:00)"}, {}, "2026-11-29T06:00", "EXPIRED"),
        ({"expression": "at(2025-01-01T02:00)"}, {}, "2026-11-29T06:00", "EXPIRED"),
        ({"expression": "cron(0 2 * * *)"}, {"ExpireDate": "2026-11-29T03:00"}, "2026-11-29T03:00", "EXPIRED"),
        ({"expression": "cron(0 2 * * *)"}, {"ExpireDate": "2026-11-29T03:00"}, "2026-11-29T02:59", "ACTIVE"),
        ({"expression": "cron(0 2 * * *)"}, {"StartDate": "2026-11-29T03:00"}, "2026-11-29T03:30", "SCHEDULED"),
        ({"expression": "cron(0 2 * * *)"}, {"StartDate": "2026-11-29T03:00"}, "2026-11-30T02:00", "ACTIVE"),
    ],
)  # fmt: skip
def test_a_rule_silences_its_alarms_in_its_windows(schedule: Values, more: Values, moment: str, expected: str) -> None:
    from localcloud.aws.moto_gaps.alarm_mute_rules import status

    told = {"Duration": schedule.get("duration", "PT4H"), "Expression": schedule["expression"],
            "Timezone": schedule.get("timezone")}  # fmt: skip
    dates = {name: datetime.fromisoformat(f"{value}:00+00:00") for name, value in more.items()}
    rule = {"Rule": {"Schedule": told}, **dates}
    assert status(rule, datetime.fromisoformat(f"{moment}:00+00:00")) == expected


@pytest.mark.parametrize("zone", ["euw1-az1", "euw1-az2", "euw1-az3"])
def test_a_subnet_by_the_id_of_its_zone_shows_no_drift(provider: Any, vpc: Made, zone: str) -> None:
    made = provider.cycle("aws:ec2/subnet:Subnet", {
        "vpcId": vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZoneId": zone})  # fmt: skip
    assert (made.state["availabilityZoneId"], made.state["mapPublicIpOnLaunch"]) == (zone, False)


def test_a_subnet_by_the_id_of_a_zone_elsewhere_is_refused(provider: Any, vpc: Made) -> None:
    with pytest.raises(Failed, match=r"Value \(use1-az1\) for parameter availabilityZoneId is invalid"):
        provider.create("aws:ec2/subnet:Subnet", {
            "vpcId": vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZoneId": "use1-az1"})  # fmt: skip


def test_a_key_of_a_managed_password_is_read_back_by_its_id_or_its_arn_and_stays(provider: Any) -> None:
    token, key = "aws:rds/instance:Instance", provider.create("aws:kms/key:Key", {}, "key")
    other = provider.create("aws:kms/key:Key", {}, "other")
    plain = {"allocatedStorage": 10, "engine": "postgres", "instanceClass": "db.t3.micro", "username": "shop",
             "manageMasterUserPassword": True, "skipFinalSnapshot": True, "applyImmediately": True}  # fmt: skip
    for name in (key.id, key.state["arn"]):
        made = provider.create(token, plain | {"masterUserSecretKmsKeyId": name})
        again = provider.refresh(made)
        assert again.inputs == made.inputs
        assert provider.imported(token, made.id).inputs["masterUserSecretKmsKeyId"] == key.state["arn"]
    assert provider.diff(made, plain | {"masterUserSecretKmsKeyId": key.id}).detail == {}
    with pytest.raises(Failed, match="can't change the KMS key of the master user secret"):
        provider.update(made, plain | {"masterUserSecretKmsKeyId": other.id})


def test_a_rule_compares_with_regular_expressions(provider: Any, vpc: Made, subnets: list[Made]) -> None:
    balancer = provider.create(
        "aws:lb/loadBalancer:LoadBalancer", {"internal": True, "subnets": [s.id for s in subnets]}
    )
    refuse = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
    listener = provider.create("aws:lb/listener:Listener", {
        "loadBalancerArn": balancer.id, "port": 80, "defaultActions": [refuse]})  # fmt: skip
    rule = {"listenerArn": listener.id, "priority": 7, "actions": [refuse]}
    token = "aws:lb/listenerRule:ListenerRule"
    for condition, other in (
        ({"pathPattern": {"regexValues": ["^/v[12]/", "^/old/"]}}, {"pathPattern": {"values": ["/v3/*"]}}),
        ({"hostHeader": {"values": ["shop.example"]}}, {"hostHeader": {"regexValues": ["^shop[.]"]}}),
        ({"httpHeader": {"httpHeaderName": "X-Team", "regexValues": ["^a"]}}, {"sourceIp": {"values": ["10.0.0.0/8"]}}),
    ):
        made = provider.cycle(token, rule | {"conditions": [condition]}, rule | {"conditions": [other]})
        provider.delete(made)
    both = {"pathPattern": {"values": ["/a"], "regexValues": ["^/a"]}}
    told = [("conditions[0].pathPattern", "give exactly one of 'values' and 'regexValues'")]
    assert provider.check(token, rule | {"conditions": [both]})[1] == told


def test_the_members_of_a_group_are_those_of_the_program(provider: Any, cloud: Any) -> None:
    group = provider.create("aws:iam/group:Group", {})
    users = [provider.create("aws:iam/user:User", {}, f"user{n}").id for n in range(3)]
    token, plain = (
        "aws:iam/groupMembership:GroupMembership",
        {"name": f"members-{uuid.uuid4().hex[:12]}", "group": group.id},
    )
    made = provider.create(token, plain | {"users": users[:2]})
    assert provider.diff(made, plain | {"users": users[1::-1]}).detail == {}, "the order of users means nothing"
    cloud("iam").remove_user_from_group(GroupName=group.id, UserName=users[0])
    assert provider.refresh(made).inputs["users"] == [users[1]]
    made = provider.update(made, plain | {"users": users[1:]})
    assert sorted(provider.refresh(made).inputs["users"]) == sorted(users[1:])
    provider.delete(made)
    assert cloud("iam").get_group(GroupName=group.id)["Users"] == []


def test_a_policy_is_attached_to_all_that_the_program_names(provider: Any, cloud: Any) -> None:
    policy = provider.create("aws:iam/policy:Policy", {"policy": ALLOWED})
    users = [provider.create("aws:iam/user:User", {}, f"user{n}").id for n in range(2)]
    group, token = provider.create("aws:iam/group:Group", {}), "aws:iam/policyAttachment:PolicyAttachment"
    plain = {"name": f"all-{uuid.uuid4().hex[:12]}", "policyArn": policy.state["arn"]}
    assert provider.check(token, plain)[1] == [("roles", "missing: give one of 'users', 'roles', 'groups'")]
    made = provider.create(token, plain | {"users": users})
    cloud("iam").detach_user_policy(UserName=users[0], PolicyArn=plain["policyArn"])
    assert provider.refresh(made).inputs["users"] == [users[1]]
    made = provider.update(made, plain | {"groups": [group.id], "users": [users[1]]})
    found = provider.refresh(made)
    assert (found.inputs["groups"], found.inputs["users"]) == ([group.id], [users[1]])
    provider.delete(made)
    assert provider.refresh(made) is None

"""CloudWatch, logs, certificates and access lists on the local cloud; that AWS's own words are these is not proved here."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


ENUM = (
    "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must satisfy enum value set: "
)


def alarm(aws: Any, **members: Any) -> str:
    """An alarm on cpu; `members` over the defaults, None to leave one out."""
    name = members.pop("AlarmName", aws.name())
    values = {
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **members,
    }
    aws.cloudwatch.put_metric_alarm(AlarmName=name, **{k: v for k, v in values.items() if v is not None})
    return str(name)


def described(aws: Any, name: str) -> dict[str, Any]:
    return dict(aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0])


@scenario
def a_new_alarm_has_no_data_yet(aws: Any) -> tuple[Any, Any]:
    return described(aws, alarm(aws))["StateValue"], "INSUFFICIENT_DATA"


@scenario
def a_new_account_has_quotas_on_vcpus(aws: Any) -> tuple[Any, Any]:
    quotas = aws.client("service-quotas")
    found = [
        quotas.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"]
        for service, code in (("fargate", "L-3032A538"), ("ec2", "L-1216C47A"))
    ]
    return found, [6.0, 5.0]


@scenario
def an_alarm_that_is_changed_keeps_its_state(aws: Any) -> tuple[Any, Any]:
    name = alarm(aws)
    aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    alarm(aws, AlarmName=name, Threshold=90.0)
    found = described(aws, name)
    return (found["StateValue"], found["StateReason"], found["Threshold"]), ("ALARM", "a test", 90.0)


@scenario
def values_that_aws_does_not_have_are_refused(aws: Any) -> tuple[Any, Any]:
    wrong = {"ComparisonOperator": "Nope", "Statistic": "Mean", "Unit": "Apples", "TreatMissingData": "hide"}
    refused = {k: aws.refusal(lambda k=k, v=v: alarm(aws, **{k: v})).partition("[")[0] for k, v in wrong.items()}
    return refused, {k: "ValidationError: " + ENUM.format(v, k[0].lower() + k[1:]) for k, v in wrong.items()}


@scenario
def an_odd_period_is_refused(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: alarm(aws, Period=45))
    return refused, "ValidationError: Invalid Period 45: it must be 10, 20, 30 or a multiple of 60"


@scenario
def more_than_a_day_is_refused(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: alarm(aws, Period=300, EvaluationPeriods=289))
    text = "Metrics cannot be checked across more than a day (a week for hourly periods)"
    return refused, f"ValidationError: {text}"


@scenario
def more_datapoints_than_periods_are_refused(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: alarm(aws, DatapointsToAlarm=4))
    return refused, "ValidationError: DatapointsToAlarm must be less than or equal to EvaluationPeriods"


@scenario
def two_statistics_are_refused(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: alarm(aws, ExtendedStatistic="p99"))
    return refused, "InvalidParameterCombination: Exactly one of Statistic and ExtendedStatistic must be given"


@scenario
def an_alarm_on_nothing_is_refused(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: alarm(aws, MetricName=None, Namespace=None, Statistic=None, Period=None))
    return refused, "ValidationError: Exactly one of MetricName and Metrics must be given"


@scenario
def a_metric_needs_its_namespace(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: alarm(aws, Namespace=None))
    return refused, "ValidationError: Namespace must be given with MetricName"


@scenario
def trimmed_means_are_kept(aws: Any) -> tuple[Any, Any]:
    return described(aws, alarm(aws, Statistic=None, ExtendedStatistic="tm99"))["ExtendedStatistic"], "tm99"


@scenario
def a_composite_alarm_is_kept_with_its_suppressor(aws: Any) -> tuple[Any, Any]:
    first, name = alarm(aws), aws.name()
    members = {
        "AlarmRule": f'ALARM("{first}") OR OK({first})',
        "ActionsSuppressor": first,
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
    }
    aws.cloudwatch.put_composite_alarm(AlarmName=name, **members)
    wanted = {"AlarmNames": [name], "AlarmTypes": ["CompositeAlarm"]}
    found = aws.cloudwatch.describe_alarms(**wanted)["CompositeAlarms"][0]
    return {member: found[member] for member in members}, members


@scenario
def a_composite_alarm_on_nothing_is_refused(aws: Any) -> tuple[Any, Any]:
    put = aws.cloudwatch.put_composite_alarm
    return aws.refusal(lambda: put(AlarmName=aws.name(), AlarmRule='ALARM("nobody")')), (
        "ValidationError: Could not save the composite alarm as alarms [nobody] in the alarm rule do not exist"
    )


@scenario
def an_alarm_of_a_composite_alarm_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    first, name = alarm(aws), aws.name()
    aws.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f'ALARM("{first}")')
    refused = aws.refusal(lambda: aws.cloudwatch.delete_alarms(AlarmNames=[first]))
    then = aws.refusal(lambda: aws.cloudwatch.delete_alarms(AlarmNames=[first, name]))
    text = f"ValidationError: Cannot delete {first} as composite alarm(s) depend on it: {name}"
    return (refused, then), (text, "accepted")


@scenario
def anomaly_detectors_are_kept(aws: Any) -> tuple[Any, Any]:
    single = {"Namespace": "AWS/ECS", "MetricName": aws.name(), "Stat": "Average"}
    aws.cloudwatch.put_anomaly_detector(SingleMetricAnomalyDetector=single)
    found = aws.cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]
    aws.cloudwatch.delete_anomaly_detector(SingleMetricAnomalyDetector=single)
    left = aws.cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]
    return [d["SingleMetricAnomalyDetector"] for d in found if d not in left], [single]


@scenario
def a_log_groups_class_is_kept(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.logs.create_log_group(logGroupName=name, logGroupClass="INFREQUENT_ACCESS")
    found = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    return found.get("logGroupClass"), "INFREQUENT_ACCESS"


@scenario
def a_log_groups_key_comes_and_goes(aws: Any) -> tuple[Any, Any]:
    name, key = aws.name(), "arn:aws:kms:eu-west-1:123456789012:key/0"
    aws.logs.create_log_group(logGroupName=name)
    aws.logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
    found = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    aws.logs.disassociate_kms_key(logGroupName=name)
    then = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    return (found["kmsKeyId"], "kmsKeyId" in then), (key, False)


@scenario
def odd_days_of_retention_are_refused(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.logs.create_log_group(logGroupName=name)
    refused = aws.refusal(lambda: aws.logs.put_retention_policy(logGroupName=name, retentionInDays=31))
    return refused.partition("[")[0], "InvalidParameterException: " + ENUM.format(31, "retentionInDays")


@scenario
def options_of_a_certificate_can_be_changed(aws: Any) -> tuple[Any, Any]:
    arn = aws.acm.request_certificate(DomainName="example.com")["CertificateArn"]
    options = {"CertificateTransparencyLoggingPreference": "DISABLED"}
    aws.acm.update_certificate_options(CertificateArn=arn, Options=options)
    found = aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Options"]
    return found["CertificateTransparencyLoggingPreference"], "DISABLED"


@scenario
def an_access_list_can_lose_its_last_rule(aws: Any) -> tuple[Any, Any]:
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    rule = {
        "Name": "r",
        "Priority": 1,
        "Statement": {"GeoMatchStatement": {"CountryCodes": ["DE"]}},
        "Action": {"Block": {}},
        "VisibilityConfig": visible,
    }
    members = {"Name": aws.name(), "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visible}
    waf = aws.client("wafv2")
    made = waf.create_web_acl(**members, Rules=[rule])["Summary"]
    waf.update_web_acl(**members, Id=made["Id"], LockToken=made["LockToken"], Rules=[])
    found = waf.get_web_acl(Name=members["Name"], Scope="REGIONAL", Id=made["Id"])["WebACL"]
    return found["Rules"], []


@scenario
def a_failure_inside_moto_is_an_error_with_its_place(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: aws.ecs.update_capacity_provider(name="nobody", autoScalingGroupProvider={}))
    return refused.partition(" (")[0], "InternalFailure: the local cloud failed in ecs:UpdateCapacityProvider"


@scenario
def a_record_is_created_once_and_never_as_a_cname_at_the_apex(aws: Any) -> tuple[Any, Any]:
    zone = aws.route53.create_hosted_zone(Name="example.org", CallerReference=aws.name())["HostedZone"]["Id"]

    def create(name: str, kind: str, value: str) -> None:
        record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    create("www.example.org", "A", "192.0.2.1")
    refused = [
        aws.refusal(lambda: create("www.example.org", "A", "192.0.2.2")),
        aws.refusal(lambda: create("example.org", "CNAME", "www.example.com")),
    ]
    return refused, [
        "InvalidChangeBatch: [Tried to create resource record set [name='www.example.org.', type='A'] but it already exists]",
        "InvalidChangeBatch: [RRSet of type CNAME with DNS name example.org. is not permitted at apex in zone example.org.]",
    ]


@scenario
def a_record_that_went_is_made_again_beside_one_that_sorts_behind_it(aws: Any) -> tuple[Any, Any]:
    zone = aws.route53.create_hosted_zone(Name="example.net", CallerReference=aws.name())["HostedZone"]["Id"]

    def change(*changes: tuple[str, str]) -> None:
        records = {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        batch = [{"Action": action, "ResourceRecordSet": records | {"Name": name}} for action, name in changes]
        aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})

    change(("CREATE", "api.example.net"), ("CREATE", "www.example.net"))
    change(("DELETE", "api.example.net"))
    change(("CREATE", "api.example.net"))
    change(("DELETE", "api.example.net"), ("DELETE", "www.example.net"))
    change(("CREATE", "www.example.net"))
    change(("CREATE", "api.example.net"))
    found = aws.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [each["Name"] for each in found if each["Type"] == "A"], ["api.example.net.", "www.example.net."]


@scenario
def a_bucket_that_denies_what_is_not_encrypted_on_its_way_takes_objects(aws: Any) -> tuple[Any, Any]:
    bucket = aws.name()
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    plain = deny | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    said = []
    for statement in (plain, deny | {"Action": "s3:GetObject"}):
        aws.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [statement]}))
        said.append(aws.refusal(lambda: aws.s3.put_object(Bucket=bucket, Key="a", Body=b"a")))
        said.append(aws.refusal(lambda: aws.s3.get_object(Bucket=bucket, Key="a")).partition(":")[0])
    return said, ["accepted", "accepted", "accepted", "403"]


@scenario
def a_table_is_encrypted_later(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.dynamodb.update_table(TableName=name, SSESpecification={"Enabled": True})
    return aws.dynamodb.describe_table(TableName=name)["Table"]["SSEDescription"]["Status"], "ENABLED"


@scenario
def a_table_has_replicas_with_its_items(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.dynamodb.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": "us-east-2"}}])
    found = aws.dynamodb.describe_table(TableName=name)["Table"]
    return [(one["RegionName"], one["ReplicaStatus"]) for one in found.get("Replicas", [])], [("us-east-2", "ACTIVE")]


@scenario
def an_archiving_rule_of_a_registry_is_kept(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.ecr.create_repository(repositoryName=name)
    archive = {"type": "transition", "targetStorageClass": "archive"}
    unused = {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 90}
    expired = unused | {"countType": "sinceImageTransitioned", "storageClass": "archive"}
    rules = [
        {"rulePriority": 1, "selection": unused, "action": archive},
        {"rulePriority": 2, "selection": expired, "action": {"type": "expire"}},
    ]
    put = aws.ecr.put_lifecycle_policy
    return aws.refusal(lambda: put(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": rules}))), "accepted"


@scenario
def a_secret_of_a_partner_keeps_its_type(aws: Any) -> tuple[Any, Any]:
    arn = aws.secretsmanager.create_secret(Name=aws.name(), Type="BigIDClientSecret")["ARN"]
    return aws.secretsmanager.describe_secret(SecretId=arn).get("Type"), "BigIDClientSecret"


@scenario
def a_version_that_was_made_current_by_hand_is_the_one_that_the_next_value_replaces(aws: Any) -> tuple[Any, Any]:
    made = aws.secretsmanager.create_secret(Name=aws.name(), SecretString="1")
    arn, first = made["ARN"], made["VersionId"]
    second = aws.secretsmanager.put_secret_value(SecretId=arn, SecretString="2")["VersionId"]
    aws.secretsmanager.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", RemoveFromVersionId=second, MoveToVersionId=first
    )
    third = aws.secretsmanager.put_secret_value(SecretId=arn, SecretString="3")["VersionId"]
    stages = aws.secretsmanager.describe_secret(SecretId=arn)["VersionIdsToStages"]
    told = {name: version for version, named in stages.items() for name in named}
    count = sum(named.count("AWSCURRENT") for named in stages.values())
    return (count, told), (1, {"AWSCURRENT": third, "AWSPREVIOUS": first})


@scenario
def a_bucket_says_which_encryption_it_refuses(aws: Any) -> tuple[Any, Any]:
    bucket = aws.name()
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}
    blocked = {"EncryptionType": ["SSE-C"]}
    body = {"Rules": [rule | {"BlockedEncryptionTypes": blocked}]}
    aws.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=body)
    found = aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    return found, body


@scenario
def a_log_bucket_needs_no_policy_and_stays_empty(aws: Any) -> tuple[Any, Any]:
    bucket, logs = aws.name(), aws.name()
    for one in (bucket, logs):
        aws.s3.create_bucket(Bucket=one, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    target = {"LoggingEnabled": {"TargetBucket": logs, "TargetPrefix": "log/"}}
    said = aws.refusal(lambda: aws.s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=target))
    aws.s3.list_objects_v2(Bucket=bucket)
    return (said, aws.s3.list_objects_v2(Bucket=logs)["KeyCount"]), ("accepted", 0)


@scenario
def the_audiences_of_an_oidc_provider_change(aws: Any) -> tuple[Any, Any]:
    url = f"https://{aws.name()}.example.com"
    made = aws.iam.create_open_id_connect_provider(Url=url, ClientIDList=["one"])
    arn = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    aws.iam.add_client_id_to_open_id_connect_provider(**arn, ClientID="two")
    aws.iam.remove_client_id_from_open_id_connect_provider(**arn, ClientID="one")
    return aws.iam.get_open_id_connect_provider(**arn)["ClientIDList"], ["two"]


@scenario
def a_bucket_made_again_has_no_tags(aws: Any) -> tuple[Any, Any]:
    bucket, where = aws.name(), {"LocationConstraint": "eu-west-1"}
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    aws.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "shop"}]})
    aws.s3.delete_bucket(Bucket=bucket)
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    return aws.refusal(lambda: aws.s3.get_bucket_tagging(Bucket=bucket)).partition(":")[0], "NoSuchTagSet"


@scenario
def a_log_group_made_again_has_no_tags(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.logs.create_log_group(logGroupName=name, tags={"team": "shop"})
    aws.logs.delete_log_group(logGroupName=name)
    aws.logs.create_log_group(logGroupName=name)
    arn = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["arn"].removesuffix(":*")
    return aws.logs.list_tags_for_resource(resourceArn=arn)["tags"], {}


@scenario
def an_alarm_made_again_has_no_tags(aws: Any) -> tuple[Any, Any]:
    name = alarm(aws, Tags=[{"Key": "team", "Value": "shop"}])
    arn = described(aws, name)["AlarmArn"]
    aws.cloudwatch.delete_alarms(AlarmNames=[name])
    alarm(aws, AlarmName=name)
    return aws.cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], []


@scenario
def a_queue_keeps_its_policy_when_another_attribute_changes(aws: Any) -> tuple[Any, Any]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = aws.sqs.create_queue(QueueName=aws.name(), Attributes={"Policy": policy})["QueueUrl"]
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "45"})
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return (found["VisibilityTimeout"], json.loads(found["Policy"])), ("45", json.loads(policy))


@scenario
def a_queue_says_who_may_send_it_dead_letters(aws: Any) -> tuple[Any, Any]:
    allowed = {"redrivePermission": "denyAll"}
    members = {"RedriveAllowPolicy": json.dumps(allowed)}
    url = aws.sqs.create_queue(QueueName=aws.name(), Attributes=members)["QueueUrl"]
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return json.loads(found["RedriveAllowPolicy"]), allowed


@scenario
def a_certificate_validated_by_mail_has_addresses_and_no_record(aws: Any) -> tuple[Any, Any]:
    asked = {"DomainName": "*.example.com", "ValidationMethod": "EMAIL"}
    arn = aws.acm.request_certificate(**asked)["CertificateArn"]
    found = aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"][0]
    seen = (found["ValidationMethod"], "ResourceRecord" in found, sorted(found["ValidationEmails"]))
    who = ("admin", "administrator", "hostmaster", "postmaster", "webmaster")
    return seen, ("EMAIL", False, [f"{each}@example.com" for each in who])


@scenario
def publishers_name_their_newest_images_in_parameters(aws: Any) -> tuple[Any, Any]:
    names = {
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id": "ubuntu/images/hvm-ssd-gp3/",
        "/aws/service/debian/release/12/latest/amd64": "debian-12-amd64-",
        "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base": "Windows_Server-2022-English-Full-Base-",
        "/aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_id": "bottlerocket-aws-ecs-2-x86_64-",
    }
    images = {name: aws.ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in names}
    found = {
        image["ImageId"]: image["Name"]
        for image in aws.ec2.describe_images(ImageIds=list(images.values()))["Images"]
    }  # fmt: skip
    begun = {name: found[images[name]].startswith(prefix) for name, prefix in names.items()}
    return begun, dict.fromkeys(names, True)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"

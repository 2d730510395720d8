"""Functions, databases, APIs, streams and users on the local cloud, as AWS has them; AWS's words are not proved here."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def role(aws: Any, service: str) -> str:
    """The ARN of a new role that a service may take."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(aws.iam.create_role(RoleName=aws.name(), AssumeRolePolicyDocument=document)["Role"]["Arn"])


def function(aws: Any, **members: Any) -> Any:
    """A function; `members` over the defaults."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("index.py", "def handler(event, context): return 1")
    values = {"FunctionName": aws.name(), "Runtime": "python3.13", "Handler": "index.handler"} | members
    values.setdefault("Role", role(aws, "lambda.amazonaws.com"))
    return aws.client("lambda").create_function(Code={"ZipFile": packed.getvalue()}, **values)


@scenario
def a_role_that_does_not_trust_lambda_is_refused(aws: Any) -> tuple[Any, Any]:
    other = role(aws, "ecs-tasks.amazonaws.com")
    expected = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."
    return aws.refusal(lambda: function(aws, Role=other)), expected


@scenario
def a_function_keeps_its_settings_and_changes_them(aws: Any) -> tuple[Any, Any]:
    client, queue = aws.client("lambda"), "arn:aws:sqs:eu-west-1:123456789012:dead"
    name = function(aws, DeadLetterConfig={"TargetArn": queue})["FunctionName"]
    first = client.get_function_configuration(FunctionName=name)
    client.update_function_configuration(
        FunctionName=name, DeadLetterConfig={"TargetArn": ""}, TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024}, LoggingConfig={"LogFormat": "JSON"}, Environment={},
    )  # fmt: skip
    then = client.get_function_configuration(FunctionName=name)
    seen = (first["DeadLetterConfig"], first["LoggingConfig"], "DeadLetterConfig" in then, then["TracingConfig"],
            then["EphemeralStorage"], then["LoggingConfig"])  # fmt: skip
    group = f"/aws/lambda/{name}"
    return seen, (
        {"TargetArn": queue}, {"LogFormat": "Text", "LogGroup": group}, False, {"Mode": "Active"}, {"Size": 1024},
        {"LogFormat": "JSON", "LogGroup": group},
    )  # fmt: skip


@scenario
def a_function_is_in_the_network_of_its_subnets(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    group = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=vpc)["GroupId"]
    made = function(aws, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]})
    return made["VpcConfig"]["VpcId"], vpc


@scenario
def conditions_of_a_permission_stand_beside_each_other(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    client.add_permission(
        FunctionName=name, StatementId="a", Action="lambda:InvokeFunctionUrl", Principal="123456789012",
        SourceAccount="123456789012", PrincipalOrgID="o-1234567890", FunctionUrlAuthType="AWS_IAM",
    )  # fmt: skip
    statement = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    return (statement["Principal"], statement["Condition"]), (
        {"AWS": "arn:aws:iam::123456789012:root"},
        {
            "StringEquals": {
                "AWS:SourceAccount": "123456789012",
                "aws:PrincipalOrgID": "o-1234567890",
                "lambda:FunctionUrlAuthType": "AWS_IAM",
            }
        },
    )


@scenario
def the_id_of_a_permission_is_taken_once(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    asked = {
        "FunctionName": name,
        "StatementId": "a",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
    }
    client.add_permission(**asked)
    return aws.refusal(lambda: client.add_permission(**asked)), (
        "ResourceConflictException: The statement id (a) provided already exists. "
        "Please provide a new statement id, or remove the existing statement."
    )


@scenario
def a_function_has_one_url_that_ends_in_a_slash(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    made = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    again = aws.refusal(lambda: client.create_function_url_config(FunctionName=name, AuthType="NONE"))
    return (made["FunctionUrl"][-8:], made["InvokeMode"], again.split(":")[0]), (
        ".on.aws/", "BUFFERED", "ResourceConflictException",
    )  # fmt: skip


@scenario
def an_invocation_starts_no_container(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    return "FunctionError" in client.invoke(FunctionName=name), False


def subnet_group(aws: Any, subnets: list[str] | None = None) -> str:
    """A group of subnets in two zones."""
    name = aws.name()
    aws.rds.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=subnets or aws.network()[1]
    )
    return str(name)


def database(aws: Any, **members: Any) -> Any:
    """An instance; `members` over the defaults."""
    values = {
        "DBInstanceIdentifier": aws.name(), "Engine": "postgres", "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20, "MasterUsername": "app", "MasterUserPassword": "correct-horse",
    } | members  # fmt: skip
    return aws.rds.create_db_instance(**values)["DBInstance"]


@scenario
def each_instance_has_an_id_of_its_own(aws: Any) -> tuple[Any, Any]:
    return database(aws)["DbiResourceId"] == database(aws)["DbiResourceId"], False


@scenario
def an_instance_keeps_its_settings_and_changes_them(aws: Any) -> tuple[Any, Any]:
    made = database(aws, EnablePerformanceInsights=True, EngineVersion="16.4")
    aws.rds.modify_db_instance(DBInstanceIdentifier=made["DBInstanceIdentifier"], DBPortNumber=5433)
    found = aws.rds.describe_db_instances(DBInstanceIdentifier=made["DBInstanceIdentifier"])["DBInstances"][0]
    seen = (found["PerformanceInsightsEnabled"], found["Endpoint"]["Port"], found["Endpoint"]["HostedZoneId"],
            found["DBParameterGroups"][0]["DBParameterGroupName"])  # fmt: skip
    return seen, (True, 5433, "Z29XKXDKYMONMX", "default.postgres16")


@scenario
def a_subnet_group_covers_two_zones(aws: Any) -> tuple[Any, Any]:
    subnets = aws.network()[1][:1]
    return aws.refusal(lambda: subnet_group(aws, subnets)), (
        "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage "
        "requirement. Current AZ coverage: eu-west-1a. Add subnets to cover at least 2 AZs."
    )


@scenario
def a_subnet_group_that_is_changed_stays(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    name = subnet_group(aws, subnets)
    aws.rds.modify_db_subnet_group(DBSubnetGroupName=name, SubnetIds=subnets, DBSubnetGroupDescription="y")
    found = aws.rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    return found["DBSubnetGroupDescription"], "y"


@scenario
def a_subnet_group_in_use_stays(aws: Any) -> tuple[Any, Any]:
    name = subnet_group(aws)
    made = database(aws, DBSubnetGroupName=name)["DBInstanceIdentifier"]
    return aws.refusal(lambda: aws.rds.delete_db_subnet_group(DBSubnetGroupName=name)), (
        f"InvalidDBSubnetGroupStateFault: Cannot delete the subnet group '{name}' because at least one database "
        f"instance: {made} is still using it."
    )


@scenario
def a_database_and_its_security_groups_are_in_one_network(aws: Any) -> tuple[Any, Any]:
    (vpc, subnets), (other, _) = aws.network(), aws.network()
    group = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=other)["GroupId"]
    name = subnet_group(aws, subnets)
    return aws.refusal(lambda: database(aws, DBSubnetGroupName=name, VpcSecurityGroupIds=[group])), (
        "InvalidParameterCombination: The DB instance and EC2 security group are in different VPCs. "
        f"The DB instance is in {vpc} and the EC2 security group is in {other}"
    )


@scenario
def a_public_database_needs_a_gateway(aws: Any) -> tuple[Any, Any]:
    name = subnet_group(aws, aws.network(open_to_the_world=False)[1])
    told = aws.refusal(lambda: database(aws, DBSubnetGroupName=name, PubliclyAccessible=True))
    return told.split(":")[0], "InvalidVPCNetworkStateFault"


@scenario
def parameters_are_given_back_their_value(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="postgres16", Description="x")
    parameter = {"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"}
    aws.rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[parameter])
    aws.rds.reset_db_parameter_group(DBParameterGroupName=name, Parameters=[parameter])
    return aws.rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"], []


@scenario
def a_cluster_is_made_once_with_a_version_of_this_time(aws: Any) -> tuple[Any, Any]:
    asked = {"DBClusterIdentifier": aws.name(), "Engine": "aurora-postgresql", "MasterUsername": "app",
             "MasterUserPassword": "correct-horse"}  # fmt: skip
    made = aws.rds.create_db_cluster(**asked)["DBCluster"]
    again = aws.refusal(lambda: aws.rds.create_db_cluster(**asked))
    return (made["EngineVersion"], made["DBClusterParameterGroup"], again), (
        "16.6", "default.aurora-postgresql16", "DBClusterAlreadyExistsFault: DB Cluster already exists",
    )  # fmt: skip


def web(aws: Any, **members: Any) -> Any:
    """A client of API Gateway, and the id of a new API."""
    client = aws.client("apigatewayv2")
    return client, client.create_api(Name=aws.name(), ProtocolType="HTTP", **members)["ApiId"]


@scenario
def a_target_makes_an_integration_a_route_and_a_stage(aws: Any) -> tuple[Any, Any]:
    client, api = web(aws, Target="https://shop.example")
    integration = client.get_integrations(ApiId=api)["Items"][0]
    route, stage = client.get_routes(ApiId=api)["Items"][0], client.get_stages(ApiId=api)["Items"][0]
    return (integration["IntegrationUri"], route["RouteKey"], stage["StageName"], stage["AutoDeploy"]), (
        "https://shop.example", "$default", "$default", True,
    )  # fmt: skip


@scenario
def a_stage_changes_and_has_tags(aws: Any) -> tuple[Any, Any]:
    client, api = web(aws)
    client.create_stage(ApiId=api, StageName="live", Description="a")
    client.update_stage(ApiId=api, StageName="live", Description="b", StageVariables={"a": "1"})
    arn = f"arn:aws:apigateway:eu-west-1::/apis/{api}/stages/live"
    client.tag_resource(ResourceArn=arn, Tags={"team": "shop"})
    found = client.get_stage(ApiId=api, StageName="live")
    return (found["Description"], found["StageVariables"], found["Tags"]), ("b", {"a": "1"}, {"team": "shop"})


@scenario
def an_api_without_routes_is_not_deployed(aws: Any) -> tuple[Any, Any]:
    client, api = web(aws)
    return aws.refusal(lambda: client.create_deployment(ApiId=api)), (
        "BadRequestException: Unable to deploy API because no routes exist in this API"
    )


@scenario
def a_deployment_is_kept(aws: Any) -> tuple[Any, Any]:
    client, api = web(aws)
    client.create_route(ApiId=api, RouteKey="GET /")
    made = client.create_deployment(ApiId=api, Description="first")["DeploymentId"]
    found = client.get_deployment(ApiId=api, DeploymentId=made)
    return (found["DeploymentStatus"], found["Description"]), ("DEPLOYED", "first")


@scenario
def a_value_of_a_route_is_taken_away(aws: Any) -> tuple[Any, Any]:
    client, api = web(aws)
    made = client.create_route(ApiId=api, RouteKey="GET /", OperationName="list", Target="integrations/a")["RouteId"]
    client.update_route(ApiId=api, RouteId=made, Target="")
    return client.get_route(ApiId=api, RouteId=made).get("Target"), None


@scenario
def a_bus_changes(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.events.create_event_bus(Name=name, Description="a")
    aws.events.update_event_bus(Name=name, Description="b")
    return aws.events.describe_event_bus(Name=name)["Description"], "b"


@scenario
def a_consumer_has_an_arn_of_its_own_and_tags(aws: Any) -> tuple[Any, Any]:
    stream = aws.name()
    aws.kinesis.create_stream(StreamName=stream, ShardCount=1)
    arn = aws.kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    made = aws.kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="one")["Consumer"]["ConsumerARN"]
    aws.kinesis.tag_resource(ResourceARN=made, Tags={"team": "shop"})
    tags = aws.kinesis.list_tags_for_resource(ResourceARN=made)["Tags"]
    again = aws.refusal(lambda: aws.kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="one"))
    return (made.rpartition(":")[2].isdigit(), tags, again.split(":")[0]), (
        True, [{"Key": "team", "Value": "shop"}], "ResourceInUseException",
    )  # fmt: skip


@scenario
def a_machine_tells_its_versions(aws: Any) -> tuple[Any, Any]:
    waiting = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 1, "End": True}}})
    who = role(aws, "states.amazonaws.com")
    made = aws.stepfunctions.create_state_machine(name=aws.name(), definition=waiting, roleArn=who, publish=True)
    found = aws.stepfunctions.list_state_machine_versions(stateMachineArn=made["stateMachineArn"])
    versions = [one["stateMachineVersionArn"] for one in found["stateMachineVersions"]]
    return versions, [f"{made['stateMachineArn']}:1"]


@scenario
def tags_go_with_their_machine(aws: Any) -> tuple[Any, Any]:
    waiting = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 1, "End": True}}})
    asked = {"name": aws.name(), "definition": waiting, "roleArn": role(aws, "states.amazonaws.com")}
    arn = aws.stepfunctions.create_state_machine(**asked, tags=[{"key": "team", "value": "shop"}])["stateMachineArn"]
    aws.stepfunctions.delete_state_machine(stateMachineArn=arn)
    aws.stepfunctions.create_state_machine(**asked)
    return aws.stepfunctions.list_tags_for_resource(resourceArn=arn)["tags"], []


def site(aws: Any, **members: Any) -> Any:
    """A distribution of a bucket; `members` over the defaults of the origin."""
    origin = {
        "Id": "site",
        "DomainName": "site.s3.eu-west-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    methods = {"Quantity": 2, "Items": ["GET", "HEAD"]}
    config = {
        "CallerReference": aws.name(), "Comment": "", "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin | members]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "site", "ViewerProtocolPolicy": "https-only", "AllowedMethods": methods,
            "FunctionAssociations": {"Quantity": 1, "Items": [{"FunctionARN": "arn:aws:cloudfront::1:function/f",
                                                               "EventType": "viewer-request"}]},
        },
    }  # fmt: skip
    return aws.cloudfront.create_distribution(DistributionConfig=config)


def access(aws: Any, name: str) -> str:
    """A control of access to a bucket."""
    config = {
        "Name": name,
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    made = aws.cloudfront.create_origin_access_control(OriginAccessControlConfig=config)
    return str(made["OriginAccessControl"]["Id"])


@scenario
def a_distribution_keeps_all_that_it_was_made_with(aws: Any) -> tuple[Any, Any]:
    made = site(aws)["Distribution"]["DistributionConfig"]["DefaultCacheBehavior"]["FunctionAssociations"]
    return made["Quantity"], 1


@scenario
def a_distribution_that_is_on_stays(aws: Any) -> tuple[Any, Any]:
    made = site(aws)
    told = aws.refusal(lambda: aws.cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"]))
    return told, "DistributionNotDisabled: The distribution you are trying to delete has not been disabled."


@scenario
def a_change_makes_another_version(aws: Any) -> tuple[Any, Any]:
    made = site(aws)
    which, config = made["Distribution"]["Id"], made["Distribution"]["DistributionConfig"]
    asked = {"Id": which, "DistributionConfig": config | {"Comment": "b"}, "IfMatch": made["ETag"]}
    aws.cloudfront.update_distribution(**asked)
    return aws.refusal(lambda: aws.cloudfront.update_distribution(**asked)).split(":")[0], "PreconditionFailed"


@scenario
def an_access_control_has_a_name_of_its_own_and_stays_while_it_is_used(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    made = access(aws, name)
    site(aws, OriginAccessControlId=made)
    version = aws.cloudfront.get_origin_access_control(Id=made)["ETag"]
    used = aws.refusal(lambda: aws.cloudfront.delete_origin_access_control(Id=made, IfMatch=version))
    return (aws.refusal(lambda: access(aws, name)).split(":")[0], used.split(":")[0]), (
        "OriginAccessControlAlreadyExists", "OriginAccessControlInUse",
    )  # fmt: skip


@scenario
def a_replica_begins_without_what_its_source_was_given_for_itself(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("rds"), aws.name()
    watcher = role(aws, "monitoring.rds.amazonaws.com")
    client.create_db_instance(
        DBInstanceIdentifier=name, Engine="mysql", DBInstanceClass="db.t3.micro", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="a", MasterUserPassword="a-long-password", MonitoringInterval=60, MonitoringRoleArn=watcher,
        DeletionProtection=True, CopyTagsToSnapshot=True, EnableCloudwatchLogsExports=["error"],
    )  # fmt: skip
    client.create_db_instance_read_replica(DBInstanceIdentifier=f"{name}-r", SourceDBInstanceIdentifier=name)
    found = client.describe_db_instances(DBInstanceIdentifier=f"{name}-r")["DBInstances"][0]
    own = ("MonitoringInterval", "MultiAZ", "DeletionProtection", "CopyTagsToSnapshot", "EnabledCloudwatchLogsExports")
    return {k: found.get(k) for k in own}, dict(zip(own, (0, False, False, False, []), strict=True))


OPENAPI = {
    "openapi": "3.0.1",
    "info": {"title": "pets", "version": "1.0"},
    "paths": {
        "/pets/{id}": {
            "get": {
                "security": [{"people": ["read"]}],
                "x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/back"},
            },
            "x-amazon-apigateway-any-method": {
                "x-amazon-apigateway-integration": {
                    "type": "http_proxy",
                    "httpMethod": "ANY",
                    "uri": "https://a.example",
                }
            },
        },
        "/$default": {"x-amazon-apigateway-any-method": {}},
    },
    "components": {
        "x-amazon-apigateway-integrations": {
            "back": {
                "type": "aws_proxy",
                "uri": "arn:aws:lambda:::f",
                "payloadFormatVersion": "2.0",
                "timeoutInMillis": 900,
            }
        },
        "securitySchemes": {
            "people": {
                "type": "oauth2",
                "x-amazon-apigateway-authorizer": {
                    "type": "jwt",
                    "identitySource": "$request.header.Authorization",
                    "jwtConfiguration": {"issuer": "https://people.example", "audience": ["shop"]},
                },
            }
        },
    },
}


@scenario
def an_import_makes_routes_integrations_and_authorizers_and_keeps_stages(aws: Any) -> tuple[Any, Any]:
    client = aws.client("apigatewayv2")
    made = {"ApiId": client.create_api(Name=aws.name(), ProtocolType="HTTP")["ApiId"]}
    client.create_stage(**made, StageName="live")
    for _ in range(2):
        client.reimport_api(**made, Body=json.dumps(OPENAPI))
    integrations = {one["IntegrationId"]: one for one in client.get_integrations(**made)["Items"]}
    routes = {
        one["RouteKey"]: (
            one["AuthorizationType"],
            integrations.get(one.get("Target", "/").split("/")[1], {}).get("IntegrationType"),
        )
        for one in client.get_routes(**made)["Items"]
    }
    timeouts = sorted(one["TimeoutInMillis"] for one in integrations.values())
    stages = [one["StageName"] for one in client.get_stages(**made)["Items"]]
    return (routes, timeouts, stages, client.get_api(**made)["Name"]), (
        {
            "GET /pets/{id}": ("JWT", "AWS_PROXY"),
            "ANY /pets/{id}": ("NONE", "HTTP_PROXY"),
            "$default": ("NONE", None),
        },
        [900, 30_000],
        ["live"],
        "pets",
    )


@scenario
def a_domain_name_goes_with_its_mappings(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("apigatewayv2"), f"{aws.name().lower()}.example"
    client.create_domain_name(DomainName=name, DomainNameConfigurations=[{"CertificateArn": "arn:aws:acm:::c"}])
    made = client.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    leads = {"DomainName": name, "ApiId": made, "Stage": "live"}
    nowhere = aws.refusal(lambda: client.create_api_mapping(**leads)).split(":")[0]
    client.create_stage(ApiId=made, StageName="live")
    client.create_api_mapping(**leads)
    twice = aws.refusal(lambda: client.create_api_mapping(**leads)).split(":")[0]
    endpoint = client.get_domain_name(DomainName=name)["DomainNameConfigurations"][0]
    client.delete_domain_name(DomainName=name)
    return (nowhere, twice, endpoint["DomainNameStatus"], endpoint["HostedZoneId"][0]), (
        "NotFoundException", "ConflictException", "AVAILABLE", "Z",
    )  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"

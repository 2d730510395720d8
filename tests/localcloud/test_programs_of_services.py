"""Programs as the public writes them, on the real engine: an API before a function, a database in its own network, a site
behind CloudFront, a REST API for the users of a pool, caches in a network. Each goes up, again without a change, is refreshed without drift, and destroyed to nothing.

It cannot prove that AWS takes them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.test_cloud_engine import Checkout, make

pytestmark = pytest.mark.engine
__all__ = ["make"]

HEAD = """\
import json

import pulumi
import pulumi_aws as aws

"""
API = """\
def trusted(service):
    return aws.iam.get_policy_document(statements=[{
        "actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": [service]}],
    }]).json


role = aws.iam.Role("fn", assume_role_policy=trusted("lambda.amazonaws.com"))
aws.iam.RolePolicyAttachment(
    "logs", role=role.name, policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
)
dead = aws.sqs.Queue("dead")
queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=60)
fn = aws.lambda_.Function(
    "fn", role=role.arn, runtime="python3.13", handler="app.handler", code=pulumi.FileArchive("./app"),
    environment={"variables": {"KEY": pulumi.Output.secret("not-to-be-seen")}},
    dead_letter_config={"target_arn": dead.arn},
)
aws.lambda_.EventSourceMapping("jobs", event_source_arn=queue.arn, function_name=fn.arn, batch_size=10)
api = aws.apigatewayv2.Api("api", protocol_type="HTTP", cors_configuration={"allow_origins": ["https://shop.example"]})
joined = aws.apigatewayv2.Integration(
    "fn", api_id=api.id, integration_type="AWS_PROXY", integration_uri=fn.invoke_arn, payload_format_version="2.0"
)
route = aws.apigatewayv2.Route(
    "orders", api_id=api.id, route_key="GET /orders", target=joined.id.apply(lambda i: f"integrations/{i}")
)
stage = aws.apigatewayv2.Stage("live", api_id=api.id, name="$default", auto_deploy=True)
aws.lambda_.Permission(
    "api", action="lambda:InvokeFunction", function=fn.name, principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply(lambda arn: f"{arn}/*/*"),
)
bus = aws.cloudwatch.EventBus("orders")
placed = aws.cloudwatch.EventRule(
    "placed", event_bus_name=bus.name, event_pattern=json.dumps({"source": ["shop"], "detail-type": ["placed"]})
)
aws.cloudwatch.EventTarget("fn", rule=placed.name, event_bus_name=bus.name, arn=fn.arn)
aws.lambda_.Permission(
    "bus", action="lambda:InvokeFunction", function=fn.name, principal="events.amazonaws.com", source_arn=placed.arn
)
pulumi.export("url", stage.invoke_url)
"""
DATABASE = """\
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
subnets = [
    aws.ec2.Subnet(f"db-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", availability_zone=f"eu-west-1{zone}")
    for i, zone in enumerate("ab")
]
group = aws.rds.SubnetGroup("db", subnet_ids=[subnet.id for subnet in subnets])
access = aws.ec2.SecurityGroup(
    "db", vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr_blocks": [vpc.cidr_block]}],
)
settings = aws.rds.ParameterGroup(
    "db", family="postgres16", parameters=[{"name": "log_min_duration_statement", "value": "500"}]
)
db = aws.rds.Instance(
    "db", engine="postgres", engine_version="16", instance_class="db.t4g.micro", allocated_storage=20, db_name="shop",
    username="app", password=pulumi.Output.secret("not-to-be-seen"), db_subnet_group_name=group.name,
    vpc_security_group_ids=[access.id], parameter_group_name=settings.name, storage_encrypted=True,
    skip_final_snapshot=True, backup_retention_period=7,
)
cluster = aws.rds.Cluster(
    "aurora", engine="aurora-postgresql", master_username="app", manage_master_user_password=True,
    db_subnet_group_name=group.name, skip_final_snapshot=True, storage_encrypted=True,
    serverlessv2_scaling_configuration={"min_capacity": 0.5, "max_capacity": 2},
)
aws.rds.ClusterInstance("aurora", cluster_identifier=cluster.id, engine="aurora-postgresql", instance_class="db.serverless")
pulumi.export("url", db.endpoint)
pulumi.export("password", db.password)
"""
SITE = """\
bucket = aws.s3.Bucket("site")
aws.s3.BucketPublicAccessBlock(
    "site", bucket=bucket.id, block_public_acls=True, block_public_policy=True, ignore_public_acls=True,
    restrict_public_buckets=True,
)
aws.s3.BucketObject("index.html", bucket=bucket.id, content="<h1>shop</h1>", content_type="text/html")
access = aws.cloudfront.OriginAccessControl(
    "site", origin_access_control_origin_type="s3", signing_behavior="always", signing_protocol="sigv4"
)
cached = aws.cloudfront.get_cache_policy(name="Managed-CachingOptimized")
site = aws.cloudfront.Distribution(
    "site", enabled=True, default_root_object="index.html",
    origins=[{"origin_id": "s3", "domain_name": bucket.bucket_regional_domain_name, "origin_access_control_id": access.id}],
    default_cache_behavior={
        "target_origin_id": "s3", "viewer_protocol_policy": "redirect-to-https", "cache_policy_id": cached.id,
        "allowed_methods": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"], "compress": True,
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
)
aws.s3.BucketPolicy("site", bucket=bucket.id, policy=pulumi.Output.json_dumps({
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
        "Resource": pulumi.Output.concat(bucket.arn, "/*"),
        "Condition": {"StringEquals": {"AWS:SourceArn": site.arn}},
    }],
}))
stream = aws.kinesis.Stream("clicks", shard_count=1)
waiting = aws.iam.Role("sfn", assume_role_policy=json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}],
}))
aws.sfn.StateMachine("publish", role_arn=waiting.arn, definition=json.dumps({
    "StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 1, "End": True}},
}))
pulumi.export("url", site.domain_name)
"""
REST = """\
def trusted(service):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service},
    }]})


role = aws.iam.Role("fn", assume_role_policy=trusted("lambda.amazonaws.com"))
fn = aws.lambda_.Function(
    "fn", role=role.arn, runtime="python3.13", handler="app.handler", code=pulumi.FileArchive("./app")
)
pool = aws.cognito.UserPool(
    "people", auto_verified_attributes=["email"], username_attributes=["email"], mfa_configuration="OPTIONAL",
    software_token_mfa_configuration={"enabled": True}, password_policy={"minimum_length": 12},
    schemas=[{"name": "tier", "attribute_data_type": "String", "mutable": True}],
    lambda_config={"post_confirmation": fn.arn},
)
orders = aws.cognito.ResourceServer(
    "orders", user_pool_id=pool.id, identifier="orders",
    scopes=[{"scope_name": "read", "scope_description": "read orders"}],
)
client = aws.cognito.UserPoolClient(
    "web", user_pool_id=pool.id, generate_secret=True, callback_urls=["https://shop.example/in"],
    allowed_oauth_flows=["code"], allowed_oauth_flows_user_pool_client=True,
    allowed_oauth_scopes=orders.scope_identifiers.apply(lambda scopes: ["openid", *scopes]),
    supported_identity_providers=["COGNITO"],
)
domain = aws.cognito.UserPoolDomain("web", user_pool_id=pool.id, domain="shop-of-the-tests")
aws.cognito.UserGroup("buyers", user_pool_id=pool.id, name="buyers")
identities = aws.cognito.IdentityPool("people", identity_pool_name="people", cognito_identity_providers=[
    {"client_id": client.id, "provider_name": pool.endpoint},
])
member = aws.iam.Role("member", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
}]}))
aws.cognito.IdentityPoolRoleAttachment("people", identity_pool_id=identities.id, roles={"authenticated": member.arn})
api = aws.apigateway.RestApi("shop", endpoint_configuration={"types": "REGIONAL"})
authorizer = aws.apigateway.Authorizer(
    "people", rest_api=api.id, type="COGNITO_USER_POOLS", provider_arns=[pool.arn]
)
listed = aws.apigateway.Resource("orders", rest_api=api.id, parent_id=api.root_resource_id, path_part="orders")
get = aws.apigateway.Method(
    "get", rest_api=api.id, resource_id=listed.id, http_method="GET", authorization="COGNITO_USER_POOLS",
    authorizer_id=authorizer.id, authorization_scopes=["orders/read"],
)
joined = aws.apigateway.Integration(
    "get", rest_api=api.id, resource_id=listed.id, http_method=get.http_method, integration_http_method="POST",
    type="AWS_PROXY", uri=fn.invoke_arn,
)
options = aws.apigateway.Method(
    "options", rest_api=api.id, resource_id=listed.id, http_method="OPTIONS", authorization="NONE"
)
mock = aws.apigateway.Integration(
    "options", rest_api=api.id, resource_id=listed.id, http_method=options.http_method, type="MOCK",
    request_templates={"application/json": json.dumps({"statusCode": 200})},
)
ok = aws.apigateway.MethodResponse(
    "options", rest_api=api.id, resource_id=listed.id, http_method=options.http_method, status_code="200",
    response_parameters={"method.response.header.Access-Control-Allow-Origin": True},
)
aws.apigateway.IntegrationResponse(
    "options", rest_api=api.id, resource_id=listed.id, http_method=options.http_method, status_code=ok.status_code,
    response_parameters={"method.response.header.Access-Control-Allow-Origin": "'*'"},
    opts=pulumi.ResourceOptions(depends_on=[mock]),
)
deployment = aws.apigateway.Deployment(
    "shop", rest_api=api.id, triggers={"routes": "1"}, opts=pulumi.ResourceOptions(depends_on=[joined, mock])
)
logs = aws.cloudwatch.LogGroup("access")
stage = aws.apigateway.Stage(
    "live", rest_api=api.id, deployment=deployment.id, stage_name="live", variables={"table": "orders"},
    access_log_settings={"destination_arn": logs.arn, "format": "$context.requestId"}, xray_tracing_enabled=True,
)
aws.apigateway.MethodSettings(
    "all", rest_api=api.id, stage_name=stage.stage_name, method_path="*/*",
    settings={"metrics_enabled": True, "throttling_burst_limit": 50, "throttling_rate_limit": 20},
)
plan = aws.apigateway.UsagePlan(
    "gold", api_stages=[{"api_id": api.id, "stage": stage.stage_name}],
    quota_settings={"limit": 1000, "period": "DAY"},
)
key = aws.apigateway.ApiKey("shop")
aws.apigateway.UsagePlanKey("shop", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id)
aws.lambda_.Permission(
    "api", action="lambda:InvokeFunction", function=fn.name, principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply(lambda arn: f"{arn}/*/*"),
)
pulumi.export("client", client.client_secret)
pulumi.export("url", stage.invoke_url)
"""
CACHE = """\
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
subnets = [
    aws.ec2.Subnet(f"cache-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", availability_zone=f"eu-west-1{zone}")
    for i, zone in enumerate("ab")
]
group = aws.elasticache.SubnetGroup("cache", subnet_ids=[subnet.id for subnet in subnets])
access = aws.ec2.SecurityGroup(
    "cache", vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 6379, "to_port": 6379, "cidr_blocks": [vpc.cidr_block]}],
)
settings = aws.elasticache.ParameterGroup(
    "cache", family="redis7", parameters=[{"name": "maxmemory-policy", "value": "allkeys-lru"}]
)
slow = aws.cloudwatch.LogGroup("slow")
carts = aws.elasticache.ReplicationGroup(
    "carts", description="carts of the shop", engine="redis", engine_version="7.1", node_type="cache.t4g.micro",
    num_cache_clusters=2, automatic_failover_enabled=True, multi_az_enabled=True, subnet_group_name=group.name,
    security_group_ids=[access.id], parameter_group_name=settings.name, at_rest_encryption_enabled=True,
    transit_encryption_enabled=True, auth_token=pulumi.Output.secret("not-to-be-seen-at-all"), snapshot_retention_limit=3,
    log_delivery_configurations=[{
        "destination": slow.name, "destination_type": "cloudwatch-logs", "log_format": "json", "log_type": "slow-log",
    }],
)
hits = aws.elasticache.Cluster(
    "hits", engine="memcached", node_type="cache.t4g.micro", num_cache_nodes=2, az_mode="cross-az",
    subnet_group_name=group.name, security_group_ids=[access.id],
)
sessions = aws.elasticache.Cluster(
    "sessions", engine="redis", node_type="cache.t4g.micro", num_cache_nodes=1, subnet_group_name=group.name,
)
pulumi.export("nodes", sessions.cache_nodes.apply(lambda nodes: nodes[0].address))
pulumi.export("hits", hits.configuration_endpoint)
pulumi.export("url", carts.primary_endpoint_address)
"""

PUBLIC = """\
def trusted(service):
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


content = aws.s3.BucketV2("content")
logs = aws.s3.Bucket("requests")
owned = aws.s3.BucketOwnershipControls("logs", bucket=logs.id, rule={"object_ownership": "BucketOwnerPreferred"})
aws.s3.BucketAcl("logs", bucket=logs.id, acl="log-delivery-write", opts=pulumi.ResourceOptions(depends_on=[owned]))
reader = aws.cloudfront.OriginAccessIdentity("reader", comment="so that the bucket is not public")
aws.s3.BucketPolicy("content", bucket=content.id, policy=pulumi.Output.json_dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": reader.iam_arn}, "Action": "s3:GetObject",
                   "Resource": content.arn.apply(lambda arn: f"{arn}/*")}],
}))
headers = aws.cloudfront.ResponseHeadersPolicy("strict", security_headers_config={
    "frame_options": {"frame_option": "DENY", "override": True},
})
rewrite = aws.cloudfront.Function(
    "rewrite", runtime="cloudfront-js-2.0", code="function handler(event) { return event.request; }"
)
cdn = aws.cloudfront.Distribution(
    "cdn", enabled=True, default_root_object="index.html",
    origins=[{"origin_id": "content", "domain_name": content.bucket_regional_domain_name,
              "s3_origin_config": {"origin_access_identity": reader.cloudfront_access_identity_path}}],
    default_cache_behavior={
        "target_origin_id": "content", "viewer_protocol_policy": "redirect-to-https", "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"], "response_headers_policy_id": headers.id,
        "cache_policy_id": aws.cloudfront.get_cache_policy(name="Managed-CachingOptimized").id,
        "function_associations": [{"event_type": "viewer-request", "function_arn": rewrite.arn}],
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
    logging_config={"bucket": logs.bucket_domain_name, "prefix": "cdn/"},
)
fn = aws.lambda_.Function(
    "fn", role=aws.iam.Role("fn", assume_role_policy=trusted("lambda.amazonaws.com")).arn, runtime="python3.13",
    handler="app.handler", code=pulumi.FileArchive("./app"),
)
aws.lambda_.FunctionEventInvokeConfig("fn", function_name=fn.name, maximum_retry_attempts=0)
caller = aws.iam.Role("caller", assume_role_policy=trusted("scheduler.amazonaws.com"))
aws.scheduler.Schedule(
    "night", group_name=aws.scheduler.ScheduleGroup("nights").name, schedule_expression="cron(0 2 * * ? *)",
    flexible_time_window={"mode": "OFF"}, target={"arn": fn.arn, "role_arn": caller.arn, "input": "{}"},
)
group = aws.cloudwatch.LogGroup("app", retention_in_days=7)
aws.cloudwatch.LogSubscriptionFilter("errors", log_group=group.name, filter_pattern="ERROR", destination_arn=fn.arn)
api = aws.apigatewayv2.Api("api", protocol_type="HTTP", body=fn.invoke_arn.apply(lambda arn: json.dumps({
    "openapi": "3.0.1", "info": {"title": "orders", "version": "1.0"},
    "paths": {"/orders": {"get": {"x-amazon-apigateway-integration": {
        "type": "aws_proxy", "httpMethod": "POST", "uri": arn, "payloadFormatVersion": "2.0"}}}},
})))
secret = aws.secretsmanager.Secret("key", recovery_window_in_days=0)
version = aws.secretsmanager.SecretVersion(
    "key", secret_id=secret.id, secret_string=pulumi.Output.secret("not-to-be-seen-at-all")
)
pulumi.export("version", aws.secretsmanager.get_secret_version_output(secret_id=version.secret_id).version_id)
pulumi.export("url", cdn.domain_name)
"""


@pytest.mark.parametrize(
    ("program", "ends"),
    [(API, ".amazonaws.com/"), (DATABASE, ":5432"), (SITE, ".cloudfront.net"), (REST, ".amazonaws.com/live"),
     (CACHE, ".euw1.cache.amazonaws.com"), (PUBLIC, ".cloudfront.net")],
    ids=["an API before a function", "a database in a network", "a site behind CloudFront",
         "a REST API for users of a pool", "caches in a network",
         "a site, a schedule and an API as public examples join them"],
)  # fmt: skip
def test_a_program_goes_up_stays_and_goes(make: Callable[..., Checkout], program: str, ends: str) -> None:
    checkout = make()
    Path(checkout.folder, "__main__.py").write_text(HEAD + program)
    Path(checkout.folder, "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    Path(checkout.folder, "app").mkdir()
    Path(checkout.folder, "app", "app.py").write_text("def handler(event, context):\n    return event\n")
    said = checkout.up()
    outputs: dict[str, Any] = checkout.outputs()
    assert outputs["url"].endswith(ends)
    assert "not-to-be-seen" not in said
    assert "not-to-be-seen" not in checkout("local", "stack", "export")
    checkout("local", "preview", "--expect-no-changes")
    checkout("local", "refresh", "--yes", "--expect-no-changes")
    checkout("local", "destroy", "--yes", "--skip-preview", "--suppress-progress", "--color=never")
    assert checkout.outputs() == {}

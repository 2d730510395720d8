"""Limits of API Gateway's REST APIs, of Cognito and of ElastiCache that no request model states.

Sources: the API references of UpdateStage, CreateResource, CreateUserPoolDomain, CreateReplicationGroup and
CreateCacheCluster, and the validation of the Terraform provider that pulumi-aws is built on.
"""

from localcloud.aws.limits._checks import alone, form, one_of, within

LIMITS = {
    "aws:apigateway/methodSettings:MethodSettings": (
        one_of("settings.loggingLevel", "OFF", "ERROR", "INFO"),
        one_of(
            "settings.unauthorizedCacheControlHeaderStrategy",
            "FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER",
        ),
        within("settings.cacheTtlInSeconds", 0, 3_600, "seconds"),
        form("methodPath", r"[^/].*/([A-Z]+|\*)",
             "is no path of a method: '*/*', or 'orders/GET' without a slash before it"),
    ),
    "aws:apigateway/resource:Resource": (
        form("pathPart", r"\{?[a-zA-Z0-9._\-:]+\+?\}?",
             "is no part of a path: one step without slashes, such as '{id}'"),
    ),
    "aws:apigateway/method:Method": (
        one_of("httpMethod", "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"),
        one_of("authorization", "NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"),
    ),
    "aws:apigateway/integration:Integration": (
        one_of("integrationHttpMethod", "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"),
        one_of("passthroughBehavior", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"),
        within("timeoutMilliseconds", 50, 300_000, "milliseconds"),
    ),
    "aws:apigateway/restApi:RestApi": (
        within("minimumCompressionSize", 0, 10_485_760, "bytes", also=frozenset({-1})),
    ),
    "aws:apigateway/authorizer:Authorizer": (within("authorizerResultTtlInSeconds", 0, 3_600, "seconds"),),
    "aws:apigateway/apiKey:ApiKey": (
        form("value", r"(?s).{20,128}", "is no value of a key, which has 20 to 128 characters"),
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": (one_of("keyType", "API_KEY"),),
    "aws:cognito/userPool:UserPool": (
        within("passwordPolicy.minimumLength", 6, 99, "characters"),
        within("passwordPolicy.temporaryPasswordValidityDays", 0, 365, "days"),
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": (
        form("domain", r"(?![^.]*(aws|amazon|cognito)[^.]*$)[a-z0-9]([a-z0-9\-.]{0,61}[a-z0-9])?",
             "is no domain: small letters, digits and dashes, without aws, amazon or cognito"),
    ),
    "aws:elasticache/cluster:Cluster": (
        one_of("engine", "memcached", "redis", "valkey"), one_of("azMode", "single-az", "cross-az"),
        form("clusterId", r"[a-zA-Z]([a-zA-Z0-9]|-(?!-))*(?<!-)",
             "is no id of a cluster: letters, digits and single dashes"),
        within("numCacheNodes", 1, 40, "nodes"), within("snapshotRetentionLimit", 0, 35, "days"),
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        form("replicationGroupId", r"[a-zA-Z]([a-zA-Z0-9]|-(?!-)){0,39}(?<!-)",
             "is no id of a replication group: letters, digits and single dashes, 40 at most"),
        within("replicasPerNodeGroup", 0, 5, "replicas"), within("snapshotRetentionLimit", 0, 35, "days"),
        form("authToken", r"[^/\"@\s]{16,128}", "is no token: 16 to 128 characters without spaces, '/', '\"' and '@'"),
    ),
    "aws:elasticache/user:User": (alone("passwords", "noPasswordRequired", "authenticationMode"),),
}  # fmt: skip
"""Type -> checks."""

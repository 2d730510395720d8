"""Limits of API Gateway's REST APIs, of Cognito and of ElastiCache that no request model states.

Sources: the API references of UpdateStage, CreateResource, CreateUserPoolDomain, CreateReplicationGroup and
CreateCacheCluster, and the validation of the Terraform provider that pulumi-aws is built on.
"""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, alone, each, form, number, one_of, within
from localcloud.aws.limits._conditions import arn_of, needs, on, sized, told
from localcloud.aws.limits.policies import readable
from localcloud.aws.limits.records import domain

STAGE = r"[a-zA-Z0-9_-]{1,128}"
STAGED = "is no name of at most 128 letters, digits, hyphens and underscores"
OFFSETS = {"DAY": 0, "WEEK": 6, "MONTH": 27}
"""Period of a quota -> the last day of it at which it may begin anew."""
METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
HOURS = {"seconds": 1 / 3_600, "minutes": 1 / 60, "hours": 1.0, "days": 24.0}
VALIDITY = {
    "accessToken": (5 / 60, 24.0, "hours"),
    "idToken": (5 / 60, 24.0, "hours"),
    "refreshToken": (1.0, 24.0 * 3_650, "days"),
}
"""Token -> the least and the most hours that it is valid, and the unit that is meant where none is named."""


def quota(props: Props) -> Iterator[Fault]:
    """A quota begins anew at a day of its period."""
    for place, found in each(props, "quotaSettings"):
        last, offset = (
            (OFFSETS.get(str(found.get("period"))), number(found.get("offset")))
            if isinstance(found, dict)
            else (None, None)
        )
        if last is not None and offset is not None and not 0 <= offset <= last:
            yield f"{place}.offset", f"{offset:g} is not within 0 to {last} for a quota of a {found['period']}"


def private(props: Props) -> Iterator[Fault]:
    """Endpoints in networks are those of a private API."""
    for place, found in each(props, "endpointConfiguration"):
        kind = found.get("types") if isinstance(found, dict) else None
        if isinstance(kind, str) and told(found, "types") and kind != "PRIVATE" and found.get("vpcEndpointIds"):
            yield f"{place}.vpcEndpointIds", f"is only for 'types': 'PRIVATE', not {kind!r}"


def shared(props: Props) -> Iterator[Fault]:
    """Credentials are for origins that are named."""
    for place, found in each(props, "corsConfiguration"):
        if isinstance(found, dict) and on(found.get("allowCredentials")) and "*" in (found.get("allowOrigins") or ()):
            yield f"{place}.allowCredentials", "is not for 'allowOrigins': ['*']: name the origins"


def asked(props: Props) -> Iterator[Fault]:
    """An authorizer that asks has somebody to ask."""
    nobody = props.get("authorizerUri") is None and props.get("jwtConfiguration") is None
    if props.get("authorizerType") == "REQUEST" and nobody:
        yield "authorizerUri", "missing required property of 'authorizerType': 'REQUEST'"


def second_factor(props: Props) -> Iterator[Fault]:
    """What is set of a second factor is for a pool that has one."""
    for place, found in each(props, "softwareTokenMfaConfiguration.enabled"):
        if on(found) and told(props, "mfaConfiguration") and props.get("mfaConfiguration") in (None, "OFF"):
            yield place, "is not for 'mfaConfiguration': 'OFF'"


def sender(props: Props) -> Iterator[Fault]:
    """Mail of one's own has an identity that sends it."""
    for place, found in each(props, "emailConfiguration"):
        own = isinstance(found, dict) and found.get("emailSendingAccount") == "DEVELOPER"
        if own and found.get("sourceArn") is None:
            yield f"{place}.sourceArn", "missing required property of 'emailSendingAccount': 'DEVELOPER'"


def valid(props: Props) -> Iterator[Fault]:
    """How long tokens hold."""
    units = props.get("tokenValidityUnits")
    for name, (low, high, usual) in VALIDITY.items():
        unit = units.get(name, usual) if isinstance(units, dict) else usual
        value, hours = number(props.get(f"{name}Validity")), HOURS.get(str(unit))
        if value and hours and told(props, "tokenValidityUnits") and not low <= value * hours <= high:
            least, most = low / hours, high / hours
            yield f"{name}Validity", f"{value:g} is not within {max(1, round(least)):g} to {most:g} {unit}"


def flows(props: Props) -> Iterator[Fault]:
    """The older names of flows do not stand beside the newer ones."""
    listed = [(place, flow) for place, flow in each(props, "explicitAuthFlows[]") if isinstance(flow, str)]
    newer = [flow for _, flow in listed if flow.startswith("ALLOW_")]
    for place, flow in listed:
        if newer and not flow.startswith("ALLOW_"):
            yield place, f"{flow!r} does not stand beside {newer[0]!r}: use the names that begin with ALLOW_"


CALLED_BACK = form(
    "callbackUrls[]", r"(?!http://(?!localhost([:/]|$)|127\.0\.0\.1([:/]|$)|\[::1\]))[a-zA-Z][a-zA-Z0-9+.-]*:[^#\s]+",
    "is no https address, address of localhost or of an app, without '#'",
)  # fmt: skip
NAMED: Check = sized("name", 1, 128)


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:apigateway/stage:Stage": (
        form("stageName", STAGE, STAGED), arn_of("accessLogSettings.destinationArn", "logs", "firehose"),
    ),
    "aws:apigateway/usagePlan:UsagePlan": (
        quota, within("quotaSettings.limit", 1, 2**31 - 1), within("throttleSettings.burstLimit", 0, 2**31 - 1),
        within("throttleSettings.rateLimit", 0, 2**31 - 1),
    ),
    "aws:apigateway/methodResponse:MethodResponse": (one_of("httpMethod", *METHODS),),
    "aws:apigateway/domainName:DomainName": (
        domain("domainName"), arn_of("regionalCertificateArn", "acm"), arn_of("certificateArn", "acm"),
    ),
    "aws:apigatewayv2/api:Api": (
        shared, NAMED, one_of("apiKeySelectionExpression", "$context.authorizer.usageIdentifierKey",
                              "$request.header.x-api-key"),
    ),
    "aws:apigatewayv2/route:Route": (
        form("routeKey", r"(?!(ANY|GET|PUT|POST|PATCH|DELETE|HEAD|OPTIONS) [^/]).+",
             "is no key of a route such as 'GET /orders' or $default"),
        form("target", r"integrations/.+", "is no target such as integrations/abcdef"),
    ),
    "aws:apigatewayv2/integration:Integration": (
        one_of("payloadFormatVersion", "1.0", "2.0"), one_of("integrationMethod", *METHODS),
        arn_of("credentialsArn", "iam"),
    ),
    "aws:apigatewayv2/authorizer:Authorizer": (
        asked, NAMED, one_of("authorizerPayloadFormatVersion", "1.0", "2.0"),
        form("jwtConfiguration.issuer", r"https://.+", "does not begin with https://"),
    ),
    "aws:apigatewayv2/stage:Stage": (
        form("name", rf"\$default|{STAGE}", f"{STAGED}, nor $default"), sized("description", 0, 1_024),
        arn_of("accessLogSettings.destinationArn", "logs", "firehose"),
    ),
    "aws:apigatewayv2/vpcLink:VpcLink": (NAMED, sized("subnetIds", 1, 100, "subnets")),
    "aws:apigatewayv2/domainName:DomainName": (
        domain("domainName"), arn_of("domainNameConfiguration.certificateArn", "acm"),
        form("mutualTlsAuthentication.truststoreUri", r"s3://.+/.+", "is no object such as s3://bucket/truststore.pem"),
    ),
    "aws:apigatewayv2/apiMapping:ApiMapping": (
        form("apiMappingKey", r"([\w$.+!*'()-]+(/[\w$.+!*'()-]+)*)?", "is no path without a slash at its ends"),
    ),
    "aws:cognito/userPoolClient:UserPoolClient": (
        valid, flows, CALLED_BACK, needs("enablePropagateAdditionalUserContextData", "generateSecret"),
    ),
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
        readable("policy"), private,
        within("minimumCompressionSize", 0, 10_485_760, "bytes", also=frozenset({-1})),
    ),
    "aws:apigateway/authorizer:Authorizer": (within("authorizerResultTtlInSeconds", 0, 3_600, "seconds"),),
    "aws:apigateway/apiKey:ApiKey": (
        form("value", r"(?s).{20,128}", "is no value of a key, which has 20 to 128 characters"),
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": (one_of("keyType", "API_KEY"),),
    "aws:cognito/userPool:UserPool": (
        one_of("mfaConfiguration", "ON", "OFF", "OPTIONAL"), second_factor, sender,
        form("emailVerificationMessage", r"(?s:.*\{####\}.*)", "has no place for the code: {####}"),
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

"""Functions that tell of one resource what its own type tells: each finds the id, the row reads the rest.

A function of the official provider has blocks in lists and an empty value for what there is none of.
"""

import base64
import datetime
import hashlib
import re
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props
from localcloud.aws.kinds.lookups import named, state_of
from localcloud.provider import schema
from localcloud.provider.schema import Type

_ARN_OF_SECRET = re.compile(r"arn:[a-z-]+:secretsmanager:[^:]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}")
"""With the name, to which Secrets Manager adds six signs."""
EMPTY: Mapping[str, Any] = {"str": "", "list": [], "map": {}, "int": 0, "number": 0, "bool": False}
"""Kind of an output -> what the official provider tells where there is nothing."""


def listed(found: Props, name: str, kind: Type) -> Any:
    """One output, out of a state whose blocks stand under their own name, alone."""
    for mine in (name, name.removesuffix("s"), f"{name.removesuffix('ies')}y"):
        value = found.get(mine)
        if value is not None and (mine == name or kind.kind == "list"):
            value = value if kind.kind != "list" or isinstance(value, list | tuple) else [value]
            return [filled(one, kind.of) for one in value] if kind.kind == "list" else value
    return filled({}, kind) if kind.kind == "object" else EMPTY.get(kind.kind)


def filled(value: Any, kind: Type) -> Any:
    """A block with an empty value for each member that there is none of."""
    if kind.kind != "object" or not isinstance(value, Mapping):
        return value
    return {name: listed(dict(value), name, each) for name, each in schema.obj(kind.of).props.items()} | {
        k: v for k, v in value.items() if k not in schema.obj(kind.of).props
    }


def tells(
    function: str, token: str, what: str, find: Callable[[Aws, Props], str], more: Mapping[str, str] | None = None
) -> tuple[str, Callable[[Aws, Props], Props]]:
    """A function as an entry: `more` are its outputs that the type has under another name."""
    full = f"aws:{function}"
    look = state_of(f"aws:{token}", what, find)

    def answer(aws: Aws, arguments: Props) -> Props:
        found = look(aws, arguments)
        found |= {ours: found[theirs] for ours, theirs in (more or {}).items() if found.get(theirs) is not None}
        outputs = schema.function(full)[1]
        return {name: listed(found, name, kind) for name, kind in outputs.items()} | {
            k: v for k, v in arguments.items() if v is not None and k != "tags"
        }

    return full, answer


def alias(aws: Aws, arguments: Props) -> Props:
    """An alias of a key; AWS's own are there from the start, before any key of theirs is."""
    name = str(arguments["name"])
    for one in aws("kms", "list_aliases")["Aliases"]:
        if one["AliasName"] == name and one.get("TargetKeyId"):
            key = f"arn:aws:kms:{aws.region}:{aws.account}:key/{one['TargetKeyId']}"
            return {
                **arguments, "id": one["AliasArn"], "arn": one["AliasArn"], "targetKeyId": one["TargetKeyId"],
                "targetKeyArn": key, "region": aws.region,
            }  # fmt: skip
    raise Refused(f"no matching KMS Alias found: {name}")


def secret_id(aws: Aws, arguments: Props) -> str:
    """The ARN of a secret, by ARN or name."""
    asked = arguments.get("arn") or arguments.get("name")
    if not asked:
        raise Refused("give 'arn' or 'name'")
    return str(aws("secretsmanager", "describe_secret", SecretId=asked)["ARN"])


def secret_value(aws: Aws, arguments: Props) -> Props:
    """What a secret holds."""
    asked = {"SecretId": arguments["secretId"]}
    if arguments.get("versionId"):
        asked["VersionId"] = arguments["versionId"]
    elif arguments.get("versionStage"):
        asked["VersionStage"] = arguments["versionStage"]
    found = aws("secretsmanager", "get_secret_value", **asked)
    which = arguments.get("versionId") or arguments.get("versionStage") or ""
    return {
        **arguments, "id": f"{arguments['secretId']}|{which}", "arn": found["ARN"], "secretArn": found["ARN"],
        "secretString": found.get("SecretString") or "", "secretBinary": "", "versionId": found["VersionId"],
        "versionStages": found["VersionStages"], "createdDate": found["CreatedDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": aws.region,
    }  # fmt: skip


def secret_versions(aws: Aws, arguments: Props) -> Props:
    """The versions of a secret, without what they hold.

    Of one that a program names by ARN, and that is none of this cloud's, there is a version that stands for the one of
    the real account: a stack can be tried and reviewed without its secrets.
    """
    try:
        found = aws(
            "secretsmanager", "list_secret_version_ids", SecretId=arguments["secretId"],
            IncludeDeprecated=bool(arguments.get("includeDeprecated")),
        )  # fmt: skip
    except ClientError as error:
        elsewhere = _ARN_OF_SECRET.fullmatch(arguments["secretId"])
        if elsewhere is None or error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        version = f"not-on-this-cloud-{hashlib.sha256(elsewhere[0].encode()).hexdigest()[:16]}"
        made_up = {"VersionId": version, "VersionStages": ["AWSCURRENT"]}
        found = {"ARN": elsewhere[0], "Name": elsewhere[1], "Versions": [made_up]}
    versions = [
        {
            "createdTime": _moment(one.get("CreatedDate")), "lastAccessedDate": _moment(one.get("LastAccessedDate")),
            "versionId": one["VersionId"], "versionStages": list(one.get("VersionStages") or ()),
        }
        for one in found["Versions"]
    ]  # fmt: skip
    names = {"arn": found["ARN"], "secretArn": found["ARN"], "name": found["Name"], "secretName": found["Name"]}
    return {**arguments, **names, "id": arguments["secretId"], "versions": versions, "region": aws.region}


def _moment(at: datetime.datetime | float | None) -> str:
    """In ISO 8601; moto gives seconds."""
    if at is None:
        return ""
    found = at if isinstance(at, datetime.datetime) else datetime.datetime.fromtimestamp(at, datetime.UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def registry_token(aws: Aws, arguments: Props) -> Props:
    """The log-in to the account's registry, for twelve hours."""
    (found,) = aws("ecr", "get_authorization_token")["authorizationData"]
    user, _, password = base64.b64decode(found["authorizationToken"]).decode().partition(":")
    return {
        **arguments, "id": aws.region, "authorizationToken": found["authorizationToken"], "userName": user,
        "password": password, "proxyEndpoint": found["proxyEndpoint"], "expiresAt": _moment(found["expiresAt"]),
        "region": aws.region,
    }  # fmt: skip


def random_password(aws: Aws, arguments: Props) -> Props:
    """Characters of the kinds that are not left out."""
    kinds = {
        "excludeLowercase": string.ascii_lowercase, "excludeUppercase": string.ascii_uppercase,
        "excludeNumbers": string.digits, "excludePunctuation": string.punctuation,
    }  # fmt: skip
    banned = set(arguments.get("excludeCharacters") or "")
    left = ["".join(sorted(set(signs) - banned)) for name, signs in kinds.items() if not arguments.get(name)]
    left = [signs for signs in left if signs] + ([" "] if arguments.get("includeSpace") else [])
    length = int(arguments.get("passwordLength") or 32)
    if not left or length < len(left):
        raise Refused("The password length is too short based on the required types, or no character is left")
    chosen = [secrets.choice(signs) for signs in left] if arguments.get("requireEachIncludedType") is not False else []
    chosen += [secrets.choice("".join(left)) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return {**arguments, "id": aws.region, "randomPassword": "".join(chosen), "region": aws.region}


def policy_arn(aws: Aws, arguments: Props) -> str:
    """The ARN of a policy, by ARN or name; AWS's own too."""
    if arguments.get("arn"):
        return str(arguments["arn"])
    path = {"PathPrefix": arguments["pathPrefix"]} if arguments.get("pathPrefix") else {}
    marker: Props = {}
    while True:
        page = aws("iam", "list_policies", Scope="All", **path, **marker)
        for one in page["Policies"]:
            if one["PolicyName"] == arguments.get("name"):
                return str(one["Arn"])
        if not page.get("IsTruncated"):
            raise Refused(f"no matching IAM Policy found: {arguments.get('name')}")
        marker = {"Marker": page["Marker"]}


def definition(aws: Aws, arguments: Props) -> str:
    """The ARN of a task definition, by family, family:revision or ARN."""
    found = aws("ecs", "describe_task_definition", taskDefinition=arguments["taskDefinition"])["taskDefinition"]
    return str(found["taskDefinitionArn"])


def service_arn(aws: Aws, arguments: Props) -> str:
    """The ARN of a service."""
    asked = {"cluster": arguments["clusterArn"], "services": [arguments["serviceName"]]}
    found = aws("ecs", "describe_services", **asked)["services"]
    if not found:
        raise Refused(f"no matching ECS Service found: {arguments['serviceName']}")
    return str(found[0]["serviceArn"])


def service(aws: Aws, arguments: Props) -> Props:
    """A service, with its deployments as ECS describes them."""
    found = _service(aws, arguments)
    asked = {"cluster": arguments["clusterArn"], "services": [arguments["serviceName"]]}
    (live,) = aws("ecs", "describe_services", **asked)["services"]
    members = schema.obj(schema.function("aws:ecs/getService:getService")[1]["deployments"].of.of).props
    times = ("createdAt", "updatedAt")
    told = [
        {name: _moment(one[name]) if name in times else one[name] for name in members} for one in live["deployments"]
    ]
    return {**found, "deployments": told}


def rule_arn(aws: Aws, arguments: Props) -> str:
    """The ARN of a rule, by ARN or by its listener and priority."""
    if arguments.get("arn"):
        return str(arguments["arn"])
    rules = aws("elbv2", "describe_rules", ListenerArn=arguments["listenerArn"])["Rules"]
    for one in rules:
        if one["Priority"] == str(int(arguments["priority"])):
            return str(one["RuleArn"])
    raise Refused(f"no matching ELBv2 Listener Rule found: {arguments['listenerArn']}, {arguments['priority']}")


def rule(aws: Aws, arguments: Props) -> Props:
    """A rule, whose forward to a single group stands as one to several, as the official provider tells it."""
    found = _rule(aws, arguments)
    for action in found["actions"]:
        if action.get("targetGroupArn") and not action["forwards"]:
            group = {"arn": action["targetGroupArn"], "weight": 1}
            action["forwards"] = [{"stickinesses": [], "targetGroups": [group]}]
    return found


def cluster_arn(aws: Aws, arguments: Props) -> str:
    """The ARN of a cluster."""
    found = aws("ecs", "describe_clusters", clusters=[arguments["clusterName"]])["clusters"]
    if not found:
        raise Refused(f"no matching ECS Cluster found: {arguments['clusterName']}")
    return str(found[0]["clusterArn"])


def queue_url(aws: Aws, arguments: Props) -> str:
    """Where a queue is that is there."""
    found = str(aws("sqs", "get_queue_url", QueueName=arguments["name"])["QueueUrl"])
    return f"https://sqs.{aws.region}.amazonaws.com/{aws.account}/{found.rpartition('/')[2]}"


def topic_arn(aws: Aws, arguments: Props) -> str:
    """The ARN of the topic of a name."""
    for one in aws("sns", "list_topics")["Topics"]:
        if one["TopicArn"].rpartition(":")[2] == arguments["name"]:
            return str(one["TopicArn"])
    raise Refused(f"no matching SNS Topic found: {arguments['name']}")


_, _service = tells(
    "ecs/getService:getService", "ecs/service:Service", "ECS Service", service_arn,
    {"serviceName": "name", "clusterArn": "cluster"},
)  # fmt: skip
_, _rule = tells("lb/getListenerRule:getListenerRule", "lb/listenerRule:ListenerRule", "ELBv2 Listener Rule", rule_arn)

INVOKES = dict(
    (
        tells("dynamodb/getTable:getTable", "dynamodb/table:Table", "DynamoDB Table", named("name")),
        tells("ecs/getCluster:getCluster", "ecs/cluster:Cluster", "ECS Cluster", cluster_arn),
        tells("ecs/getTaskDefinition:getTaskDefinition", "ecs/taskDefinition:TaskDefinition", "ECS Task Definition",
              definition),
        tells("iam/getPolicy:getPolicy", "iam/policy:Policy", "IAM Policy", policy_arn),
        tells("iam/getUser:getUser", "iam/user:User", "IAM User", named("userName"), {"userId": "uniqueId"}),
        tells("secretsmanager/getSecret:getSecret", "secretsmanager/secret:Secret", "Secret", secret_id),
        tells("sqs/getQueue:getQueue", "sqs/queue:Queue", "SQS Queue", queue_url),
        tells("sns/getTopic:getTopic", "sns/topic:Topic", "SNS Topic", topic_arn),
        tells("cloudwatch/getLogGroup:getLogGroup", "cloudwatch/logGroup:LogGroup", "CloudWatch Logs Log Group",
              named("name")),
        tells("autoscaling/getGroup:getGroup", "autoscaling/group:Group", "Auto Scaling Group", named("name"),
              {"newInstancesProtectedFromScaleIn": "protectFromScaleIn"}),
    )
) | {
    "aws:ecs/getService:getService": service,
    "aws:lb/getListenerRule:getListenerRule": rule,
    "aws:kms/getAlias:getAlias": alias,
    "aws:secretsmanager/getSecretVersion:getSecretVersion": secret_value,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": registry_token,
    "aws:secretsmanager/getSecretVersions:getSecretVersions": secret_versions,
    "aws:secretsmanager/getRandomPassword:getRandomPassword": random_password,
}  # fmt: skip
"""Token -> f(aws, arguments) -> result."""

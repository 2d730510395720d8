"""What a text that must have a form looks like, in words with an example: nobody reads regular expressions.

Keyed by the pattern as the settings' schema has it; a test holds every pattern of the schema and every example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from elasticity.quantities import Duration, Rate


@dataclass(frozen=True)
class Format:
    """One form of text."""

    words: str
    example: str

    def __str__(self) -> str:
        return f"{self.words}, such as {self.example}"


_ACCOUNT = "123456789012"
_OWNER = "eu-central-1:" + _ACCOUNT
_TABLE: tuple[tuple[str, str, str], ...] = (
    # names and keys of maps
    ("^[a-z][a-z0-9_-]{0,19}$", "a name of lower case letters, digits, `-` and `_`, at most 20", "office_hours"),
    ("^[a-z][a-z0-9-]{0,31}$", "a name of lower case letters, digits and `-`, at most 32", "http"),
    ("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "a name of lower case letters, digits and single `-`, at most 20", "shop-api"),
    ("^[a-z][a-z0-9_]{0,30}$", "an id of lower case letters, digits and `_`, at most 31", "backlog"),
    ("^[A-Za-z_][A-Za-z0-9_.-]*$", "the name of a variable", "LOG_LEVEL"),
    # places
    (r"^[a-z]{2,}(-[a-z]+)+-\d$", "the name of a region", "eu-central-1"),
    (r"^[a-z]{2,}(-[a-z]+)+-\d[a-h]$", "the name of an availability zone", "eu-central-1a"),
    (r"^\d{12}$", "the 12 digits of an account", f'"{_ACCOUNT}"'),
    (r"^\d{1,3}(\.\d{1,3}){3}/(3[0-2]|[12]?\d)$", "an IPv4 block", "10.0.0.0/16"),
    # ids
    ("^vpc-[0-9a-f]+$", "the id of a VPC", "vpc-0a1b2c3d4e5f60718"),
    ("^sg-[0-9a-f]+$", "the id of a security group", "sg-0a1b2c3d4e5f60718"),
    ("^pl-[0-9a-f]+$", "the id of a prefix list", "pl-0a1b2c3d"),
    ("^fsap-[0-9a-f]+$", "the id of an EFS access point", "fsap-0a1b2c3d4e5f60718"),
    ("^ami-[0-9a-f]{8,17}$", "the id of an AMI", "ami-0a1b2c3d4e5f60718"),
    # requests and sizes
    ("^[A-Za-z0-9_-]{1,40}$", "the name of a header: letters, digits, `-` and `_`, at most 40", "x-environment"),
    ("^[!-~]{1,128}$", "printable ASCII without spaces, at most 128", "test"),
    (r"^[a-z0-9.*?\[\]-]+$", "an instance type, or a pattern of some with `*`, `?` and `[...]`", "t3.*"),
    # ARNs
    (
        r"^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$",
        "the ARN of an IAM policy",
        f"arn:aws:iam::{_ACCOUNT}:policy/accordion-boundary",
    ),
    (
        r"^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter/)\S+$",
        "the ARN of a secret or of an SSM parameter, never the value",
        f"arn:aws:secretsmanager:{_OWNER}:secret:web/key-a1b2c3",
    ),
    (
        r"^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+$",
        "the ARN of a secret, never its value",
        f"arn:aws:secretsmanager:{_OWNER}:secret:web/key-a1b2c3",
    ),
    (r"^[^:\s]+$", "a key of a JSON object", "password"),
    ("^[A-Za-z0-9-]{32,64}$", "the id of a version", "0f6a0d5c-4b1e-4c07-9a53-2f5f9f3f6b1d"),
    (
        r"^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/\S+$",
        "the ARN of a KMS key",
        f"arn:aws:kms:{_OWNER}:key/0f6a0d5c-4b1e-4c07-9a53-2f5f9f3f6b1d",
    ),
    (
        r"^arn:[a-z-]+:elasticfilesystem:[a-z0-9-]+:\d{12}:file-system/fs-[0-9a-f]+$",
        "the ARN of an EFS file system",
        f"arn:aws:elasticfilesystem:{_OWNER}:file-system/fs-0a1b2c3d",
    ),
    (
        r"^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/[^/]+/[0-9a-f]+$",
        "the ARN of an application balancer",
        f"arn:aws:elasticloadbalancing:{_OWNER}:loadbalancer/app/web/50dc6c495c0c9188",
    ),
    (
        r"^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener/app/.+$",
        "the ARN of a listener of an application balancer",
        f"arn:aws:elasticloadbalancing:{_OWNER}:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2",
    ),
    (
        "^arn:[a-z-]+:wafv2:.+$",
        "the ARN of a web ACL",
        f"arn:aws:wafv2:{_OWNER}:regional/webacl/shop/0a1b2c3d-0000-4000-8000-000000000000",
    ),
    (
        r"^arn:[a-z-]+:cognito-idp:[a-z0-9-]+:\d{12}:userpool/\S+$",
        "the ARN of a user pool",
        f"arn:aws:cognito-idp:{_OWNER}:userpool/eu-central-1_A1b2C3d4e",
    ),
    (
        r"^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:cluster/[A-Za-z0-9_-]{1,255}$",
        "the ARN of an ECS cluster",
        f"arn:aws:ecs:{_OWNER}:cluster/shared",
    ),
    (r"^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:.+$", "the ARN of an SNS topic", f"arn:aws:sns:{_OWNER}:on-call"),
    (r"^(arn:\S+|\*)$", "an ARN, or `*` for actions that know no resource", "arn:aws:s3:::shop-uploads/*"),
    ("^[a-z0-9-]+:[A-Za-z0-9*]+$", "a service and its action", "s3:GetObject"),
    # names that AWS gives
    ("^[A-Za-z0-9_-]{1,255}$", "the name of a capacity provider", "hosts"),
    ("^ELBSecurityPolicy-[A-Za-z0-9-]+$", "a TLS policy by its name", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"),
    ("^[a-z][a-z0-9.-]{1,99}$", "a service by its short or whole name", "ecr.api"),
    (r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$", "an instance type", "m7g.large"),
    ("^[a-z0-9*.-]+$", "an instance type or a pattern of types", "m5.8xlarge"),
    (
        r"^(/[A-Za-z0-9_.-]+)+(:\S+)?$",
        "the name of an SSM parameter",
        "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    ),
    ("^/dev/[a-z0-9]+$", "a device", "/dev/xvda"),
    ("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "the name of a bucket", "shop-logs"),
    (
        r"^(Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100))$",
        "Average, Sum, Minimum, Maximum, SampleCount, or a percentile",
        "p99",
    ),
    # images and containers
    ("^[a-z0-9][a-z0-9._:/-]*$", "registry and repository without tag and digest", "public.ecr.aws/nginx/nginx"),
    ("^sha256:[0-9a-f]{64}$", "`sha256:` and 64 hexadecimal digits", "sha256:" + "9b2a1f0c" * 8),
    ("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", "a tag", '"1.29"'),
    (r"^[1-9]\d*(:\d+)?$", "the number of a user that is not root, and of a group", '"1000:1000"'),
    (r"^\d+(:\d+)?$", "the number of a user, and of a group", '"65532:998"'),
    (r"^/\S*$", "an absolute path", "/var/cache"),
    ("^[^/].*$", "a path from the program's folder", "services/web"),
    ("^[A-Za-z_][A-Za-z0-9_]*$", "the name of a build argument", "VERSION"),
    (r"^linux/[a-z0-9]+(/v[0-9]+)?$", "a platform of Linux", "linux/arm64"),
    ("^[A-Za-z0-9_][A-Za-z0-9._-]{0,47}$", "a version, at most 48", '"1.4.0"'),
    ("^[0-9a-f]{7,40}$", "a revision in hexadecimal digits", "0123456789ab"),
    # on a Swarm
    (r"^(node|engine)\.[A-Za-z0-9_.-]+ *(==|!=) *\S+$", "what holds of a node", "node.labels.disk==ssd"),
    (r"^(node|engine)\.[A-Za-z0-9_.-]+$", "a label of nodes", "node.labels.zone"),
    ("^[a-zA-Z_:][a-zA-Z0-9_:]*$", "the name of a metric of Prometheus", "http_requests_total"),
    ("^[A-Za-z0-9.-]{1,253}$", "the name or address of a host", "shop.example.org"),
    (r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$", "a block of addresses", "10.77.0.0/24"),
    # requests
    ("^/[!-~]*$", "a path", "/healthz"),
    (r"^\d{1,3}([,-]\d{1,3})*$", "status codes", '"200-299"'),
    (r"^([A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*)?$", "a path without `/` at its ends", "shop/balancer"),
    (r"^[^@\s]+@[^@\s]+$", "an address", "on-call@example.com"),
    (r"^\S+( \S+)*$", "words with one space between", "openid email"),
    (r"^https://\S+$", "an https address", "https://wiki.example.com/runbook"),
)  # fmt: skip
_QUANTITIES = {f"^{kind.pattern}$": kind.expected for kind in (Duration, Rate)}

FORMATS: Mapping[str, Format] = MappingProxyType(
    {pattern: Format(words, example) for pattern, words, example in _TABLE}
)
"""Pattern -> what it asks for."""


def described(pattern: str) -> str | None:
    """What a pattern asks for, in words; None for one that the table does not have."""
    return _QUANTITIES.get(pattern) or (str(FORMATS[pattern]) if pattern in FORMATS else None)

"""What moto 5.2.5 lacks or does otherwise than AWS, filled in: one module per service.

`apply_when_used()` fills a service's gaps when moto first loads that service or makes what it holds, whether for a
request or for another service's sake, so that a server starts fast. Each gap has a
test that fails when moto no longer needs it (`tests/localcloud/test_moto_gaps_*.py` runs the same calls against moto
as it is).
"""

import importlib
from typing import Any, Final

from localcloud.aws.moto_gaps import clock
from localcloud.aws.moto_gaps._patching import replace

VERSION: Final = 10
"""Raised with every change that makes a replayed journal give other ids or states; the journal's header holds it."""

API_GATEWAY = (
    "apigateway", "apigateway_checks", "apigateway_openapi", "apigateway_documents", "apigatewayv2",
    "apigatewayv2_domains", "apigatewayv2_openapi",
)  # fmt: skip
SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "acm": ("acm",),
    # moto serves both kinds of APIs by the application of the older one
    "apigateway": API_GATEWAY,
    "apigatewayv2": API_GATEWAY,
    "applicationautoscaling": ("applicationautoscaling",),
    "autoscaling": ("autoscaling", "autoscaling_notifications", "autoscaling_policies", "instance_refresh"),
    "awslambda": ("awslambda",),
    "cloudfront": ("cloudfront", "cloudfront_policies"),
    "cloudwatch": ("cloudwatch", "cloudwatch_played", "alarm_mute_rules"),
    "cognitoidentity": ("cognitoidentity",),
    "cognitoidp": ("cognitoidp", "cognitoidp_settings"),
    "dynamodb": ("dynamodb",),
    "ec2": ("ec2", "ec2_regional", "ec2_routing", "ec2_instances", "ec2_images", "ec2_network_acls"),
    "ecr": ("ecr",),
    "ecs": ("ecs", "ecs_releases", "ecs_clusters"),
    "efs": ("efs",),
    "elasticache": ("elasticache", "elasticache_replication", "elasticache_groups", "elasticache_serverless"),
    "elb": ("elbv2",),  # moto serves both kinds of balancers by the application of the older one
    "elbv2": ("elbv2",),
    "events": ("events",),
    "iam": ("iam",),
    "kinesis": ("kinesis",),
    "logs": ("logs",),
    "rds": ("rds",),
    "route53": ("route53", "route53_health_checks"),
    "s3": ("s3",),
    "scheduler": ("scheduler",),
    "secretsmanager": ("secretsmanager",),
    "servicediscovery": ("servicediscovery",),
    "servicequotas": ("servicequotas",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "stepfunctions": ("stepfunctions",),
    "wafv2": ("wafv2",),
}
"""The gap modules of a moto service, in order; what it asks of another service fills the other's when it is asked."""


def apply(service: str) -> None:
    """Fill the gaps of one moto service, once."""
    for module in SERVICES.get(service, ()):
        importlib.import_module(f"localcloud.aws.moto_gaps.{module}")
    for module in clock.READERS:
        if module.split(".")[1] in (service, *SERVICES.get(service, ())):
            clock.install(module)


def apply_when_used() -> None:
    """Fill the gaps of a service when moto first makes its application."""
    _apply_to_the_core()
    werkzeug_app = importlib.import_module("moto.moto_server.werkzeug_app")
    original = werkzeug_app.backends.get_backend

    @replace(werkzeug_app.backends)
    def get_backend(_original: Any, name: str) -> Any:
        backends = original(name)
        apply(name.replace("-", ""))
        return backends


def _apply_to_the_core() -> None:
    importlib.import_module("localcloud.aws.moto_gaps.core")
    clock.install("moto.core.utils")

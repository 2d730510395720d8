"""What Terraform calls the types and properties of pulumi-aws."""

from __future__ import annotations

import re

from guardrails.checks import canonical

_WHOLE = {
    "aws:cloudwatch/eventRule:EventRule": "aws_cloudwatch_event_rule",
    "aws:ec2/managedPrefixList:ManagedPrefixList": "aws_ec2_managed_prefix_list",
    "aws:ec2/tag:Tag": "aws_ec2_tag",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:apigateway/response:Response": "aws_api_gateway_gateway_response",
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": "aws_cognito_identity_pool_roles_attachment",
}
"""Types whose name follows no rule, by canonical token."""
_PREFIXES = {
    "apigateway": "api_gateway_",
    "ec2": "",
    "rds": "db_",
    "servicediscovery": "service_discovery_",
}
"""What stands before the name of a type, by module, where it is not the module."""


def terraform_type(token: str) -> str:
    """What Terraform calls a type of pulumi-aws."""
    token = canonical(token)
    if token in _WHOLE:
        return _WHOLE[token]
    _, module, name = token.split(":")
    module = module.split("/")[0]
    if module == "rds" and name.startswith("Cluster"):
        return f"aws_rds_{snake(name)}"
    return "aws_" + _PREFIXES.get(module, f"{module}_") + snake(name)


def snake(name: str) -> str:
    """`camelCase` as `camel_case`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()

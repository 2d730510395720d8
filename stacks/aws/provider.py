"""The only place where an AWS provider is made."""

from __future__ import annotations

import pulumi
import pulumi_aws

from stacks.aws.settings import Environment
from stacks.stack_file import PROJECT


def default_tags(environment: Environment) -> dict[str, str]:
    """Tags of everything in a stack: whose it is, which stack, what made it, the environment's own, when it ends."""
    first = {"application": PROJECT, "stack": pulumi.get_stack(), "managed-by": "pulumi"}
    return first | environment.tags | environment.lifetime_tags


def make(environment: Environment) -> pulumi_aws.Provider:
    """The stack's provider: one region, the accounts that are allowed, default tags on all that it makes.

    A stack file pointed at the wrong account is refused by the provider before anything is made.
    """
    return pulumi_aws.Provider(
        "aws",
        region=environment.region,
        allowed_account_ids=list(environment.account_ids),
        default_tags={"tags": default_tags(environment)},
    )

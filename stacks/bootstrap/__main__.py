"""The program of an account: settings in, resources, outputs out."""

import pulumi

from stacks.bootstrap.account import Account, build

config = pulumi.Config()
account = Account(
    region=config.require("region"),
    account_id=config.require("account_id"),
    repository=config.require("repository"),
    environments=config.require_object("environments"),
)
for name, value in build(account).items():
    pulumi.export(name, value)

"""AWS as a cloud of the provider: its types, its functions, the account and region of an instance."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.admission import secret_access_key
from localcloud.aws import client, unserved
from localcloud.aws.client import ACCOUNT, NO_SECRET, Aws, forget_real_credentials, loopback
from localcloud.aws.kind import Kind
from localcloud.aws.kinds import INVOKES, KINDS, Answer
from localcloud.provider import schema
from localcloud.provider.resource import Props, Refused
from localcloud.provider.schema import Obj, Type

VERSION = "7.51.1"
"""The version of pulumi-aws that the rows are written against."""
SERVED = "docs/served-types.md"
GUIDE = "docs/guides/adding-a-resource-type.md"
EMPTY = {"str": "", "list": [], "map": {}, "bool": False, "int": 0, "number": 0.0}
"""What a function answers where AWS has nothing, by the kind that the SDK promises: as the official provider does."""


@dataclass(frozen=True)
class Function:
    """A function that is answered."""

    token: str
    answer: Answer

    @property
    def schema(self) -> tuple[Obj, Mapping[str, Type]]:
        """Its arguments and outputs, as the SDK has them."""
        return schema.function(self.token)

    def invoke(self, session: Aws, arguments: Props) -> Props:
        """Answer it, in the region that it names."""
        found = self.answer(session.at(arguments.get("region")), arguments)
        outputs = self.schema[1]
        missing = {n: outputs[n].kind for n in schema.promised_by(self.token) if found.get(n) is None}
        return {**found, **{name: EMPTY[kind] for name, kind in missing.items() if kind in EMPTY}}


class AwsCloud:
    """AWS at an endpoint on this machine."""

    package, version = "aws", VERSION
    adding_a_type = f"{SERVED} lists what is served; adding a type is a row: {GUIDE}"
    adding_a_function = f"{SERVED} lists what is served; adding a function: {GUIDE}"

    def __init__(self, endpoint: str, secret: str = NO_SECRET) -> None:
        self.identity = ("region", "allowedAccountIds", "forbiddenAccountIds", "defaultTags")
        self.resources: Mapping[str, Kind] = KINDS
        self.functions = {token: Function(token, answer) for token, answer in INVOKES.items()}
        self.reasons = dict(unserved.reasons())
        self._aws = Aws(endpoint, secret=secret)

    def configure(self, variables: Mapping[str, str], folder: Callable[[], Path | None]) -> Aws:
        """An instance with its region, account and default tags; the first account that is allowed is the one."""
        allowed, forbidden = _listed(variables, "allowedAccountIds"), _listed(variables, "forbiddenAccountIds")
        account = next((each for each in allowed or [ACCOUNT] if each not in forbidden), None)
        if account is None:
            raise Refused(f"forbiddenAccountIds names every account that is allowed: {', '.join(allowed or [ACCOUNT])}")
        tags = _parsed(variables.get("defaultTags"), {}).get("tags") or {}
        return self._aws.at(variables.get("region") or "us-east-1", tags, account=account)

    def explain(self, error: BaseException) -> str | None:
        """The sentence for what AWS refuses."""
        return client.explain(error)


def open_cloud(endpoint: str | None, token: str) -> AwsCloud:
    """AWS at an endpoint, for the place with this token; raises ValueError when that is not on this machine."""
    forget_real_credentials()
    return AwsCloud(loopback(endpoint or ""), secret_access_key(token))


def _parsed(text: str | None, otherwise: Any) -> Any:
    return json.loads(text) if text else otherwise


def _listed(variables: Mapping[str, str], name: str) -> list[str]:
    return [str(item) for item in _parsed(variables.get(name), [])]

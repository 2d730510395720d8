"""Who is asked: AWS with the credentials at hand, or the cloud on this machine in its place."""

from __future__ import annotations

import dataclasses

from operations.declared import Declaration
from operations.failures import as_cannot_run
from operations.live.answers import Answers
from operations.live.aws import Aws, clients


@dataclasses.dataclass(frozen=True)
class Local:
    """Where the cloud on this machine answers, and with which keys."""

    endpoint: str
    keys: tuple[str, str]
    """Access key, which names the account there, and secret."""
    region: str | None


def local_place(region: str | None, accounts: tuple[str, ...] = ()) -> Local:
    """The local cloud of this project in a region and in the first of the accounts; starts it. Raises CannotRun."""
    from operations.local import cloud_here

    with as_cannot_run():
        variables = cloud_here().client_variables()
    key = variables["AWS_ACCESS_KEY_ID"]
    if accounts:  # the key names the account, on the local cloud
        key = f"{key.rstrip('0123456789')}0000{accounts[0]}"
    chosen = region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    return Local(variables["AWS_ENDPOINT_URL"], (key, variables["AWS_SECRET_ACCESS_KEY"]), chosen)


def answers_for(declaration: Declaration, *, local: bool) -> Answers:
    """Answers where a stack stands: in a region of AWS, or on a Swarm."""
    if declaration.on_swarm:
        from operations.live.engine import engine_answers  # what asks a Swarm, a stack on AWS needs none of

        return engine_answers(local=local)
    return answers_of(declaration.region, local=local, accounts=declaration.accounts)


def answers_of(region: str | None, *, local: bool, accounts: tuple[str, ...] = ()) -> Answers:
    """Answers in a region, None for the one that the environment names; on the local cloud in the first account."""
    if not local:
        return Aws(clients(region))
    place = local_place(region, accounts)
    return Aws(clients(place.region, endpoint=place.endpoint, keys=place.keys))

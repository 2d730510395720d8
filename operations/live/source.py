"""Who is asked: AWS with the credentials at hand, or the cloud on this machine in its place."""

from __future__ import annotations

from operations.failures import as_cannot_run
from operations.live.answers import Answers
from operations.live.aws import Aws, clients


def answers_of(region: str | None, *, local: bool, accounts: tuple[str, ...] = ()) -> Answers:
    """Answers in a region, None for the one that the environment names; on the local cloud in the first account."""
    if not local:
        return Aws(clients(region))
    from operations.local import cloud_here

    with as_cannot_run():
        variables = cloud_here().client_variables()
    key = variables["AWS_ACCESS_KEY_ID"]
    if accounts:  # the key names the account, on the local cloud
        key = f"{key.rstrip('0123456789')}0000{accounts[0]}"
    keys = (key, variables["AWS_SECRET_ACCESS_KEY"])
    chosen = region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    return Aws(clients(chosen, endpoint=variables["AWS_ENDPOINT_URL"], keys=keys))

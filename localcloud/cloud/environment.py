"""The environment of a command on the local cloud: nothing of a real account in it."""

import json
import os
import shlex
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from localcloud import ledger
from localcloud.admission import new_token, read_token, secret_access_key
from localcloud.cloud.processes import loopback
from localcloud.cloud.project import Place
from localcloud.state import ORGANIZATION

ACCOUNT = "123456789012"
_KEPT_AWS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_DROPPED_PULUMI = frozenset(
    {
        "PULUMI_ACCESS_TOKEN",
        "PULUMI_API",
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_CONSOLE_DOMAIN",
        "PULUMI_CREDENTIALS_PATH",
        # Each step is kept, whatever a shell was set to.
        "PULUMI_DISABLE_JOURNALING",
        "PULUMI_SKIP_CHECKPOINTS",
        "PULUMI_HOME",
        # Paths that belong to the command line, where they are seen.
        "PULUMI_OPTION_CONFIG_FILE",
        "PULUMI_OPTION_CWD",
    }
)
_DROPPED_FAMILIES = ("PULUMI_DIY_BACKEND_", "PULUMI_JOURNALING_")
_BATCH_PERIOD = "2"  # milliseconds that the engine gathers entries of its journal; its own 50 are for a far service

_NOWHERE = os.devnull


def without_accounts(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without any way to an AWS account or a Pulumi backend; the region stays."""
    return {
        name: value
        for name, value in environment.items()
        if (not name.startswith("AWS_") or name in _KEPT_AWS)
        and name not in _DROPPED_PULUMI
        and not name.startswith(_DROPPED_FAMILIES)
    }


def aws_variables(endpoint: str, secret: str, region: str | None = None) -> dict[str, str]:
    """What sends any AWS client to the local cloud, with the secret that it asks for.

    Raises: LocalCloudError when the endpoint is not on this machine.
    """
    variables = {
        "AWS_ENDPOINT_URL": loopback(endpoint),
        "AWS_ACCESS_KEY_ID": f"ACCT0000{ACCOUNT}",  # with the number of another account, the key to that one
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_CONFIG_FILE": _NOWHERE,
        "AWS_SHARED_CREDENTIALS_FILE": _NOWHERE,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    region = region or "us-east-1"
    return variables | {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}  # boto3 reads the second, others the first


def _attached(environment: Mapping[str, str], port: int) -> str:
    others = environment.get("PULUMI_DEBUG_PROVIDERS", "").split(",")
    return ",".join([entry for entry in others if entry and not entry.startswith("aws:")] + [f"aws:{port}"])


def pulumi_variables(
    place: Place, engine: Path, environment: Mapping[str, str], states: int, provider: int | None
) -> dict[str, str]:
    """What makes the engine use this place: its states (by port), its home, its provider (when it runs), our host."""
    url = f"http://127.0.0.1:{states}"
    _log_in(place, url)
    variables = {
        "PULUMI_HOME": str(place.home),
        "PULUMI_BACKEND_URL": url,
        "PULUMI_JOURNALING_BATCH_PERIOD": _BATCH_PERIOD,
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase(place)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # The state names the provider, and the engine would look for it on the network before it attaches ours: 2.5 s
        # of each command without a network, a download of some 200 MB with one (run). Others are still fetched, later.
        "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        "ACCORDION_PYTHON": sys.executable,
        # The engine's collector took an eighth of an `up` of 1,000 resources (run).
        "GOGC": environment.get("GOGC", "400"),
        "PATH": os.pathsep.join([str(engine.parent), environment.get("PATH", os.defpath)]),
    }
    return variables | ({"PULUMI_DEBUG_PROVIDERS": _attached(environment, provider)} if provider else {})


def passphrase(place: Place) -> Path:
    """The file with the passphrase of this place's secrets, made at first use and readable by its owner alone."""
    return _with_secret(place.passphrase)


def token(place: Place) -> Path:
    """The file with the token of this place's state service, made in the same way."""
    return _with_secret(place.token)


def _with_secret(file: Path) -> Path:
    if not file.exists():
        _write_secret(file, new_token())
    return file


def _write_secret(file: Path, text: str) -> None:
    staged = file.with_name(f"{file.name}.{os.getpid()}.new")
    staged.touch(mode=0o600)
    staged.write_text(text)
    staged.replace(file)


def _log_in(place: Place, url: str) -> None:
    """Put the service's token where the engine looks for it.

    In a variable it would stand in every process of a shell, and the engine would tell of each new log-in.
    """
    file, key = place.home / "credentials.json", token(place).read_text()
    try:
        if json.loads(file.read_text())["accounts"][url]["accessToken"] == key:
            return
    except (OSError, ValueError, LookupError, TypeError):
        pass  # another port, or the first time
    account = {"accessToken": key, "username": ORGANIZATION, "organizations": [ORGANIZATION]}
    _write_secret(file, json.dumps({"current": url, "accessTokens": {url: key}, "accounts": {url: account}}))


def child_environment(
    place: Place, engine: Path, environment: Mapping[str, str], states: int, endpoint: str | None, provider: int | None
) -> dict[str, str]:
    """The whole environment of an engine command; without servers (endpoint None), AWS leads nowhere."""
    base = without_accounts(environment)
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    # Port 9 is the discard service: nothing answers, and nothing leaves this machine.
    secret = secret_access_key(read_token(token(place)))
    aws = aws_variables(endpoint or "http://127.0.0.1:9", secret, region)
    return base | aws | pulumi_variables(place, engine, base, states, provider)


def shell_exports(
    place: Place, engine: Path, environment: Mapping[str, str], states: int, endpoint: str, provider: int
) -> str:
    """Lines for `eval` in a POSIX shell: after them, plain `pulumi`, `aws` and boto3 mean this local cloud."""
    child = child_environment(place, engine, environment, states, endpoint, provider)
    if not any(environment.get(name) for name in _KEPT_AWS) and (region := region_of(place)):
        child |= dict.fromkeys(_KEPT_AWS, region)
    gone = sorted(name for name in environment if name not in child)
    changed = {name: value for name, value in sorted(child.items()) if environment.get(name) != value}
    lines = [f"unset {' '.join(gone)}"] if gone else []
    return "\n".join([*lines, *(f"export {name}={shlex.quote(value)}" for name, value in changed.items())]) + "\n"


def region_of(place: Place) -> str | None:
    """The region in which most of this place's resources stand, so that `aws ecs list-clusters` shows them; None while
    there are none."""
    regions = Counter(creation.region for creation in ledger.read(place.ledger) if creation.region)
    return regions.most_common(1)[0][0] if regions else None

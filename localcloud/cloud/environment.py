"""The environment of a command on the local cloud: nothing of a real account in it."""

import json
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from localcloud import ledger
from localcloud.admission import BadToken, new_token, read_token
from localcloud.cloud import files
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.processes import loopback
from localcloud.cloud.project import Place
from localcloud.clouds import Attached, Cloud
from localcloud.state import ORGANIZATION

_SKIP_CHECKPOINTS = "PULUMI_SKIP_CHECKPOINTS"
_DROPPED_PULUMI = frozenset(
    {
        "PULUMI_ACCESS_TOKEN",
        "PULUMI_API",
        "PULUMI_BACKEND_URL",
        # Of a program that this command was started from.
        "PULUMI_CONFIG",
        "PULUMI_CONFIG_SECRET_KEYS",
        "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_CONSOLE_DOMAIN",
        "PULUMI_CREDENTIALS_PATH",
        # Each step is kept, whatever a shell was set to.
        "PULUMI_DISABLE_JOURNALING",
        _SKIP_CHECKPOINTS,
        "PULUMI_HOME",
        # Paths that belong to the command line, where they are seen.
        "PULUMI_OPTION_CONFIG_FILE",
        "PULUMI_OPTION_CWD",
    }
)
_DROPPED_FAMILIES = ("PULUMI_DIY_BACKEND_", "PULUMI_JOURNALING_")
_PROXY = re.compile(r"(https?|all|grpc)_proxy", re.IGNORECASE)
_BESIDE_PROXIES = ("NO_PROXY", "no_proxy", "no_grpc_proxy")
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_BATCH_PERIOD = "2"  # milliseconds that the engine gathers entries of its journal; its own 50 are for a far service


def without_accounts(environment: Mapping[str, str], clouds: Sequence[Cloud]) -> dict[str, str]:
    """The environment without any way to an account of a cloud or to a Pulumi backend."""
    return {
        name: value
        for name, value in environment.items()
        if not any(cloud.leads_away(name) for cloud in clouds)
        and name not in _DROPPED_PULUMI
        and not name.startswith(_DROPPED_FAMILIES)
    }


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """What keeps clients from asking a proxy for this machine, as boto3 and gRPC do; nothing where there is none."""
    if not any(value and _PROXY.fullmatch(name) for name, value in environment.items()):
        return {}
    given = {name: environment[name] for name in _BESIDE_PROXIES if environment.get(name)}
    both = ",".join(given.get(name, "") for name in ("no_proxy", "NO_PROXY"))
    texts = {"NO_PROXY": both, "no_proxy": both} | {name: given[name] for name in given if "grpc" in name}
    return {
        name: ",".join(dict.fromkeys([*filter(None, map(str.strip, text.split(","))), *_THIS_MACHINE]))
        for name, text in texts.items()
    }


def _attached(environment: Mapping[str, str], running: Mapping[str, Attached]) -> str:
    others = environment.get("PULUMI_DEBUG_PROVIDERS", "").split(",")
    kept = [entry for entry in others if entry and entry.partition(":")[0] not in running]
    return ",".join([*kept, *(f"{package}:{attached.provider}" for package, attached in running.items())])


def pulumi_variables(
    place: Place, engine: Path, environment: Mapping[str, str], states: int, running: Mapping[str, Attached]
) -> dict[str, str]:
    """What makes the engine use this place: its states (by port), its home, its providers (which run), our host."""
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
        # At 5,001 it grew to 791 MB with that (run); near this much it collects more.
        "GOMEMLIMIT": environment.get("GOMEMLIMIT", "512MiB"),
        # Four steps a processor, the engine's own number, leave it waiting for the journal: a destroy of 1,000 took a
        # quarter longer (run). The more steps at once, the more of them one write to the disk keeps.
        "PULUMI_PARALLEL": environment.get("PULUMI_PARALLEL", "32"),
        "PATH": os.pathsep.join([str(engine.parent), environment.get("PATH", os.defpath)]),
    }
    return variables | ({"PULUMI_DEBUG_PROVIDERS": _attached(environment, running)} if running else {})


def passphrase(place: Place) -> Path:
    """The file with the passphrase of this place's secrets, made at first use and readable by its owner alone.

    Raises: LocalCloudError when it does not hold one any more.
    """
    return _with_secret(place.passphrase, "the secrets in the states cannot be decrypted without it")


def token(place: Place) -> Path:
    """The file with the token of this place's servers, made in the same way."""
    return _with_secret(place.token, "its servers answer nobody without it")


def _with_secret(file: Path, lost: str) -> Path:
    try:
        read_token(file)
    except BadToken as error:
        if file.exists() or file.is_symlink():
            raise LocalCloudError(f"{error}: {lost}; put a copy of it back, or {files.FORGET}") from None
        files.write(file, new_token())
    return file


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
    files.write(file, json.dumps({"current": url, "accessTokens": {url: key}, "accounts": {url: account}}))


def child_environment(
    place: Place,
    engine: Path,
    environment: Mapping[str, str],
    states: int,
    clouds: Sequence[Cloud],
    running: Mapping[str, Attached],
) -> dict[str, str]:
    """The whole environment of an engine command; a cloud that does not run (by its package) leads nowhere.

    Raises: LocalCloudError when an endpoint is not on this machine.
    """
    found, key = without_accounts(environment, clouds), read_token(token(place))
    found |= pulumi_variables(place, engine, found, states, running) | past_proxies(found)
    # Beside the journal, which is what is kept, 3.274.1 also serialises the whole state at each step and throws it away
    # (`NewSnapshotManager` with a `DiscardPersister` in its httpstate/backend.go): three quarters of the engine's time
    # in an `up` of 1,000 resources, and growing with the square of their number (run). This leaves that out, no more.
    found[_SKIP_CHECKPOINTS] = "true"
    for cloud in clouds:
        endpoint = attached.endpoint if (attached := running.get(cloud.package)) else None
        found |= cloud.variables(loopback(endpoint) if endpoint else None, key, environment)
    return found


def client_environment(
    place: Place,
    engine: Path,
    environment: Mapping[str, str],
    states: int,
    clouds: Sequence[Cloud],
    running: Mapping[str, Attached],
) -> dict[str, str]:
    """The same for clients outside the engine, which no stack tells where it stands."""
    found = child_environment(place, engine, environment, states, clouds, running)
    made = ledger.read(place.ledger)
    for cloud in clouds:
        found |= cloud.of_a_shell(environment, made)
    return found


def shell_exports(
    place: Place,
    engine: Path,
    environment: Mapping[str, str],
    states: int,
    clouds: Sequence[Cloud],
    running: Mapping[str, Attached],
) -> str:
    """Lines for `eval` in a POSIX shell: after them, plain `pulumi`, `aws` and boto3 mean this local cloud."""
    child = client_environment(place, engine, environment, states, clouds, running)
    # Whoever names another backend in this shell has no journal there, only checkpoints.
    del child[_SKIP_CHECKPOINTS]
    gone = sorted(name for name in environment if name not in child)
    changed = {name: value for name, value in sorted(child.items()) if environment.get(name) != value}
    lines = [f"unset {' '.join(gone)}"] if gone else []
    return "\n".join([*lines, *(f"export {name}={shlex.quote(value)}" for name, value in changed.items())]) + "\n"

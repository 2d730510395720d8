"""What containers may do, and what they carry in plain sight."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.specs.container import moves
from guardrails.checks.check import Check, Inputs, Predicate
from guardrails.values import UNKNOWN, at, document, every, is_on, maps, number, text

_SECRET_WORDS = frozenset(
    (
        "password", "passwd", "passphrase", "pass", "pwd", "secret", "secrets", "token", "credential", "credentials",
        "apikey", "dsn", "jwt", "pat", "pw", "creds", "cred", "passcode", "secretkey", "privatekey", "accesskey",
        "authtoken",
    )
)  # fmt: skip
_OF_WHICH = re.compile(
    r"\d+|prod|production|staging|stage|dev|test|old|new|current|previous|primary|secondary|base|value"
)
"""Last words of a name that say which of several secrets it is."""
_KEY_OWNERS = frozenset(
    (
        "api", "access", "private", "secret", "signing", "encryption", "auth", "master", "session", "ssh", "license",
        "account", "storage", "hmac", "app", "service", "client",
    )
)  # fmt: skip
"""Words before `key` that make it one to hide; `sort_key` and `cache_key` are none."""
_ADDRESSES_OF_SECRETS = frozenset(
    (
        "arn", "arns", "name", "names", "file", "path", "id", "ids", "url", "uri", "endpoint", "ttl", "length",
        "policy", "enabled", "expiry", "expires", "header", "type", "version", "rotation", "days", "minutes", "seconds",
        "required", "field", "region", "host", "port",
    )
)  # fmt: skip
"""Last words of a name that say where a secret is, or how it is used, and not what it is."""
_SECRET_VALUES = (
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----"),
    re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@]*:[^\s:/@${}]+@"),
    re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|sk_live_\w{10,}|AIza[\w-]{30,})"),
    re.compile(r"\b(?:npm_[A-Za-z0-9]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}|hvs\.[\w-]{20,}|dop_v1_[a-f0-9]{40,}|shpat_[a-f0-9]{20,}|pypi-AgE\w{20,})"),
    re.compile(r"https://hooks\.slack\.com/services/T\w+/B\w+/\w+"),
    re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    re.compile(r"(?i)\b(?:password|pwd|accountkey|sharedaccesskey)=[^;\s$]{3,}"),
)  # fmt: skip
"""Forms of values that are secrets whatever their name: access keys, private keys, addresses with a password, tokens
that say whose they are, connection texts. Sources: the issuers' own documentation of their prefixes."""
_DANGEROUS_CAPABILITIES = frozenset(
    ("ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "NET_ADMIN", "DAC_READ_SEARCH")
)


_HOST_PATHS = (
    "/etc",
    "/proc",
    "/sys",
    "/run",
    "/var/run",
    "/dev",
    "/boot",
    "/root",
    "/usr",
    "/var/lib/docker",
    "/var/lib/ecs",
)


def words_of(name: str) -> list[str]:
    """`dbPassword`, `DB_PASSWORD` and `db-password` in their words, lower case."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", apart) if word]


def names_a_secret(name: str) -> bool:
    """Whether a variable of this name is to hold a secret itself."""
    words = words_of(re.sub(r"(?<=[A-Za-z])\d+$", "", name))
    while len(words) > 1 and _OF_WHICH.fullmatch(words[-1]):
        words.pop()
    if not words or (words[-1] in _ADDRESSES_OF_SECRETS and words[-2:] != ["database", "url"]):
        return False
    if words[-2:] == ["database", "url"] or words[-2:] == ["connection", "string"]:
        return True
    if words[-1] == "key":
        return len(words) > 1 and words[-2] in _KEY_OWNERS
    return words[-1] in _SECRET_WORDS or any(
        words[-1].endswith(word) and word != "pat" for word in ("password", "passwd", "secret", "apikey")
    )


def holds_a_secret(value: Any) -> bool:
    """Whether a value has the form of a secret."""
    return isinstance(value, str) and any(form.search(value) for form in _SECRET_VALUES)


_ASSIGNED = re.compile(r"""(?:^|[\s;"'])(?:export\s+|-e\s+|--)?([A-Za-z][\w.-]*)(?:=|\s*:\s+)["']?([^\s"';]+)""")
"""A name and what it is given, in a script, a command line or YAML."""


def _written_secrets(where: str, script: str, cure: str) -> Iterator[str]:
    """Secrets within a script: by the names that get a value, or by the forms of values."""
    names = [name for name, value in _ASSIGNED.findall(script) if names_a_secret(name) and _is_plain(value)]
    if names:
        yield f"{where} has {names[0].lstrip('-')} in plain text: {cure}"
    elif holds_a_secret(script):
        yield f"{where} has a secret in plain text: {cure}"


def _is_plain(value: str) -> bool:
    """Whether a value is one itself, and no reference to where it is."""
    return not value.startswith(("$", "`", "arn:", "{{", "<", "/", "file:", "ssm:")) and value.lower() not in (
        "true", "false", "none", "null", "yes", "no", "",
    )  # fmt: skip


def _script(value: Any) -> str:
    """A script, out of Base64 where it is written so."""
    try:
        return base64.b64decode(text(value), validate=True).decode()
    except ValueError:
        return text(value)


def machines_are_told_no_secret(inputs: Inputs) -> Iterator[str]:
    """User data is read by whatever runs on the machine, and by whoever may describe it."""
    for name in ("userData", "userDataBase64"):
        yield from _written_secrets("the user data", _script(inputs.get(name)), "read it from Secrets Manager at start")


def variables_hold_no_secret(what: str, *path: str, text_only: str = "") -> Predicate:
    """Variables as a map, or as a list of name, value and, where there is one, the type that is plain."""

    def check(inputs: Inputs) -> Iterator[str]:
        found = at(inputs, *path)
        if isinstance(found, Mapping):
            yield from _plain_secrets(what, found, "read it from Secrets Manager or Parameter Store")
            return
        listed = [each for each in maps(every(found)) if (each.get("type") or text_only) == text_only]
        values = {text(each.get("name")): each.get("value") for each in listed}
        yield from _plain_secrets(what, values, "read it from Secrets Manager or Parameter Store")

    return check


def jobs_hold_no_secret(job: Inputs) -> Iterator[str]:
    """The containers of a batch job."""
    properties = document(job.get("containerProperties"))
    values = {text(each.get("name")): each.get("value") for each in maps(every(properties, "environment"))}
    yield from _plain_secrets("the job", values, "put it into `secrets` by ARN")


def parameters_are_hidden(parameter: Inputs) -> Iterator[str]:
    """A parameter that is a secret by its name is kept as one."""
    name = text(parameter.get("name")).rpartition("/")[2]
    if parameter.get("type") in ("String", "StringList") and names_a_secret(name):
        yield f"the parameter {name} is plain text: set type to SecureString"


def _plain_secrets(where: str, environment: Mapping[str, Any], cure: str) -> Iterator[str]:
    for name, value in environment.items():
        if value is UNKNOWN or value in (None, ""):
            continue
        if names_a_secret(name) and not text(value).startswith("arn:"):
            yield f"{where} has {name} in plain text: {cure}"
        elif holds_a_secret(value):
            yield f"{where} has a secret in plain text in {name}: {cure}"


def containers_are_closed(task: Inputs) -> Iterator[str]:
    """No privilege, no root user by name, no host's names, no secret in plain text, no image that moves, and logs."""
    for property_, what in (("networkMode", "network"), ("pidMode", "processes"), ("ipcMode", "memory")):
        if task.get(property_) == "host":
            yield f"the task shares the host's {what}: leave {property_} host out"
    for volume in maps(every(task, "volumes")):
        if _is_of_the_host(text(at(volume, "hostPath"))):
            name = text(volume.get("name")) or "?"
            yield f"volume {name} is the host's {volume['hostPath']}: it owns the host; remove it"
    for container in containers(task):
        yield from _container(container)


def containers(task: Inputs) -> Iterator[Mapping[str, Any]]:
    """The containers of a task definition, as far as they are known."""
    found = document(task.get("containerDefinitions"))
    return maps(found if isinstance(found, list) else ())


def _is_of_the_host(path: str) -> bool:
    """Whether a folder of the host, or one within it, is what the host runs by."""
    if not path.startswith("/"):
        return False
    found = posixpath.normpath(f"/{path.lstrip('/')}")
    inside = found.rstrip("/") + "/"
    return found.endswith(".sock") or any(own == found or own.startswith(inside) for own in _HOST_PATHS)


def _container(container: Mapping[str, Any]) -> Iterator[str]:
    where = f"container {text(container.get('name')) or '?'}"
    if is_on(container.get("privileged")):
        yield f"{where} is privileged: it owns the host; remove it"
    added = {
        text(each).upper().removeprefix("CAP_") for each in every(container, "linuxParameters", "capabilities", "add")
    }
    if given := sorted(added & _DANGEROUS_CAPABILITIES):
        yield f"{where} gets {', '.join(given)}: it owns the host; remove it"
    user = str(container.get("user", "")).split(":")[0]
    if user == "root" or number(user) == 0:
        yield f"{where} runs as root: give a user above 0"
    image = container.get("image")
    if isinstance(image, str) and moves(image):
        yield f"{where} runs an image whose tag moves: name a digest or an immutable version"
    if devices := [text(each.get("hostPath")) for each in maps(every(container, "linuxParameters", "devices"))]:
        yield f"{where} gets the host's {', '.join(devices)}: remove it"
    environment = {text(each.get("name")): each.get("value") for each in maps(every(container, "environment"))}
    options = at(container, "logConfiguration", "options")
    labels = container.get("dockerLabels")
    for values, cure in (
        (environment, "put it into `secrets` by ARN"),
        (labels, "leave it out"),
        (options, "use secretOptions"),
    ):
        if isinstance(values, Mapping):
            yield from _plain_secrets(where, values, cure)
    words = [*every(container, "entryPoint"), *every(container, "command"), *every(container, "healthCheck", "command")]
    yield from _written_secrets(where, "\n".join(map(text, words)), "put it into `secrets` by ARN")
    if not container.get("logConfiguration"):
        yield f"{where} has no log driver: nobody could read why it died"


def functions_hold_no_secret(function: Inputs) -> Iterator[str]:
    """A function's variables are read by whoever may read its configuration."""
    variables = at(function, "environment", "variables")
    if isinstance(variables, Mapping):
        yield from _plain_secrets(
            "the function", variables, "read it from Secrets Manager or Parameter Store at run time"
        )


def deployments_roll_back(service: Inputs) -> Iterator[str]:
    """A rolling deployment that fails ends on what ran before."""
    controller = at(service, "deploymentController", "type")
    if controller is UNKNOWN or (controller or "ECS") != "ECS":
        return
    breaker = service.get("deploymentCircuitBreaker") or at(
        service, "deploymentConfiguration", "deploymentCircuitBreaker"
    )
    if not is_on(at(breaker, "enable")) or not is_on(at(breaker, "rollback")):
        if UNKNOWN in (breaker, at(breaker, "enable"), at(breaker, "rollback")):
            return
        yield "the deployment circuit breaker is off or does not roll back: set enable and rollback"


CHECKS = (
    Check(
        "rollback",
        "Failed deployments roll back.",
        "A deployment that fails would go on starting what dies.",
        {"aws:ecs/service:Service": deployments_roll_back},
    ),
    Check(
        "closed-containers",
        "Containers have no privilege, no plain secret, no moving image, and logs.",
        "Such a container owns its host, shows its secrets to whoever may list it, or dies without a word.",
        {"aws:ecs/taskDefinition:TaskDefinition": containers_are_closed},
    ),
    Check(
        "closed-functions",
        "Functions have no plain secret.",
        "Whoever may read a function's configuration reads its variables.",
        {"aws:lambda/function:Function": functions_hold_no_secret},
    ),
    Check(
        "no-plain-secrets",
        "User data, builds, jobs and parameters have no plain secret.",
        "Whoever may read a configuration or a state reads the secret.",
        {
            **dict.fromkeys(
                (
                    "aws:ec2/launchTemplate:LaunchTemplate",
                    "aws:ec2/launchConfiguration:LaunchConfiguration",
                    "aws:ec2/instance:Instance",
                    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
                ),
                machines_are_told_no_secret,
            ),
            "aws:codebuild/project:Project": variables_hold_no_secret(
                "the build", "environment", "environmentVariables", text_only="PLAINTEXT"
            ),
            "aws:apprunner/service:Service": variables_hold_no_secret(
                "the service",
                "sourceConfiguration",
                "imageRepository",
                "imageConfiguration",
                "runtimeEnvironmentVariables",
            ),
            "aws:batch/jobDefinition:JobDefinition": jobs_hold_no_secret,
            "aws:ssm/parameter:Parameter": parameters_are_hidden,
        },
    ),
)

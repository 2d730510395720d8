"""What containers may do, and what they carry in plain sight."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.specs.container import moves
from guardrails.checks.check import Check, Inputs
from guardrails.values import UNKNOWN, at, document, every, is_on, maps, text

_SECRET_WORDS = frozenset(
    (
        "password", "passwd", "passphrase", "pass", "pwd", "secret", "secrets", "token", "credential", "credentials",
        "apikey", "dsn", "jwt", "pat",
    )
)  # fmt: skip
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
    re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    re.compile(r"(?i)\b(?:password|pwd|accountkey|sharedaccesskey)=[^;\s$]{3,}"),
)  # fmt: skip
"""Forms of values that are secrets whatever their name: access keys, private keys, addresses with a password, tokens
that say whose they are, connection texts. Sources: the issuers' own documentation of their prefixes."""
_DANGEROUS_CAPABILITIES = frozenset(("ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "NET_ADMIN", "DAC_READ_SEARCH"))


def words_of(name: str) -> list[str]:
    """`dbPassword`, `DB_PASSWORD` and `db-password` in their words, lower case."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", apart) if word]


def names_a_secret(name: str) -> bool:
    """Whether a variable of this name is to hold a secret itself."""
    words = words_of(name)
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
        if text(at(volume, "hostPath")).rstrip("/") in ("/", "/etc", "/proc", "/sys", "/var/run", "/run") or text(
            at(volume, "hostPath")
        ).endswith("docker.sock"):
            name = text(volume.get("name")) or "?"
            yield f"volume {name} is the host's {volume['hostPath']}: it owns the host; remove it"
    containers = document(task.get("containerDefinitions"))
    for container in maps(containers if isinstance(containers, list) else ()):
        yield from _container(container)


def _container(container: Mapping[str, Any]) -> Iterator[str]:
    where = f"container {text(container.get('name')) or '?'}"
    if is_on(container.get("privileged")):
        yield f"{where} is privileged: it owns the host; remove it"
    added = {
        text(each).upper().removeprefix("CAP_") for each in every(container, "linuxParameters", "capabilities", "add")
    }
    if given := sorted(added & _DANGEROUS_CAPABILITIES):
        yield f"{where} gets {', '.join(given)}: it owns the host; remove it"
    if str(container.get("user", "")).split(":")[0] in ("0", "root"):
        yield f"{where} runs as root: give a user above 0"
    image = container.get("image")
    if isinstance(image, str) and moves(image):
        yield f"{where} runs an image whose tag moves: name a digest or an immutable version"
    environment = {text(each.get("name")): each.get("value") for each in maps(every(container, "environment"))}
    yield from _plain_secrets(where, environment, "put it into `secrets` by ARN")
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
    Check("rollback", "Failed deployments roll back.", {"aws:ecs/service:Service": deployments_roll_back}),
    Check(
        "closed-containers",
        "Containers have no privilege, no plain secret, no moving image, and logs.",
        {"aws:ecs/taskDefinition:TaskDefinition": containers_are_closed},
    ),
    Check(
        "closed-functions",
        "Functions have no plain secret.",
        {"aws:lambda/function:Function": functions_hold_no_secret},
    ),
)

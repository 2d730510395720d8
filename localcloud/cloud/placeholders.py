"""Stack files without secrets of another place: what cannot be decrypted here becomes a placeholder.

The local cloud never opens a secret of a real stack: its state would carry it, under a passphrase that lies beside it.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.project import parsed, yaml

ENCRYPTION_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class LocalStackFile:
    """A stack file that this machine can use."""

    text: str
    secrets: tuple[str, ...]
    """Paths of the values that were encrypted, as `pulumi config set --path` reads them; plain placeholders in text."""


def placeholder(path: str) -> str:
    """The value that stands for a secret: the same in each run, since a new one would show as a change."""
    return f"placeholder-{hashlib.sha256(path.encode()).hexdigest()[:12]}"


def _member(path: str, name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{escaped}"]'


def _top(key: str) -> str:
    """A configuration key as a path: its name is quoted when a dot or bracket in it would be read as a path."""
    namespace, colon, name = key.rpartition(":")
    return key if _PLAIN_NAME.fullmatch(name) else f'{namespace}{colon}["{name}"]'


def _encrypted(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _replace(container: Any, key: Any, path: str, seen: set[int]) -> Iterator[str]:
    """Put placeholders for all encrypted values at and below container[key]; yields their paths.

    What aliases show several times is `seen` once: written out, aliases of aliases have no end.
    """
    value = container[key]
    if _encrypted(value):
        container[key] = placeholder(path)
        yield path
    elif isinstance(value, dict | list) and id(value) not in seen:
        seen.add(id(value))
        named = isinstance(value, dict)
        for name in list(value) if named else range(len(value)):
            yield from _replace(value, name, _member(path, str(name)) if named else f"{path}[{name}]", seen)


def read(text: str, origin: str) -> dict[str, Any]:
    """A stack file as a mapping; an empty one is an empty mapping.

    Raises: LocalCloudError, naming the origin, when it is no YAML mapping, or its `config` is none.
    """
    document = parsed(text, origin)
    config = document.get("config") if isinstance(document, dict) else None
    for name, value in (("", document), ("`config`: ", config)):
        if value is not None and not isinstance(value, dict):
            got = "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a scalar"
            raise LocalCloudError(f"{origin}: {name}wanted a mapping, got {got}")
    return document or {}


def write(document: dict[str, Any]) -> str:
    """The mapping as YAML."""
    out = io.StringIO()
    yaml().dump(document, out)
    return out.getvalue()


def localised(text: str, origin: str) -> LocalStackFile:
    """A stack file without its encryption; one that has none comes back as it is, character for character.

    Raises: LocalCloudError, naming the origin, when it is no YAML mapping.
    """
    document = read(text, origin)
    config = document.get("config") or {}
    seen: set[int] = set()
    secrets = tuple(path for key in config for path in _replace(config, key, _top(str(key)), seen))
    provided = [key for key in ENCRYPTION_KEYS if key in document]
    for key in provided:
        del document[key]
    return LocalStackFile(write(document) if secrets or provided else text, secrets)


def local_changes(generated: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """What `config set` and `config rm` did to a generated stack file: key to value, or None where it was removed."""
    before, after = generated.get("config") or {}, current.get("config") or {}
    changed = {key: value for key, value in after.items() if key not in before or _differ(before[key], value)}
    return changed | {key: None for key in before if key not in after}


def _differ(one: Any, other: Any) -> bool:
    """Whether two values are written otherwise: some, such as `.nan` and `<<`, are not even equal to themselves."""
    return bool(one != other) and write({"": one}) != write({"": other})


def with_changes(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The document with such changes made in its `config`."""
    if not changes:
        return document
    config = document.get("config") or {}
    for key, value in changes.items():
        if value is None:
            config.pop(key, None)
        else:
            config[key] = value
    document["config"] = config
    return document

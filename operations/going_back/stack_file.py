"""The stack file of a version: its settings, with the secrets and keys of the file that is here."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from operations.failures import CannotRun
from operations.files import is_file
from operations.going_back.versions import Update
from stacks.stack_file import StackFile, text_of
from stacks.yaml_reader import read_yaml

_KEPT = ("environment", "secretsprovider", "encryptedkey", "encryptionsalt")
"""Keys of a stack file beside `config`: how its secrets are decrypted (pulumi/sdk, workspace.ProjectStack)."""


def here(path: Path) -> dict[str, Any]:
    """The stack file in this folder, as it is written; empty where there is none. Raises SettingsError, CannotRun."""
    if not is_file(path):
        return {}
    StackFile.read(path)  # tells what is wrong with it
    document, _ = read_yaml(text_of(path))
    if document is None:
        return {}
    if not isinstance(document, Mapping) or not isinstance(document.get("config") or {}, Mapping):
        raise CannotRun(f"{path}: its secrets cannot be taken over, as it is no stack file: it has no map `config`")
    return dict(document)


def of_version(update: Update, current: Mapping[str, Any]) -> str:
    """A stack file with all that the version declared; what is encrypted, and by which key, is `current`'s.

    Every text is quoted, so that YAML 1.1 and 1.2 read the same.
    """
    config: dict[str, Any] = {key: _quoted(value) for key, value in update.config.items()}
    config |= {key: value for key, value in (current.get("config") or {}).items() if _has_secure(value)}
    document = {key: current[key] for key in _KEPT if key in current}
    out = io.StringIO()
    writer = YAML()
    writer.width = 4096
    writer.dump({**document, "config": dict(sorted(config.items()))}, out)
    return out.getvalue()


def lost_secrets(update: Update, current: Mapping[str, Any]) -> list[str]:
    """Secrets that the version had and the file here has not."""
    kept = {key for key, value in (current.get("config") or {}).items() if _has_secure(value)}
    return sorted(update.secrets - kept)


def _has_secure(value: Any) -> bool:
    """Whether it is encrypted, or a map of such: settings hold no secret, so it is nothing else."""
    return isinstance(value, Mapping) and (set(value) == {"secure"} or any(map(_has_secure, value.values())))


def _quoted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _quoted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_quoted(one) for one in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) else value

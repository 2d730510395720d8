"""Which Pulumi packages a stack's resources come from, so that a local cloud starts what the stack needs and no more.

A text is read and no model: commands on the local cloud ask this each time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from elasticity.input_files import InputFileError, read_text

PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"web_service": ("aws",), "instance_fleet": ("aws",), "private_service": ("docker",)}
)
"""By composition."""
ON_SWARM = ("docker",)
"""Of a stack on machines of one's own."""
_COMPOSITION = re.compile(
    r"""^[ \t]+["']?accordion:composition["']?:[ \t]*["']?(\w+)["']?[ \t]*(?:#.*)?$""", re.MULTILINE
)

_LARGEST = 4 << 20
"""Bytes of a stack file, as in `stacks.yaml_reader`, which takes long to import."""
_BUILD = re.compile(r"""(?:^[ \t]+|[{,][ \t]*)["']?build["']?[ \t]*:""", re.MULTILINE)
"""The key of a service whose image is built."""


def packages_of(stack_file: Path) -> tuple[str, ...] | None:
    """Of the stack whose file that is; None where it names no composition of ours, or cannot be read."""
    try:
        text = read_text(stack_file, maximum=_LARGEST)
    except (FileNotFoundError, InputFileError):
        return None
    found = _COMPOSITION.findall(text)
    packages = PACKAGES.get(found[0]) if len(found) == 1 else None
    if packages is None or not _BUILD.search(text):
        return packages
    return tuple(dict.fromkeys((*packages, "docker")))

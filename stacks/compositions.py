"""The compositions by the name that settings give. Each is imported when it is built: pulumi_aws takes seconds."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from components.deployed import NOTHING_KNOWN, Deployed
from stacks.settings import Composition, Settings

if TYPE_CHECKING:
    from stacks.outputs import Outputs

MODULES: Mapping[Composition, str] = MappingProxyType(
    {"web_service": "stacks.web_service", "instance_fleet": "stacks.instance_fleet"}
)
"""Each module has `build(settings, deployed)`."""


def build(settings: Settings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose what the settings ask for."""
    compose: Callable[[Settings, Deployed], Outputs] = importlib.import_module(MODULES[settings.composition]).build
    return compose(settings, deployed)

"""The compositions by the name that settings give."""

from __future__ import annotations

from collections.abc import Callable

from components.deployed import NOTHING_KNOWN, Deployed
from stacks import instance_fleet, web_service
from stacks.outputs import Outputs
from stacks.settings import Composition, Settings

COMPOSITIONS: dict[Composition, Callable[[Settings, Deployed], Outputs]] = {
    "web_service": web_service.build,
    "instance_fleet": instance_fleet.build,
}


def build(settings: Settings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose what the settings ask for."""
    return COMPOSITIONS[settings.composition](settings, deployed)

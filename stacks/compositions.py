"""The compositions by the name that settings give, each in a package of its own: `settings` with the model, `workloads`
with what commands ask for, `build` with the resources. Each module is imported when it is asked for: pulumi_aws takes
seconds, and a stack on another platform needs none of it."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from components.deployed import NOTHING_KNOWN, Deployed
from components.specs.configuration import ConfigurationSpec, SwarmConfiguration
from elasticity.rules import Model
from guardrails.stack import StackSaid
from stacks.budget import Budget

if TYPE_CHECKING:
    from stacks.outputs import Outputs

SECTIONS: Mapping[str, str] = MappingProxyType(
    {"web_service": "services", "instance_fleet": "groups", "private_service": "services"}
)
"""By composition, the section of the stack file where its workloads stand; the package is called as the composition."""
COMPOSITIONS = tuple(SECTIONS)
RULES_ONLY: Final = "rules_only"
"""The kind of a file that holds rules and nothing that could be built; its package has no `build`."""


class Settings(Model):
    """All that tells one environment from another. Each field is a section of the stack file, under `accordion:`."""

    composition: str
    """Which platform is built."""
    budget: Budget = Budget()
    """What a month may cost; it changes nothing that is deployed."""

    @property
    @abstractmethod
    def region(self) -> str | None:
        """Whose list prices its units have; None where nobody has a price list."""

    @property
    def account_ids(self) -> tuple[str, ...]:
        """Accounts that the stack may stand in; none where its cloud has no accounts."""
        return ()

    @property
    def judged(self) -> StackSaid:
        """What the guardrails go by: whether it is production, and what it does on purpose."""
        return StackSaid()

    @property
    def configured(self) -> Mapping[str, ConfigurationSpec | SwarmConfiguration]:
        """What each service is configured with, by its name; none where nothing takes any."""
        return {}

    @property
    def accepted_deviations(self) -> Mapping[str, str]:
        """What may run otherwise than declared: `component.kind` to the reason."""
        return {}


def settings_model(composition: str) -> type[Settings]:
    """The branch of the settings that a composition has."""
    return cast("type[Settings]", _part(composition, "settings").SETTINGS)


def build(settings: Settings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose what the settings ask for."""
    compose: Callable[[Settings, Deployed], Outputs] = _part(settings.composition, "build").build
    return compose(settings, deployed)


def workloads_module(settings: Settings) -> Any:
    """The module of a composition's workloads; `stacks.workloads` asks it, and everybody else that."""
    return _part(settings.composition, "workloads")


def _part(composition: str, module: str) -> Any:
    return importlib.import_module(f"stacks.{composition}.{module}")

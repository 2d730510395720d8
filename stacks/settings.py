"""`Settings`: one typed, frozen tree per environment; every error at once, by file, line and path. Needs no engine."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from components.specs import AlarmsSpec, LoadBalancerSpec, NetworkSpec
from components.specs.balanced_service import ServiceName
from components.specs.naming import LONGEST_TARGET_GROUP, longest_role, reserved
from elasticity.rules import Fault as RuleFault
from elasticity.rules import Model, refuse
from stacks import sentences
from stacks.members import Environment, Group, Service
from stacks.stack_file import PROJECT, Fault, KeyPath, SettingsError, StackFile, dotted

Composition = Literal["web_service", "instance_fleet"]
SECTIONS: Mapping[Composition, str] = MappingProxyType({"web_service": "services", "instance_fleet": "groups"})
"""Where the workloads of each composition stand."""
SECRET_KEYS = frozenset({"oidc_client_secret", "pager_endpoint"})
"""Keys beside the settings that hold secrets; `stacks.secrets` reads them."""


class Settings(Model):
    """All that tells one environment from another. Each field is a section of the stack file, under `accordion:`."""

    composition: Composition
    """Which platform is built: container services, or instances."""
    environment: Environment
    network: NetworkSpec
    load_balancer: LoadBalancerSpec = LoadBalancerSpec()
    """The balancer; what is behind it stands with the services and groups, under `traffic`."""
    services: dict[ServiceName, Service] = Field(default={})
    """Container services by name; web_service only."""
    groups: dict[ServiceName, Group] = Field(default={})
    """Auto Scaling groups by name; instance_fleet only."""
    alarms: AlarmsSpec = AlarmsSpec()

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        faults: list[RuleFault] = []
        wanted = self.section
        if not getattr(self, wanted):
            faults.append(((wanted,), f"is missing; {self.composition} is built of at least one"))
        for unwanted in SECTIONS.values():
            if unwanted != wanted and getattr(self, unwanted):
                text = f"{self.composition} has none: move them to `{wanted}`, or choose the other composition"
                faults.append(((unwanted,), text))
        if self.network.zones and self.network.region != self.environment.region:
            faults.append(
                (("network", "zones"), f"lie in another region than `environment.region`, {self.environment.region}")
            )
        if self.load_balancer.services:
            faults.append(
                (("load_balancer", "services"), f"stand with what they lead to: move each to `{wanted}.<name>.traffic`")
            )
        faults += _name_faults(self)
        faults += _production_faults(self) if self.environment.production else []
        faults += _balancer_faults(self)
        refuse(type(self), faults)
        return self

    @property
    def section(self) -> str:
        """The section of the composition's services or groups."""
        return SECTIONS[self.composition]

    @property
    def members(self) -> Mapping[str, Service | Group]:
        """The services or groups of the composition, by name."""
        found: Mapping[str, Service | Group] = getattr(self, self.section)
        return found

    @property
    def balancer(self) -> LoadBalancerSpec | None:
        """The balancer with what is behind it; None when nothing takes traffic."""
        behind = {name: way for name, member in self.members.items() if (way := member.behind_balancer) is not None}
        if not behind:
            return None
        return LoadBalancerSpec.model_validate(
            {name: getattr(self.load_balancer, name) for name in self.load_balancer.model_fields_set}
            | {"services": behind}
        )


def _production_faults(settings: Settings) -> list[RuleFault]:
    """What users may not be exposed to without a word: code that changes under a tag, a shell in their containers."""
    faults: list[RuleFault] = []
    for name, service in settings.services.items():
        if service.execute_command and service.execute_command_reason is None:
            text = "in production a shell in containers needs a reason: write `execute_command_reason`"
            faults.append((("services", name, "execute_command"), text))
        for place, container in (("container", service.container), *service.sidecars.items()):
            if container.image is not None and container.image.allow_mutable:
                path = ("container",) if place == "container" else ("sidecars", place)
                text = "in production an image names one content: give `digest` or an immutable version"
                faults.append((("services", name, *path, "image", "allow_mutable"), text))
    return faults


BALANCER = "balancer"
"""Instance name of a stack's balancer; target groups are named after it and their service."""


def _name_faults(settings: Settings) -> list[RuleFault]:
    """Names that would not fit AWS's limits once they stand in physical names, or that AWS keeps for itself."""
    section = settings.section
    faults: list[RuleFault] = []
    for name, member in settings.members.items():
        way = member.behind_balancer
        room = longest_role(BALANCER, LONGEST_TARGET_GROUP) - (len("-b") if way and way.alternate else 0)
        if way and len(name) > room:
            text = f"the name has {len(name)} characters, behind the balancer at most {room} fit"
            faults.append(((section, name), f"{text}: AWS limits the names of target groups to 32"))
        if (why := reserved(name)) is not None:
            faults.append(((section, name), f"the name {why}"))
    return faults


def _balancer_faults(settings: Settings) -> list[RuleFault]:
    """Faults between the services behind one balancer, at the places where they are written."""
    section = settings.section
    try:
        balancer = settings.balancer
    except ValidationError as error:
        return [
            (
                (section, str(detail["loc"][1]), "traffic", *detail["loc"][2:])
                if detail["loc"][:1] == ("services",)
                else ("load_balancer", *detail["loc"]),
                detail["msg"],
            )
            for detail in error.errors(include_url=False, include_input=False)
        ]
    tier = {"public": "public", "internal": "private"}[settings.load_balancer.scheme]
    if balancer and not balancer.existing and not settings.network.existing and tier not in settings.network.tiers:
        text = f"the balancer stands in the {tier} tier, which `network.tiers` leaves out: add it, or change the scheme"
        return [(("load_balancer", "scheme"), text)]
    listener = settings.load_balancer.listener
    if (
        balancer
        and balancer.kind == "application"
        and not balancer.existing
        and listener.protocol == "https"
        and not listener.certificate_arns
    ):
        return [
            (
                ("load_balancer", "listener", "certificate_arns"),
                "https needs a certificate: name its ARN, or say `protocol: http`",
            )
        ]
    return []


def load(path: Path) -> Settings:
    """The settings of one stack file, with no engine and no cloud; raises SettingsError with every fault."""
    return validate(StackFile.read(path))


def validate(file: StackFile, values: Mapping[str, Any] | None = None) -> Settings:
    """`Settings` from a stack file, or from `values` (section -> value) with the file for the places of errors."""
    given = dict(file.sections if values is None else values)
    misplaced = [path for path in sorted(file.secrets, key=str) if path[0] not in SECRET_KEYS]
    faults = [*file.strays, *(_misplaced_secret(file, path) for path in misplaced)]
    faults += [
        file.fault((key,), f"is a secret: set it with `pulumi config set --secret {key}`")
        for key in sorted(SECRET_KEYS & given.keys())
    ]
    for key in given.keys() - Settings.model_fields.keys() - SECRET_KEYS:
        faults.append(file.fault((key,), f"unknown section; {_hint(key)}"))
    try:
        settings = Settings.model_validate({key: value for key, value in given.items() if key in Settings.model_fields})
    except ValidationError as error:
        # What a secret or a key of another form hides is not there to be judged.
        hidden = {dotted(path) for path in misplaced} | {stray.path.rpartition(":")[2] for stray in file.strays}
        faults += [fault for fault in sentences.faults(error, Settings, file) if fault.path not in hidden]
    if faults:
        raise SettingsError(sorted(faults, key=lambda fault: (fault.line or 0, fault.path)))
    return settings


def _misplaced_secret(file: StackFile, path: KeyPath) -> Fault:
    near = difflib.get_close_matches(str(path[0]), SECRET_KEYS, 1, cutoff=0.7) if len(path) == 1 else []
    hint = f"did you mean `{near[0]}`" if near else "name an ARN there, or use a key of its own"
    return file.fault(path, f"a secret has no place inside the settings: {hint}")


def _hint(section: str) -> str:
    """What an unknown section may have meant."""
    near = difflib.get_close_matches(section, [*Settings.model_fields, *SECRET_KEYS], 1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`"
    places = sentences.places_of(section, Settings)
    if places:
        return f"it belongs to {' or '.join(f'`{place}`' for place in places)}"
    return f"allowed {', '.join(Settings.model_fields)}"


def schema() -> dict[str, Any]:
    """JSON schema of a whole stack file, for editors."""
    own = Settings.model_json_schema(by_alias=True)
    sections = {f"{PROJECT}:{name}": own["properties"][name] for name in own["properties"]}
    secure = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    secrets = {f"{PROJECT}:{name}": secure for name in sorted(SECRET_KEYS)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of Accordion",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": sections | secrets,
                "required": [f"{PROJECT}:{name}" for name in own.get("required", ())],
                "patternProperties": {f"^(?!{PROJECT}:)": {}},
                "additionalProperties": False,
            },
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "secretsprovider": {"type": "string"},
            "environment": {},
        },
        "required": ["config"],
        "additionalProperties": False,
        "$defs": own["$defs"],
    }


__all__ = [
    "Composition",
    "Environment",
    "Fault",
    "Group",
    "Service",
    "Settings",
    "SettingsError",
    "load",
    "schema",
    "validate",
]

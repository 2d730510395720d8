"""`Settings`: one typed, frozen tree per environment; every error at once, by file, line and path. Needs no engine."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, cast

from pydantic import Field, ValidationError, model_validator

from components.specs import (
    AlarmsSpec,
    AutoscalingGroupSpec,
    BalancedService,
    BalancerAlarms,
    ContainerServiceSpec,
    GroupAlarms,
    LoadBalancerSpec,
    NetworkSpec,
    QueueAlarms,
    RollbackAlarms,
    ServiceAlarms,
)
from elasticity.rules import Fault as RuleFault
from elasticity.rules import Model, RuleName, refuse
from stacks import sentences
from stacks.simulation import Simulation, parameters_of
from stacks.stack_file import PROJECT, Fault, SettingsError, StackFile

Composition = Literal["web_service", "instance_fleet"]
_Spec = TypeVar("_Spec", bound=Model)
SECRET_KEYS = frozenset({"pager_endpoint"})
"""Keys beside the settings that hold secrets; `stacks.secrets` reads them."""


class Environment(Model):
    """Where a stack lives, and how much it matters."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2,}(-[a-z]+)+-\d$")]
    """AWS region, such as eu-central-1."""
    account_ids: tuple[Annotated[str, Field(pattern=r"^\d{12}$")], ...] = Field(min_length=1)
    """Accounts that this stack may be deployed to; elsewhere the provider refuses. Quote them: an id is a text."""
    production: bool = True
    """Whether users depend on it: findings are stricter."""
    tags: dict[Annotated[str, Field(min_length=1, max_length=128)], Annotated[str, Field(max_length=256)]] = Field(
        default={}
    )
    """On every resource, beside `application`, `stack` and `managed-by`."""


class Service(ContainerServiceSpec):
    """One container service of a stack: what it is, how traffic comes to it, what is watched."""

    traffic: BalancedService | None = None
    """How the balancer leads to it; none for a worker."""
    alarms: ServiceAlarms = ServiceAlarms()
    balancer_alarms: BalancerAlarms = BalancerAlarms()
    rollback_alarms: RollbackAlarms | None = RollbackAlarms()
    """Alarms that turn a deployment back; null for none."""
    queue_alarms: QueueAlarms = QueueAlarms()
    """Only where the rules look at a queue."""
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on before they are deployed, and what is expected of them."""

    @model_validator(mode="after")
    def _simulation_fits(self) -> Self:
        refuse(type(self), _simulation_faults(self.simulation, self.elasticity is not None, "ecs_service"))
        return self

    @model_validator(mode="after")
    def _traffic_has_a_port(self) -> Self:
        ports = {port.number: name for name, port in self.container.ports.items()}
        if self.traffic is not None and self.traffic.port not in ports:
            listed = ", ".join(map(str, ports)) or "none: it has no ports"
            refuse(type(self), [(("traffic", "port"), f"not a port of the main container, allowed {listed}")])
        return self

    @property
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it, with a second target group where deployments shift traffic."""
        if self.traffic is None or not self.deployment.gradual:
            return self.traffic
        return self.traffic.model_copy(update={"alternate": True})

    @property
    def spec(self) -> ContainerServiceSpec:
        """What the component is told."""
        return _narrowed(self, ContainerServiceSpec)


class Group(AutoscalingGroupSpec):
    """One Auto Scaling group of a stack: what it is, how traffic comes to it, what is watched."""

    traffic: BalancedService | None = None
    """How the balancer leads to it; none for a worker."""
    alarms: GroupAlarms = GroupAlarms()
    balancer_alarms: BalancerAlarms = BalancerAlarms()
    queue_alarms: QueueAlarms = QueueAlarms()
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on before they are deployed, and what is expected of them."""

    @model_validator(mode="after")
    def _simulation_fits(self) -> Self:
        refuse(type(self), _simulation_faults(self.simulation, self.elasticity is not None, "ec2_group"))
        return self

    @property
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it: by instance."""
        return self.traffic.model_copy(update={"target_type": "instance"}) if self.traffic else None

    @property
    def spec(self) -> AutoscalingGroupSpec:
        """What the component is told."""
        return _narrowed(self, AutoscalingGroupSpec)


def _simulation_faults(simulation: Simulation, elastic: bool, platform: str) -> list[RuleFault]:
    if simulation.loads and not elastic:
        return [(("simulation", "loads"), "there is no `elasticity` beside them: a fixed number of units needs no run")]
    return [(("simulation", *path), text) for path, text in parameters_of(simulation, platform)[1]]


def _narrowed(wide: Model, kind: type[_Spec]) -> _Spec:
    fields = {name: getattr(wide, name) for name in kind.model_fields}
    return cast("_Spec", kind.model_construct(wide.model_fields_set & kind.model_fields.keys(), **fields))


class Settings(Model):
    """All that tells one environment from another. Each field is a section of the stack file, under `accordion:`."""

    composition: Composition
    """Which platform is built: container services, or instances."""
    environment: Environment
    network: NetworkSpec
    load_balancer: LoadBalancerSpec = LoadBalancerSpec()
    """The balancer; what is behind it stands with the services and groups, under `traffic`."""
    services: dict[RuleName, Service] = Field(default={})
    """Container services by name; web_service only."""
    groups: dict[RuleName, Group] = Field(default={})
    """Auto Scaling groups by name; instance_fleet only."""
    alarms: AlarmsSpec = AlarmsSpec()

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        faults: list[RuleFault] = []
        wanted, unwanted = ("services", "groups") if self.composition == "web_service" else ("groups", "services")
        if not getattr(self, wanted):
            faults.append(((wanted,), f"is missing; {self.composition} is built of at least one"))
        if getattr(self, unwanted):
            faults.append(
                ((unwanted,), f"{self.composition} has none: move them to `{wanted}`, or choose the other composition")
            )
        if self.network.zones and self.network.region != self.environment.region:
            faults.append(
                (("network", "zones"), f"lie in another region than `environment.region`, {self.environment.region}")
            )
        if self.load_balancer.services:
            faults.append(
                (("load_balancer", "services"), f"stand with what they lead to: move each to `{wanted}.<name>.traffic`")
            )
        faults += _balancer_faults(self)
        refuse(type(self), faults)
        return self

    @property
    def members(self) -> Mapping[str, Service | Group]:
        """The services or groups of the composition, by name."""
        return self.services if self.composition == "web_service" else self.groups

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


def _balancer_faults(settings: Settings) -> list[RuleFault]:
    """Faults between the services behind one balancer, at the places where they are written."""
    section = "services" if settings.composition == "web_service" else "groups"
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
    faults = [
        file.fault(path, "a secret has no place inside the settings: name an ARN there, or use a key of its own")
        for path in sorted(file.secrets, key=str)
        if path[0] not in SECRET_KEYS
    ]
    faults += [
        file.fault((key,), f"is a secret: set it with `pulumi config set --secret {key}`")
        for key in sorted(SECRET_KEYS & given.keys())
    ]
    for key in given.keys() - Settings.model_fields.keys() - SECRET_KEYS:
        near = difflib.get_close_matches(key, Settings.model_fields, 1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`" if near else f"allowed {', '.join(Settings.model_fields)}"
        faults.append(file.fault((key,), f"unknown section; {hint}"))
    try:
        settings = Settings.model_validate({key: value for key, value in given.items() if key in Settings.model_fields})
    except ValidationError as error:
        faults += sentences.faults(error, Settings, file)
    if faults:
        raise SettingsError(sorted(faults, key=lambda fault: (fault.line or 0, fault.path)))
    return settings


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

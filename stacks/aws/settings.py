"""What the settings of every composition on AWS have: where the stack lives, its network, its balancer, its alarms.

Needs no engine.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from components.specs import (
    AlarmsSpec,
    BalancedService,
    BalancerAlarms,
    LoadBalancerSpec,
    NetworkSpec,
    QueueAlarms,
    RollbackAlarms,
    Watch,
)
from components.specs.naming import LONGEST_TARGET_GROUP, longest_role, reserved
from elasticity.faults import Fault
from elasticity.rules import Elasticity, Model, refuse
from guardrails.stack import StackSaid, said
from stacks import deviations, guardrail_settings
from stacks.compositions import Settings
from stacks.deviations import MonitorSettings
from stacks.guardrail_settings import GuardrailSettings
from stacks.simulation import Simulation, failure_faults, parameters_of

OF_A_CLUSTER, OF_A_SERVICE = 11, 21
"""Metrics of Container Insights: of a cluster; of a service with its one family of task definitions. Source: CloudWatch
user guide, Amazon ECS Container Insights metrics, each once for each of its sets of dimensions (11; 13 and 8), as of
2023: what came later (ephemeral storage, restarts) is not among them."""
EXPIRES_FORM = "%Y-%m-%dT%H:%M:%SZ"
EXPIRES_TAG, PERSIST_TAG = "expires", "persist"
"""Tags on all of an environment that ends, beside `stack`."""


def _moment(text: str) -> str:
    try:
        return datetime.strptime(text, EXPIRES_FORM).replace(tzinfo=UTC).strftime(EXPIRES_FORM)
    except ValueError:
        raise ValueError("expected a moment in UTC, such as 2026-01-05T18:00:00Z") from None


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
    permissions_boundary: (
        Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$")] | None
    ) = None
    """ARN of the policy at which the rights of all the stack's roles end, as `accordion bootstrap` makes it: its deploy
    roles may write no role without it."""
    expires: Annotated[str, AfterValidator(_moment)] | None = None
    """When `accordion environments destroy --expired` may take the stack down: a tag on everything, and an output. None
    for a stack that stays. Quote it: a moment is a text."""
    persist: bool = False
    """Whether it stays nevertheless; only beside an expiry."""

    @property
    def lifetime_tags(self) -> dict[str, str]:
        """The tags of an environment that ends; none for one that stays."""
        if self.expires is None:
            return {}
        return {EXPIRES_TAG: self.expires} | ({PERSIST_TAG: "true"} if self.persist else {})

    @model_validator(mode="after")
    def _ends(self) -> Self:
        faults = []
        if self.expires is not None and self.production:
            faults.append(Fault(("expires",), "what ends by itself is no production: set `production: false`"))
        if self.persist and self.expires is None:
            faults.append(Fault(("persist",), "says that an expiry does not count, and there is none: leave it out"))
        refuse(type(self), faults)
        return self


class WorkloadSettings(Model):
    """What the settings of a service and of a group have in common, beside the spec of the component."""

    traffic: BalancedService | None = None
    """How the balancer leads to it; none for a worker."""
    balancer_alarms: BalancerAlarms = BalancerAlarms()
    rollback_alarms: RollbackAlarms | None = RollbackAlarms()
    """Alarms that roll a deployment back; null for none."""
    queue_alarms: QueueAlarms = QueueAlarms()
    """Only where the rules look at a queue."""
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on before they are deployed, and what is expected of them."""

    @property
    @abstractmethod
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it, as its platform needs it."""

    @property
    @abstractmethod
    def maximum_units(self) -> int:
        """Tasks or instances at the most: the rules' maximum, or the fixed number."""

    @property
    def deployment_alarms(self) -> RollbackAlarms | None:
        """The alarms that roll a deployment back, where it is deployed in a way that they can."""
        return self.rollback_alarms

    @property
    @abstractmethod
    def own_alarms(self) -> Mapping[str, Watch]:
        """The alarms that are made of it beside those on what its balancer sees, by name."""

    @property
    @abstractmethod
    def insights_metrics(self) -> int:
        """Metrics of Container Insights that it brings about."""

    def made_of(self, watches: Mapping[str, Watch], rules: Elasticity | None, *, counted: bool) -> dict[str, Watch]:
        """Those of `watches` that are made, with those of its queue: what scales has a maximum to be at, and what
        publishes no counts of its units has no alarm on them."""
        missing = {"at_maximum"} if rules is None else set()
        missing |= set() if counted else {"at_maximum", "below_desired"}
        queue = self.queue_alarms.watches if rules is not None and rules.queue is not None else {}
        return {name: watch for name, watch in watches.items() if name not in missing} | queue


class AwsSettings(Settings):
    """The sections of a stack on AWS, beside that of its workloads."""

    section: ClassVar[str]
    """Where the workloads stand."""

    environment: Environment
    network: NetworkSpec
    load_balancer: LoadBalancerSpec = LoadBalancerSpec()
    """The balancer; what is behind it stands with the services and groups, under `traffic`."""
    alarms: AlarmsSpec = AlarmsSpec()
    monitor: MonitorSettings = MonitorSettings()
    """What `accordion monitor` is told; it changes nothing that is deployed."""
    guardrails: GuardrailSettings = GuardrailSettings()
    """What the guardrails are told; it changes nothing that is deployed."""

    @property
    @abstractmethod
    def declared(self) -> Mapping[str, WorkloadSettings]:
        """The settings of each service or group, by name."""

    @property
    def region(self) -> str:
        """Where the stack lives."""
        return self.environment.region

    @property
    def account_ids(self) -> tuple[str, ...]:
        """Accounts that the stack may stand in."""
        return self.environment.account_ids

    @property
    def judged(self) -> StackSaid:
        """What the guardrails go by."""
        return said(self.environment.model_dump(), self.guardrails.model_dump())

    @property
    def accepted_deviations(self) -> Mapping[str, str]:
        """What may run otherwise than declared."""
        return self.monitor.accept

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        faults: list[Fault] = []
        section = self.section
        if not self.declared:
            faults.append(Fault((section,), f"is missing; {self.composition} is built of at least one"))
        if self.network.zones and self.network.region != self.environment.region:
            faults.append(
                Fault(
                    ("network", "zones"), f"lie in another region than `environment.region`, {self.environment.region}"
                )
            )
        if self.load_balancer.services:
            text = f"stand with what they lead to: move each to `{section}.<name>.traffic`"
            faults.append(Fault(("load_balancer", "services"), text))
        faults += _name_faults(self)
        faults += self.production_faults() if self.environment.production else []
        faults += _balancer_faults(self)
        faults += deviations.faults(self.monitor.accept, self.declared)
        faults += guardrail_settings.faults(self.guardrails)
        refuse(type(self), faults)
        return self

    def production_faults(self) -> list[Fault]:
        """What users may not be exposed to without a word."""
        return []

    @property
    def balancer(self) -> LoadBalancerSpec | None:
        """The balancer with what is behind it; None when nothing takes traffic."""
        behind = {name: traffic for name, of in self.declared.items() if (traffic := of.behind_balancer) is not None}
        if not behind:
            return None
        return LoadBalancerSpec.model_validate(
            {name: getattr(self.load_balancer, name) for name in self.load_balancer.model_fields_set}
            | {"services": behind}
        )


BALANCER = "balancer"
"""Instance name of a stack's balancer; target groups are named after it and their service."""


def _name_faults(settings: AwsSettings) -> list[Fault]:
    """Names that would not fit AWS's limits once they stand in physical names, or that AWS keeps for itself."""
    section = settings.section
    faults: list[Fault] = []
    for name, declared in settings.declared.items():
        traffic = declared.behind_balancer
        longest = longest_role(BALANCER, LONGEST_TARGET_GROUP) - (len("-b") if traffic and traffic.alternate else 0)
        if traffic and len(name) > longest:
            text = f"the name has {len(name)} characters, behind the balancer at most {longest} fit"
            faults.append(Fault((section, name), f"{text}: AWS limits the names of target groups to 32"))
        if (why := reserved(name)) is not None:
            faults.append(Fault((section, name), f"the name {why}"))
    return faults


def _balancer_faults(settings: AwsSettings) -> list[Fault]:
    """Faults between the services behind one balancer, at the places where they are written."""
    section = settings.section
    try:
        balancer = settings.balancer
    except ValidationError as error:
        return [
            Fault(
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
        return [Fault(("load_balancer", "scheme"), text)]
    listener = settings.load_balancer.listener
    if (
        balancer
        and balancer.kind == "application"
        and not balancer.existing
        and listener.protocol == "https"
        and not listener.certificate_arns
    ):
        return [
            Fault(
                ("load_balancer", "listener", "certificate_arns"),
                "https needs a certificate: name its ARN, or say `protocol: http`",
            )
        ]
    return []


def simulation_faults(simulation: Simulation, elastic: bool, platform: str, shift: float | None = None) -> list[Fault]:
    """What of a simulation does not fit what is simulated; `shift` is how long a release of it takes."""
    if simulation.loads and not elastic:
        return [
            Fault(("simulation", "loads"), "there is no `elasticity` beside them: a fixed number of units needs no run")
        ]
    wrong = parameters_of(simulation, platform)[1] + failure_faults(simulation, platform, shift)
    return [fault.below("simulation") for fault in wrong]

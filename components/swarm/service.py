"""A service of a Swarm with everything of its own: its secrets and configurations, the service, its live count."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_docker as docker

from components._component import Component, Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.specs.configuration import SECRETS
from components.specs.delegated import ignored_fields
from components.specs.swarm_service import DECLARED, OF_THE_CONTROLLER, SwarmServiceSpec
from components.swarm import specification, versioned
from components.swarm.versioned import ROLE, SERVICE, Content


@dataclass(frozen=True)
class SwarmServiceArgs:
    """What a service is connected to."""

    spec: SwarmServiceSpec
    network_id: pulumi.Input[str]
    """Where it is known by its instance name."""
    network_key: str = ""
    """Stands for the network: with another one the service is another one."""
    image: pulumi.Input[str] | None = None
    """In place of the spec's, for a program that builds it; by digest."""
    secrets: Mapping[str, Content] = field(default_factory=dict)
    """By name, at least those that the spec names."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Labels of the service; another one replaces no task."""
    live_count: int | None = None
    """Tasks that the service has now by its rules; None where nobody knows."""
    live_image: str | None = None
    """Where a pipeline owns the image, the one that runs now; None where nobody knows."""
    in_use: Collection[str] | None = None
    """Names of secrets and configurations that it, or a roll-back of it, uses now; None where nobody knows."""
    after: Sequence[pulumi.Resource] = ()
    """What stands before the service does, and goes after it has gone, such as its controller."""
    deployed: Deployed = NOTHING_KNOWN
    extensions: Extensions = field(default_factory=dict)


class SwarmService(Component):
    """One service of a Swarm, restarted whatever it ends with, rolled back when an update fails.

    With rules the live count belongs to the controller. An update of a Swarm sends the whole specification, the number
    of tasks with it: so the count is left alone as long as nothing else is declared otherwise, and what is sent else is
    the number that runs. A fixed count follows its declaration.
    """

    service_name: pulumi.Output[str]
    service_id: pulumi.Output[str]
    versions: dict[str, list[str]]
    """By secret and configuration, the version in force and those that stay for a roll-back."""
    declared: pulumi.Output[str]
    """Fingerprint of all that is declared but the count: whether the next deployment changes anything else."""
    service: docker.Service
    """The service itself: the escape hatch for what this component does not offer."""

    def __init__(self, name: str, args: SwarmServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _validate(name, args)
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        spec = args.spec
        secrets = {
            f"secret-{each}": dataclasses.replace(args.secrets[each], title=_title(spec, each)) for each in spec.secrets
        }
        roles = {f"config-{number}": path for number, path in enumerate(spec.configs)}
        configs = {role: Content.of(spec.configs[path], f"file {path}") for role, path in roles.items()}
        made, self.versions = versioned.create(self, {**secrets, **configs}, args.tags, args.deployed, args.in_use)
        by_pipeline = spec.image_owner == "pipeline"
        declared = spec.model_dump(mode="json", by_alias=True, exclude=OF_THE_CONTROLLER)
        if by_pipeline:
            declared["container"].pop("image")
        fingerprint = specification.fingerprint(
            DECLARED,
            declared,
            args.image if isinstance(args.image, str) else None,
            {role: content.version for role, content in {**secrets, **configs}.items()},
            args.network_key,
            {key: value for key, value in args.tags.items() if isinstance(value, str)},
        )
        told = args.image is None or isinstance(args.image, str)  # what an Output holds nobody knows yet
        same = told and fingerprint == self._before(args).get("declared")
        task: dict[str, Any] = {
            "container_spec": specification.container(
                spec.container,
                _image(args),
                spec.stop_timeout,
                {each: made[f"secret-{each}"] for each in spec.secrets},
                {path: made[role] for role, path in roles.items()},
            ),
            "resources": specification.resources(spec.cpu, spec.memory),
            "restart_policy": specification.restart_policy(spec.restart_delay),
            "placement": specification.placement(spec.placement, spec.architecture),
            "networks_advanceds": [{"id": args.network_id, "aliases": [name]}],
            "log_driver": specification.log_driver(spec),
        }
        self.service = docker.Service(
            self.name_of(ROLE),
            task_spec=specification.task_spec(task),
            mode={"replicated": {"replicas": _count(args)}},
            update_config=specification.update_config(spec.deployment),
            rollback_config=specification.rollback_config(spec.deployment),
            endpoint_spec=specification.endpoint(_ports(spec)),
            converge_config={"delay": "1s", "timeout": specification.seconds(spec.deployment.timeout)},
            labels=specification.labels({**args.tags, DECLARED: fingerprint}),
            opts=self.options_of(
                ROLE,
                depends_on=args.after,
                ignore_changes=ignored_fields(SERVICE, rules=spec.has_rules and same, pipeline=by_pipeline and same),
                # From a fixed port of the node to one that the Engine chooses no update leads (docs/decisions/0042).
                replacement_trigger="-".join(sorted(spec.fixed_ports)) if spec.published_ports else None,
            ),
        )
        self.service_name, self.service_id = self.service.name, self.service.id
        self.declared = self.service.id.apply(lambda _: fingerprint)  # known only once it is so
        self.finish()

    def _before(self, args: SwarmServiceArgs) -> Mapping[str, Any]:
        return args.deployed.outputs(self.type_token, self.instance)


def _validate(name: str, args: SwarmServiceArgs) -> None:
    missing = sorted(set(args.spec.secrets) - args.secrets.keys())
    faults = [f"secrets.{each}: no value was given" for each in missing]
    if args.image is None and args.spec.container.image is None:
        faults.append("container.image: is missing; name one, or pass one that the program builds")
    if faults:
        raise pulumi.RunError("\n".join((f"SwarmService {name}: cannot run", *faults)))


def _title(spec: SwarmServiceSpec, secret: str) -> str:
    """A secret, with the variables that hold the path of its file."""
    variables = [name for name, value in spec.container.environment.items() if value == f"{SECRETS}/{secret}"]
    return f"secret {secret}" + (f" ({', '.join(variables)})" if variables else "")


def _image(args: SwarmServiceArgs) -> pulumi.Input[str]:
    """The image to ask for: a pipeline's that runs, else as declared."""
    if args.spec.image_owner == "pipeline" and args.live_image is not None:
        return args.live_image
    if args.image is not None:
        return args.image
    image = args.spec.container.image
    return "" if image is None else image.reference  # None is refused before


def _count(args: SwarmServiceArgs) -> int:
    """Tasks to ask for: by rules those that run, else as declared."""
    if args.spec.has_rules and args.live_count is not None:
        return args.live_count
    return args.spec.count_at_creation


def _ports(spec: SwarmServiceSpec) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "target_port": spec.container.ports[name].number,
            "protocol": spec.container.ports[name].protocol,
            "publish_mode": "host",
            **({"published_port": port} if port else {}),
        }
        for name, port in spec.published_ports.items()
    ]

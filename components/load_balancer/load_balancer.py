"""The load balancer component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.lb import ListenerRule, LoadBalancerAccessLogsArgs, LoadBalancerConnectionLogsArgs, TargetGroup
from pulumi_aws.lb import LoadBalancer as Balancer
from pulumi_aws.s3 import BucketPolicy

from components._component import Component, Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.load_balancer.firewall import balancer_group
from components.load_balancer.listeners import (
    TEST_ROUTE,
    Certificates,
    Groups,
    application_listener,
    former_listeners,
    former_rules,
    network_listener,
    rules,
)
from components.load_balancer.logs import log_bucket
from components.load_balancer.references import balancer_metrics, service_metrics
from components.load_balancer.targets import target_groups
from components.metrics import Measure, MetricReference
from components.references import Subnets, TargetGroupReference, subnet_list
from components.specs import AccessLogs, ExistingLoadBalancer, LoadBalancerSpec
from components.specs.naming import LONGEST_BALANCER

_FEWEST_ZONES = {"application": 2, "network": 1}
"""Source: Elastic Load Balancing user guide, availability zones and load balancer nodes."""


@dataclass(frozen=True)
class LoadBalancerArgs:
    """What a balancer is to be, and where it stands."""

    spec: LoadBalancerSpec
    """Kind, listener, services, logs; or an existing balancer."""
    vpc_id: pulumi.Input[str]
    """VPC of the targets."""
    vpc_cidr: pulumi.Input[str] = ""
    """IPv4 block of the VPC: where targets are, and who may reach an internal balancer.

    Not used with an existing balancer.
    """
    subnet_ids: Subnets = ()
    """One subnet per zone: public ones for a public balancer; a map from zone to id, or a list. Not used with an
    existing balancer."""
    certificate_arns: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Certificates made in the same program, by a name; they come before those of the spec."""
    client_secret: pulumi.Input[str] | None = None
    """Secret of the OpenID Connect client that routes with `sign_in.oidc` name; kept secret in state."""
    web_acl_arn: pulumi.Input[str] | None = None
    """A web ACL made in the same program, in place of the spec's."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""
    deployed: Deployed = NOTHING_KNOWN
    """What the last deployment left: a renamed route or service then takes its rule along."""


class LoadBalancer(Component):
    """An application or network balancer and what leads to its services.

    Makes a security group with the listener ports open and nothing else, a log bucket, the balancer, its listeners, and
    by service the target groups and the rules, keyed by service and route. Of an existing balancer it makes target
    groups and rules only.
    """

    arn: pulumi.Output[str]
    """ARN of the balancer."""
    arn_suffix: pulumi.Output[str]
    """Tail of the ARN, such as app/web/50dc6c49: the dimension of its metrics."""
    account_id: pulumi.Output[str]
    """Account that owns the balancer."""
    dns_name: pulumi.Output[str]
    """Name that clients, or an alias record, point at."""
    zone_id: pulumi.Output[str]
    """Route 53 zone of that name, for alias records."""
    url: pulumi.Output[str]
    """Where an application balancer answers by its own name; empty for a network balancer."""
    security_group_id: pulumi.Output[str]
    """Targets accept traffic from this group and from nobody else."""
    listener_arns: Mapping[str, pulumi.Output[str]]
    """By `https`, `http`, or for a network balancer by service."""
    rule_arns: Mapping[str, Mapping[str, pulumi.Output[str]]]
    """Listener rules by service and route, `test` for the test route; ECS shifts traffic by them."""
    target_group_arns: Mapping[str, pulumi.Output[str]]
    """By service; resolved once a listener or rule leads there, which ECS asks for."""
    alternate_target_group_arns: Mapping[str, pulumi.Output[str]]
    """Second target group by service, where deployments shift traffic between two."""
    resource_labels: Mapping[str, pulumi.Output[str]]
    """By service: balancer and target group as requests per target wants them,
    app/web/50dc6c49/targetgroup/web/73e2d6bc."""
    log_bucket_name: pulumi.Output[str] | None
    """The bucket that was made for logs, if one was."""
    metrics: Mapping[str, MetricReference]
    """Metrics of the whole balancer by name."""
    service_metrics: Mapping[str, Mapping[str, Measure]]
    """Metrics by service and name."""
    load_balancer: Balancer | None
    """The balancer itself: the escape hatch for what this component does not offer. None for an existing one."""

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        self._args, self._spec = args, args.spec
        self._subnets = subnet_list(f"LoadBalancer {name}", args.subnet_ids)
        self._certificates = _certificates(args)
        self.log_bucket_name = self.load_balancer = None
        self._validate()
        groups = {
            key: target_groups(self, self._spec, key, service, args.vpc_id, args.deployed)
            for key, service in self._spec.services.items()
        }
        if self._spec.existing:
            self._take(self._spec.existing)
        else:
            self._make(groups)
        made = self._rules(groups)
        self._expose_targets(groups, made)
        self.finish()

    def targets_of(self, service: str) -> TargetGroupReference:
        """Where the service or group of that name registers: what containers and instances take.

        Raises `pulumi.RunError` for a name that is not among the spec's services.
        """
        if service not in self.target_group_arns:
            allowed = ", ".join(self.target_group_arns) or "none"
            raise pulumi.RunError(f"LoadBalancer {self._instance}: no service {service}, allowed {allowed}")
        rules = self.rule_arns.get(service, {})
        arn, alternate = self.target_group_arns[service], self.alternate_target_group_arns.get(service)
        return TargetGroupReference(
            arn=arn,
            suffix=_suffix(arn),
            balancer_suffix=self.arn_suffix if self._spec.kind == "application" else None,
            security_group_id=self.security_group_id,
            alternate_arn=alternate,
            alternate_suffix=_suffix(alternate) if alternate is not None else None,
            rule_arn=next((arn for key, arn in rules.items() if key != TEST_ROUTE), None),
            test_rule_arn=rules.get(TEST_ROUTE),
        )

    def _validate(self) -> None:
        faults = [] if self._spec.existing else self._faults_of_making()
        if any(each.oidc for each in self._spec.sign_ins) and self._args.client_secret is None:
            faults.append("client_secret: is missing; a route signs in by OpenID Connect")
        if faults:
            raise pulumi.RunError("\n".join(f"LoadBalancer {self._instance}: {fault}" for fault in faults))

    def _faults_of_making(self) -> list[str]:
        """What a balancer that is made would lack."""
        spec, fewest = self._spec, _FEWEST_ZONES[self._spec.kind]
        faults = []
        if len(self._subnets) < fewest:
            faults.append(f"subnet_ids: {spec.kind} balancers need subnets in {fewest} zones or more")
        tls = [name for name, service in spec.services.items() if service.listener_protocol == "TLS"]
        wants = spec.listener.protocol == "https" if spec.kind == "application" else bool(tls)
        if wants and not self._certificates:
            faults.append(
                "listener: no certificate: give `certificate_arns`, or say `protocol: http` for a plain listener"
                if spec.kind == "application"
                else f"services.{tls[0]}.listener_protocol: TLS without a certificate: give `listener.certificate_arns`"
            )
        return faults

    def _take(self, existing: ExistingLoadBalancer) -> None:
        """Expose an existing balancer; only target groups and rules are made for it."""
        self.arn = pulumi.Output.from_input(existing.arn)
        self.arn_suffix = pulumi.Output.from_input(existing.arn.split(":loadbalancer/")[1])
        self.dns_name, self.zone_id = map(pulumi.Output.from_input, (existing.dns_name, existing.zone_id))
        self.security_group_id = pulumi.Output.from_input(existing.security_group_id)
        self.account_id = pulumi.Output.from_input(existing.arn.split(":")[4])
        self.url = pulumi.Output.from_input(f"https://{existing.dns_name}")
        self.listener_arns = {"https": pulumi.Output.from_input(existing.listener_arn)}

    def _make(self, groups: Groups) -> None:
        spec, args = self._spec, self._args
        group = balancer_group(self, spec, args.vpc_id, args.vpc_cidr)
        bucket_policy = None
        if spec.access_logs and not spec.access_logs.bucket:
            bucket, bucket_policy = log_bucket(self, spec.kind, spec.access_logs, group)
            self.log_bucket_name = bucket.bucket
        self.load_balancer = balancer = self._balancer(group, bucket_policy)
        self.arn, self.arn_suffix, self.security_group_id = balancer.arn, balancer.arn_suffix, group.id
        self.dns_name, self.zone_id = balancer.dns_name, balancer.zone_id
        self.account_id = balancer.arn.apply(lambda arn: arn.split(":")[4])
        self._associate_web_acl(balancer)
        if spec.kind == "network":
            self.url = pulumi.Output.from_input("")
            former = former_listeners(self, spec, args.deployed)
            self.listener_arns = {
                name: network_listener(self, spec, name, balancer.arn, self._certificates, groups[name][0], former).arn
                for name in spec.services
            }
            return
        listener = application_listener(self, spec, balancer.arn, self._certificates, groups)
        self.listener_arns = {spec.listener.protocol: listener.arn}
        self.url = pulumi.Output.concat(spec.listener.protocol, "://", balancer.dns_name, _shown_port(spec))

    def _balancer(self, group: SecurityGroup, bucket_policy: BucketPolicy | None) -> Balancer:
        spec, application = self._spec, self._spec.kind == "application"
        return Balancer(
            self.name_of("lb", longest=LONGEST_BALANCER),
            load_balancer_type=spec.kind,
            internal=spec.scheme == "internal",
            subnets=self._subnets,
            security_groups=[group.id],
            enable_deletion_protection=spec.deletion_protection,
            drop_invalid_header_fields=spec.drop_invalid_headers if application else None,
            desync_mitigation_mode=spec.desync_mode if application else None,
            idle_timeout=round(spec.idle_timeout) if application else None,
            preserve_host_header=spec.preserve_host if application else None,
            enable_cross_zone_load_balancing=None if application else spec.cross_zone,
            access_logs=self._access_logs(spec.access_logs),
            connection_logs=self._connection_logs(spec.access_logs),
            tags=self.tags_of("lb"),
            opts=self.options_of("lb", depends_on=[bucket_policy] if bucket_policy else []),
        )

    def _bucket(self, logs: AccessLogs) -> pulumi.Input[str]:
        return logs.bucket or self.log_bucket_name or ""

    def _access_logs(self, logs: AccessLogs | None) -> LoadBalancerAccessLogsArgs | None:
        if logs is None:
            return None
        return LoadBalancerAccessLogsArgs(enabled=True, bucket=self._bucket(logs), prefix=logs.prefix or None)

    def _connection_logs(self, logs: AccessLogs | None) -> LoadBalancerConnectionLogsArgs | None:
        if logs is None or not logs.connections:
            return None
        return LoadBalancerConnectionLogsArgs(enabled=True, bucket=self._bucket(logs), prefix=logs.prefix or None)

    def _associate_web_acl(self, balancer: Balancer) -> None:
        acl = self._args.web_acl_arn or self._spec.web_acl_arn
        if acl is None:
            return
        # 26 MB and 0.4 s that only those with a web ACL pay.
        from pulumi_aws.wafv2 import WebAclAssociation

        WebAclAssociation(
            self.name_of("web-acl"),
            resource_arn=balancer.arn,
            web_acl_arn=acl,
            # A balancer has one: deleting the old association after the new one is made would take that away.
            opts=self.options_of("web-acl", delete_before_replace=True),
        )

    def _rules(self, groups: Groups) -> dict[str, dict[str, ListenerRule]]:
        if self._spec.kind == "network":
            return {}
        listener_arn = next(iter(self.listener_arns.values()))
        secret = self._args.client_secret
        former = former_rules(self, self._spec, self._args.deployed)
        services = self._spec.services
        deployed = self._args.deployed
        return {
            key: rules(self, key, each, listener_arn, groups, secret, former, deployed)
            for key, each in services.items()
        }

    def _expose_targets(self, groups: Groups, made: Mapping[str, Mapping[str, ListenerRule]]) -> None:
        self.rule_arns = {name: {key: rule.arn for key, rule in routes.items()} for name, routes in made.items()}
        self.target_group_arns = {name: self._once_led_to(name, pair[0].arn) for name, pair in groups.items()}
        self.alternate_target_group_arns = {
            name: self._once_led_to(name, pair[1].arn) for name, pair in groups.items() if len(pair) > 1
        }
        self.resource_labels = {
            name: self._once_led_to(name, pulumi.Output.concat(self.arn_suffix, "/", pair[0].arn_suffix))
            for name, pair in groups.items()
        }
        self.metrics = balancer_metrics(self._spec.kind, self.arn_suffix)
        self.service_metrics = {
            name: service_metrics(self._spec.kind, self.arn_suffix, _suffixes(pair)) for name, pair in groups.items()
        }

    def _once_led_to(self, name: str, value: pulumi.Output[str]) -> pulumi.Output[str]:
        """ECS refuses a target group that no listener leads to: hand out what names it only once one does."""
        ways = list(self.rule_arns.get(name, {}).values()) or list(self.listener_arns.values())
        return pulumi.Output.all(value, *ways).apply(lambda values: str(values[0]))


def _suffix(target_group_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """`targetgroup/<name>/<id>`: the tail of the ARN, by which metrics know a target group."""
    return target_group_arn.apply(lambda arn: arn.rsplit(":", 1)[1])


def _suffixes(groups: Sequence[TargetGroup]) -> list[pulumi.Output[str]]:
    return [group.arn_suffix for group in groups]


def _certificates(args: LoadBalancerArgs) -> Certificates:
    """Those of the program by their names, then those of the spec by the tail of their ARN."""
    return {**args.certificate_arns, **{arn.rsplit("/", 1)[-1]: arn for arn in args.spec.listener.certificate_arns}}


def _shown_port(spec: LoadBalancerSpec) -> str:
    usual = {"https": 443, "http": 80}[spec.listener.protocol]
    port = spec.listener.effective_port
    return "" if port == usual else f":{port}"

"""Listeners and rules: what a balancer does with a request."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pulumi
from pulumi_aws.lb import (
    Listener,
    ListenerCertificate,
    ListenerDefaultActionArgs,
    ListenerDefaultActionFixedResponseArgs,
    ListenerDefaultActionRedirectArgs,
    ListenerRule,
    ListenerRuleActionArgs,
    ListenerRuleActionForwardArgs,
    ListenerRuleActionForwardTargetGroupArgs,
    ListenerRuleConditionArgs,
    ListenerRuleConditionHostHeaderArgs,
    ListenerRuleConditionHttpHeaderArgs,
    ListenerRuleConditionPathPatternArgs,
    TargetGroup,
)

from components._component import Component
from components.deployed import Deployed
from components.former_names import Single, Values, former_names
from components.load_balancer.serving import begins_to_shift
from components.load_balancer.sign_in import sign_in_action
from components.specs import BalancedService, FixedAnswer, LoadBalancerSpec, Route
from components.specs.delegated import ignored_fields

REDIRECT_PORT = 80
TEST_ROUTE = "test"
"""Key of a service's test route among its rules."""
LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
Certificates = Mapping[str, pulumi.Input[str]]
"""ARN by a name; the first is the listener's own."""
Groups = Mapping[str, Sequence[TargetGroup]]
"""Target groups by service."""


def former_rules(owner: Component, spec: LoadBalancerSpec, deployed: Deployed) -> Mapping[str, Sequence[pulumi.Alias]]:
    """Former names of rules by role: a renamed route or service takes its rule, and so its priority, along."""
    protocol = spec.listener.protocol
    listener = deployed.outputs(LISTENER, owner.name_of(protocol)).get("arn")
    place = {"listenerArn": spec.existing.listener_arn if spec.existing else listener}
    planned = {
        f"{name}-{key}": {"priority": route.priority}
        for name, service in spec.services.items()
        for key, route in service.routes.items()
    } | {
        f"{name}-{TEST_ROUTE}": {"priority": service.test_route.priority}
        for name, service in spec.services.items()
        if service.test_route is not None
    }
    return former_names(owner, deployed, Single(LISTENER_RULE, "priority", _priority), place, planned)


def former_listeners(
    owner: Component, spec: LoadBalancerSpec, deployed: Deployed
) -> Mapping[str, Sequence[pulumi.Alias]]:
    """Former names of a network balancer's listeners by role: a renamed service takes its listener along."""
    place = {"loadBalancerArn": deployed.outputs("aws:lb/loadBalancer:LoadBalancer", owner.name_of("lb")).get("arn")}
    planned = {
        f"{name}-listener": {"port": service.listener_port or service.port} for name, service in spec.services.items()
    }
    return former_names(owner, deployed, Single(LISTENER, "port", _port), place, planned)


def _priority(values: Values) -> Hashable | None:
    found = values.get("priority")
    return None if found is None else int(found)


def _port(values: Values) -> Hashable | None:
    found = values.get("port")
    return None if found is None else int(found)


def application_listener(
    owner: Component, spec: LoadBalancerSpec, arn: pulumi.Input[str], certificates: Certificates, groups: Groups
) -> Listener:
    """The listener of an application balancer, and the redirect to it from plain 80."""
    listener = spec.listener
    https = listener.protocol == "https"
    made = Listener(
        owner.name_of(listener.protocol),
        load_balancer_arn=arn,
        port=listener.effective_port,
        protocol=listener.protocol.upper(),
        ssl_policy=listener.tls_policy if https else None,
        certificate_arn=next(iter(certificates.values())) if https else None,
        default_actions=[_default_action(spec, groups)],
        tags=owner.tags_of(listener.protocol),
        opts=owner.options_of(listener.protocol),
    )
    if https:
        _more_certificates(owner, listener.protocol, made, certificates)
    if https and listener.redirect:
        # The same child as a plain listener: from http to https it changes in place, instead of a second listener that
        # wants port 80 before the first is gone.
        Listener(
            owner.name_of("http"),
            load_balancer_arn=arn,
            port=REDIRECT_PORT,
            protocol="HTTP",
            default_actions=[_redirect_to(listener.effective_port)],
            tags=owner.tags_of("http"),
            opts=owner.options_of("http", aliases=[pulumi.Alias(name=owner.name_of("redirect"))]),
        )
    return made


def network_listener(
    owner: Component,
    spec: LoadBalancerSpec,
    name: str,
    arn: pulumi.Input[str],
    certificates: Certificates,
    group: TargetGroup,
    former: Mapping[str, Sequence[pulumi.Alias]],
) -> Listener:
    """The listener of one service on a network balancer."""
    service = spec.services[name]
    tls = service.listener_protocol == "TLS"
    role = f"{name}-listener"
    made = Listener(
        owner.name_of(role),
        load_balancer_arn=arn,
        port=service.listener_port or service.port,
        protocol=service.listener_protocol,
        ssl_policy=spec.listener.tls_policy if tls else None,
        certificate_arn=next(iter(certificates.values())) if tls else None,
        default_actions=[ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
        tags=owner.tags_of(role),
        opts=owner.options_of(role, aliases=former.get(role, ())),
    )
    if tls:
        _more_certificates(owner, role, made, certificates)
    return made


def rules(
    owner: Component,
    name: str,
    service: BalancedService,
    listener_arn: pulumi.Input[str],
    groups: Groups,
    client_secret: pulumi.Input[str] | None,
    former: Mapping[str, Sequence[pulumi.Alias]],
    deployed: Deployed,
) -> dict[str, ListenerRule]:
    """One rule per route of the service, and one for its test route. Priorities are declared: a new rule moves no
    other."""
    made = {}
    # A service that has rolled until now: its rule is given the weights that ECS shifts from here on.
    begins = begins_to_shift(owner, name, service, deployed)
    test, planned = service.test_route, [(key, route, _conditions(route)) for key, route in service.routes.items()]
    if test is not None:
        header = ListenerRuleConditionHttpHeaderArgs(http_header_name=test.header, values=[test.value])
        planned += [
            (
                TEST_ROUTE,
                route.model_copy(update={"priority": test.priority}),
                [*conditions, ListenerRuleConditionArgs(http_header=header)],
            )
            for _, route, conditions in planned
        ]
    for key, route, conditions in planned:
        role = f"{name}-{key}"
        made[key] = ListenerRule(
            owner.name_of(role),
            listener_arn=listener_arn,
            priority=route.priority,
            conditions=conditions,
            actions=_actions(route, _forward(_weights(name, service, route, groups)), client_secret),
            tags=owner.tags_of(role),
            opts=owner.options_of(
                role,
                aliases=former.get(role, ()),
                ignore_changes=ignored_fields(LISTENER_RULE, gradual_deployment=service.alternate and not begins),
            ),
        )
    return made


def _more_certificates(owner: Component, place: str, listener: Listener, certificates: Certificates) -> None:
    for key, arn in list(certificates.items())[1:]:
        role = f"{place}-certificate-{key}"
        ListenerCertificate(
            owner.name_of(role), listener_arn=listener.arn, certificate_arn=arn, opts=owner.options_of(role)
        )


def _default_action(spec: LoadBalancerSpec, groups: Groups) -> ListenerDefaultActionArgs:
    if spec.default_service:
        return ListenerDefaultActionArgs(type="forward", target_group_arn=groups[spec.default_service][0].arn)
    return _answer(spec.default_answer)


def _answer(answer: FixedAnswer) -> ListenerDefaultActionArgs:
    return ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=ListenerDefaultActionFixedResponseArgs(
            status_code=str(answer.status), content_type=answer.content_type, message_body=answer.body
        ),
    )


def _redirect_to(port: int) -> ListenerDefaultActionArgs:
    return ListenerDefaultActionArgs(
        type="redirect",
        redirect=ListenerDefaultActionRedirectArgs(protocol="HTTPS", port=str(port), status_code="HTTP_301"),
    )


def _weights(name: str, service: BalancedService, route: Route, groups: Groups) -> list[tuple[TargetGroup, int]]:
    if route.weights:
        return [(groups[other][0], weight) for other, weight in sorted(route.weights.items())]
    if service.alternate:
        primary, alternate = groups[name]
        return [(primary, 100), (alternate, 0)]
    return [(groups[name][0], 1)]


def _forward(weights: Sequence[tuple[TargetGroup, int]]) -> ListenerRuleActionArgs:
    if len(weights) == 1:
        return ListenerRuleActionArgs(type="forward", target_group_arn=weights[0][0].arn)
    shares = [ListenerRuleActionForwardTargetGroupArgs(arn=group.arn, weight=weight) for group, weight in weights]
    return ListenerRuleActionArgs(type="forward", forward=ListenerRuleActionForwardArgs(target_groups=shares))


def _actions(
    route: Route, forward: ListenerRuleActionArgs, client_secret: pulumi.Input[str] | None
) -> list[ListenerRuleActionArgs]:
    """What a rule does: it forwards, after a sign-in where the route asks for one."""
    if route.sign_in is None:
        return [forward]
    forward.order = 2
    return [sign_in_action(route.sign_in, client_secret), forward]


def _conditions(route: Route) -> list[ListenerRuleConditionArgs]:
    conditions = []
    if route.hosts:
        conditions.append(
            ListenerRuleConditionArgs(host_header=ListenerRuleConditionHostHeaderArgs(values=list(route.hosts)))
        )
    if route.paths:
        conditions.append(
            ListenerRuleConditionArgs(path_pattern=ListenerRuleConditionPathPatternArgs(values=list(route.paths)))
        )
    return conditions

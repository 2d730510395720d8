"""Listeners, their rules and further certificates."""

from collections.abc import Callable

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.elbv2_attributes import LISTENER, put, read, tops
from localcloud.aws.kinds.elbv2_balancer import retag, tags

CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "queryStrings": ("query-string", "QueryStringConfig.Values"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}
"""Input of a condition -> its field, its member of the request."""
CONFIGS = {
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixed-response": "FixedResponseConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "jwt-validation": "JwtValidationConfig",
}


def camel(kind: str) -> str:
    """The input that belongs to a type of action: `fixed-response` is `fixedResponse`."""
    first, *rest = kind.split("-")
    return first + "".join(word.title() for word in rest)


def action_names(path: str) -> dict[str, str]:
    """How the members of an action differ in name."""
    return {f"{path}.{camel(kind)}": member for kind, member in CONFIGS.items()} | {
        f"{path}.forward.targetGroups.arn": "TargetGroupArn",
        f"{path}.forward.stickiness": "TargetGroupStickinessConfig",
        f"{path}.forward.stickiness.duration": "DurationSeconds",
    }


def action_defaults(path: str) -> Props:
    """What a redirect and a forward have where they leave it out."""
    redirect = {
        "host": "#{host}",
        "path": "/#{path}",
        "port": "#{port}",
        "protocol": "#{protocol}",
        "query": "#{query}",
    }
    more = {"forward.targetGroups.weight": 1, "forward.stickiness.enabled": False}
    return {f"{path}.redirect.{k}": v for k, v in redirect.items()} | {f"{path}.{k}": v for k, v in more.items()}


def action_computed(path: str) -> set[str]:
    """A single target stands in both forms of a forward."""
    names = ("order", "forward", "targetGroupArn", "forward.stickiness", "fixedResponse.statusCode")
    return {f"{path}.{name}" for name in names}


def action_faults(path: str) -> Callable[[Props], list[tuple[str, str]]]:
    """Each action brings what its type needs, and one target has one form."""

    def check(props: Props) -> list[tuple[str, str]]:
        found = []
        for i, action in enumerate(props.get(path) or ()):
            at, kind = f"{path}[{i}]", action.get("type")
            needed = camel(kind) if kind in CONFIGS else None
            if kind == "forward" and not action.get("forward") and not action.get("targetGroupArn"):
                found.append((at, "a forward names a target: give 'targetGroupArn' or 'forward'"))
            elif kind != "forward" and needed and not action.get(needed):
                found.append((f"{at}.{needed}", f"missing required property for an action of type {kind!r}"))
            if kind == "forward" and action.get("forward") and action.get("targetGroupArn"):
                found.append((f"{at}.forward", "conflicts with 'targetGroupArn': give one of them"))
        return found

    return check


def listener_faults(props: Props) -> list[tuple[str, str]]:
    """What CreateListener refuses beyond its request model."""
    found = action_faults("defaultActions")(props)
    kind = props.get("protocol")
    if kind in ("HTTPS", "TLS") and not props.get("certificateArn"):
        found.append(("certificateArn", f"missing required property for a listener of protocol {kind}"))
    if kind in ("HTTP", "TCP", "UDP") and props.get("sslPolicy"):
        found.append(("sslPolicy", f"is for listeners of protocol HTTPS or TLS, not {kind}"))
    return found


def one_certificate(props: Props) -> Props:
    """The default certificate and the ALPN policy are lists of one in AWS; an application balancer's protocol is HTTP
    where none is given, as the official provider has it."""
    if props.get("protocol") is None and ":loadbalancer/app/" in str(props.get("loadBalancerArn")):
        props = {**props, "protocol": "HTTP"}
    if isinstance(props.get("certificateArn"), str):
        props = {**props, "certificateArn": [{"certificateArn": props["certificateArn"]}]}
    return props


def first_certificate(live: Props) -> Props:
    """The certificate out of its list."""
    certificates = live.get("Certificates") or [{}]
    return {**live, "Certificates": certificates[0].get("CertificateArn")}


def rule_faults(props: Props) -> list[tuple[str, str]]:
    """What CreateRule refuses beyond its request model."""
    found = action_faults("actions")(props)
    for i, condition in enumerate(props.get("conditions") or ()):
        given = [name for name in CONDITIONS if condition.get(name)]
        if len(given) != 1:
            names = ", ".join(repr(name) for name in CONDITIONS)
            found.append((f"conditions[{i}]", f"a condition is exactly one of {names}"))
        found += regex_faults(condition, f"conditions[{i}]")
    if not props.get("conditions"):
        found.append(("conditions", "a rule needs at least one condition"))
    return found


def regex_faults(condition: Props, at: str) -> list[tuple[str, str]]:
    """A condition compares with values or with regular expressions."""
    found = []
    for name in ("hostHeader", "httpHeader", "pathPattern"):
        block = condition.get(name)
        if isinstance(block, dict) and bool(block.get("values")) == bool(block.get("regexValues")):
            found.append((f"{at}.{name}", "give exactly one of 'values' and 'regexValues'"))
    return found


def with_fields(props: Props) -> Props:
    """AWS wants each condition's kind by name."""
    if "conditions" not in props:
        return props
    named = []
    for condition in props["conditions"]:
        kinds = [field for name, (field, _) in CONDITIONS.items() if condition.get(name)]
        named.append({"field": kinds[0], **condition} if kinds else condition)
    return {**props, "conditions": named}


def create_rule(row: Callable[[], Kind]) -> Callable[[Aws, Props], str]:
    """A rule; without a priority it comes after all others, as the official provider has it."""

    def create(aws: Aws, props: Props) -> str:
        if props.get("priority") is None:
            there = aws("elbv2", "describe_rules", ListenerArn=props["listenerArn"])["Rules"]
            taken = [int(rule["Priority"]) for rule in there if rule["Priority"].isdigit()]
            props = {**props, "priority": max(taken, default=0) + 1}
        rule = aws("elbv2", "create_rule", **row().request("create_rule", props))["Rules"][0]
        arn = str(rule["RuleArn"])
        aws.at_hand[arn] = rule
        return arn

    return create


def set_priority(aws: Aws, rule: str, value: float, props: Props) -> None:
    """Move a rule."""
    aws("elbv2", "set_rule_priorities", RulePriorities=[{"RuleArn": rule, "Priority": int(value)}])


def listener_of(rule: str) -> str:
    """The listener's ARN is in that of its rule."""
    return rule.replace(":listener-rule/", ":listener/").rsplit("/", 1)[0]


def certificate(aws: Aws, attachment: str, props: Props) -> Props | None:
    """The further certificate, while the listener has it."""
    found = aws("elbv2", "describe_listener_certificates", ListenerArn=props["listenerArn"])["Certificates"]
    mine = any(c["CertificateArn"] == props["certificateArn"] for c in found)
    return {"ListenerArn": props["listenerArn"], "CertificateArn": props["certificateArn"]} if mine else None


def add_certificate(aws: Aws, props: Props) -> str:
    """One more certificate for a listener."""
    listener, arn = props["listenerArn"], props["certificateArn"]
    aws("elbv2", "add_listener_certificates", ListenerArn=listener, Certificates=[{"CertificateArn": arn}])
    return f"{listener}_{arn}"


def remove_certificate(aws: Aws, attachment: str, props: Props) -> None:
    """The listener no longer offers the certificate."""
    one = [{"CertificateArn": props["certificateArn"]}]
    aws("elbv2", "remove_listener_certificates", ListenerArn=props["listenerArn"], Certificates=one)


def keep(aws: Aws, arn: str, value: object, props: Props) -> None:
    """What goes with the protocol that needed it."""


UNREAD_SECRET = "authenticateOidc.clientSecret"  # noqa: S105 -- a path

_read_attributes = read("listener", "ListenerArn", LISTENER)


def listener_attributes(aws: Aws, arn: str, live: Props, props: Props) -> Props:
    """The attributes; an idle time is one of TCP listeners, and moto tells it of all."""
    found = _read_attributes(aws, arn, live, props)
    timed = live.get("Protocol") in ("TCP", "TLS", "TCP_UDP", "GENEVE")
    return {k: v for k, v in found.items() if timed or k != "tcpIdleTimeoutSeconds"}


ROWS: tuple[Kind, ...] = (
    Kind(
        "aws:lb/listener:Listener",
        Calls(
            "elbv2",
            "create_listener",
            "Listeners[0].ListenerArn",
            created="Listeners[0]",
            read=("describe_listeners", {"ListenerArns": ["{id}"]}, "Listeners[0]"),
            delete=("delete_listener", {"ListenerArn": "{id}"}),
            update=("modify_listener", {"ListenerArn": "{id}"}),
        ),
        tags=Tags(update=retag),
        translation=Translation(
            rename={
                "certificateArn": "Certificates",
                "mutualAuthentication.advertiseTrustStoreCaNames": "AdvertiseTrustStoreCaNames",
                **action_names("defaultActions"),
            },
            encode=one_certificate,
            decode=first_certificate,
        ),
        properties=Properties(
            force_new={"loadBalancerArn"},
            delete_before_replace=True,
            defaults=action_defaults("defaultActions"),
            computed={
                "sslPolicy",
                "port",
                "protocol",
                "mutualAuthentication",
                *tops(LISTENER),
                *action_computed("defaultActions"),
            },
            write_only={f"defaultActions.{UNREAD_SECRET}", "mutualAuthentication"},
        ),
        own_calls=OwnCalls(
            read={"tags": tags},
            put_many=(tops(LISTENER), put("listener", "ListenerArn", LISTENER)),
            read_many=listener_attributes,
            remove={"certificateArn": keep, "alpnPolicy": keep},
        ),
        validate=listener_faults,
        outputs={"arn": "{id}"},
    ),
    Kind(
        "aws:lb/listenerRule:ListenerRule",
        Calls(
            "elbv2",
            "create_rule",
            "Rules[0].RuleArn",
            custom_create=create_rule(lambda: ROWS[1]),
            read=("describe_rules", {"RuleArns": ["{id}"]}, "Rules[0]"),
            delete=("delete_rule", {"RuleArn": "{id}"}),
            update=("modify_rule", {"RuleArn": "{id}"}),
        ),
        tags=Tags(update=retag),
        translation=Translation(
            rename={
                **action_names("actions"),
                **{f"conditions.{name}": member for name, (_, member) in CONDITIONS.items()},
            },
            encode=with_fields,
            unserved={"transforms"},
        ),
        properties=Properties(
            force_new={"listenerArn"},
            defaults=action_defaults("actions"),
            computed={"priority", *action_computed("actions")},
            write_only={f"actions.{UNREAD_SECRET}"},
            unordered={
                "conditions",
                "conditions.queryStrings",
                *(f"conditions.{name}.{texts}" for name in CONDITIONS for texts in ("values", "regexValues")),
            },
        ),
        own_calls=OwnCalls(update={"priority": set_priority}, read={"tags": tags}),
        validate=rule_faults,
        outputs={"arn": "{id}", "listenerArn": lambda aws, i, live, props: listener_of(i)},
    ),
    Kind(
        "aws:lb/listenerCertificate:ListenerCertificate",
        Calls(
            "elbv2",
            "add_listener_certificates",
            "",
            custom_create=add_certificate,
            read=certificate,
            delete=remove_certificate,
            import_id=lambda text: (
                text,
                dict(zip(("listenerArn", "certificateArn"), text.split("_", 1), strict=False)),
            ),
        ),
        tags=Tags(None),
        translation=Translation(rename={"certificateArn": None}),
        properties=Properties(force_new={"listenerArn", "certificateArn"}, delete_before_replace=True),
        outputs={"certificateArn": lambda aws, i, live, props: live["CertificateArn"]},
    ),
)

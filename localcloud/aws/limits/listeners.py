"""Listeners and their rules: what a protocol has, whom a condition meets, what an action does.

Sources: Elastic Load Balancing API, CreateListener, RuleCondition and its types, MutualAuthenticationAttributes,
RedirectActionConfig, AuthenticateOidcActionConfig; Quotas for your Application Load Balancers; the official provider's
checks of a listener; PREFLIGHT rules/elbv2.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, network, within
from localcloud.provider.wire import is_unknown

MOST_VALUES, MOST_WILDCARDS = 5, 6
"""Values and wildcards of all conditions of a rule together (Quotas for your Application Load Balancers)."""
LONGEST_VALUE = 128
ONCE = ("hostHeader", "httpRequestMethod", "pathPattern", "sourceIp")
"""Conditions of which a rule has at most one."""
WILD = ("hostHeader", "pathPattern", "httpHeader", "queryStrings")
HOST = r"[A-Za-z0-9.*?-]*\.[A-Za-z][A-Za-z0-9*?-]*"
HEADER = r"(?i)(?!host$)[0-9a-z_!#$%&'*+,.^`|~-]{1,40}"
FORMS: Mapping[str, tuple[str, str]] = {
    "hostHeader.values[]": (HOST, "is no host name with a '.' whose last part begins with a letter"),
    "httpRequestMethod.values[]": (r"[A-Z_-]{1,40}", "is no method of at most 40 capital letters, '-' and '_'"),
    "pathPattern.values[]": (r"\S*", "has a blank, which no path has"),
    "httpHeader.httpHeaderName": (HEADER, "is no header of at most 40 characters, or it is Host: see 'hostHeader'"),
}  # fmt: skip
PROTOCOLS = {
    "app": ("HTTP", "HTTPS"), "net": ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"), "gwy": (),
}  # fmt: skip
"""Protocols of each kind of balancer, by the word in its ARN."""
ONLY_OF: Mapping[str, tuple[str, ...]] = {
    "certificateArn": ("HTTPS", "TLS"), "sslPolicy": ("HTTPS", "TLS"), "alpnPolicy": ("TLS",),
    "mutualAuthentication": ("HTTPS",),
}  # fmt: skip
"""Inputs of a listener, and its protocols that have them."""
SIGNING_IN = ("authenticate-cognito", "authenticate-oidc")
LONGEST_SESSION, MOST_PARAMETERS = 604_800, 10
ENDPOINTS = ("authorizationEndpoint", "issuer", "tokenEndpoint", "userInfoEndpoint")
VERIFYING = ("trustStoreArn", "ignoreClientCertificateExpiry", "advertiseTrustStoreCaNames")


def conditions(props: Props) -> Iterator[Fault]:
    """A rule has few values, each short and of its kind's form, and at most one condition of most kinds."""
    count, wild, kinds = 0, 0, Counter[str]()
    for place, condition in each(props, "conditions[]"):
        if not isinstance(condition, dict):
            continue
        kinds.update(name for name in condition if name in ONCE)
        for at, name, texts in _values(condition, place):
            count += 1
            wild += sum(len(re.findall(r"(?<!\\)[*?]", text)) for text in texts if name in WILD)
            if any(len(text) > LONGEST_VALUE for text in texts):
                yield at, f"is longer than {LONGEST_VALUE} characters"
            elif "" in texts:
                yield at, "is empty"
        for path, (pattern, why) in FORMS.items():
            yield from ((f"{place}.{at}", told) for at, told in form(path, pattern, why)(condition))
        for at, value in each(condition, "sourceIp.values[]", place):
            version = 6 if ":" in str(value) else 4
            yield from ((at, why) for _, why in network("value", version)({"value": value}))
    if count > MOST_VALUES:
        yield "conditions", f"{count} values of all conditions together, allowed are {MOST_VALUES}"
    if wild > MOST_WILDCARDS:
        yield "conditions", f"{wild} wildcards of all conditions together, allowed are {MOST_WILDCARDS}"
    for name, times in kinds.items():
        if times > 1:
            yield "conditions", f"{times} conditions are {name!r}, allowed is 1"


def _values(condition: Props, place: str) -> Iterator[tuple[str, str, list[str]]]:
    """(place, kind, texts) of each value; a regular expression is of no kind that has wildcards."""
    for name in condition:
        for at, value in each(condition, f"{name}.values[]", place):
            yield at, name, [value] if isinstance(value, str) else []
        for at, value in each(condition, f"{name}.regexValues[]", place):
            yield at, "regexValues", [value] if isinstance(value, str) else []
    for at, pair in each(condition, "queryStrings[]", place):
        texts = pair.values() if isinstance(pair, dict) else ()
        yield at, "queryStrings", [text for text in texts if isinstance(text, str) and not is_unknown(text)]


def of_its_protocol(props: Props) -> Iterator[Fault]:
    """A listener's protocol is one of its balancer's, and its other inputs are of the protocol."""
    balancer = re.search(r":loadbalancer/(app|net|gwy)/", str(props.get("loadBalancerArn")))
    protocol = props.get("protocol", "HTTP" if balancer and balancer[1] == "app" else None)
    if is_unknown(protocol):
        return
    if balancer and protocol is not None and protocol not in PROTOCOLS[balancer[1]]:
        allowed = f"allowed are {', '.join(PROTOCOLS[balancer[1]])}" if PROTOCOLS[balancer[1]] else "it has none"
        yield "protocol", f"{protocol!r} is not of this balancer's kind; {allowed}"
        return
    for name, kinds in ONLY_OF.items():
        # the row itself tells an sslPolicy's protocol
        if name != "sslPolicy" and props.get(name) and protocol is not None and protocol not in kinds:
            yield name, f"is for listeners of protocol {' or '.join(kinds)}, not {protocol}"
    for place, action in each(props, "defaultActions[]"):
        kind = action.get("type") if isinstance(action, dict) else None
        if kind in SIGNING_IN and protocol is not None and protocol != "HTTPS":
            yield f"{place}.type", f"{kind!r} is for listeners of protocol HTTPS, not {protocol}"
        elif balancer and balancer[1] != "app" and isinstance(kind, str) and not is_unknown(kind) and kind != "forward":
            yield f"{place}.type", f"{kind!r} is only for an application balancer; allowed is forward"
        redirect = action.get("redirect") if isinstance(action, dict) else None
        if protocol == "HTTPS" and isinstance(redirect, dict) and redirect.get("protocol") == "HTTP":
            yield f"{place}.redirect.protocol", "'HTTP' is not allowed in a listener of protocol HTTPS"


def mutual(props: Props) -> Iterator[Fault]:
    """Certificates of clients are verified against a trust store, and there only."""
    for place, block in each(props, "mutualAuthentication"):
        mode = block.get("mode") if isinstance(block, dict) else None
        if not isinstance(mode, str) or is_unknown(mode):
            continue
        if mode == "verify" and block.get("trustStoreArn") is None:
            yield f"{place}.trustStoreArn", "missing required property of 'mode': 'verify'"
        for name in VERIFYING if mode != "verify" else ():
            if block.get(name) not in (None, False, "off"):
                yield f"{place}.{name}", f"is only for 'mode': 'verify', not {mode!r}"


def signing_in(path: str) -> tuple[Check, ...]:
    """An action that signs people in: secure endpoints, a session of at most a week, few parameters."""

    def few(props: Props) -> Iterator[Fault]:
        for name in ("authenticateOidc", "authenticateCognito"):
            for place, found in each(props, f"{path}[].{name}.authenticationRequestExtraParams"):
                if isinstance(found, dict) and len(found) > MOST_PARAMETERS:
                    yield place, f"{len(found)} are given, allowed are {MOST_PARAMETERS}"

    secure = (r"https://.+", "does not begin with https://")
    return (
        *(form(f"{path}[].authenticateOidc.{name}", *secure) for name in ENDPOINTS),
        *(within(f"{path}[].{name}.sessionTimeout", 1, LONGEST_SESSION, "seconds")
          for name in ("authenticateOidc", "authenticateCognito")),
        few, form(f"{path}[].redirect.query", r"(?!\?).*", "begins with '?', which is added by itself"),
    )  # fmt: skip


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:lb/listener:Listener": (
        of_its_protocol, mutual, form("sslPolicy", r"ELBSecurityPolicy-.+", "does not begin with ELBSecurityPolicy-"),
        within("tcpIdleTimeoutSeconds", 60, 6_000, "seconds"), *signing_in("defaultActions"),
    ),
    "aws:lb/listenerRule:ListenerRule": (conditions, *signing_in("actions")),
}  # fmt: skip

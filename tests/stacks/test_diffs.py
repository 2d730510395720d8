"""What a change of a stack file does to resources: made, gone, changed in place, replaced. It cannot prove what follows from an id that a replacement changes: the engine's ring does."""

import functools
from pathlib import Path

import pytest

from localcloud.aws.kinds import KINDS
from stacks import compositions
from stacks.settings import validate
from stacks.stack_file import StackFile
from tests.recording import Registration, Registrations, build

ROOT = Path(__file__).parents[2]
Change = dict[str, set[str]]


@functools.cache
def built(stack: str, *edits: tuple[str, str]) -> Registrations:
    name = f"Pulumi.{stack}.yaml"
    text = (ROOT / name).read_text()
    for there, instead in edits:
        assert there in text, "the case must change something"
        text = text.replace(there, instead, 1)
    settings = validate(StackFile.parse(name, text))
    return build(lambda: compositions.build(settings).exports(), stack=stack)


def replaces(before: Registration, after: Registration) -> bool:
    """Whether AWS cannot change the resource in place, by the rows that CloudFormation's data hold up."""
    if before.replacement_trigger != after.replacement_trigger:
        return True
    fixed = {path.split(".")[0] for path in KINDS[after.type].properties.force_new}
    return any(before.inputs.get(field) != after.inputs.get(field) for field in fixed)


def seen(each: Registration) -> dict[str, object]:
    return {field: value for field, value in each.inputs.items() if field not in each.ignore_changes}


def difference(before: Registrations, after: Registrations) -> Change:
    """Names by what happens to them; what is recorded of components themselves is left out."""
    old, new = ({each.urn: each for each in of if each.type.startswith("aws:")} for of in (before, after))
    touched = [urn for urn in old.keys() & new.keys() if seen(old[urn]) != seen(new[urn])]
    touched += [urn for urn in old.keys() & new.keys() if old[urn].replacement_trigger != new[urn].replacement_trigger]
    found = {
        "made": {new[urn].name for urn in new.keys() - old.keys()},
        "gone": {old[urn].name for urn in old.keys() - new.keys()},
        "changed": {new[urn].name for urn in touched if not replaces(old[urn], new[urn])},
        "replaced": {new[urn].name for urn in touched if replaces(old[urn], new[urn])},
    }
    return {what: names for what, names in found.items() if names}


CASES: dict[str, tuple[str, tuple[tuple[str, str], ...], Change]] = {
    "a note in the file": ("prod", (("# Production:", "# Still production:"),), {}),
    "a bound of a service": (
        "staging",
        (("        maximum: 4", "        maximum: 6"),),
        {"changed": {"alarms-dashboard", "alarms-web-at-maximum", "web-scalable-target"}},
    ),
    "the lower bound": (
        "staging",
        (("        minimum: 2\n        maximum: 4", "        minimum: 3\n        maximum: 4"),),
        {"changed": {"alarms-dashboard", "web-scalable-target"}},
    ),
    "a target": (
        "prod",
        (
            (
                "cpu: { metric: cpu, target: 50, scale_in_cooldown: 5m, scale_out_cooldown: 5m }",
                "cpu: { metric: cpu, target: 55, scale_in_cooldown: 5m, scale_out_cooldown: 5m }",
            ),
        ),
        {"changed": {"web-cpu"}},
    ),
    "a rule more": (
        "prod",
        (("        scheduled:", "          memory: { metric: memory, target: 60 }\n        scheduled:"),),
        {"made": {"web-memory"}},
    ),
    "the time of a schedule": ("prod", (("45 7 * *", "15 7 * *"),), {"changed": {"web-office"}}),
    "a version beside its digest": ("prod", (("version: 4.12.0", "version: 4.12.1"),), {}),
    "an image": ("prod", (("sha256:9b2a", "sha256:9b2b"),), {"replaced": {"web-task"}}),
    "an environment variable": ("dev", (("LOG_LEVEL: debug", "LOG_LEVEL: info"),), {"replaced": {"web-task"}}),
    "a secret more": (
        "prod",
        (
            (
                "        secrets:\n          SESSION_KEY:",
                "        secrets:\n          API_KEY: arn:aws:secretsmanager:eu-central-1:345678901234:secret:web/api-key-a1b2c3\n          SESSION_KEY:",
            ),
        ),
        {"changed": {"web-execution-policy"}, "replaced": {"web-task"}},
    ),
    "the size of a task": (
        "dev",
        (("      cpu: 256\n      memory: 512", "      cpu: 512\n      memory: 1024"),),
        {"replaced": {"web-task"}},
    ),
    "the path of a health check": (
        "dev",
        (("health_check: { path: /, interval: 10s }", "health_check: { path: /ready, interval: 10s }"),),
        {"changed": {"balancer-web"}},
    ),
    "a route": ("prod", (("paths: [/api/*]", "paths: [/api/*, /v2/*]"),), {"changed": {"balancer-api-api"}}),
    "a tag of everything": ("dev", (("cost-centre: engineering", "cost-centre: shop"),), {}),
    "a tag of everything that a group launches": (
        "fleet",
        (("cost-centre: legacy-shop", "cost-centre: shop"),),
        {
            "changed": {
                "shop-egress-https",
                "shop-group",
                "shop-ingress-balancer-http",
                "shop-profile",
                "shop-role",
                "shop-security-group",
                "shop-template",
            }
        },
    ),
    "retention of the balancer's logs": (
        "staging",
        (("access_logs: { retention: 30d,", "access_logs: { retention: 90d,"),),
        {"changed": {"balancer-logs-lifecycle"}},
    ),
    "retention of flow logs": (
        "fleet",
        (("flow_logs: { retention: 90d }", "flow_logs: { retention: 30d }"),),
        {"changed": {"network-flow-logs"}},
    ),
    "an endpoint more": (
        "prod",
        (("interface: [ecr.api, ecr.dkr, logs]", "interface: [ecr.api, ecr.dkr, logs, ssm]"),),
        {"made": {"network-endpoint-ssm"}},
    ),
    "an address that is told": (
        "staging",
        (("emails: [platform@example.com]", "emails: [platform@example.com, team@example.com]"),),
        {"made": {"alarms-topic-team-at-example.com"}},
    ),
    "nobody is paged any more": (
        "prod",
        (("tell: page", "tell: notify"),),
        {
            "gone": {
                "alarms-api-deploying",
                "alarms-api-deploying-event",
                "alarms-api-page",
                "alarms-web-deploying",
                "alarms-web-deploying-event",
                "alarms-web-page",
            },
            "changed": {
                "alarms-api-errors",
                "alarms-api-healthy-hosts",
                "alarms-api-latency",
                "alarms-web-errors",
                "alarms-web-healthy-hosts",
                "alarms-web-latency",
            },
        },
    ),
    "a zone more": (
        "dev",
        (("[eu-central-1a, eu-central-1b]", "[eu-central-1a, eu-central-1b, eu-central-1c]"),),
        {
            "made": {
                "network-private-eu-central-1c",
                "network-private-eu-central-1c-association",
                "network-private-eu-central-1c-nat",
                "network-private-eu-central-1c-routes",
                "network-public-eu-central-1c",
                "network-public-eu-central-1c-association",
            },
            "changed": {"balancer-lb", "network-gateway-s3", "web-service"},
        },
    ),
    "one NAT gateway in place of three": (
        "prod",
        (("nat: per_zone", "nat: single"),),
        {
            "gone": {
                "network-nat-eu-central-1b",
                "network-nat-eu-central-1b-address",
                "network-nat-eu-central-1c",
                "network-nat-eu-central-1c-address",
            },
            "changed": {"network-private-eu-central-1b-nat", "network-private-eu-central-1c-nat"},
        },
    ),
    "https in place of http": (
        "dev",
        (
            (
                "{ protocol: http }",
                '{ certificate_arns: ["arn:aws:acm:eu-central-1:123456789012:certificate/7c1d3b52-8f52-4a8b-a0f4-3e6c0c9f1d27"] }',
            ),
        ),
        {"made": {"balancer-https", "balancer-in-tcp-443-everyone"}, "changed": {"balancer-http"}},
    ),
    "a balancer inside": (
        "prod",
        (("    access_logs: { retention: 365d }", "    access_logs: { retention: 365d }\n    scheme: internal"),),
        {
            "made": {"balancer-in-tcp-443-vpc", "balancer-in-tcp-80-vpc"},
            "gone": {"balancer-in-tcp-443-everyone", "balancer-in-tcp-80-everyone"},
            "replaced": {"balancer-api", "balancer-lb", "balancer-web"},
        },
    ),
    "a port": (
        "dev",
        (("number: 8080", "number: 8081"), ("port: 8080", "port: 8081")),
        {
            "made": {"balancer-out-tcp-8081"},
            "gone": {"balancer-out-tcp-8080"},
            "changed": {"web-ingress-balancer-http", "web-service"},
            "replaced": {"balancer-web", "web-task"},
        },
    ),
    "an instance type more": (
        "fleet",
        (("[m7g.large, m6g.large, c7g.large]", "[m7g.large, m6g.large, c7g.large, c6g.large]"),),
        {"changed": {"shop-group"}},
    ),
    "a bound of a group": (
        "fleet",
        (("        maximum: 12", "        maximum: 14"),),
        {"changed": {"alarms-dashboard", "alarms-shop-at-maximum", "shop-group"}},
    ),
    "user data": (
        "fleet",
        (("dnf install --assumeyes nginx", "dnf install --assumeyes nginx cronie"),),
        {"changed": {"shop-template"}},
    ),
    "the fixed size in place of rules": (
        "dev",
        (
            ("      rollback_alarms: null", "      rollback_alarms: null\n      count: 2"),
            (
                "      elasticity:\n        minimum: 1\n        maximum: 2\n        unit: { capacity: 40/s, start_up: 60s, service_time: 50ms, idle_cpu: 3 }\n        target_tracking:\n          cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 5m }\n      simulation:\n        loads:\n          demo: { spike: { base: 4/s, peak: 45/s, at: 1h, length: 30m, duration: 3h } }\n          workday: { daily: { low: 1/s, high: 25/s, peak_hour: 13 } }\n        expectations:\n          - overload_minutes < 10\n          - cost_per_month < 10 USD\n",
                "",
            ),
        ),
        {"gone": {"web-cpu", "web-scalable-target"}, "changed": {"alarms-dashboard", "web-service"}},
    ),
    "Spot in staging": ("staging", (("spot_weight: 1", "spot_weight: 3"),), {"changed": {"web-service"}}),
}


@pytest.mark.parametrize(("stack", "edits", "expected"), CASES.values(), ids=CASES)
def test_a_change_touches_exactly_this(stack: str, edits: tuple[tuple[str, str], ...], expected: Change) -> None:
    assert difference(built(stack), built(stack, *edits)) == expected


def test_a_tag_of_everything_changes_the_provider_and_through_it_every_tag() -> None:
    tag = ("cost-centre: engineering", "cost-centre: shop")
    before, after = (
        each.one("pulumi:providers:aws").inputs["defaultTags"] for each in (built("dev"), built("dev", tag))
    )
    assert before != after


SHOP = """    docs:
      container:
        image: { repository: public.ecr.aws/nginx/nginx-unprivileged, version: 1.29.1 }
        ports: { docs: { number: 8090 } }
      count: 1
      traffic: { port: 8090, routes: { docs: { priority: 200, paths: [/docs/*] } } }
"""


def test_a_service_more_makes_its_own_and_touches_the_dashboard_alone() -> None:
    found = difference(built("prod"), built("prod", ("    api:\n", f"{SHOP}    api:\n")))
    assert found.keys() == {"made", "changed"}
    assert found["changed"] == {"alarms-dashboard"}
    own = ("docs-", "balancer-docs", "balancer-out-tcp-8090", "alarms-docs-", "rollback-docs-")
    assert all(name.startswith(own) for name in found["made"])


def test_a_service_less_removes_its_own_and_touches_the_dashboard_alone() -> None:
    found = difference(built("prod", ("    api:\n", f"{SHOP}    api:\n")), built("prod"))
    assert found.keys() == {"gone", "changed"}
    assert found["changed"] == {"alarms-dashboard"}

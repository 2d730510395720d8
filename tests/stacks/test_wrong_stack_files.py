"""Stack files that are wrong, each with everything that is said about it. It cannot prove that every wrong file is refused: what only AWS knows passes."""

import re
from pathlib import Path
from typing import Any

import pytest

from stacks.compositions import COMPOSITIONS, settings_model
from stacks.formats import FORMATS
from stacks.settings import SettingsError, validate
from stacks.stack_file import StackFile

ROOT = Path(__file__).parents[2]
Case = tuple[str, str, str, list[str]]
"""Stack, what stands in its file, what is written instead, every fault."""

# fmt: off
WRONG: dict[str, Case] = {
    'a typo in a key': ('dev', 'nat: single', 'natt: single', ['Pulumi.dev.yaml:13 network.natt: unknown key; did you mean `nat`']),
    'a typo in a rule': ('dev', 'minimum: 1', 'minimun: 1', ['Pulumi.dev.yaml:36 services.web.elasticity.minimun: unknown key; did you mean `minimum`']),
    'a text where a list belongs': ('dev', 'zones: [eu-central-1a, eu-central-1b]', 'zones: eu-central-1a', ['Pulumi.dev.yaml:11 network.zones: got a text, allowed a list']),
    'a list where a text belongs': ('dev', 'nat: single', 'nat: [single]', ['Pulumi.dev.yaml:13 network.nat: got a list, allowed one of none, single, per_zone, regional']),
    'a list where a map belongs': ('dev', 'accordion:services:', 'accordion:services: []\n  other:services:', ['Pulumi.dev.yaml:19 services: got a list, allowed a map']),
    'nothing where a map belongs': ('dev', '    web:\n      container:', '    shop:\n    web:\n      container:', ['Pulumi.dev.yaml:20 services.shop: got nothing, allowed a map']),
    'nothing where a value belongs': ('dev', 'accordion:composition: web_service', 'accordion:composition:', ['Pulumi.dev.yaml:4 composition: got nothing, allowed one of web_service, instance_fleet, private_service']),
    'a time without its unit': ('dev', 'scale_in_cooldown: 5m', 'scale_in_cooldown: 300', ['Pulumi.dev.yaml:40 services.web.elasticity.target_tracking.cpu.scale_in_cooldown: got an integer, allowed a duration with its unit, such as 90s, 5m or 2h']),
    'a unit that does not exist': ('dev', 'scale_in_cooldown: 5m', 'scale_in_cooldown: 5y', ['Pulumi.dev.yaml:40 services.web.elasticity.target_tracking.cpu.scale_in_cooldown: got a text, allowed a duration with its unit, such as 90s, 5m or 2h']),
    'a rate without its time': ('dev', 'capacity: 40/s', 'capacity: 40', ['Pulumi.dev.yaml:38 services.web.elasticity.unit.capacity: got an integer, allowed a rate with its time, such as 50/s or 3000/min']),
    'a number below the range': ('dev', 'cpu: 256', 'cpu: 64', ['Pulumi.dev.yaml:26 services.web.cpu: got an integer below 128, allowed 128 to 196608']),
    'a percentage above 100': ('dev', 'target: 70', 'target: 170', ['Pulumi.dev.yaml:40 services.web.elasticity.target_tracking.cpu.target: got a percentage above 100, allowed 1 to 100']),
    'instances that are nowhere': ('dev', 'capacity: { on_demand_weight: 0, spot_weight: 1 }', 'capacity: { kind: ec2 }', ['Pulumi.dev.yaml:28 services.web.capacity.kind: needs `cluster`: the ARN of one with instances, and the capacity provider over them; or say fargate']),
    'a cluster on Fargate': ('dev', '      cpu: 256', '      cluster: { arn: "arn:aws:ecs:eu-central-1:123456789012:cluster/shared", capacity_provider: hosts }\n      cpu: 256', ['Pulumi.dev.yaml:26 services.web.cluster: on Fargate the service has a cluster of its own: set `capacity.kind: ec2`, or leave it out']),
    'a cluster by its name': ('dev', 'capacity: { on_demand_weight: 0, spot_weight: 1 }', 'capacity: { kind: ec2 }\n      cluster: { arn: shared, capacity_provider: hosts }', ['Pulumi.dev.yaml:29 services.web.cluster.arn: got a text of another form, allowed the ARN of an ECS cluster, such as arn:aws:ecs:eu-central-1:123456789012:cluster/shared']),
    'a size that Fargate does not have': ('dev', 'memory: 512', 'memory: 100000', ['Pulumi.dev.yaml:27 services.web.memory: Fargate has no such size with cpu 256, allowed 512, 1024, 2048 MiB']),
    'not a number': ('dev', 'target: 70', 'target: .nan', ['Pulumi.dev.yaml:40 services.web.elasticity.target_tracking.cpu.target: got a number, allowed a number or a duration with its unit, such as 90s, 5m or 2h']),
    'infinity': ('dev', 'maximum: 2', 'maximum: .inf', ['Pulumi.dev.yaml:37 services.web.elasticity.maximum: got a number, allowed 0 to 100000']),
    'a text where a number belongs': ('dev', 'number: 8080', 'number: http', ['Pulumi.dev.yaml:24 services.web.container.ports.http.number: got a text, allowed 1 to 65535']),
    'a number where a text belongs': ('dev', 'LOG_LEVEL: debug', 'LOG_LEVEL: 3', ['Pulumi.dev.yaml:25 services.web.container.environment.LOG_LEVEL: got an integer, allowed a text: quote it']),
    'an account that is a number': ('dev', '["123456789012"]', '[123456789012]', ['Pulumi.dev.yaml:7 environment.account_ids[0]: got an integer, allowed the 12 digits of an account, such as "123456789012": quote it']),
    'a zone that does not exist': ('dev', 'eu-central-1b]', 'eu-central-1z]', ['Pulumi.dev.yaml:11 network.zones[1]: got a text of another form, allowed the name of an availability zone, such as eu-central-1a']),
    'a zone named twice': ('dev', 'eu-central-1b]', 'eu-central-1a]', ['Pulumi.dev.yaml:11 network.zones[1]: the zone is named twice']),
    'a balancer without its tier': ('dev', 'nat: single', 'nat: none\n    tiers: [private]', ['Pulumi.dev.yaml:16 load_balancer.scheme: the balancer stands in the public tier, which `network.tiers` leaves out: add it, or change the scheme']),
    'a zone of another region': ('dev', '[eu-central-1a,', '[eu-west-1a,', ['Pulumi.dev.yaml:11 network.zones[1]: the zone lies in another region than the first: a network has one']),
    'a region that the zones are not in': ('dev', 'region: eu-central-1', 'region: eu-west-1', ['Pulumi.dev.yaml:11 network.zones: lie in another region than `environment.region`, eu-west-1']),
    'a date where a block belongs': ('dev', 'cidr: 10.16.0.0/16', 'cidr: 2024-01-01', ['Pulumi.dev.yaml:12 network.cidr: a date or time without quotes, which the engine reads as another text: quote it']),
    'rules under the container': ('dev', '        user: "101:101"', '        user: "101:101"\n        elasticity: { minimum: 1, maximum: 2 }', ['Pulumi.dev.yaml:24 services.web.container.elasticity: unknown key here; it belongs to `services.web`']),
    'rules under the traffic': ('dev', '        port: 8080\n', '        port: 8080\n        elasticity: { minimum: 1 }\n', ['Pulumi.dev.yaml:33 services.web.traffic.elasticity: unknown key here; it belongs to `services.web`']),
    'rules as a section': ('dev', 'config:\n', 'config:\n  accordion:elasticity: { minimum: 1 }\n', ['Pulumi.dev.yaml:4 elasticity: unknown section; it belongs to `services.<name>`']),
    'rules under the balancer': ('prod', '    access_logs: { retention: 365d }', '    access_logs: { retention: 365d }\n    elasticity: { minimum: 1 }', ['Pulumi.prod.yaml:19 load_balancer.elasticity: unknown key here; it belongs to `services.<name>`']),
    'a section with a typo': ('dev', 'accordion:alarms', 'accordion:alarm', ['Pulumi.dev.yaml:48 alarm: unknown section; did you mean `alarms`']),
    "a section without the project's name": ('dev', 'accordion:network', 'network', ["Pulumi.dev.yaml:10 network: it needs the project's name: write `accordion:network`"]),
    'a section of a project much like this one': ('dev', 'accordion:network', 'acordion:network', ['Pulumi.dev.yaml:10 acordion:network: unknown project; did you mean `accordion:network`']),
    'a typo in `config`': ('dev', 'config:\n', 'confg:\n', ['Pulumi.dev.yaml:3 confg: unknown key; did you mean `config`']),
    'settings beside `config`': ('dev', 'config:\n', 'alarms: {}\nconfig:\n', ['Pulumi.dev.yaml:3 alarms: unknown key; settings stand under `config`, rules without a stack under `workloads`']),
    'a key that stands twice': ('dev', '      cpu: 256', '      cpu: 256\n      cpu: 512', ['Pulumi.dev.yaml:27 services.web.cpu: this key stands twice: keep one of the two']),
    'a section that stands twice': ('dev', '  accordion:alarms:', '  accordion:alarms: {}\n  accordion:alarms:', ['Pulumi.dev.yaml:49 alarms: this key stands twice: keep one of the two']),
    'a tab before a key': ('dev', '      cpu: 256', '\tcpu: 256', ['Pulumi.dev.yaml:26: not YAML: a tab; indent and separate with spaces']),
    'a tab before a value': ('dev', '      cpu: 256', '      cpu:\t256', ['Pulumi.dev.yaml:26: not YAML: a tab; indent and separate with spaces']),
    'an alias without its anchor': ('dev', 'cidr: 10.16.0.0/16', 'cidr: *hunter2', ['Pulumi.dev.yaml:12: not YAML: an alias without its anchor; quote a text that starts with `*`']),
    'an anchor inside itself': ('dev', 'tags: { team', 'tags: &tags { self: *tags, team', ['Pulumi.dev.yaml:9: not YAML: an alias stands within what it names']),
    'a wrong key that `<<` brings along': ('dev', '    web:\n      container:', '    web:\n      <<: { log_retentoin: 30d }\n      container:', ['Pulumi.dev.yaml:20 services.web.log_retentoin: unknown key; did you mean `log_retention`']),
    'a second document': ('dev', '  accordion:alarms:', '---\n  accordion:alarms:', ['Pulumi.dev.yaml:48: not YAML: a second document begins here; a stack file is one']),
    'an object of Python': ('dev', 'nat: single', 'nat: !!python/object:os.system {}', ['Pulumi.dev.yaml:13: not YAML: a tag such as `!name` means nothing here: leave it out']),
    'a secret inside the settings': ('dev', 'LOG_LEVEL: debug', 'LOG_LEVEL: { secure: hunter2 }', ['Pulumi.dev.yaml:25 services.web.container.environment.LOG_LEVEL: a secret has no place inside the settings: name an ARN there, or use a key of its own']),
    'a secret in a list': ('dev', '["123456789012"]', '[{ secure: hunter2 }]', ['Pulumi.dev.yaml:7 environment.account_ids[0]: a secret has no place inside the settings: name an ARN there, or use a key of its own']),
    'a section that is a secret': ('dev', 'accordion:alarms:', 'accordion:alarms: { secure: hunter2 }\n  other:alarms:', ['Pulumi.dev.yaml:48 alarms: a secret has no place inside the settings: name an ARN there, or use a key of its own']),
    'a secret under a key with a typo': ('dev', '  accordion:alarms:', '  accordion:pager_endpont: { secure: hunter2 }\n  accordion:alarms:', ['Pulumi.dev.yaml:48 pager_endpont: a secret has no place inside the settings: did you mean `pager_endpoint`']),
    'secrets of services in plain text': ('private', '  accordion:services:', '  accordion:service_secrets:\n    a: hunter2\n    b: { secure: v1:c }\n    c: hunter2\n  accordion:services:', ['Pulumi.private.yaml:15 service_secrets.a: is a secret: set it with `pulumi config set --secret --path \'service_secrets["a"]\'`', 'Pulumi.private.yaml:17 service_secrets.c: is a secret: set it with `pulumi config set --secret --path \'service_secrets["c"]\'`']),
    'secrets of services as one text': ('private', '  accordion:services:', '  accordion:service_secrets: hunter2\n  accordion:services:', ['Pulumi.private.yaml:14 service_secrets: is a secret: set it with `pulumi config set --secret --path \'service_secrets["name"]\'`']),
    'a secret in plain text': ('dev', '  accordion:alarms:', '  accordion:pager_endpoint: hunter2\n  accordion:alarms:', ['Pulumi.dev.yaml:48 pager_endpoint: is a secret: set it with `pulumi config set --secret pager_endpoint`']),
    'the value of a secret where its ARN belongs': ('prod', 'arn:aws:secretsmanager:eu-central-1:345678901234:secret:web/session-key-d4e5f6', 'hunter2', ['Pulumi.prod.yaml:29 services.web.container.secrets.SESSION_KEY: got a text of another form, allowed the ARN of a secret or of an SSM parameter, never the value, such as arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/key-a1b2c3']),
    'a metric that does not exist': ('dev', 'metric: cpu,', 'metric: cpux,', ['Pulumi.dev.yaml:40 services.web.elasticity.target_tracking.cpu.metric: not a known metric, allowed cpu, memory, requests_per_target, response_time, queue_delay; or declare it under `metrics`']),
    'a container that does not exist': ('dev', '        user: "101:101"', '        user: "101:101"\n        depends_on: { proxy: START }', ['Pulumi.dev.yaml:24 services.web.container.depends_on.proxy: not another container of the task, allowed none: there is no other']),
    'a port that no container has': ('dev', '        port: 8080\n', '        port: 8081\n', ['Pulumi.dev.yaml:32 services.web.traffic.port: not a port of the main container, allowed 8080']),
    'a share for a service that does not exist': ('prod', 'paths: [/api/*] }', 'paths: [/api/*], weights: { shop: 1 } }', ['Pulumi.prod.yaml:78 services.api.traffic.routes.api.weights.shop: no such service, allowed web, api']),
    'a priority that is taken': ('prod', '      traffic:\n        port: 8080\n', '      traffic:\n        port: 8080\n        routes: { web: { priority: 100, paths: [/w] } }\n', ['Pulumi.prod.yaml:79 services.api.traffic.routes.api.priority: 100 is taken by services.web.routes.web']),
    'two services that take what no rule takes': ('prod', '        routes:\n          api: { priority: 100, paths: [/api/*] }\n', '', ['Pulumi.prod.yaml:74 services.api.traffic.routes: only one service may go without routes, and web does']),
    'a tag that moves': ('dev', 'version: 1.29.1', 'version: latest', ['Pulumi.dev.yaml:22 services.web.container.image.version: the tag latest moves, so two tasks of one service may run different code: give `digest` or an immutable version, or set `allow_mutable: true`']),
    'an image without version and digest': ('dev', ', version: 1.29.1', '', ['Pulumi.dev.yaml:22 services.web.container.image.version: missing: give `digest`, or `version` with a tag that never moves']),
    'half a digest': ('prod', 'digest: sha256:9b', 'digest: sha256:', ['Pulumi.prod.yaml:24 services.web.container.image.digest: got a text of another form, allowed `sha256:` and 64 hexadecimal digits, such as sha256:9b2a1f0c9b2a1f0c9b2a1f0c9b2a1f0c9b2a1f0c9b2a1f0c9b2a1f0c9b2a1f0c']),
    'a user that is root': ('dev', '"101:101"', '"0:0"', ['Pulumi.dev.yaml:23 services.web.container.user: got a text of another form, allowed the number of a user that is not root, and of a group, such as "1000:1000"']),
    'a name in capitals': ('dev', '    web:\n', '    Web:\n', ['Pulumi.dev.yaml:20 services.Web: got a name of another form, allowed a name of lower case letters, digits and single `-`, at most 20, such as shop-api']),
    'a name with an underscore': ('dev', '    web:\n', '    web_shop:\n', ['Pulumi.dev.yaml:20 services.web_shop: got a name of another form, allowed a name of lower case letters, digits and single `-`, at most 20, such as shop-api']),
    'a name that does not fit behind the balancer': ('dev', '    web:\n', '    an-online-shop-web:\n', ['Pulumi.dev.yaml:20 services.an-online-shop-web: the name has 18 characters, behind the balancer at most 15 fit: AWS limits the names of target groups to 32']),
    'a name that AWS keeps for itself': ('dev', '    web:\n', '    sg-web:\n', ['Pulumi.dev.yaml:20 services.sg-web: the name begins with `sg-`: EC2 refuses security groups whose names begin so']),
    "a port's name that is a number": ('dev', 'ports: { http: { number: 8080 } }', 'ports: { 1: { number: 8080 } }', ['Pulumi.dev.yaml:24 services.web.container.ports.1: got a name of another form, allowed a name of lower case letters, digits and `-`, at most 32, such as http']),
    'a retention that CloudWatch does not keep': ('dev', 'log_retention: 30d', 'log_retention: 5h', ['Pulumi.dev.yaml:29 services.web.log_retention: got a time that CloudWatch Logs does not keep, allowed 1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, 120d, 150d, 180d, 365d, 400d, 545d, 731d, 1096d, 1827d, 2192d, 2557d, 2922d, 3288d, 3653d']),
    'a threshold without its unit': ('dev', 'rollback_alarms: null', 'rollback_alarms: { latency: { threshold: 2 } }', ['Pulumi.dev.yaml:34 services.web.rollback_alarms.latency.threshold: got a plain number, expected a duration with its unit, such as 90s, 5m or 2h']),
    'a topic with an owner elsewhere and addresses': ('prod', 'topic: { emails: [on-call@example.com] }', 'topic: { emails: [on-call@example.com], arn: "arn:aws:sns:eu-central-1:345678901234:on-call" }', ['Pulumi.prod.yaml:95 alarms.topic.emails: the owner of a given topic subscribes to it: remove `emails` or `arn`']),
    'an expectation about nothing': ('dev', 'overload_minutes < 10', 'overload_minute < 10', ['Pulumi.dev.yaml:46 services.web.simulation.expectations[0]: not a figure: `overload_minute`; did you mean `overload_minutes`']),
    'a shape that does not exist': ('dev', 'spike: {', 'spik: {', ['Pulumi.dev.yaml:43 services.web.simulation.loads.demo.spik: unknown key; did you mean `spike`']),
    'https without a certificate': ('dev', '{ protocol: http }', '{}', ['Pulumi.dev.yaml:16 load_balancer.listener.certificate_arns: https needs a certificate: name its ARN, or say `protocol: http`']),
    'the other composition': ('dev', 'composition: web_service', 'composition: instance_fleet', ['Pulumi.dev.yaml groups: is missing; instance_fleet is built of at least one', 'Pulumi.dev.yaml:19 services: instance_fleet has none: move them to `groups`, or choose another composition']),
    'no composition': ('dev', 'accordion:composition: web_service', 'other:composition: web_service', ['Pulumi.dev.yaml composition: is missing; give one of web_service, instance_fleet, private_service']),
    'a composition with a typo, and a fault elsewhere': ('dev', 'composition: web_service', 'composition: web_servce\n  accordion:groups: { shop: {} }', ['Pulumi.dev.yaml:4 composition: got a text, allowed one of web_service, instance_fleet, private_service', 'Pulumi.dev.yaml:5 groups: web_service has none: move them to `services`, or choose another composition']),
    'types of two architectures': ('fleet', 'm6g.large', 'm6i.large', ['Pulumi.fleet.yaml:21 groups.shop.instance_types[1]: m6i.large is an x86_64 type, the architecture is arm64']),
    'a schedule without its time zone': ('prod', ', time_zone: Europe/Berlin', '', ['Pulumi.prod.yaml:45 services.web.elasticity.scheduled.office.time_zone: is missing; give a text']),
    'several faults at once': ('dev', 'cidr: 10.16.0.0/16\n    nat: single', 'cidr: 10.16.0.0/99\n    nat: both', ['Pulumi.dev.yaml:12 network.cidr: not an IPv4 block such as 10.0.0.0/16, with the host bits at zero', 'Pulumi.dev.yaml:13 network.nat: got a text, allowed one of none, single, per_zone, regional']),
    "a shell in a container with a read-only root": ("prod", "      cpu: 1024", "      execute_command: true\n      cpu: 1024", [
        "Pulumi.prod.yaml:21 services.web.container.read_only_root: ECS Exec's agent writes to the root: set `read_only_root: false` while `execute_command` is on",
    ]),
    "an image that moves, accepted in production": ("prod", "          version: 4.12.0", "          version: 4.12.0\n          allow_mutable: true", [
        "Pulumi.prod.yaml:26 services.web.container.image.allow_mutable: in production an image names one content: give `digest` or an immutable version",
    ]),
}
# fmt: on


def faults_of(name: str, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        validate(StackFile.parse(name, text))
    return str(caught.value).splitlines()


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told_where_what_and_how_to_mend_it(case: Case) -> None:
    stack, right, wrong, expected = case
    name = f"Pulumi.{stack}.yaml"
    text = (ROOT / name).read_text()
    assert right in text, "the case must change something"
    assert faults_of(name, text.replace(right, wrong, 1)) == expected


def test_a_shell_in_production_needs_a_reason() -> None:
    text = (ROOT / "Pulumi.prod.yaml").read_text()
    text = text.replace("      cpu: 1024", "      execute_command: true\n      cpu: 1024", 1)
    text = text.replace("        ports: { http", "        read_only_root: false\n        ports: { http", 1)
    line = next(number for number, words in enumerate(text.splitlines(), 1) if "execute_command" in words)
    path = "services.web.execute_command"
    cure = "in production a shell in containers needs a reason: write `execute_command_reason`"
    assert faults_of("Pulumi.prod.yaml", text) == [f"Pulumi.prod.yaml:{line} {path}: {cure}"]
    reason = "      execute_command_reason: a memory leak is being looked for until Friday\n"
    validate(
        StackFile.parse("Pulumi.prod.yaml", text.replace("      execute_command", f"{reason}      execute_command", 1))
    )


def test_no_fault_shows_a_regular_expression() -> None:
    schemas = [settings_model(name).model_json_schema(by_alias=True) for name in COMPOSITIONS]
    patterns = set(_patterns(schemas))
    undescribed = {
        pattern for pattern in patterns - FORMATS.keys() if not pattern.endswith(("(ms|s|m|h|d)$", "/(s|min|h|d)$"))
    }
    assert undescribed == set()
    assert FORMATS.keys() - patterns == set()


@pytest.mark.parametrize("pattern", FORMATS)
def test_the_example_of_a_form_has_the_form(pattern: str) -> None:
    assert re.fullmatch(pattern, FORMATS[pattern].example.strip('"'))


def _patterns(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _patterns(item)]
    if not isinstance(node, dict):
        return []
    own = [node["pattern"]] if isinstance(node.get("pattern"), str) else []
    return [*own, *node.get("patternProperties", ()), *(found for value in node.values() for found in _patterns(value))]

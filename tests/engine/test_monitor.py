"""The monitor on a stack that the real engine deployed: nothing differs, then what was planted does, and its cure
takes it away. It cannot prove that AWS answers as the stand-in does."""

import json
from typing import Any

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine


SHIPPED = "docker.io/nginxinc/nginx-unprivileged"
OWN = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/web"
TAG = "1.29.1"


def push(registry: Any, content: str, *tags: str) -> None:
    """An image into the registry of the cloud; a tag that was on another one moves."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": 1, "digest": f"sha256:{content}"}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": layer,
        "layers": [layer],
    }
    for tag in tags:
        registry.put_image(repositoryName="web", imageManifest=json.dumps(manifest), imageTag=tag)


def verdict(checkout: Checkout, code: int) -> dict[str, Any]:
    said = checkout("monitor", "--local", "--stack", "dev", "--format", "json", code=code)
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    return found


def test_before_a_deployment_the_local_cloud_says_what_is_not_there(checkout: Checkout) -> None:
    said = checkout("monitor", "--local", "--stack", "dev", "--before", "--format", "json")
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    assert (found["answer"], found["unknown"]) == ("same", [])
    said = checkout("monitor", "--local", "--stack", "prod", "--before", "--format", "json", code=1)
    kinds = {(one["component"], one["kind"]) for one in json.loads(said[said.index("{") :])["differences"]}
    assert {("web", "missing_image"), ("api", "missing_image"), ("network", "quota")} <= kinds


def test_what_the_engine_deployed_runs_until_somebody_changes_it_and_again_after_the_cure(checkout: Checkout) -> None:
    checkout("local", "start")
    registry = checkout.client("ecr", "dev")
    registry.create_repository(repositoryName="web")
    push(registry, "good", TAG)
    with checkout.edited("dev", (SHIPPED, OWN)):
        _changed_and_cured(checkout)
        _forced_and_rolled_back(checkout)


def _changed_and_cured(checkout: Checkout) -> None:
    checkout.up("dev")
    same = verdict(checkout, 0)
    assert (same["answer"], same["differences"], same["unknown"]) == ("same", [], [])
    named = checkout.outputs("dev")["services"]["web"]
    resource = f"service/{named['cluster']}/{named['service']}"
    checkout.client("application-autoscaling", "dev").register_scalable_target(
        ServiceNamespace="ecs", ResourceId=resource, ScalableDimension="ecs:service:DesiredCount", MaxCapacity=9
    )
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2 = checkout.client("ec2", "dev")
    ec2.authorize_security_group_ingress(GroupId=named["security_group_id"], IpPermissions=[permission])
    differs = verdict(checkout, 1)
    told = {f"{one['component']}.{one['kind']}": one for one in differs["differences"]}
    assert {key: (one["category"], one["declared"], one["running"]) for key, one in told.items()} == {
        "web.bounds": ("different", "2", "9"),
        "web.security_group": ("added", "nothing", "in from 0.0.0.0/0, tcp, port 22"),
    }
    assert told["web.bounds"]["cure"] == "accordion local up --refresh --stack dev"
    checkout.up("dev", "--refresh")
    rule = told["web.security_group"]["cure"].split()[-1]
    ec2.revoke_security_group_ingress(GroupId=named["security_group_id"], SecurityGroupRuleIds=[rule])
    assert verdict(checkout, 0)["answer"] == "same"


def _forced_and_rolled_back(checkout: Checkout) -> None:
    """The tag was pushed anew, and its tasks do not start: the task definition is the declared one all the time."""
    named = checkout.outputs("dev")["services"]["web"]
    ecs, registry = checkout.client("ecs", "dev"), checkout.client("ecr", "dev")
    service = {"cluster": named["cluster"], "service": named["service"]}
    declared = ecs.describe_services(cluster=named["cluster"], services=[named["service"]])["services"][0]
    push(registry, "bad", TAG, "broken")
    ecs.update_service(**service, forceNewDeployment=True)
    running = ecs.describe_services(cluster=named["cluster"], services=[named["service"]])["services"][0]
    assert running["taskDefinition"] == declared["taskDefinition"]

    newest, before = ecs.list_service_deployments(**service)["serviceDeployments"]
    (forced, back) = (one["targetServiceRevisionArn"].rpartition("/")[2] for one in (newest, before))
    version = f"{declared['taskDefinition'].rpartition('/')[2]} ({OWN}:{TAG}), revision"
    (told,) = verdict(checkout, 1)["differences"]
    assert (told["component"], told["kind"]) == ("web", "deployment")
    assert told["what"] == f"deployment {newest['serviceDeploymentArn'].rpartition('/')[2]}"
    assert told["declared"] == f"{version} {forced}"
    assert told["running"] == (
        f"rolled back to {version} {back} (the same task definition): "
        "ECS deployment circuit breaker: tasks failed to start"
    )
    assert told["cure"] == (
        "mend the version, then accordion local up --refresh --stack dev; or accordion rollback --local --stack dev"
    )

    registry.batch_delete_image(repositoryName="web", imageIds=[{"imageTag": "broken"}])
    ecs.update_service(**service, forceNewDeployment=True)
    assert verdict(checkout, 0)["answer"] == "same"

"""A stack whose rules look at a real Prometheus, a service of the stack itself: it scales by what that answers, falls
back when it is gone, and goes on when it is there again.

Cannot prove what a Prometheus elsewhere, or one with a password, answers.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import private_images
from tests.controlled_service import said_by, until
from tests.engine.checkout import Checkout
from tests.engine.private_stack import ON_REQUESTS, SHORT, Private, private_stack

pytestmark = [pytest.mark.engine, pytest.mark.docker, pytest.mark.timeout(900)]

SERVER = """  accordion:prometheus_server: { address: http://prometheus:9090 }
  accordion:services:
    prometheus:
      container:
        image: { repository: "IMAGE", version: "1" }
        command: [--config.file=/etc/prometheus.yml, --storage.tsdb.path=/data/tsdb]
        ports: { http: { number: 9090 } }
        scratch: { data: /data }
        user: null
      cpu: 128
      memory: 128
      count: 1
      deployment: { delay: 0s, monitor: 2s, timeout: 90s }
      configs:
        /etc/prometheus.yml: |
          global: { scrape_interval: 1s, scrape_timeout: 1s }
          scrape_configs:
            - job_name: web
              dns_sd_configs: [{ names: [tasks.web], type: A, port: 8080, refresh_interval: 1s }]
"""
QUERIES = (
    "      simulation:\n",
    """      queries:
        requests_per_target: 60 * sum(rate(http_requests_total{route="/work"}[6s])) / $replicas
      fallback: { replicas: 3, after: 6s }
      simulation:
""",
)


@pytest.fixture(scope="module")
def private(make: Callable[..., Checkout], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private]:
    folders = {name: str(tmp_path_factory.mktemp("of")) for name in ("TMPDIR", "ACCORDION_CACHE_DIR")}
    with private_stack(make, folders) as made:
        yield made


def test_rules_look_at_a_prometheus_of_the_stack_and_fall_back_when_it_is_gone(
    private: Private, tmp_path: Path
) -> None:
    try:
        image = private_images.prometheus(f"{private.image}-prometheus", "1").rpartition(":")[0]
    except OSError as error:
        pytest.skip(str(error))
    server = ("  accordion:services:\n", SERVER.replace("IMAGE", image))
    with private.checkout.edited("private", QUERIES, *ON_REQUESTS, SHORT, server):
        private.up()
        told = json.loads(private.checkout("scale", "--stack", "private", "--local", "--show-settings"))
        assert told["prometheus"] == "http://prometheus:9090"
        with private.load(10.0):
            until(lambda: private.count == 4, "it does not scale out by what Prometheus answers")
        until(lambda: private.count == 2, "it does not scale in")
        private.up("--expect-no-changes")
        private.scale(0, "prometheus")
        until(lambda: private.count == 3, "it does not fall back")
        private.scale(1, "prometheus")
        until(lambda: private.count == 2, "it does not go on when Prometheus is there again")
    controller = private.checkout.outputs("private")["controller"]
    log = tmp_path / "log.jsonl"
    log.write_text(said_by(controller, stderr=False))
    reasons = [one["reason"] for line in log.read_text().splitlines() if (one := json.loads(line)).get("reason")]
    assert any(reason.startswith("fallback: no metrics for ") for reason in reasons), reasons
    again = private.checkout("scale", "--replay", str(log))
    ticks = again.partition(" ")[0]
    assert again.startswith(f"{ticks} of {ticks} ticks are decided the same again"), again

"""A small stack file for the tests of operator commands, and what they share."""

from pathlib import Path

STACK = """\
config:
  accordion:composition: web_service
  accordion:environment: { region: us-east-1, account_ids: ["123456789012"] }
  accordion:network: { zones: [us-east-1a, us-east-1b], cidr: 10.16.0.0/16, nat: single }
  accordion:load_balancer:
    listener: { protocol: http }
  accordion:services:
    web:
      container:
        image: { repository: docker.io/library/nginx, version: 1.29.1 }
        ports: { http: { number: 8080 } }
      cpu: 256
      memory: 512
      traffic: { port: 8080 }
      elasticity:
        minimum: 2
        maximum: 8
        unit: { capacity: 50/s, start_up: 60s, service_time: 40ms, idle_cpu: 3 }
        target_tracking:
          cpu: { metric: cpu, target: 50 }
        scheduled:
          office: { cron: "45 7 * * MON-FRI", time_zone: Europe/Berlin, minimum: 3 }
          evening: { cron: "0 20 * * MON-FRI", time_zone: Europe/Berlin, minimum: 2 }
          night: { cron: "30 2 * * *", time_zone: Europe/Berlin, maximum: 8 }
      simulation:
        latency_goal: 1s
        loads:
          rush: { spike: { base: 40/s, peak: 140/s, at: 30m, length: 30m, duration: 2h } }
        expectations:
          - overload_minutes < 15
"""


def stack_file(folder: Path, *changes: tuple[str, str], name: str = "Pulumi.test.yaml") -> Path:
    """The stack file in `folder`, with some of its text replaced."""
    text = STACK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path

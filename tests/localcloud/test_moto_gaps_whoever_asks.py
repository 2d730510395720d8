"""A service's gaps are filled before anything of it is made, whoever asks for it first. Cannot prove that a gap is right."""

import json
import subprocess
import sys

from localcloud.aws.moto_gaps import SERVICES

MADE = """
import importlib, json, sys
from localcloud.aws import moto_gaps
moto_gaps.apply_when_used()
from moto.core.base_backend import BackendDict
missing = {}
for service in sys.argv[1:]:
    models = importlib.import_module(f"moto.{service}.models")
    all_held = [held for held in vars(models).values() if isinstance(held, BackendDict)]
    held = [each for each in all_held if each.backend.__module__.split(".")[1] == service]
    assert held, service
    for backends in held:
        regions = backends["123456789012"].regions
        backends["123456789012"]["eu-west-1" if "eu-west-1" in regions else regions[0]]
    if lacking := [m for m in moto_gaps.SERVICES[service] if f"localcloud.aws.moto_gaps.{m}" not in sys.modules]:
        missing[service] = lacking
print(json.dumps(missing))
"""

A_BALANCER_BEFORE_ANY_IMAGE = """
import json
from localcloud.aws import moto_gaps
moto_gaps.apply_when_used()
from moto.backends import get_backend
get_backend("elbv2")["123456789012"]["eu-west-1"]
from moto.ec2.models import ec2_backends
ec2 = ec2_backends["123456789012"]["eu-west-1"]
print(json.dumps([i.name for i in ec2.describe_images(owners=["099720109477"]) if "noble" in i.name]))
"""


def said(program: str, *arguments: str) -> object:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_what_a_service_holds_is_made_with_its_gaps_filled() -> None:
    # apigateway's gaps are those of the newer APIs, which its application serves: what it holds has none.
    assert said(MADE, *sorted(set(SERVICES) - {"apigateway"})) == {}


def test_images_are_there_when_a_balancer_was_the_first_to_need_the_network() -> None:
    assert said(A_BALANCER_BEFORE_ANY_IMAGE)

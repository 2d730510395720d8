"""Prowler's checks over the production stack as it stands on the local cloud, and why each that fails is left.

Prowler asks AWS's own interface, so it sees what was made and not what was written. Services of which the local cloud
has no more than a record (CloudTrail, Config, GuardDuty) are not asked for: they are an account's, not a stack's.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from localcloud.admission import secret_access_key
from tests.engine.checkout import Checkout, make_checkout

VERSION = "5.46.0"
STACK, ACCOUNT, REGION = "prod", "345678901234", "eu-central-1"
SERVICES = ("autoscaling", "cloudwatch", "ec2", "ecs", "elbv2", "kms", "s3", "sns", "vpc")
LONGEST = 1_500.0
"""Seconds after which it is given up."""

REASONS: Mapping[str, tuple[str, ...]] = {
    "an account's trail and alarms on it (CIS 4): no stack's": (
        "cloudwatch_changes_to_",
        "cloudwatch_log_metric_filter_",
    ),
    "alarms that record, and parts of a composite that pages, act on nothing themselves": (
        "cloudwatch_alarm_actions_alarm_state_configured",
    ),
    "the local cloud's own: each image that moto lists comes with a snapshot": ("ec2_ebs_snapshots_encrypted",),
    "a second fence at AWS's own default: security groups are judged": ("ec2_networkacl_allow_ingress_",),
    "the group of the endpoints, whose interfaces the local cloud does not make": ("ec2_securitygroup_not_used",),
    "a policy without FIPS is current (`modern-tls`); FIPS is a duty of few": ("elbv2_listener_fips_tls_enabled",),
    "a firewall is a setting (`load_balancer.web_acl_arn`), and costs": ("elbv2_waf_acl_attached",),
    "the bucket holds access logs, which end by age and have S3's own key alone (`docs/checkov.md`)": (
        "s3_bucket_cross_region_replication",
        "s3_bucket_event_notifications_enabled",
        "s3_bucket_kms_encryption",
        "s3_bucket_no_mfa_delete",
        "s3_bucket_object_lock",
        "s3_bucket_server_access_logging_enabled",
    ),
    "one region is what the stack file says": ("vpc_different_regions",),
    "endpoints have AWS's default policy: whose keys are used decides (`docs/guides/guardrails.md`)": (
        "vpc_endpoint_connections_trust_boundaries",
    ),
    "which endpoints there are is a setting (`network.endpoints`)": ("vpc_endpoint_for_ec2_enabled",),
}
"""Why checks may fail, to the begin of their names."""


def why(check: str) -> str | None:
    """The stated reason for which a check may fail."""
    return next((reason for reason, names in REASONS.items() if check.startswith(names)), None)


def findings(checkout: Checkout, folder: Path) -> list[dict[str, str]]:
    """What Prowler says of the account that the stack stands in; raises SystemExit where it says nothing."""
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{checkout.record('aws')['port']}",
        "AWS_ACCESS_KEY_ID": f"ACCT0000{ACCOUNT}",
        "AWS_SECRET_ACCESS_KEY": secret_access_key((checkout.place / "state.token").read_text()),
        "AWS_DEFAULT_REGION": REGION,
    }
    uv = str(Path(sys.executable).with_name("uv"))
    tool = [uv, "tool", "run", "--quiet", "--from", f"prowler=={VERSION}", "prowler", "aws", "--no-banner"]
    options = ["--service", *SERVICES, "--region", REGION, "-M", "csv", "-o", str(folder), "--log-level", "CRITICAL"]
    ran = subprocess.run(
        [*tool, *options],
        env=checkout.environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    found = [row for file in sorted(folder.glob("*.csv")) for row in _rows(file)]
    if not found:
        raise SystemExit(f"bench: prowler said nothing: {(ran.stdout + ran.stderr)[-500:]}")
    return found


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter=";")


def tables() -> list[tuple[str, list[list[str]]]]:
    """Passed, failed for a stated reason, and failed without, by service; then each check that fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("project", "state", "found"):
            (folder / each).mkdir()
        checkout = make_checkout(folder / "project", folder / "state")
        try:
            checkout.up(STACK)
            found = findings(checkout, folder / "found")
        finally:
            checkout("local", "stop")
    counts = [["service", "passed", "failed for a stated reason", "unexplained"]]
    for service in SERVICES:
        of = [row for row in found if row["SERVICE_NAME"] == service]
        failed = [why(row["CHECK_ID"]) for row in of if row["STATUS"] == "FAIL"]
        passed = sum(row["STATUS"] == "PASS" for row in of)
        counts.append([service, *map(str, (passed, sum(map(bool, failed)), failed.count(None)))])
    times = Counter(row["CHECK_ID"] for row in found if row["STATUS"] == "FAIL")
    failures = [["check", "resources", "reason"]]
    failures += [[check, str(count), why(check) or "**none**"] for check, count in sorted(times.items())]
    return [(f"Prowler {VERSION}, stack {STACK}", counts), ("What fails", failures)]

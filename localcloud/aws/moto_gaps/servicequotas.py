"""Gaps of moto's Service Quotas: it has those of VPCs alone. Here are those on vCPUs, as a new account has them.

Source: AWS General Reference, AWS Fargate endpoints and quotas (6 vCPU on demand, 6 on Spot), Amazon EC2 endpoints and
quotas (5 vCPU of standard instances on demand, 5 on Spot).
"""

from typing import Any, Final

from moto.servicequotas.models import ServiceQuotasBackend

from localcloud.aws.moto_gaps._patching import replace

DEFAULTS: Final[dict[tuple[str, str], tuple[str, float]]] = {
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 6.0),
    ("fargate", "L-36FBB829"): ("Fargate Spot vCPU resource count", 6.0),
    ("ec2", "L-1216C47A"): ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5.0),
    ("ec2", "L-34B43A08"): ("All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5.0),
}
"""By service and code: name and value."""


@replace(ServiceQuotasBackend)
def get_service_quota(original: Any, self: Any, service_code: str, quota_code: str) -> dict[str, Any]:
    """A quota of the account, which nobody has raised."""
    found = DEFAULTS.get((service_code, quota_code))
    if found is None:
        answer: dict[str, Any] = original(self, service_code, quota_code)
        return answer
    name, value = found
    return {
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaArn": f"arn:aws:servicequotas:{self.region_name}:{self.account_id}:{service_code}/{quota_code}",
        "QuotaCode": quota_code,
        "QuotaName": name,
        "ServiceCode": service_code,
        "Unit": "None",
        "Value": value,
    }

"""Gaps of moto's Route 53: records that are there already, and an alias at the apex of a zone."""

from typing import Any

from moto.route53.models import Route53Backend

from localcloud.aws.moto_gaps._patching import Refusal, replace


@replace(Route53Backend)
def change_resource_record_sets(original: Any, self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> Any:
    """Refuse to create what is there, with other values too; and a CNAME for the zone's own name."""
    zone = self.get_hosted_zone(zoneid)
    there = {_identity(each.name, each.type, each.set_identifier) for each in zone.rrsets}
    for change in change_list:
        record = change["ResourceRecordSet"]
        name, kind = record["Name"].rstrip("."), record["Type"]
        if change["Action"] == "CREATE" and _identity(name, kind, record.get("SetIdentifier")) in there:
            raise Refusal(
                "InvalidChangeBatch",
                f"[Tried to create resource record set [name='{name}.', type='{kind}'] but it already exists]",
            )
        if kind == "CNAME" and change["Action"] != "DELETE" and name.lower() == zone.name.rstrip(".").lower():
            raise Refusal(
                "InvalidChangeBatch",
                f"[RRSet of type CNAME with DNS name {name}. is not permitted at apex in zone {zone.name}]",
            )
    return original(self, zoneid, change_list)


def _identity(name: str, kind: str | None, set_identifier: str | None) -> tuple[str, str | None, str | None]:
    return name.rstrip(".").lower(), kind, set_identifier or None

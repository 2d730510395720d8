"""Gaps of moto's Route 53: records that are there already or are not any more, and an alias at the apex of a zone."""

from typing import Any

from moto.route53.models import Route53Backend

from localcloud.aws.moto_gaps._patching import Refusal, replace


@replace(Route53Backend)
def change_resource_record_sets(original: Any, self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> Any:
    """Refuse to create what is there, with other values too; and a CNAME for the zone's own name.

    What went may come back: moto refuses it where any record is there that sorts behind it.
    """
    zone = self.get_hosted_zone(zoneid)
    before = {_identity(each.name, each.type, each.set_identifier) for each in zone.rrsets}
    there = set(before)
    for change in change_list:
        record = change["ResourceRecordSet"]
        name, kind = record["Name"].rstrip("."), record["Type"]
        if change["Action"] == "DELETE":
            there.discard(_of(change))  # a batch may put another one in its place
        if change["Action"] == "CREATE" and _of(change) in there:
            raise Refusal(
                "InvalidChangeBatch",
                f"[Tried to create resource record set [name='{name}.', type='{kind}'] but it already exists]",
            )
        if kind == "CNAME" and change["Action"] != "DELETE" and name.lower() == zone.name.rstrip(".").lower():
            raise Refusal(
                "InvalidChangeBatch",
                f"[RRSet of type CNAME with DNS name {name}. is not permitted at apex in zone {zone.name}]",
            )
    zone.rr_changes[:] = [change for change in zone.rr_changes if _of(change) in before]
    return original(self, zoneid, change_list)


def _of(change: dict[str, Any]) -> tuple[str, str | None, str | None]:
    record = change["ResourceRecordSet"]
    return _identity(record["Name"], record["Type"], record.get("SetIdentifier"))


def _identity(name: str, kind: str | None, set_identifier: str | None) -> tuple[str, str | None, str | None]:
    return name.rstrip(".").lower(), kind, set_identifier or None

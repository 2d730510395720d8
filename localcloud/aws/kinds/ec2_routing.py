"""Route tables, routes and which subnet uses which table."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, owner, retag, where

TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "networkInterfaceId": "NetworkInterfaceId",
    "vpcEndpointId": "VpcEndpointId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "localGatewayId": "LocalGatewayId",
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
}
"""Input -> member of CreateRoute: where a route leads, of which a route has one."""
DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
IN_TABLE = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
"""The same destinations in the `routes` of a table."""


LOCAL = "local"
"""The target of the route that each table has for its own network."""


def destination(props: Props) -> str:
    """Where a route goes, as text."""
    return next((str(props[name]) for name in DESTINATIONS if props.get(name)), "")


def exactly_one(props: Props) -> list[tuple[str, str]]:
    """A route has one destination and one target."""
    found = []
    for names, what in ((DESTINATIONS, "destination"), (TARGETS, "target")):
        given = [name for name in names if props.get(name)]
        if len(given) > 1:
            found.append((given[1], f"conflicts with {given[0]!r}: a route has one {what}"))
    return found


def _table(aws: Aws, table: str) -> Props | None:
    tables = aws("ec2", "describe_route_tables", RouteTableIds=[table])["RouteTables"]
    return tables[0] if tables else None


def create_route(aws: Aws, props: Props) -> str:
    """Make the route; its id is the table and the destination."""
    request = {member: props[ours] for ours, member in {**DESTINATIONS, **TARGETS}.items() if props.get(ours)}
    aws("ec2", "create_route", RouteTableId=props["routeTableId"], **request)
    return f"r-{props['routeTableId']}_{destination(props)}"


def route(aws: Aws, route_id: str, props: Props) -> Props | None:
    """The route in its table."""
    table = _table(aws, props["routeTableId"])
    for found in (table or {}).get("Routes", ()):
        if destination(props) in {found.get(member) for member in DESTINATIONS.values()}:
            return {**found, "RouteTableId": props["routeTableId"]}
    return None


def drop_route(aws: Aws, route_id: str, props: Props) -> None:
    """Take the route out of its table."""
    where_to = {member: props[ours] for ours, member in DESTINATIONS.items() if props.get(ours)}
    aws("ec2", "delete_route", RouteTableId=props["routeTableId"], **where_to)


def replace_route(aws: Aws, route_id: str, old: Props, new: Props) -> None:
    """The same destination by another way."""
    request = {member: new[ours] for ours, member in {**DESTINATIONS, **TARGETS}.items() if new.get(ours)}
    aws("ec2", "replace_route", RouteTableId=new["routeTableId"], **request)


def route_by_name(text: str) -> tuple[str, Props]:
    """`rtb-1_10.0.0.0/8`, as the official provider imports a route."""
    table, _, to = text.removeprefix("r-").partition("_")
    kind = "destinationPrefixListId" if to.startswith("pl-") else "destinationCidrBlock"
    return f"r-{table}_{to}", {"routeTableId": table, ("destinationIpv6CidrBlock" if ":" in to else kind): to}


def _of_a_program(route: Props) -> bool:
    """Whether somebody made the route as such: those to a gateway endpoint's prefix list come and go with it."""
    of_endpoint = route.get("DestinationPrefixListId") and str(route.get("GatewayId")).startswith("vpce-")
    return bool(route.get("Origin") == "CreateRoute" and not of_endpoint)


def put_routes(aws: Aws, table: str, wanted: Any, props: Props) -> None:
    """The inline routes: what is not wanted goes, what is wanted comes."""
    there = [r for r in (_table(aws, table) or {}).get("Routes", ()) if _of_a_program(r)]
    for old in there:
        aws("ec2", "delete_route", RouteTableId=table, **{m: old[m] for m in IN_TABLE.values() if old.get(m)})
    for new in wanted or ():
        if new.get("gatewayId") == LOCAL:  # it is there already, and no request can make it
            continue
        request = {member: new[ours] for ours, member in {**IN_TABLE, **TARGETS}.items() if new.get(ours)}
        aws("ec2", "create_route", RouteTableId=table, **request)


def inline_routes(aws: Aws, table: str, live: Props, props: Props) -> list[Props] | None:
    """The routes of a table whose program lists them; None where `Route` resources or nobody does."""
    if not props.get("routes"):
        return None
    local = {r.get(ours) for r in props["routes"] if r.get("gatewayId") == LOCAL for ours in IN_TABLE}
    found = [
        r
        for r in live.get("Routes", ())
        if _of_a_program(r) or {r.get(m) for m in IN_TABLE.values()} & (local - {None})
    ]
    return [{ours: r[m] for ours, m in {**IN_TABLE, **TARGETS}.items() if r.get(m)} for r in found]


def associate(aws: Aws, props: Props) -> str:
    """Tie a subnet or a gateway to a table."""
    if ("subnetId" in props) == ("gatewayId" in props):
        raise Refused("subnetId: give exactly one of 'subnetId' and 'gatewayId'")
    who = {"SubnetId": props["subnetId"]} if "subnetId" in props else {"GatewayId": props["gatewayId"]}
    found = aws("ec2", "associate_route_table", RouteTableId=props["routeTableId"], **who)
    return str(found["AssociationId"])


def association(aws: Aws, association_id: str, props: Props) -> Props | None:
    """Which table the association names now."""
    by_id = where(association__route_table_association_id=association_id)
    for table in aws("ec2", "describe_route_tables", Filters=by_id)["RouteTables"]:
        for found in table["Associations"]:
            if found["RouteTableAssociationId"] == association_id:
                return {**found, "RouteTableId": table["RouteTableId"]}
    return None


def reassociate(aws: Aws, association_id: str, old: Props, new: Props) -> None:
    """Name another table."""
    aws("ec2", "replace_route_table_association", AssociationId=association_id, RouteTableId=new["routeTableId"])


ROWS = (
    Kind(
        "aws:ec2/routeTable:RouteTable",
        Calls(
            "ec2",
            "create_route_table",
            "RouteTable.RouteTableId",
            read=("describe_route_tables", {"RouteTableIds": ["{id}"]}, "RouteTables[0]"),
            delete=("delete_route_table", {"RouteTableId": "{id}"}),
            created="RouteTable",
        ),
        tags=Tags("route-table", update=retag),
        translation=Translation(unserved={"propagatingVgws"}, rename={"propagatingVgws": None, "routes": None}),
        properties=Properties(
            force_new={"vpcId"},
            unordered={"routes", "propagatingVgws"},
            computed={"propagatingVgws"},
        ),
        own_calls=OwnCalls(
            put={"routes": put_routes},
            remove={"routes": lambda aws, i, old, props: put_routes(aws, i, [], props)},
        ),
        outputs={"arn": ARN + "route-table/{id}", "ownerId": owner, "routes": inline_routes},
    ),
    Kind(
        "aws:ec2/route:Route",
        Calls(
            "ec2",
            "create_route",
            "",
            custom_create=create_route,
            read=route,
            delete=drop_route,
            update=replace_route,
            import_id=route_by_name,
        ),
        tags=Tags(None),
        translation=Translation(
            unserved={"odbNetworkArn", "localGatewayId", "carrierGatewayId", "coreNetworkArn"},
            rename={"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"},
        ),
        properties=Properties(
            delete_before_replace=True,
            force_new={"routeTableId", *DESTINATIONS},
            computed={"networkInterfaceId", "gatewayId"} - {"gatewayId"},
        ),
        validate=exactly_one,
    ),
    Kind(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        Calls(
            "ec2",
            "associate_route_table",
            "AssociationId",
            custom_create=associate,
            read=association,
            delete=("disassociate_route_table", {"AssociationId": "{id}"}),
            update=reassociate,
        ),
        tags=Tags(None),
        properties=Properties(force_new={"subnetId", "gatewayId"}, delete_before_replace=True),
    ),
)

"""RDS: subnet groups and parameter groups."""

from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.rds import ARN, AT_ONCE, is_on, put_tags


def subnet_group(aws: Aws, name: str, props: Props) -> Props:
    """The group with the ids of its subnets."""
    found = dict(aws("rds", "describe_db_subnet_groups", DBSubnetGroupName=name)["DBSubnetGroups"][0])
    return found | {"SubnetIds": [subnet["SubnetIdentifier"] for subnet in found["Subnets"]]}


def change_subnets(aws: Aws, name: str, old: Props, new: Props) -> None:
    """A group is given all its subnets."""
    about = str(new.get("description") or "")
    aws("rds", "modify_db_subnet_group", DBSubnetGroupName=name, SubnetIds=list(new["subnetIds"]),
        **({"DBSubnetGroupDescription": about} if about else {}))  # fmt: skip


def parameters(aws: Aws, kind: str, name: str) -> dict[str, Props]:
    """The parameters that somebody set, by name."""
    found = aws("rds", f"describe_{kind}_parameters", Source="user", **{_group(kind): name})["Parameters"]
    return {one["ParameterName"]: one for one in found}


def _group(kind: str) -> str:
    return "DBParameterGroupName" if kind == "db" else "DBClusterParameterGroupName"


def put_parameters(kind: str) -> Callable[..., None]:
    """Sets the parameters of a group, and gives those that are no longer named their own value again."""

    def put(aws: Aws, name: str, value: Any, props: Props) -> None:
        wanted = [
            {
                "ParameterName": p["name"],
                "ParameterValue": str(p["value"]),
                "ApplyMethod": p.get("applyMethod") or "immediate",
            }
            for p in value or ()
        ]
        held = parameters(aws, kind, name)
        gone = [n for n in held if n not in {p["ParameterName"] for p in wanted}]
        new = [p for p in wanted if any(held.get(p["ParameterName"], {}).get(k) != v for k, v in p.items())]
        for start in range(0, len(new), AT_ONCE):
            aws(
                "rds", f"modify_{kind}_parameter_group", Parameters=new[start : start + AT_ONCE], **{_group(kind): name}
            )
        for start in range(0, len(gone), AT_ONCE):
            some = [{"ParameterName": n, "ApplyMethod": "pending-reboot"} for n in gone[start : start + AT_ONCE]]
            aws("rds", f"reset_{kind}_parameter_group", Parameters=some, **{_group(kind): name})

    return put


def read_parameters(kind: str) -> Callable[..., Any]:
    """Reads them back."""
    return lambda aws, name, live, props: [
        {
            "name": p["ParameterName"],
            "value": p.get("ParameterValue"),
            "applyMethod": p.get("ApplyMethod") or "immediate",
        }
        for p in parameters(aws, kind, name).values()
    ]


def parameter_group(token: str, kind: str, what: str, answer: str) -> Kind:
    """The row of a group of parameters, of instances or of clusters."""
    member, put = _group(kind), put_parameters(kind)
    settings = {"skipDestroy"} if kind == "db" else set()

    def drop(aws: Aws, name: str, props: Props) -> None:
        if not is_on(props, "skipDestroy"):
            aws("rds", f"delete_{kind}_parameter_group", **{member: name})

    return Kind(
        token,
        Calls(
            "rds", f"create_{kind}_parameter_group", "{name}", delete=drop,
            read=(f"describe_{kind}_parameter_groups", {member: "{id}"}, f"{answer}[0]"),
            update=lambda aws, i, old, new: None,
        ),
        naming=Naming("name", lower=True),
        tags=Tags(update=lambda aws, i, gone, tags: put_tags(aws, f"{what}:{i}", gone, tags)),
        translation=Translation(
            rename={
                "name": member, "family": "DBParameterGroupFamily", "arn": f"{member.removesuffix('Name')}Arn",
                "parameters": None,
            },
            encode=lambda props: {"description": "Managed by Pulumi"} | {
                k: v for k, v in props.items() if k not in settings | {"parameters"}
            },
            served=settings,
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "family", "description"},
            defaults={"description": "Managed by Pulumi", "parameters.applyMethod": "immediate", "parameters": []}
            | dict.fromkeys(settings, False),
            unordered={"parameters"}, write_only=settings,
        ),
        own_calls=OwnCalls(
            put={"parameters": put}, read={"tags": tags_of_group(what)},
            remove={"parameters": lambda aws, i, old, props: put(aws, i, [], props)},
        ),
        outputs={"parameters": read_parameters(kind)},
    )  # fmt: skip


def tags_of_group(what: str) -> Callable[..., Any]:
    """The tags of a group, which no description has."""

    def look(aws: Aws, name: str, live: Props, props: Props) -> dict[str, str]:
        arn = (ARN + what + ":{id}").format(region=aws.region, account=aws.account, id=name)
        found = aws("rds", "list_tags_for_resource", ResourceName=arn)["TagList"]
        return {tag["Key"]: tag["Value"] for tag in found}

    return look


ROWS = (
    Kind(
        "aws:rds/subnetGroup:SubnetGroup",
        Calls(
            "rds", "create_db_subnet_group", "{name}", read=subnet_group, update=change_subnets,
            delete=("delete_db_subnet_group", {"DBSubnetGroupName": "{id}"}),
        ),
        naming=Naming("name", lower=True),
        tags=Tags(update=lambda aws, i, gone, tags: put_tags(aws, f"subgrp:{i}", gone, tags)),
        translation=Translation(
            rename={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription", "arn": "DBSubnetGroupArn"},
            encode=lambda props: {"description": "Managed by Pulumi"} | props,
        ),
        properties=Properties(
            force_new={"name", "namePrefix"}, defaults={"description": "Managed by Pulumi"}, unordered={"subnetIds"},
        ),
        own_calls=OwnCalls(read={"tags": tags_of_group("subgrp")}),
        outputs={"supportedNetworkTypes": lambda aws, i, live, props: live.get("SupportedNetworkTypes") or ["IPV4"]},
    ),
    parameter_group("aws:rds/parameterGroup:ParameterGroup", "db", "pg", "DBParameterGroups"),
    parameter_group(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup", "db_cluster", "cluster-pg", "DBClusterParameterGroups"
    ),
)  # fmt: skip


def get_subnet_group(aws: Aws, arguments: Props) -> Props:
    """A subnet group that is there."""
    found = subnet_group(aws, str(arguments["name"]), {})
    return {
        **arguments, "id": found["DBSubnetGroupName"], "arn": found["DBSubnetGroupArn"], "vpcId": found["VpcId"],
        "description": found["DBSubnetGroupDescription"], "status": found["SubnetGroupStatus"],
        "subnetIds": found["SubnetIds"], "supportedNetworkTypes": found.get("SupportedNetworkTypes") or ["IPV4"],
    }  # fmt: skip


INVOKES = {"aws:rds/getSubnetGroup:getSubnetGroup": get_subnet_group}

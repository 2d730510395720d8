"""Web ACLs and what they protect."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation


def acl(aws: Aws, acl_id: str, props: Props) -> Props | None:
    """The ACL; it is found by its name, scope and id only."""
    found = aws("wafv2", "get_web_acl", Name=props["name"], Scope=props["scope"], Id=acl_id)
    return {**found["WebACL"], "LockToken": found["LockToken"], "Scope": props["scope"]}


def update(aws: Aws, acl_id: str, old: Props, new: Props) -> None:
    """The ACL is put as a whole, against the token of what is there."""
    token = aws("wafv2", "get_web_acl", Name=new["name"], Scope=new["scope"], Id=acl_id)["LockToken"]
    request = ROWS[0].request("update_web_acl", {k: v for k, v in new.items() if k != "tags"})
    aws("wafv2", "update_web_acl", **request, Id=acl_id, LockToken=token)


def drop(aws: Aws, acl_id: str, props: Props) -> None:
    """The ACL goes, against the token of what is there."""
    token = aws("wafv2", "get_web_acl", Name=props["name"], Scope=props["scope"], Id=acl_id)["LockToken"]
    aws("wafv2", "delete_web_acl", Name=props["name"], Scope=props["scope"], Id=acl_id, LockToken=token)


def create(aws: Aws, props: Props) -> str:
    """The ACL, with its tags."""
    return str(aws("wafv2", "create_web_acl", **ROWS[0].request("create_web_acl", props))["Summary"]["Id"])


def retag(aws: Aws, acl_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of an ACL, which only its ARN names."""
    found = [
        one["ARN"]
        for scope in ("REGIONAL", *(("CLOUDFRONT",) if aws.region == "us-east-1" else ()))
        for one in aws("wafv2", "list_web_acls", Scope=scope)["WebACLs"]
        if one["Id"] == acl_id
    ]
    for name in found:
        if gone:
            aws("wafv2", "untag_resource", ResourceARN=name, TagKeys=gone)
        if tags:
            aws("wafv2", "tag_resource", ResourceARN=name, Tags=[{"Key": k, "Value": v} for k, v in tags.items()])


def tags(aws: Aws, acl_id: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of an ACL."""
    found = aws("wafv2", "list_tags_for_resource", ResourceARN=live["ARN"])["TagInfoForResource"]["TagList"]
    return {tag["Key"]: tag["Value"] for tag in found}


def associate(aws: Aws, props: Props) -> str:
    """The ACL protects the resource."""
    aws("wafv2", "associate_web_acl", WebACLArn=props["webAclArn"], ResourceArn=props["resourceArn"])
    return f"{props['webAclArn']},{props['resourceArn']}"


def association(aws: Aws, association_id: str, props: Props) -> Props | None:
    """The association, while the resource has this ACL."""
    found = aws("wafv2", "get_web_acl_for_resource", ResourceArn=props["resourceArn"]).get("WebACL") or {}
    mine = found.get("ARN") == props["webAclArn"]
    return {"WebACLArn": props["webAclArn"], "ResourceArn": props["resourceArn"]} if mine else None


def by_path(text: str) -> tuple[str, Props]:
    """`id/name/scope`, as the official provider imports an ACL."""
    acl_id, name, scope = [*text.split("/"), "", ""][:3]
    return acl_id, {"name": name, "scope": scope}


def listed(props: Props) -> Props:
    """Answer bodies have a key of their own in AWS; an empty list of rules is sent, else moto keeps the old one."""
    bodies = props.get("customResponseBodies")
    out = {"rules": [], **props} if "defaultAction" in props else dict(props)
    if bodies:
        out["customResponseBodies"] = {b["key"]: {k: v for k, v in b.items() if k != "key"} for b in bodies}
    return out


def keyed(live: Props) -> Props:
    """The key lies inside in Pulumi."""
    bodies = live.get("CustomResponseBodies")
    return {**live, "CustomResponseBodies": [{"Key": k, **v} for k, v in bodies.items()]} if bodies else live


ROWS: tuple[Kind, ...] = (
    Kind(
        "aws:wafv2/webAcl:WebAcl",
        Calls(
            "wafv2",
            "create_web_acl",
            "Summary.Id",
            custom_create=create,
            read=acl,
            delete=drop,
            update=update,
            import_id=by_path,
        ),
        naming=Naming("name", longest=128),
        tags=Tags(update=retag),
        translation=Translation(
            unserved={"ruleJson", "dataProtectionConfig", "monetizationConfig", "associationConfig"},
            encode=listed,
            decode=keyed,
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "scope"},
            unordered={"rules", "customResponseBodies"},
            defaults={"rules": [], "description": ""},
            computed={"rules.statement.managedRuleGroupStatement.version", "captchaConfig", "challengeConfig"},
        ),
        own_calls=OwnCalls(read={"tags": tags}),
        outputs={
            "arn": lambda aws, i, live, props: live["ARN"],
            "applicationIntegrationUrl": lambda aws, i, live, props: "",
        },
    ),
    Kind(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        Calls(
            "wafv2",
            "associate_web_acl",
            "",
            custom_create=associate,
            read=association,
            delete=("disassociate_web_acl", {"ResourceArn": "{resourceArn}"}),
            import_id=lambda text: (text, dict(zip(("webAclArn", "resourceArn"), text.split(","), strict=False))),
        ),
        tags=Tags(None),
        properties=Properties(force_new={"webAclArn", "resourceArn"}, delete_before_replace=True),
    ),
)

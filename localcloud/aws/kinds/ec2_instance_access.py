"""How a single instance is reached: key pairs, and addresses that are given to it."""

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, retag
from localcloud.aws.kinds.ec2_security import tag_specification


def import_key(aws: Aws, props: Props) -> str:
    """Take the public key in."""
    tags = {"TagSpecifications": [tag_specification("key-pair", props["tags"])]} if props.get("tags") else {}
    aws("ec2", "import_key_pair", KeyName=props["keyName"], PublicKeyMaterial=props["publicKey"].encode(), **tags)
    return str(props["keyName"])


def key_pair(aws: Aws, name: str, props: Props) -> Props | None:
    """The key pair by its name."""
    found = aws("ec2", "describe_key_pairs", Filters=[{"Name": "key-name", "Values": [name]}])["KeyPairs"]
    return next(iter(found), None)


def retag_key(aws: Aws, name: str, gone: list[str], tags: dict[str, str]) -> None:
    """The tags hang on the id, which is not the name."""
    found = key_pair(aws, name, {})
    if found:
        retag(aws, found["KeyPairId"], gone, tags)


def associate(aws: Aws, props: Props) -> str:
    """Give an address to an instance or an interface."""
    if not props.get("instanceId") and not props.get("networkInterfaceId"):
        raise Refused("instanceId: give it or 'networkInterfaceId'")
    request = ASSOCIATION.request("associate_address", props)
    return str(aws("ec2", "associate_address", **request)["AssociationId"])


def association(aws: Aws, association_id: str, props: Props) -> Props | None:
    """The address while it is associated."""
    found = aws("ec2", "describe_addresses", Filters=[{"Name": "association-id", "Values": [association_id]}])
    return next(iter(found["Addresses"]), None)


ASSOCIATION = Kind(
    "aws:ec2/eipAssociation:EipAssociation",
    Calls(
        "ec2", "associate_address", "AssociationId", custom_create=associate, read=association,
        delete=("disassociate_address", {"AssociationId": "{id}"}),
    ),
    tags=Tags(None),
    properties=Properties(
        force_new={"allocationId", "instanceId", "networkInterfaceId", "privateIpAddress", "publicIp",
                  "allowReassociation"},
        computed={"allocationId", "instanceId", "networkInterfaceId", "privateIpAddress", "publicIp"},
        write_only={"allowReassociation"}, delete_before_replace=True,
    ),
)  # fmt: skip
PAIR = Kind(
    "aws:ec2/keyPair:KeyPair",
    Calls(
        "ec2", "import_key_pair", "{keyName}", custom_create=import_key, read=key_pair,
        delete=("delete_key_pair", {"KeyName": "{id}"}), import_id=lambda name: (name, {"keyName": name}),
    ),
    naming=Naming("keyName"), tags=Tags(None, update=retag_key),
    translation=Translation(
        rename={"publicKey": "PublicKeyMaterial", "keyPairId": "KeyPairId", "fingerprint": "KeyFingerprint"},
    ),
    properties=Properties(force_new={"keyName", "keyNamePrefix", "publicKey"}, write_only={"publicKey"}),
    outputs={"arn": ARN + "key-pair/{id}"},
)  # fmt: skip
ROWS = (PAIR, ASSOCIATION)

"""Single instances of EC2."""

import base64
from collections.abc import Callable
from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, OwnCalls, Part, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, retag
from localcloud.aws.kinds.ec2_security import tag_specification

INSTANCE = "aws:ec2/instance:Instance"
TRUE = (True, "true")
PRIMARY, INTERFACES = "primaryNetworkInterface", "networkInterfaces"
OF_AN_INTERFACE = ("associatePublicIpAddress", "privateIp", "securityGroups", "subnetId", "vpcSecurityGroupIds")
"""What an interface that is there already has of its own (the official provider's conflicts)."""
DEAD = ("terminated", "shutting-down")
VOLUME = ("deleteOnTermination", "encrypted", "iops", "kmsKeyId", "throughput", "volumeSize", "volumeType")


def _one(aws: Aws, instance: str) -> Props | None:
    found = aws("ec2", "describe_instances", InstanceIds=[instance])["Reservations"]
    return next((one for reservation in found for one in reservation["Instances"]), None)


def instance(aws: Aws, instance_id: str, props: Props) -> Props | None:
    """The instance; None once it is terminated."""
    found = _one(aws, instance_id)
    return None if found is None or found["State"]["Name"] in DEAD else found


def _root_device(aws: Aws, props: Props) -> str:
    """The name under which the image expects its first volume."""
    found = aws("ec2", "describe_images", Filters=[{"Name": "image-id", "Values": [props.get("ami") or ""]}])["Images"]
    return str(found[0]["RootDeviceName"]) if found and found[0].get("RootDeviceName") else "/dev/xvda"


def given_interfaces(props: Props) -> list[Props]:
    """Interfaces that are there already, and which place each has: the primary one, or those of the older block."""
    primary = (props.get(PRIMARY) or {}).get("networkInterfaceId")
    if primary:
        return [{"DeviceIndex": 0, "NetworkInterfaceId": primary}]
    return [
        {"DeviceIndex": int(one["deviceIndex"]), "NetworkInterfaceId": one["networkInterfaceId"]}
        | ({"NetworkCardIndex": int(one["networkCardIndex"])} if one.get("networkCardIndex") else {})
        for one in props.get(INTERFACES) or ()
    ]


def create(aws: Aws, props: Props) -> str:
    """Run one instance; with a say on its public address the network is given as an interface, as AWS wants it."""
    request = ROW.request("run_instances", props) | {"MinCount": 1, "MaxCount": 1}
    for mapping in request.get("BlockDeviceMappings") or ():
        mapping["DeviceName"] = _root_device(aws, props)
    if props.get("userDataBase64"):
        request["UserData"] = base64.b64decode(props["userDataBase64"]).decode("utf-8", "surrogateescape")
    if "associatePublicIpAddress" in props:
        members = {"SubnetId": "SubnetId", "SecurityGroupIds": "Groups", "PrivateIpAddress": "PrivateIpAddress"}
        moved = {inner: request.pop(outer) for outer, inner in members.items() if outer in request}
        public = props["associatePublicIpAddress"] in TRUE
        request["NetworkInterfaces"] = [{"DeviceIndex": 0, "AssociatePublicIpAddress": public} | moved]
    if interfaces := given_interfaces(props):
        request["NetworkInterfaces"] = interfaces
    if props.get("volumeTags"):
        request.setdefault("TagSpecifications", []).append(tag_specification("volume", props["volumeTags"]))
    return str(aws("ec2", "run_instances", **request)["Instances"][0]["InstanceId"])


def set_flag(name: str) -> Part:
    """A flag of an instance."""
    member = name[0].upper() + name[1:]

    def put(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
        aws("ec2", "modify_instance_attribute", InstanceId=instance_id, **{member: {"Value": value in TRUE}})

    return put


def _stopped(change: Callable[[Aws, str, Any], None]) -> Part:
    """A change that AWS makes on a stopped instance only: the official provider stops it and starts it again."""

    def put(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
        aws("ec2", "stop_instances", InstanceIds=[instance_id])
        change(aws, instance_id, value)
        aws("ec2", "start_instances", InstanceIds=[instance_id])

    return put


def _type(aws: Aws, instance_id: str, value: Any) -> None:
    aws("ec2", "modify_instance_attribute", InstanceId=instance_id, InstanceType={"Value": value})


def _user_data(aws: Aws, instance_id: str, value: Any) -> None:
    aws("ec2", "modify_instance_attribute", InstanceId=instance_id, UserData={"Value": str(value).encode()})


def _coded_user_data(aws: Aws, instance_id: str, value: Any) -> None:
    aws("ec2", "modify_instance_attribute", InstanceId=instance_id, UserData={"Value": base64.b64decode(value)})


def put_groups(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
    """The security groups of the instance."""
    aws("ec2", "modify_instance_attribute", InstanceId=instance_id, Groups=list(value))


def put_shutdown(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
    """What a shutdown from inside does."""
    request = {"Attribute": "instanceInitiatedShutdownBehavior", "Value": value}
    aws("ec2", "modify_instance_attribute", InstanceId=instance_id, **request)


def monitor(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
    """Detailed monitoring on or off."""
    aws("ec2", "monitor_instances" if value in TRUE else "unmonitor_instances", InstanceIds=[instance_id])


def put_credit(aws: Aws, instance_id: str, value: Props, props: Props) -> None:
    """Whether a burstable instance may burst beyond what it has saved."""
    one = {"InstanceId": instance_id, "CpuCredits": value.get("cpuCredits") or "standard"}
    aws("ec2", "modify_instance_credit_specification", InstanceCreditSpecifications=[one])


def credit(aws: Aws, instance_id: str, live: Props, props: Props) -> Props | None:
    """The credit option, where the program gives one."""
    if props and not props.get("creditSpecification"):
        return None
    found = aws("ec2", "describe_instance_credit_specifications", InstanceIds=[instance_id])
    return {"cpuCredits": found["InstanceCreditSpecifications"][0]["CpuCredits"]}


def put_metadata(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
    """The metadata service of the instance."""
    shape = shapes.input_shape("ec2", "modify_instance_metadata_options")
    aws("ec2", "modify_instance_metadata_options", **shapes.to_aws("ec2", shape, value, {}), InstanceId=instance_id)


def put_profile(aws: Aws, instance_id: str, value: Any, props: Props) -> None:
    """The instance profile in place of the one before."""
    drop_profile(aws, instance_id, None, props)
    aws("ec2", "associate_iam_instance_profile", InstanceId=instance_id, IamInstanceProfile={"Name": value})


def drop_profile(aws: Aws, instance_id: str, old: Any, props: Props) -> None:
    """The instance has no profile any more."""
    there = aws(
        "ec2", "describe_iam_instance_profile_associations",
        Filters=[{"Name": "instance-id", "Values": [instance_id]}],
    )  # fmt: skip
    for association in there["IamInstanceProfileAssociations"]:
        aws("ec2", "disassociate_iam_instance_profile", AssociationId=association["AssociationId"])


def attribute(name: str, path: str = "Value") -> Callable[..., Any]:
    """An attribute that only a call of its own tells."""
    member = name[0].upper() + name[1:]

    def read(aws: Aws, instance_id: str, live: Props, props: Props) -> Any:
        found = aws("ec2", "describe_instance_attribute", InstanceId=instance_id, Attribute=name)
        return (found.get(member) or {}).get(path)

    return read


def read_user_data(aws: Aws, instance_id: str, live: Props, props: Props) -> str | None:
    """The user data as the program wrote it; not where it gave it coded."""
    if props.get("userDataBase64"):
        return None
    coded = attribute("userData")(aws, instance_id, live, props)
    return base64.b64decode(coded).decode("utf-8", "replace") if coded else None


def root_volume(aws: Aws, instance_id: str, live: Props, props: Props) -> Props | None:
    """The volume that the instance starts from."""
    root = live.get("RootDeviceName")
    mapping = next((m for m in live.get("BlockDeviceMappings") or () if m["DeviceName"] == root), None)
    if mapping is None:
        return None
    volume = aws("ec2", "describe_volumes", VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"][0]
    asked = props.get("rootBlockDevice") or {}
    found = {
        "volumeId": volume["VolumeId"], "volumeSize": volume["Size"], "volumeType": volume.get("VolumeType"),
        "encrypted": volume.get("Encrypted"), "deviceName": root,
        "deleteOnTermination": mapping["Ebs"].get("DeleteOnTermination"),
    }  # fmt: skip
    return dict(asked) | found  # moto keeps neither iops nor throughput of a volume that came with an instance


def primary_interface(aws: Aws, instance_id: str, live: Props, props: Props) -> Props | None:
    """The interface in the first place, and whether it goes with the instance."""
    for one in live.get("NetworkInterfaces") or ():
        attachment = one.get("Attachment") or {}
        if attachment.get("DeviceIndex") == 0:
            goes = bool(attachment.get("DeleteOnTermination"))
            return {"networkInterfaceId": one["NetworkInterfaceId"], "deleteOnTermination": goes}
    return None


def interfaces(aws: Aws, instance_id: str, live: Props, props: Props) -> list[Props]:
    """The interfaces that the older block names, with the places that they have."""
    asked = {one.get("networkInterfaceId") for one in props.get(INTERFACES) or ()}
    there = [one for one in live.get("NetworkInterfaces") or () if one["NetworkInterfaceId"] in asked]
    return [
        {
            "networkInterfaceId": one["NetworkInterfaceId"], "deviceIndex": one["Attachment"]["DeviceIndex"],
            "networkCardIndex": one["Attachment"].get("NetworkCardIndex") or 0,
            "deleteOnTermination": bool(one["Attachment"].get("DeleteOnTermination")),
        }
        for one in there
    ]  # fmt: skip


def drop(aws: Aws, instance_id: str, props: Props) -> None:
    """Terminate; with `forceDestroy` even a protected instance."""
    if props.get("forceDestroy") in TRUE:
        for name in ("disableApiTermination", "disableApiStop"):
            set_flag(name)(aws, instance_id, False, props)
    aws("ec2", "terminate_instances", InstanceIds=[instance_id])


def faults(props: Props) -> list[tuple[str, str]]:
    """What RunInstances and the official provider refuse beyond the request model."""
    found = []
    if not props.get("launchTemplate"):
        found += [(name, "missing required property, unless 'launchTemplate' gives it")
                  for name in ("ami", "instanceType") if not props.get(name)]  # fmt: skip
    for one, other in (("userData", "userDataBase64"), ("vpcSecurityGroupIds", "securityGroups")):
        if props.get(one) and props.get(other):
            found.append((other, f"conflicts with {one!r}: give one of them"))
    if (props.get("instanceMarketOptions") or {}).get("marketType") not in (None, "spot", "capacity-block"):
        found.append(("instanceMarketOptions.marketType", "allowed are spot, capacity-block"))
    given = [name for name in (PRIMARY, INTERFACES) if props.get(name)]
    for name in given:
        others = [other for other in (*OF_AN_INTERFACE, *given) if other != name and props.get(other) is not None]
        found += [(other, f"conflicts with {name!r}: the interface has its own") for other in others]
    if "volumeTags" in props and (props.get("rootBlockDevice") or {}).get("tags"):
        found.append(("volumeTags", "conflicts with 'rootBlockDevice.tags': give one of them"))
    return found


def sure_of_replacement(props: Props) -> set[str]:
    """Changed user data makes a new instance where the program says so."""
    return {"userData", "userDataBase64"} if props.get("userDataReplaceOnChange") in TRUE else set()


def public_name(aws: Aws, instance_id: str, live: Props, props: Props) -> str:
    """The public name; empty without a public address."""
    return str(live.get("PublicDnsName") or "")


def given_an_address(aws: Aws, instance_id: str, live: Props, props: Props) -> bool:
    """What was asked for, since an address of its own may have come later; for an import, whether there is one."""
    asked = props.get("associatePublicIpAddress")
    return bool(live.get("PublicIpAddress")) if asked is None else asked in TRUE


ROW = Kind(
    INSTANCE,
    Calls("ec2", "run_instances", "Instances[0].InstanceId", custom_create=create, read=instance, delete=drop),
    tags=Tags("instance", update=retag),
    translation=Translation(
        rename={
            "ami": "ImageId", "vpcSecurityGroupIds": "SecurityGroupIds",
            "availabilityZone": "Placement.AvailabilityZone",
            "tenancy": "Placement.Tenancy", "placementGroup": "Placement.GroupName",
            "monitoring": "Monitoring.Enabled", "iamInstanceProfile": "IamInstanceProfile.Name",
            "privateIp": "PrivateIpAddress", "hibernation": "HibernationOptions.Configured",
            "launchTemplate.id": "LaunchTemplateId", "launchTemplate.name": "LaunchTemplateName",
            "rootBlockDevice": "BlockDeviceMappings", "rootBlockDevice.deviceName": None,
            **{f"rootBlockDevice.{name}": f"Ebs.{name[0].upper()}{name[1:]}" for name in VOLUME},
            **dict.fromkeys(
                ("userDataBase64", "userDataReplaceOnChange", "associatePublicIpAddress", "sourceDestCheck",
                "forceDestroy", PRIMARY, INTERFACES,
                 "volumeTags", "creditSpecification"),
            ),
            "publicDns": "PublicDnsName", "privateDns": "PrivateDnsName", "publicIp": "PublicIpAddress",
        },
        unserved={
            "capacityReservationSpecification", "ebsBlockDevices", "enablePrimaryIpv6", "enclaveOptions",
            "ephemeralBlockDevices", "getPasswordData", "hostId", "hostResourceGroupArn", "ipv6AddressCount",
            "ipv6Addresses",
            "maintenanceOptions", "placementGroupId", "placementPartitionNumber",
            "privateDnsNameOptions", "secondaryNetworkInterfaces", "secondaryPrivateIps",
            "rootBlockDevice.tags", "rootBlockDevice.tagsAll", "rootBlockDevice.volumeId",
        },
        served={"userDataReplaceOnChange", "forceDestroy", "volumeTags", "associatePublicIpAddress", "userDataBase64",
                PRIMARY, INTERFACES},
    ),
    properties=Properties(
        force_new={
            "ami", "subnetId", "keyName", "availabilityZone", "tenancy", "placementGroup", "privateIp",
            "associatePublicIpAddress", "hibernation", "launchTemplate", "instanceMarketOptions", "cpuOptions",
            "securityGroups", "rootBlockDevice", "volumeTags", PRIMARY, INTERFACES,
        },
        force_new_if=sure_of_replacement,
        write_only={
            "userDataReplaceOnChange", "forceDestroy", "volumeTags", "userDataBase64", "instanceMarketOptions",
            "cpuOptions", "disableApiStop", "hibernation", "launchTemplate", "associatePublicIpAddress",
            "placementGroup", "tenancy", "securityGroups",
        },
        defaults={
            "disableApiTermination": False, "disableApiStop": False, "sourceDestCheck": True, "ebsOptimized": False,
            "monitoring": False, "hibernation": False, "forceDestroy": False, "userDataReplaceOnChange": False,
            "instanceInitiatedShutdownBehavior": "stop", "tenancy": "default",
            f"{INTERFACES}.deleteOnTermination": False, f"{INTERFACES}.networkCardIndex": 0,
        },
        computed={
            "ami", "instanceType", "subnetId", "availabilityZone", "privateIp", "securityGroups", "vpcSecurityGroupIds",
            "metadataOptions", "rootBlockDevice", "creditSpecification", "associatePublicIpAddress", "keyName",
            "placementGroup", PRIMARY, f"{PRIMARY}.deleteOnTermination",
            *(f"rootBlockDevice.{name}" for name in (*VOLUME, "deviceName", "volumeId")),
            *(f"metadataOptions.{n}" for n in ("httpEndpoint", "httpTokens", "httpPutResponseHopLimit",
                                               "httpProtocolIpv6", "instanceMetadataTags")),
        },
        unordered={"vpcSecurityGroupIds", "securityGroups", INTERFACES}, computed_on_update={"publicIp", "publicDns"},
    ),
    own_calls=OwnCalls(
        put={
            "sourceDestCheck": set_flag("sourceDestCheck"), "disableApiTermination": set_flag("disableApiTermination"),
            "creditSpecification": put_credit,
        },
        update={
            "instanceType": _stopped(_type), "userData": _stopped(_user_data),
            "userDataBase64": _stopped(_coded_user_data),
            "vpcSecurityGroupIds": put_groups, "instanceInitiatedShutdownBehavior": put_shutdown,
            "metadataOptions": put_metadata, "iamInstanceProfile": put_profile,
            "monitoring": monitor, "disableApiStop": set_flag("disableApiStop"),
            "ebsOptimized": set_flag("ebsOptimized"),
        },
        remove={"iamInstanceProfile": drop_profile},
        read={
            "userData": read_user_data,
            "disableApiTermination": attribute("disableApiTermination"),
            "sourceDestCheck": attribute("sourceDestCheck"), "creditSpecification": credit,
            "instanceInitiatedShutdownBehavior": attribute("instanceInitiatedShutdownBehavior"),
        },
    ),
    validate=faults,
    outputs={
        "arn": ARN + "instance/{id}",
        "rootBlockDevice": root_volume,
        "publicDns": public_name,
        "publicIp": lambda aws, i, live, props: live.get("PublicIpAddress") or "",
        "associatePublicIpAddress": given_an_address,
        "instanceState": lambda aws, i, live, props: live["State"]["Name"],
        "vpcSecurityGroupIds": lambda aws, i, live, props: [g["GroupId"] for g in live.get("SecurityGroups") or ()],
        "monitoring": lambda aws, i, live, props: (live.get("Monitoring") or {}).get("State") == "enabled",
        "iamInstanceProfile": lambda aws, i, live, props: (
            (live.get("IamInstanceProfile") or {}).get("Arn") or "").rpartition("/")[2] or None,
        "primaryNetworkInterfaceId": lambda aws, i, live, props: next(
            (n["NetworkInterfaceId"] for n in live.get("NetworkInterfaces") or ()), None),
        PRIMARY: primary_interface,
        INTERFACES: interfaces,
        "tenancy": lambda aws, i, live, props: (live.get("Placement") or {}).get("Tenancy") or "default",
    },
)  # fmt: skip


ROWS = (ROW,)

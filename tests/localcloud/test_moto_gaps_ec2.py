"""EC2 on the local cloud; that AWS's own order and words are these is taken from its documents, not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


IN_USE = "DependencyViolation: resource {} has a dependent object"
VPC_IN_USE = "DependencyViolation: The vpc '{}' has dependencies and cannot be deleted."
SUBNET_IN_USE = "DependencyViolation: The subnet '{}' has dependencies and cannot be deleted."


def group(aws: Any, vpc: str) -> str:
    return str(aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=vpc)["GroupId"])


def nat_gateway(aws: Any, subnet: str) -> tuple[str, str]:
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = aws.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    return gateway, address


def scaling_group(aws: Any, subnets: list[str], groups: list[str], capacity: int = 1) -> str:
    name = aws.name()
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", "SecurityGroupIds": groups}
    template = aws.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=capacity,
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"]},
        VPCZoneIdentifier=",".join(subnets),
    )
    return name


@scenario
def a_template_shows_the_tags_that_it_has_now(aws: Any) -> tuple[Any, Any]:
    tagged = {"ResourceType": "launch-template", "Tags": [{"Key": "round", "Value": "0"}]}
    data = {"ImageId": "ami-12c6146b"}
    made = aws.ec2.create_launch_template(
        LaunchTemplateName=aws.name(), LaunchTemplateData=data, TagSpecifications=[tagged]
    )["LaunchTemplate"]["LaunchTemplateId"]
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "round", "Value": "1"}])
    found = aws.ec2.describe_launch_templates(LaunchTemplateIds=[made])["LaunchTemplates"][0]
    return found["Tags"], [{"Key": "round", "Value": "1"}]


@scenario
def a_vpc_with_a_security_group_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group(aws, vpc)
    return aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc)), VPC_IN_USE.format(vpc)


@scenario
def a_vpc_with_an_internet_gateway_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc)), VPC_IN_USE.format(vpc)


@scenario
def a_vpc_with_an_endpoint_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    table = aws.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]
    aws.ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3", RouteTableIds=[table["RouteTableId"]]
    )
    return aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc)), VPC_IN_USE.format(vpc)


@scenario
def a_deleted_vpc_leaves_no_network_acl(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws.ec2.delete_vpc(VpcId=vpc)
    return [a["VpcId"] for a in aws.ec2.describe_network_acls()["NetworkAcls"] if a["VpcId"] == vpc], []


@scenario
def a_subnet_with_a_nat_gateway_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    gateway, _ = nat_gateway(aws, subnets[0])
    refused = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    then = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    return (refused, then), (SUBNET_IN_USE.format(subnets[0]), "accepted")


@scenario
def a_subnet_with_instances_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    name = scaling_group(aws, subnets[:1], [])
    refused = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    then = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    return (refused, then), (SUBNET_IN_USE.format(subnets[0]), "accepted")


@scenario
def a_subnet_with_a_balancer_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    balancer = aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets)["LoadBalancers"][0]
    refused = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[1]))
    aws.elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    then = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[1]))
    return (refused, then), (SUBNET_IN_USE.format(subnets[1]), "accepted")


@scenario
def a_subnet_with_an_interface_endpoint_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    name = "com.amazonaws.eu-west-1.logs"
    made = aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=name, VpcEndpointType="Interface", SubnetIds=subnets[:1])[
        "VpcEndpoint"
    ]
    refused = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    then = aws.refusal(lambda: aws.ec2.delete_subnet(SubnetId=subnets[0]))
    return (refused, then), (SUBNET_IN_USE.format(subnets[0]), "accepted")


@scenario
def a_security_group_that_another_names_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    named, naming = group(aws, vpc), group(aws, vpc)
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": named}]}
    aws.ec2.authorize_security_group_ingress(GroupId=naming, IpPermissions=[rule])
    refused = aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=named))
    aws.ec2.delete_security_group(GroupId=naming)
    then = aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=named))
    return (refused, then), (IN_USE.format(named), "accepted")


@scenario
def a_security_group_of_a_balancer_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    used = group(aws, vpc)
    aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets, SecurityGroups=[used])
    return aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=used)), IN_USE.format(used)


@scenario
def a_security_group_of_launched_instances_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    used = group(aws, vpc)
    name = scaling_group(aws, subnets, [used])
    refused = aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=used))
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    then = aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=used))
    return (refused, then), (IN_USE.format(used), "accepted")


@scenario
def a_security_group_of_an_endpoint_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    used = group(aws, vpc)
    aws.ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.eu-west-1.logs",
        VpcEndpointType="Interface",
        SubnetIds=subnets,
        SecurityGroupIds=[used],
    )
    return aws.refusal(lambda: aws.ec2.delete_security_group(GroupId=used)), IN_USE.format(used)


@scenario
def an_address_of_a_nat_gateway_cannot_be_released(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    gateway, address = nat_gateway(aws, subnets[0])
    ip = aws.ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]["PublicIp"]
    refused = aws.refusal(lambda: aws.ec2.release_address(AllocationId=address))
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    then = aws.refusal(lambda: aws.ec2.release_address(AllocationId=address))
    return (refused, then), (f"InvalidIPAddress.InUse: Address {ip} is in use.", "accepted")


@scenario
def an_internet_gateway_cannot_leave_a_vpc_with_public_addresses(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network(open_to_the_world=False)
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    nat_gateway(aws, subnets[0])
    return aws.refusal(lambda: aws.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)), (
        f"DependencyViolation: Network {vpc} has some mapped public address(es). Please unmap those public "
        "address(es) before detaching the gateway."
    )


@scenario
def an_unknown_nat_gateway_is_refused(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: aws.ec2.delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0"))
    return refused, "NatGatewayNotFound: The Nat Gateway nat-0123456789abcdef0 was not found"


@scenario
def endpoints_are_found_by_id(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3")["VpcEndpoint"]
    wanted = [{"Name": "vpc-endpoint-id", "Values": [made["VpcEndpointId"]]}]
    found = aws.ec2.describe_vpc_endpoints(Filters=wanted)["VpcEndpoints"]
    return [endpoint["VpcEndpointId"] for endpoint in found], [made["VpcEndpointId"]]


@scenario
def a_gateway_endpoint_routes_for_the_tables_that_it_has_now(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    old, new = (aws.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    made = aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3", RouteTableIds=[old])[
        "VpcEndpoint"
    ]["VpcEndpointId"]
    aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[new], RemoveRouteTableIds=[old])
    tables = aws.ec2.describe_route_tables(RouteTableIds=[old, new])["RouteTables"]
    return {t["RouteTableId"]: [r["GatewayId"] for r in t["Routes"]] for t in tables}, {
        old: ["local"],
        new: ["local", made],
    }


@scenario
def a_group_launches_a_later_template_version_with_user_data(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    name = aws.name()
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", "UserData": "IyEvYmluL3NoCg=="}
    template = aws.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]
    aws.ec2.create_launch_template_version(
        LaunchTemplateId=template["LaunchTemplateId"], LaunchTemplateData={**data, "InstanceType": "t3.small"}
    )
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=2,
        MaxSize=2,
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "2"},
        VPCZoneIdentifier=",".join(subnets),
    )
    found = aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
    return [i["LifecycleState"] for i in found["Instances"]], ["InService", "InService"]


@scenario
def the_address_of_a_deleted_nat_gateway_serves_another(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    gateway, address = nat_gateway(aws, subnets[0])
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    return aws.refusal(lambda: aws.ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)), "accepted"


@scenario
def a_terminated_instance_takes_its_interfaces_along(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    name = scaling_group(aws, subnets, [group(aws, vpc)], capacity=2)
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, DesiredCapacity=0)
    return aws.ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkInterfaces"], []


@scenario
def an_interface_that_outlives_its_instance_is_free(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    own = aws.ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
    interfaces = [
        {"DeviceIndex": 0, "SubnetId": subnets[0], "DeleteOnTermination": False},
        {"DeviceIndex": 1, "NetworkInterfaceId": own},
    ]
    made = aws.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=interfaces)
    aws.ec2.terminate_instances(InstanceIds=[made["Instances"][0]["InstanceId"]])
    wanted = [{"Name": "subnet-id", "Values": [subnets[0]]}]
    found = aws.ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
    return [interface["Status"] for interface in found], ["available", "available"]


@scenario
def an_image_id_has_a_form(aws: Any) -> tuple[Any, Any]:
    run = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    by_parameter = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    made = aws.ec2.run_instances(ImageId=by_parameter, **run)["Instances"]
    aws.ec2.terminate_instances(InstanceIds=[made[0]["InstanceId"]])
    refused = aws.refusal(lambda: aws.ec2.run_instances(ImageId="ami-ubuntu", **run))
    return (refused, len(made)), ('InvalidAMIID.Malformed: Invalid id: "ami-ubuntu"', 1)


@scenario
def the_key_pair_of_an_instance_exists(aws: Any) -> tuple[Any, Any]:
    run = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    return aws.refusal(lambda: aws.ec2.run_instances(KeyName="lost", **run)), (
        "InvalidKeyPair.NotFound: The key pair 'lost' does not exist"
    )


@scenario
def user_data_can_be_changed(aws: Any) -> tuple[Any, Any]:
    made = aws.ec2.run_instances(ImageId="ami-12c6146b", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    instance = made["Instances"][0]["InstanceId"]
    aws.ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"#!/bin/sh\n"})
    found = aws.ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"]
    return found, {"Value": "IyEvYmluL3NoCg=="}


@scenario
def monitoring_is_turned_on_and_off(aws: Any) -> tuple[Any, Any]:
    made = aws.ec2.run_instances(ImageId="ami-12c6146b", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    chosen = [made["Instances"][0]["InstanceId"]]
    said = [
        aws.ec2.monitor_instances(InstanceIds=chosen)["InstanceMonitorings"][0]["Monitoring"],
        aws.ec2.describe_instances(InstanceIds=chosen)["Reservations"][0]["Instances"][0]["Monitoring"],
        aws.ec2.unmonitor_instances(InstanceIds=chosen)["InstanceMonitorings"][0]["Monitoring"],
    ]
    return said, [{"State": "enabled"}, {"State": "enabled"}, {"State": "disabled"}]


@scenario
def the_credit_option_of_an_instance_is_kept(aws: Any) -> tuple[Any, Any]:
    made = aws.ec2.run_instances(ImageId="ami-12c6146b", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    wanted = {"InstanceId": made["Instances"][0]["InstanceId"], "CpuCredits": "unlimited"}
    aws.ec2.modify_instance_credit_specification(InstanceCreditSpecifications=[wanted])
    found = aws.ec2.describe_instance_credit_specifications(InstanceIds=[wanted["InstanceId"]])
    return found["InstanceCreditSpecifications"], [wanted]


@scenario
def a_subnet_is_in_a_zone_of_its_region(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = {"VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1a"}
    return aws.refusal(lambda: aws.ec2.create_subnet(**subnet)), (
        "InvalidParameterValue: Value (us-east-1a) for parameter availabilityZone is invalid. Subnets can currently "
        "only be created in the following availability zones: eu-west-1a, eu-west-1b, eu-west-1c."
    )


@scenario
def a_vpc_has_one_internet_gateway(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    one, other = (aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"] for _ in "ab")
    aws.ec2.attach_internet_gateway(InternetGatewayId=one, VpcId=vpc)
    return aws.refusal(lambda: aws.ec2.attach_internet_gateway(InternetGatewayId=other, VpcId=vpc)), (
        f"InvalidParameterValue: Network {vpc} already has an internet gateway attached"
    )


@scenario
def the_local_route_is_there_already(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    table = aws.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    route = {"RouteTableId": table, "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": gateway}
    return aws.refusal(lambda: aws.ec2.create_route(**route)), (
        "RouteAlreadyExists: The route identified by 10.0.0.0/16 already exists."
    )


@scenario
def a_route_leads_to_a_gateway_of_its_network(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    table = aws.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    nat = "nat-0123456789abcdef0"
    refused = [
        aws.refusal(lambda: aws.ec2.create_route(**route, GatewayId=gateway)),
        aws.refusal(lambda: aws.ec2.create_route(**route, NatGatewayId=nat)),
    ]
    return refused, [
        f"InvalidParameterValue: route table {table} and network gateway {gateway} belong to different networks",
        f"InvalidNatGatewayID.NotFound: The natGateway ID '{nat}' does not exist",
    ]


@scenario
def a_subnet_has_one_table_of_its_network(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    other = aws.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    one, two, far = (aws.ec2.create_route_table(VpcId=each)["RouteTable"]["RouteTableId"] for each in (vpc, vpc, other))
    aws.ec2.associate_route_table(RouteTableId=one, SubnetId=subnets[0])
    refused = [
        aws.refusal(lambda: aws.ec2.associate_route_table(RouteTableId=two, SubnetId=subnets[0])),
        aws.refusal(lambda: aws.ec2.associate_route_table(RouteTableId=far, SubnetId=subnets[1])),
    ]
    return refused, [
        f"Resource.AlreadyAssociated: the specified association for route table {two} conflicts with an existing association",
        f"InvalidParameterValue: Route table {far} and subnet {subnets[1]} belong to different networks",
    ]


@scenario
def an_endpoint_is_of_a_service_of_its_region(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    names = ("s3", "com.amazonaws.us-east-1.s3")
    refused = [
        aws.refusal(lambda name=name: aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=name)) for name in names
    ]
    return refused, [f"InvalidServiceName: The Vpc Endpoint Service '{name}' does not exist" for name in names]


@scenario
def an_instance_and_its_groups_are_of_one_network(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    far = group(aws, aws.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"])
    run = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": subnets[0]}
    refused = [
        aws.refusal(lambda: aws.ec2.run_instances(**run, SecurityGroupIds=[far])),
        aws.refusal(lambda: aws.ec2.run_instances(**run, PrivateIpAddress="10.99.0.1")),
    ]
    return refused, [
        f"InvalidParameter: Security group {far} and subnet {subnets[0]} belong to different networks.",
        "InvalidParameterValue: Address 10.99.0.1 does not fall within the subnet's address range",
    ]


@scenario
def an_internet_gateway_stays_while_an_open_balancer_needs_it(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network(open_to_the_world=False)
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets)
    return aws.refusal(lambda: aws.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)), (
        f"DependencyViolation: Network {vpc} has some mapped public address(es). Please unmap those public address(es) "
        "before detaching the gateway."
    )


@scenario
def a_public_nat_gateway_needs_an_internet_gateway(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network(open_to_the_world=False)
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    make = aws.ec2.create_nat_gateway
    return [
        aws.refusal(lambda: make(SubnetId=subnets[0], AllocationId=address)),
        aws.refusal(lambda: make(SubnetId=subnets[0], ConnectivityType="private")),
    ], [f"Gateway.NotAttached: Network {vpc} has no Internet gateway attached", "accepted"]


@scenario
def a_rule_names_groups_of_its_own_network_or_of_a_peer(aws: Any) -> tuple[Any, Any]:
    (one, _), (other, _) = aws.network(), aws.network()
    mine, same, theirs = (
        aws.ec2.create_security_group(GroupName=aws.name(), Description="d", VpcId=vpc)["GroupId"]
        for vpc in (one, one, other)
    )

    def rule(call: Any, group: str) -> str:
        permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}
        return str(aws.refusal(lambda: call(GroupId=mine, IpPermissions=[permission])))

    into, out = aws.ec2.authorize_security_group_ingress, aws.ec2.authorize_security_group_egress
    before = [rule(into, theirs), rule(out, theirs), rule(into, same)]
    peering = aws.ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=other)["VpcPeeringConnection"]
    aws.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    told = "InvalidGroup.NotFound: You have specified two resources that belong to different networks."
    return [*before, rule(into, theirs)], [told, told, "accepted", "accepted"]


@scenario
def each_region_tags_its_side_of_a_peering(aws: Any) -> tuple[Any, Any]:
    far = aws.client("ec2", "us-west-2")
    mine = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    theirs = far.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = aws.ec2.create_vpc_peering_connection(VpcId=mine, PeerVpcId=theirs, PeerRegion="us-west-2")
    connection = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    for side, name in ((aws.ec2, "requester"), (far, "accepter")):
        side.create_tags(Resources=[connection], Tags=[{"Key": "Side", "Value": name}])
    told = []
    for side in (aws.ec2, far):
        found = side.describe_vpc_peering_connections(VpcPeeringConnectionIds=[connection])
        told += [tag["Value"] for tag in found["VpcPeeringConnections"][0]["Tags"]]
    return told, ["requester", "accepter"]


@scenario
def a_rule_about_a_group_keeps_what_it_is_for(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    mine, other = (
        aws.ec2.create_security_group(GroupName=name, Description="a", VpcId=vpc)["GroupId"] for name in ("one", "two")
    )
    pair = {"GroupId": other, "Description": "from the other"}
    opening = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}
    aws.ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=[opening])
    wanted = [{"Name": "group-id", "Values": [mine]}]
    rules = aws.ec2.describe_security_group_rules(Filters=wanted)["SecurityGroupRules"]
    return [rule.get("Description") for rule in rules if not rule["IsEgress"]], ["from the other"]


@scenario
def images_of_other_publishers_are_found(aws: Any) -> tuple[Any, Any]:
    wanted = {
        "099720109477": "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*",
        "136693071363": "debian-12-amd64-*",
        "309956199498": "RHEL-9.6.0_HVM-*-x86_64-*",
        "801119661308": "Windows_Server-2025-English-Full-Base-*",
        "092701018921": "bottlerocket-aws-ecs-2-aarch64-*",
    }
    found = {
        owner: len(aws.ec2.describe_images(Owners=[owner], Filters=[{"Name": "name", "Values": [name]}])["Images"])
        for owner, name in wanted.items()
    }
    return found, dict.fromkeys(wanted, 2)


@scenario
def a_regional_nat_gateway_has_an_address_in_each_zone_and_a_table_that_goes_with_it(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    made = aws.ec2.create_nat_gateway(VpcId=vpc, AvailabilityMode="regional")["NatGateway"]
    wanted = {"NatGatewayIds": [made["NatGatewayId"]]}
    found = aws.ec2.describe_nat_gateways(**wanted)["NatGateways"][0]
    seen = (
        found["AvailabilityMode"],
        found["AutoProvisionZones"],
        found.get("SubnetId"),
        sorted(each["AvailabilityZone"] for each in found["NatGatewayAddresses"]),
    )
    aws.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    tables = aws.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    left = found["RouteTableId"] in [table["RouteTableId"] for table in tables]
    return (*seen, left), ("regional", "enabled", None, ["eu-west-1a", "eu-west-1b"], False)


@scenario
def a_regional_nat_gateway_needs_an_internet_gateway(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network(open_to_the_world=False)
    refused = aws.refusal(lambda: aws.ec2.create_nat_gateway(VpcId=vpc, AvailabilityMode="regional"))
    return refused, f"Gateway.NotAttached: Network {vpc} has no Internet gateway attached"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"

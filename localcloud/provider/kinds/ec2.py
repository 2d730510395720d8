"""Networks: VPC, subnets."""

from localcloud.provider.kind import Kind


ROWS = (
    Kind(
        "aws:ec2/subnet:Subnet", "ec2", "create_subnet", "Subnet.SubnetId", tags="subnet",
        look=("describe_subnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"), drop=("delete_subnet", {"SubnetId": "{id}"}),
        replaces={"vpcId", "cidrBlock", "availabilityZone"},
        outputs={"arn": "arn:aws:ec2:{region}:{account}:subnet/{id}"},
    ),
)  # fmt: skip

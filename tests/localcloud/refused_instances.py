"""What EC2 and EC2 Auto Scaling refuse, each beside what they take: data for test_refusals_beside.py. Sources: the tables of
limits."""

from typing import Any

Values = dict[str, Any]
A = "arn:aws:iam::123456789012:role/r"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-4123-8123-123456789012"
LG = "arn:aws:logs:eu-west-1:123456789012:log-group:g"


CASES: list[Any] = [
    ("ec2/instance:Instance", {'ami': 'ami-12345678', 'instanceType': 't3.micro'}, [
        ({'metadataOptions': {'httpPutResponseHopLimit': 65}}, [('metadataOptions.httpPutResponseHopLimit', '65 is not within 1 to 64')]),
        ({'creditSpecification': {'cpuCredits': 'max'}}, [('creditSpecification.cpuCredits', "'max' is not allowed; allowed are standard, unlimited")]),
        ({'privateIp': '1.2.3'}, [('privateIp', "'1.2.3' is no IPv4 address")]),
        ({'rootBlockDevice': {'volumeType': 'io1'}}, [('rootBlockDevice.iops', 'missing required property of a volume of type io1')]),
        ({'rootBlockDevice': {'volumeType': 'gp2', 'iops': 3000}}, [('rootBlockDevice.iops', 'is not for a volume of type gp2')]),
        ({'userDataBase64': 'not base64!'}, [('userDataBase64', "is not base64: encode it, or give 'userData'")]),
        ({'userData': 'x' * 16385}, [('userData', '16385 characters, allowed are 16384')]),
        ({'rootBlockDevice': {'volumeSize': 0}}, [('rootBlockDevice.volumeSize', '0 GiB is below 1, the least of a volume')]),
    ], [
        {'metadataOptions': {'httpTokens': 'required', 'httpPutResponseHopLimit': 64}}, {'userDataBase64': 'eA=='}, {'rootBlockDevice': {'volumeType': 'gp3', 'iops': 3000, 'throughput': 125, 'volumeSize': 20}}, {'rootBlockDevice': {'volumeType': 'io1', 'iops': 100, 'volumeSize': 20}}, {'creditSpecification': {'cpuCredits': 'unlimited'}}, {'privateIp': '10.0.0.5', 'subnetId': 'subnet-1'}, {'tenancy': 'dedicated'}, {'instanceMarketOptions': {'marketType': 'spot'}},
    ]),
    ("ebs/volume:Volume", {'availabilityZone': 'eu-west-1a', 'size': 10}, [
        ({'size': 0}, [('size', '0 GiB is below 1, the least of a volume')]),
        ({'type': 'gp3', 'iops': 10000, 'size': 10}, [('iops', '10000 is not within 3000 to 5000, which a volume of type gp3 has at its size')]),
        ({'type': 'gp3', 'throughput': 2001}, [('throughput', '2001 is not within 125 to 2000 MiB/s')]),
        ({'type': 'sc1', 'size': 10}, [('size', '10 GiB is below 125, the least of a volume of type sc1')]),
        ({'kmsKeyId': KEY}, [('kmsKeyId', "needs 'encrypted' beside it")]),
        ({'multiAttachEnabled': True}, [('multiAttachEnabled', 'is only for a volume of type io1 or io2')]),
        ({'type': 'io1', 'iops': 99, 'size': 10}, [('iops', '99 is not within 100 to 500, which a volume of type io1 has at its size')]),
        ({'kmsKeyId': 'k', 'encrypted': True}, [('kmsKeyId', "'k' is not an ARN of kms")]),
        ({'type': 'gp3', 'iops': 2999}, [('iops', '2999 is not within 3000 to 5000, which a volume of type gp3 has at its size')]),
    ], [
        {'type': 'gp3', 'iops': 3000, 'throughput': 125}, {'type': 'io2', 'iops': 100, 'multiAttachEnabled': True}, {'kmsKeyId': KEY, 'encrypted': True}, {'type': 'st1', 'size': 125},
    ]),
    ("ec2/flowLog:FlowLog", {'vpcId': 'vpc-1', 'trafficType': 'ALL', 'logDestination': LG, 'iamRoleArn': A}, [
        ({'logDestination': None}, [('logDestination', 'missing required property: where the log is written to')]),
        ({'maxAggregationInterval': 300}, [('maxAggregationInterval', '300 is not allowed; allowed are 60 and 600 seconds')]),
        ({'subnetId': 'subnet-1'}, [('subnetId', "conflicts with 'vpcId': give one of them")]),
        ({'iamRoleArn': None}, [('iamRoleArn', 'missing required property: a log group is written to by a role')]),
        ({'vpcId': None}, [('vpcId', 'missing required property: give one of vpcId, subnetId, eniId, or that of a transit gateway')]),
        ({'trafficType': None}, [('trafficType', 'missing required property: what is logged')]),
        ({'logDestination': 'arn:aws:s3:::b', 'logDestinationType': 'cloud-watch-logs'}, [('logDestination', "'arn:aws:s3:::b' is not an ARN of logs")]),
        ({'logDestination': 'x'}, [('logDestination', "'x' is not an ARN of logs")]),
        ({'iamRoleArn': 'r'}, [('iamRoleArn', "'r' is not an ARN of iam")]),
        ({'logFormat': 'version'}, [('logFormat', "'version' is no row of fields such as ${version} ${srcaddr}")]),
    ], [
        {'maxAggregationInterval': 60}, {'logDestinationType': 's3', 'logDestination': 'arn:aws:s3:::b', 'iamRoleArn': None}, {'logFormat': '${version} ${srcaddr}'},
    ]),
    ("ec2/keyPair:KeyPair", {'keyName': 'k', 'publicKey': 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMx1 a@b'}, [
        ({'publicKey': 'x'}, [('publicKey', "'x' is no public key such as 'ssh-ed25519 AAAA...'")]),
        ({'publicKey': ''}, [('publicKey', "'' is no public key such as 'ssh-ed25519 AAAA...'")]),
        ({'keyName': 'x' * 256}, [('keyName', '256 characters, allowed are 1 to 255')]),
        ({'publicKey': 'ssh-dss AAAAB3NzaC1kc3MAAACBA a@b'}, [('publicKey', "'ssh-dss AAAAB3NzaC1kc3MAAACBA a@b' is no public key such as 'ssh-ed25519 AAAA...'")]),
    ], [
        {'publicKey': 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC8 x'},
    ]),
    ("ec2/managedPrefixList:ManagedPrefixList", {'name': 'p', 'addressFamily': 'IPv4', 'maxEntries': 2, 'entries': [{'cidr': '10.0.0.0/8'}]}, [
        ({'addressFamily': 'IPv5'}, [('addressFamily', "'IPv5' is not allowed; allowed are IPv4, IPv6")]),
        ({'name': 'com.amazonaws.x'}, [('name', "'com.amazonaws.x' begins with com.amazonaws, which AWS keeps for itself")]),
        ({'entries': [{'cidr': '2001:db8::/32'}]}, [('entries[0].cidr', "'2001:db8::/32' is not a block of IPv4 addresses such as 10.0.0.0/16")]),
        ({'maxEntries': 1001}, [('maxEntries', '1001 is not within 1 to 1000')]),
        ({'entries': [{'cidr': '10.0.0.1/8'}]}, [('entries[0].cidr', "'10.0.0.1/8' has host bits set; did you mean '10.0.0.0/8'?")]),
        ({'entries': [{'cidr': 'x'}]}, [('entries[0].cidr', "'x' is not a block of IPv4 addresses such as 10.0.0.0/16")]),
        ({'entries': [{'cidr': '10.0.0.0/8', 'description': 'x' * 256}]}, [('entries[0].description', '256 characters, allowed are 255')]),
    ], [
        {'addressFamily': 'IPv6', 'entries': [{'cidr': '2001:db8::/32'}]}, {'entries': []},
    ]),
    ("ec2/vpcDhcpOptions:VpcDhcpOptions", {'domainName': 'a.example'}, [
        ({'netbiosNodeType': '3'}, [('netbiosNodeType', "'3' is not allowed; allowed are 1, 2, 4, 8")]),
        ({'domainNameServers': ['10.0.0.1'] * 5}, [('domainNameServers', '5 servers, allowed are 4')]),
        ({'ntpServers': ['10.0.0.1'] * 5}, [('ntpServers', '5 servers, allowed are 4')]),
        ({'domainNameServers': ['x']}, [('domainNameServers[0]', "'x' is no IP address, nor AmazonProvidedDNS")]),
    ], [
        {'domainNameServers': ['AmazonProvidedDNS']}, {'netbiosNodeType': '2'},
    ]),
    ("ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", {'vpcId': 'vpc-1', 'cidrBlock': '10.1.0.0/16'}, [
        ({'cidrBlock': '10.1.0.0/29'}, [('cidrBlock', 'a /29 is not within /16 to /28')]),
        ({'cidrBlock': '10.1.0.0/15'}, [('cidrBlock', "'10.1.0.0/15' has host bits set; did you mean '10.0.0.0/15'?")]),
        ({'cidrBlock': 'x'}, [('cidrBlock', "'x' is not a block of IPv4 addresses such as 10.0.0.0/16")]),
        ({'cidrBlock': '10.1.0.1/16'}, [('cidrBlock', "'10.1.0.1/16' has host bits set; did you mean '10.1.0.0/16'?")]),
    ], [
        {'cidrBlock': '10.1.0.0/28'},
    ]),
    ("ec2/vpcPeeringConnection:VpcPeeringConnection", {'vpcId': 'vpc-1', 'peerVpcId': 'vpc-2'}, [
        ({'peerOwnerId': '123'}, [('peerOwnerId', "'123' is no account of 12 digits")]),
    ], [
        {'autoAccept': True}, {'peerRegion': 'us-east-1'},
    ]),
    ("ec2/routeTableAssociation:RouteTableAssociation", {'routeTableId': 'rtb-1', 'subnetId': 'subnet-1'}, [
        ({'gatewayId': 'igw-1'}, [('gatewayId', "conflicts with 'subnetId': give one of 'subnetId', 'gatewayId'")]),
        ({'subnetId': None}, [('subnetId', "missing required property: give one of 'subnetId', 'gatewayId'")]),
    ], [
        {'subnetId': None, 'gatewayId': 'igw-1'},
    ]),
    ("ec2/subnet:Subnet", {'vpcId': 'vpc-1', 'cidrBlock': '10.0.1.0/24'}, [
        ({'ipv6Native': True}, [('cidrBlock', "is not for 'ipv6Native': true")]),
        ({'assignIpv6AddressOnCreation': True}, [('assignIpv6AddressOnCreation', "needs 'ipv6CidrBlock'")]),
    ], [
        {'ipv6CidrBlock': '2001:db8::/64', 'assignIpv6AddressOnCreation': True}, {'ipv6Native': True, 'cidrBlock': None, 'ipv6CidrBlock': '2001:db8::/64', 'assignIpv6AddressOnCreation': True},
    ]),
    ("ec2/vpc:Vpc", {'cidrBlock': '10.0.0.0/16'}, [
        ({'instanceTenancy': 'host'}, [('instanceTenancy', "'host' is for instances alone; allowed are default, dedicated")]),
        ({'enableDnsSupport': False, 'enableDnsHostnames': True}, [('enableDnsHostnames', "needs 'enableDnsSupport': true")]),
    ], [
        {'enableDnsHostnames': True}, {'instanceTenancy': 'dedicated'}, {'assignGeneratedIpv6CidrBlock': True},
    ]),
    ("ec2/vpcEndpoint:VpcEndpoint", {'vpcId': 'vpc-1', 'serviceName': 'com.amazonaws.eu-west-1.s3'}, [
        ({'policy': 'x'}, [('policy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'serviceName': 's3'}, [('serviceName', "'s3' is no whole name such as com.amazonaws.eu-west-1.s3")]),
    ], [
        {'routeTableIds': ['rtb-1']}, {'vpcEndpointType': 'Interface', 'subnetIds': ['subnet-1'], 'securityGroupIds': ['sg-1'], 'privateDnsEnabled': True},
    ]),
    ("ec2/securityGroup:SecurityGroup", {'name': 'web', 'vpcId': 'vpc-1'}, [
        ({'name': 'x' * 256}, [('name', '256 characters, allowed are 1 to 255')]),
        ({'description': 'x' * 256}, [('description', '256 characters, allowed are 255')]),
        ({'name': 'default'}, [('name', "'default' is 'default', or has characters that a name may not have")]),
        ({'ingress': [{'protocol': 'tcp', 'fromPort': 80, 'toPort': 80, 'cidrBlocks': ['10.0.0.0/8'], 'description': 'x' * 256}]}, [('ingress[0].description', '256 characters, allowed are 255')]),
        ({'name': 'a\tb'}, [('name', "'a\\tb' is 'default', or has characters that a name may not have")]),
        ({'ingress': [{'protocol': 'icmp', 'fromPort': 300, 'toPort': 0, 'cidrBlocks': ['10.0.0.0/8']}]}, [('ingress[0].fromPort', '300 is no type or code of icmp; allowed are -1 to 255')]),
        ({'ingress': [{'protocol': 'tcp', 'fromPort': -1, 'toPort': -1, 'cidrBlocks': ['10.0.0.0/8']}]}, [('ingress[0].fromPort', '-1 is no port of tcp; allowed are 0 to 65535'), ('ingress[0].toPort', '-1 is no port of tcp; allowed are 0 to 65535')]),
    ], [
        {'ingress': [{'protocol': 'icmp', 'fromPort': 8, 'toPort': 0, 'cidrBlocks': ['0.0.0.0/0']}]}, {'ingress': [{'protocol': 'icmp', 'fromPort': -1, 'toPort': -1, 'cidrBlocks': ['0.0.0.0/0']}]}, {'ingress': [{'protocol': '-1', 'fromPort': 0, 'toPort': 0, 'self': True}]},
    ]),
    ("vpc/securityGroupIngressRule:SecurityGroupIngressRule", {'securityGroupId': 'sg-1', 'ipProtocol': 'tcp', 'fromPort': 80, 'toPort': 80, 'cidrIpv4': '10.0.0.0/8'}, [
        ({'description': 'x' * 256}, [('description', '256 characters, allowed are 255')]),
    ], [
        {'ipProtocol': '-1', 'fromPort': None, 'toPort': None}, {'ipProtocol': 'icmp', 'fromPort': 8, 'toPort': -1},
    ]),
    ("ec2/networkInterface:NetworkInterface", {'subnetId': 'subnet-1'}, [
        ({'privateIps': ['x']}, [('privateIps[0]', "'x' is no IPv4 address")]),
        ({'securityGroups': ['web']}, [('securityGroups[0]', "'web' is no id of a group, such as sg-0123")]),
    ], [
        {'interfaceType': 'efa'}, {'privateIps': ['10.0.0.5']},
    ]),
    ("ec2/tag:Tag", {'resourceId': 'vpc-1', 'key': 'a', 'value': 'b'}, [
        ({'key': 'aws:x'}, [('key', "its name 'aws:x' begins with aws:, which AWS keeps for itself")]),
        ({'key': 'x' * 129}, [('key', 'its name has 129 characters, allowed are 1 to 128')]),
        ({'value': 'x' * 257}, [('value', 'its value has 257 characters, allowed are 256')]),
        ({'key': ''}, [('key', 'its name has 0 characters, allowed are 1 to 128')]),
    ], [
        {'value': ''},
    ]),
    ("ec2/launchConfiguration:LaunchConfiguration", {'imageId': 'ami-12345678', 'instanceType': 't3.micro'}, [
        ({'spotPrice': 'cheap'}, [('spotPrice', "'cheap' is no price, such as 0.05")]),
        ({'placementTenancy': 'host'}, [('placementTenancy', "'host' is not allowed; allowed are default, dedicated")]),
        ({'userData': 'x', 'userDataBase64': 'eA=='}, [('userDataBase64', "conflicts with 'userData': give one of them")]),
        ({'ebsBlockDevices': [{'deviceName': '/dev/sdf', 'volumeType': 'io1', 'volumeSize': 10}]}, [('ebsBlockDevices[0].iops', 'missing required property of a volume of type io1')]),
        ({'name': 'a', 'namePrefix': 'b'}, [('namePrefix', "conflicts with 'name': give one of them")]),
    ], [
        {'spotPrice': '0.01'},
    ]),
    ("autoscaling/notification:Notification", {'groupNames': ['g'], 'notifications': ['autoscaling:EC2_INSTANCE_LAUNCH'], 'topicArn': 'arn:aws:sns:eu-west-1:123456789012:t'}, [
        ({'notifications': ['launch']}, [('notifications[0]', "'launch' is not allowed; allowed are autoscaling:EC2_INSTANCE_LAUNCH, autoscaling:EC2_INSTANCE_LAUNCH_ERROR, autoscaling:EC2_INSTANCE_TERMINATE, autoscaling:EC2_INSTANCE_TERMINATE_ERROR, autoscaling:TEST_NOTIFICATION")]),
        ({'topicArn': 't'}, [('topicArn', "'t' is not an ARN of sns")]),
        ({'topicArn': 'arn:aws:sqs:eu-west-1:123456789012:t'}, [('topicArn', "'arn:aws:sqs:eu-west-1:123456789012:t' is not an ARN of sns")]),
        ({'notifications': []}, [('notifications', '0 kinds, allowed are 1 to 5')]),
    ], []),
    ("autoscaling/tag:Tag", {'autoscalingGroupName': 'g', 'tag': {'key': 'k', 'value': 'v', 'propagateAtLaunch': True}}, [
        ({'tag': {'key': '', 'value': 'v', 'propagateAtLaunch': True}}, [('tag.key', 'its name has 0 characters, allowed are 1 to 128')]),
        ({'tag': {'key': 'aws:x', 'value': 'v', 'propagateAtLaunch': True}}, [('tag.key', "its name 'aws:x' begins with aws:, which AWS keeps for itself")]),
        ({'tag': {'key': 'x' * 129, 'value': 'v', 'propagateAtLaunch': True}}, [('tag.key', 'its name has 129 characters, allowed are 1 to 128')]),
        ({'tag': {'key': 'x', 'value': 'v' * 257, 'propagateAtLaunch': True}}, [('tag.value', 'its value has 257 characters, allowed are 256')]),
    ], []),
    ("autoscaling/attachment:Attachment", {'autoscalingGroupName': 'g', 'lbTargetGroupArn': 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'}, [
        ({'lbTargetGroupArn': 'web'}, [('lbTargetGroupArn', "'web' is not an ARN of elasticloadbalancing")]),
    ], []),
]  # fmt: skip

"""Why some examples of the SDK's documentation do not go right here, one by one.

An entry holds as long as the example ends with the words it names: `python -m bench.documentation` fails when one goes
right after all, or ends otherwise. An entry whose `says` is a missing thing is checked by that thing being missing.
"""

from __future__ import annotations

from typing import NamedTuple

INVALID = "AWS, the official provider or Python refuses it too"
ABSENT = "names a thing of somebody's account, or a file, that no program here makes"
PACKAGE = "needs another provider's plugin, which is a download"
UNSERVED = "needs what the local cloud does not serve"
OUTSIDE = "asks a service beside AWS"
KINDS = (INVALID, ABSENT, PACKAGE, UNSERVED, OUTSIDE)


class Reason(NamedTuple):
    """Why one example does not go right."""

    kind: str
    """One of KINDS: what the reasons are counted by."""
    says: str
    """Words of the failure that the reason stands for."""
    why: str
    """The particulars."""


_NO_SUBNETS = "a load balancer without subnets"
_OLD_ACL = "since April 2023 a new bucket takes no ACL until its ownership controls allow them"
_NO_SNAPSHOT = "neither skip_final_snapshot nor the name of a last snapshot: it cannot be destroyed"
_CUT = "what is not about the subject was left out of the program"
_UNDERSCORE = "a made-up name takes the underscore of front_end, which Elastic Load Balancing refuses"
_CONFIGURED = "asks whoever runs it for the id of a thing that is there"
_OLD_FAMILY = "parameters of an older engine than the one that runs where no version is given"
_NO_ACL = "The bucket does not allow ACLs"
_MISSING = "Missing required property"

REASONS: dict[str, Reason] = {
    "aws:acm/certificate:Certificate 2": Reason(PACKAGE, "pulumi_tls", "a key and a certificate of the tls provider"),
    "aws:acm/certificate:Certificate 3": Reason(PACKAGE, "pulumi_tls", "a key and a certificate of the tls provider"),
    "aws:acm/certificateValidation:CertificateValidation 1": Reason(
        ABSENT, "no matching Route 53 Hosted Zone", "the zone example.com"
    ),
    "aws:acm/certificateValidation:CertificateValidation 2": Reason(
        ABSENT, "no matching Route 53 Hosted Zone", "the zones example.com and example.org"
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction 2": Reason(
        ABSENT, "Cluster not found", "the service clusterName/serviceName"
    ),
    "aws:autoscaling/group:Group 2": Reason(INVALID, "InvalidAMIID.Malformed", "ami-1a2b3c is no id of an image"),
    "aws:autoscaling/policy:Policy 2": Reason(ABSENT, "Group my-test-asg not found", "the group my-test-asg"),
    "aws:autoscaling/policy:Policy 3": Reason(ABSENT, "Group my-test-asg not found", "the group my-test-asg"),
    "aws:autoscaling/policy:Policy 4": Reason(
        ABSENT,
        "Group my-test-asg not found",
        "the group my-test-asg",
    ),
    "aws:autoscaling/policy:Policy 5": Reason(INVALID, _MISSING, _CUT),
    "aws:autoscaling/policy:Policy 6": Reason(INVALID, _MISSING, _CUT),
    "aws:autoscaling/schedule:Schedule 1": Reason(
        INVALID, "give exactly one of 'launchConfiguration'", "a group that nothing says how to launch"
    ),
    "aws:autoscaling/tag:Tag 1": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:ec2/tag:Tag 1": Reason(UNSERVED, "ec2transitgateway", "a transit gateway"),
    "aws:autoscaling/notification:Notification 1": Reason(INVALID, _MISSING, "groups without sizes"),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule 3": Reason(
        INVALID, "wanted at(yyyy-mm-ddThh:mm)", "a moment with seconds, which CloudWatch's own reference does not have"
    ),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl 4": Reason(INVALID, _MISSING, _CUT),
    "aws:autoscaling/lifecycleHook:LifecycleHook 1": Reason(INVALID, _MISSING, "a group without sizes"),
    "aws:dynamodb/table:Table 6": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:ec2/flowLog:FlowLog 4": Reason(INVALID, "cidrBlock: missing", "a VPC without addresses"),
    "aws:ec2/instance:Instance 6": Reason(ABSENT, "hostResourceGroupArn", "the host resource group win-testhost"),
    "aws:ec2/vpc:Vpc 3": Reason(UNSERVED, "VpcIpam", "addresses from an IPAM"),
    "aws:ec2/eip:Eip 5": Reason(ABSENT, "ipamPoolId", "the pool ipam-pool-07ccc86aa41bef7ce"),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter 1": Reason(
        INVALID,
        "drift in tags, tagsAll",
        "the accepter's provider was left out, so that both sides are one connection and write its tags in turn",
    ),
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions 2": Reason(
        INVALID, "drift in tags, tagsAll", "both sides are one connection of one account and write its tags in turn"
    ),
    "aws:cognito/userPoolUICustomization:UserPoolUICustomization 1": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:cognito/userPoolUICustomization:UserPoolUICustomization 2": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration 2": Reason(
        UNSERVED, "firehoseDeliveryStream", "a delivery stream of Firehose"
    ),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter 3": Reason(INVALID, _MISSING, _CUT),
    "aws:ec2/routeTable:RouteTable 4": Reason(
        INVALID, "RouteAlreadyExists", "the update of the example before it: a new table has the local route already"
    ),
    "aws:ec2/route:Route 2": Reason(ABSENT, "InvalidRouteTableID.NotFound", "the route table rtb-4fbb3ac4"),
    "aws:ec2/securityGroup:SecurityGroup 3": Reason(INVALID, _MISSING, _CUT),
    "aws:ec2/securityGroupRule:SecurityGroupRule 2": Reason(INVALID, _MISSING, _CUT),
    "aws:ec2/securityGroupRule:SecurityGroupRule 3": Reason(
        ABSENT, "InvalidGroup.NotFound", "the security group sg-123456"
    ),
    "aws:ecs/capacityProvider:CapacityProvider 1": Reason(INVALID, _MISSING, "a group without sizes"),
    "aws:ecs/taskDefinition:TaskDefinition 2": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:ecs/service:Service 2": Reason(
        INVALID, "taskDefinition: missing required property", "a service without a task definition"
    ),
    "aws:ecs/service:Service 9": Reason(
        INVALID, "taskDefinition: missing required property", "a service without a task definition"
    ),
    "aws:lb/listener:Listener 1": Reason(INVALID, "front_end", _UNDERSCORE),
    "aws:lb/listener:Listener 2": Reason(INVALID, "front_end", _UNDERSCORE),
    "aws:lb/listener:Listener 4": Reason(INVALID, "subnets: missing", _NO_SUBNETS),
    "aws:lb/listener:Listener 5": Reason(INVALID, "subnets: missing", _NO_SUBNETS),
    "aws:lb/listener:Listener 6": Reason(INVALID, "subnets: missing", _NO_SUBNETS),
    "aws:lb/listener:Listener 7": Reason(INVALID, "front_end", _UNDERSCORE),
    "aws:lb/listener:Listener 10": Reason(INVALID, "subnets: missing", _NO_SUBNETS),
    "aws:lb/listenerCertificate:ListenerCertificate 1": Reason(
        INVALID, "domainName: missing", "a certificate that is neither asked for nor given"
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment 1": Reason(INVALID, "port: missing", _CUT),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment 2": Reason(INVALID, _MISSING, _CUT),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment 3": Reason(INVALID, "ami: missing", _CUT),
    "aws:cloudwatch/eventTarget:EventTarget 2": Reason(UNSERVED, "ssm/document", "a document of Systems Manager"),
    "aws:cloudwatch/eventTarget:EventTarget 10": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment 1": Reason(
        INVALID, "is no JSON", "`{ ... policy JSON ... }` stands for a policy"
    ),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment 1": Reason(
        INVALID, "is no JSON", "`{ ... policy JSON ... }` stands for a policy"
    ),
    "aws:iam/userLoginProfile:UserLoginProfile 1": Reason(OUTSIDE, "pgpKey", "a public key that keybase.io holds"),
    "aws:iam/userLoginProfile:UserLoginProfile 2": Reason(INVALID, _MISSING, _CUT),
    "aws:iam/accessKey:AccessKey 1": Reason(OUTSIDE, "pgpKey", "a public key that keybase.io holds"),
    "aws:s3/bucket:Bucket 2": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration 10": Reason(INVALID, _NO_ACL, _OLD_ACL),
    "aws:s3/bucketVersioning:BucketVersioning 1": Reason(INVALID, _NO_ACL, _OLD_ACL),
    "aws:s3/bucketVersioning:BucketVersioning 2": Reason(INVALID, _NO_ACL, _OLD_ACL),
    "aws:s3/bucketVersioning:BucketVersioning 3": Reason(ABSENT, "example.txt", "the file example.txt"),
    "aws:s3/bucketLogging:BucketLogging 2": Reason(INVALID, _NO_ACL, _OLD_ACL),
    "aws:s3/bucketNotification:BucketNotification 3": Reason(ABSENT, "your-function.zip", "the file your-function.zip"),
    "aws:s3/bucketNotification:BucketNotification 4": Reason(
        INVALID, "runtime: missing", "a function out of an archive without a runtime"
    ),
    "aws:cloudwatch/eventBus:EventBus 2": Reason(ABSENT, "getEventSource", "the event source of a partner"),
    "aws:cloudwatch/eventBus:EventBus 3": Reason(UNSERVED, "logConfig", "logs of an event bus"),
    "aws:cloudwatch/getEventBus:getEventBus 1": Reason(
        ABSENT, "Event bus example-bus-name does not exist", "the bus example-bus-name"
    ),
    "aws:kinesis/getStream:getStream 1": Reason(ABSENT, "Stream stream-name under account", "the stream stream-name"),
    "aws:sfn/getStateMachine:getStateMachine 1": Reason(
        ABSENT, "an_example_sfn_name", "the state machine an_example_sfn_name"
    ),
    "aws:lambda/function:Function 9": Reason(ABSENT, "function.zip", "the file function.zip"),
    "aws:lambda/layerVersion:LayerVersion 1": Reason(
        ABSENT, "lambda_layer_payload.zip", "the file lambda_layer_payload.zip"
    ),
    "aws:lambda/layerVersion:LayerVersion 3": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:lambda/permission:Permission 1": Reason(ABSENT, "lambdatest.zip", "the file lambdatest.zip"),
    "aws:lambda/permission:Permission 2": Reason(ABSENT, "lambdatest.zip", "the file lambdatest.zip"),
    "aws:lambda/permission:Permission 3": Reason(ABSENT, "Function not found", "the function MyDemoFunction"),
    "aws:lambda/permission:Permission 4": Reason(ABSENT, "lamba_logging.zip", "the file lamba_logging.zip"),
    "aws:s3/bucketObject:BucketObject 1": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:s3/bucketObjectv2:BucketObjectv2 1": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    **{
        f"aws:s3/bucketObject{which} {number}": Reason(INVALID, _NO_ACL, _OLD_ACL)
        for which in (":BucketObject", "v2:BucketObjectv2")
        for number in (2, 3, 4, 5)
    },
    "aws:s3/bucketObjectv2:BucketObjectv2 6": Reason(ABSENT, "important.txt", "the file important.txt"),
    "aws:servicediscovery/service:Service 1": Reason(
        INVALID, '"Type"', "a health check needs a type, and none is taken in a private namespace"
    ),
    "aws:sns/topicSubscription:TopicSubscription 2": Reason(
        INVALID, "KeyError: 'display_name'", "the program reads display_name of a map that has displayName"
    ),
    "aws:sns/topicSubscription:TopicSubscription 3": Reason(
        ABSENT, "Topic does not exist", "the topic my-topic of another account"
    ),
    "aws:index/getAvailabilityZones:getAvailabilityZones 1": Reason(INVALID, _MISSING, _CUT),
    "aws:ssm/getParameter:getParameter 1": Reason(ABSENT, "ParameterNotFound", "the parameter foo"),
    "aws:ssm/getParameter:getParameter 2": Reason(ABSENT, "ParameterNotFound", "the parameter foo"),
    "aws:ec2/getAmi:getAmi 1": Reason(ABSENT, "no matching EC2 AMI", "an image of one's own"),
    "aws:ec2/getVpc:getVpc 1": Reason(PACKAGE, "pulumi_std", "a function of the std provider"),
    "aws:ec2/getSubnet:getSubnet 1": Reason(ABSENT, "subnetId", _CONFIGURED),
    "aws:ec2/getSubnet:getSubnet 2": Reason(ABSENT, "no matching EC2 Subnet", "a subnet with the tag yakdriver"),
    "aws:route53/getZone:getZone 1": Reason(ABSENT, "no matching Route 53 Hosted Zone", "the zone test.com."),
    "aws:route53/getZone:getZone 2": Reason(ABSENT, "no matching Route 53 Hosted Zone", "a zone of the tags"),
    "aws:acm/getCertificate:getCertificate 1": Reason(ABSENT, "no matching ACM Certificate", "a certificate"),
    "aws:lb/getLoadBalancer:getLoadBalancer 1": Reason(ABSENT, "no matching ELBv2 Load Balancer", "a load balancer"),
    "aws:lb/getListener:getListener 1": Reason(ABSENT, "listenerArn", _CONFIGURED),
    "aws:elb/getServiceAccount:getServiceAccount 1": Reason(
        UNSERVED, "elb/loadBalancer", "a load balancer of the first generation"
    ),
    "aws:ec2/getRouteTable:getRouteTable 1": Reason(ABSENT, "subnetId", _CONFIGURED),
    "aws:ec2/getSecurityGroup:getSecurityGroup 1": Reason(ABSENT, "securityGroupId", _CONFIGURED),
    "aws:ec2/getVpcs:getVpcs 2": Reason(
        INVALID, "'int' object has no attribute 'apply'", "a number of Python is used as an output"
    ),
    "aws:ec2/getInternetGateway:getInternetGateway 1": Reason(ABSENT, "vpcId", _CONFIGURED),
    "aws:ec2/getPrefixList:getPrefixList 2": Reason(
        ABSENT, "no matching EC2 Prefix List", "pl-68a54001, which no region of the documentation has"
    ),
    "aws:s3/getBucket:getBucket 1": Reason(ABSENT, "no matching S3 Bucket", "the bucket bucket.test.com"),
    "aws:s3/getBucket:getBucket 2": Reason(ABSENT, "no matching S3 Bucket", "the bucket a-test-bucket"),
    "aws:ecr/getRepository:getRepository 1": Reason(
        ABSENT, "RepositoryNotFoundException", "the repository ecr-repository"
    ),
    "aws:iam/getRole:getRole 1": Reason(ABSENT, "no matching IAM Role", "the role an_example_role_name"),
    "aws:lb/getTargetGroup:getTargetGroup 1": Reason(ABSENT, "TargetGroupNotFound", "a target group"),
    "aws:index/getDefaultTags:getDefaultTags 2": Reason(INVALID, _MISSING, "a group without sizes"),
    "aws:index/getAvailabilityZone:getAvailabilityZone 1": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:cloudfront/distribution:Distribution 1": Reason(ABSENT, "no matching ACM Certificate", "a certificate"),
    "aws:cloudfront/distribution:Distribution 4": Reason(INVALID, _MISSING, _CUT),
    "aws:cloudfront/distribution:Distribution 5": Reason(INVALID, _MISSING, _CUT),
    "aws:cloudfront/distribution:Distribution 6": Reason(INVALID, _MISSING, "a function without its code"),
    "aws:cloudfront/getDistribution:getDistribution 1": Reason(
        ABSENT, "no matching CloudFront Distribution", "the distribution EDFDVBD632BHDS5"
    ),
    "aws:cloudfront/getCachePolicy:getCachePolicy 1": Reason(
        ABSENT, "no matching CloudFront Cache Policy", "the policy example-policy"
    ),
    "aws:cloudfront/getCachePolicy:getCachePolicy 2": Reason(
        UNSERVED, "UseOriginCacheControlHeaders", "a managed policy whose settings are not known here"
    ),
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy 1": Reason(
        ABSENT, "no matching CloudFront Origin Request Policy", "the policy example-policy"
    ),
    "aws:apigatewayv2/getApi:getApi 1": Reason(ABSENT, "no matching API Gateway API", "the API aabbccddee"),
    "aws:rds/instance:Instance 4": Reason(UNSERVED, "getEngineVersion", "the versions of an engine"),
    "aws:rds/instance:Instance 5": Reason(INVALID, _MISSING, _CUT),
    "aws:rds/instance:Instance 6": Reason(INVALID, "finalSnapshotIdentifier: missing", _NO_SNAPSHOT),
    "aws:rds/instance:Instance 7": Reason(INVALID, "finalSnapshotIdentifier: missing", _NO_SNAPSHOT),
    "aws:rds/instance:Instance 8": Reason(UNSERVED, "secretRotation", "the rotation of a secret"),
    "aws:rds/instance:Instance 9": Reason(INVALID, _MISSING, _CUT),
    **{
        f"aws:rds/cluster:Cluster {number}": Reason(INVALID, "finalSnapshotIdentifier: missing", _NO_SNAPSHOT)
        for number in (1, 3, 4, 5)
    },
    **{f"aws:rds/cluster:Cluster {number}": Reason(INVALID, _MISSING, _CUT) for number in (2, 6, 7, 8, 11, 12, 13)},
    "aws:rds/cluster:Cluster 9": Reason(UNSERVED, "getClusterSnapshot", "a snapshot of a cluster"),
    "aws:rds/cluster:Cluster 10": Reason(UNSERVED, "s3Import", "a database out of a backup in a bucket"),
    "aws:rds/clusterInstance:ClusterInstance 1": Reason(INVALID, _MISSING, _CUT),
    "aws:rds/getInstance:getInstance 1": Reason(ABSENT, "no matching RDS DB Instance", "the database my-test-database"),
    "aws:rds/getCluster:getCluster 1": Reason(ABSENT, "no matching RDS Cluster", "the cluster clusterName"),
    "aws:rds/getSubnetGroup:getSubnetGroup 1": Reason(
        ABSENT, "DBSubnetGroupNotFoundFault", "the subnet group my-test-database-subnet-group"
    ),
    "aws:apigateway/method:Method 2": Reason(ABSENT, "documentation:cognitoUserPoolName", _CONFIGURED),
    "aws:apigateway/integration:Integration 2": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:apigateway/integration:Integration 4": Reason(ABSENT, "documentation:name", _CONFIGURED),
    "aws:apigateway/authorizer:Authorizer 1": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:apigateway/vpcLink:VpcLink 1": Reason(ABSENT, "InvalidSubnetID.NotFound", "the subnet 12345"),
    "aws:apigateway/stage:Stage 1": Reason(INVALID, _MISSING, _CUT),
    "aws:apigateway/getRestApi:getRestApi 1": Reason(ABSENT, "no REST API with the name", "the API my-rest-api"),
    "aws:apigateway/getResource:getResource 1": Reason(ABSENT, "no REST API with the name", "the API my-rest-api"),
    "aws:apigateway/getVpcLink:getVpcLink 1": Reason(ABSENT, "no API Gateway VPC Link", "the link my-vpc-link"),
    "aws:apigateway/getDomainName:getDomainName 1": Reason(
        ABSENT, "no matching API Gateway Domain Name", "the domain name api.example.com"
    ),
    "aws:cognito/identityPool:IdentityPool 1": Reason(PACKAGE, "pulumi_std", "a function of std"),
    "aws:cognito/userPoolClient:UserPoolClient 3": Reason(
        UNSERVED, "aws:pinpoint/app:App", "an application of Pinpoint"
    ),
    "aws:cognito/getIdentityPool:getIdentityPool 1": Reason(
        ABSENT, "no Cognito Identity Pools with the name", "the identity pool test pool"
    ),
    "aws:cognito/getUserGroup:getUserGroup 1": Reason(ABSENT, "no matching Cognito User Group", "the group example"),
    "aws:cognito/getUserPool:getUserPool 1": Reason(ABSENT, "no matching Cognito User Pool", "a user pool"),
    "aws:cognito/getUserPoolClient:getUserPoolClient 1": Reason(
        ABSENT, "no matching Cognito User Pool Client", "a client of a user pool"
    ),
    "aws:elasticache/cluster:Cluster 1": Reason(INVALID, "Expected a parameter group of family", _OLD_FAMILY),
    "aws:elasticache/cluster:Cluster 5": Reason(UNSERVED, "getOutposts", "an Outpost"),
    **{
        f"aws:elasticache/replicationGroup:ReplicationGroup {number}": Reason(
            INVALID, "Expected a parameter group of family", _OLD_FAMILY
        )
        for number in (1, 2, 3)
    },
    "aws:elasticache/replicationGroup:ReplicationGroup 4": Reason(
        UNSERVED, "nodeGroupConfigurations", "shards of unlike sizes"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup 6": Reason(
        UNSERVED, "globalReplicationGroup", "a global replication group"
    ),
    "aws:elasticache/user:User 3": Reason(INVALID, "Passwords length must be between 16-128", "a short password"),
    "aws:apigateway/getKey:getKey 1": Reason(ABSENT, "no matching API Gateway API Key", "the key ru3mpjgse6"),
    "aws:efs/getFileSystem:getFileSystem 1": Reason(ABSENT, "no matching EFS file systems", "a file system"),
    "aws:elasticache/getReplicationGroup:getReplicationGroup 1": Reason(
        ABSENT, "no matching ElastiCache Replication Group", "a replication group"
    ),
    "aws:elasticache/getUser:getUser 1": Reason(ABSENT, "no matching ElastiCache User", "the user my-user-id"),
    "aws:dynamodb/getTable:getTable 1": Reason(ABSENT, "no matching DynamoDB Table", "the table tableName"),
    "aws:ecs/getCluster:getCluster 1": Reason(
        ABSENT, "no matching ECS Cluster found", "the cluster ecs-mongo-production"
    ),
    "aws:iam/getPolicy:getPolicy 1": Reason(ABSENT, "no matching IAM Policy", "the policy UsersManageOwnCredentials"),
    "aws:iam/getPolicy:getPolicy 2": Reason(ABSENT, "no matching IAM Policy", "the policy test_policy"),
    "aws:iam/getUser:getUser 1": Reason(ABSENT, "no matching IAM User", "a user"),
    "aws:secretsmanager/getSecret:getSecret 1": Reason(ABSENT, "ResourceNotFoundException", "a secret"),
    "aws:secretsmanager/getSecret:getSecret 2": Reason(ABSENT, "ResourceNotFoundException", "a secret"),
    "aws:sqs/getQueue:getQueue 1": Reason(ABSENT, "NonExistentQueue", "the queue queue"),
    "aws:sns/getTopic:getTopic 1": Reason(ABSENT, "no matching SNS Topic", "the topic an_example_topic"),
    "aws:cloudwatch/getLogGroup:getLogGroup 1": Reason(
        ABSENT, "no matching CloudWatch Logs Log Group", "the group MyImportantLogs"
    ),
    "aws:autoscaling/getGroup:getGroup 1": Reason(ABSENT, "no matching Auto Scaling Group", "the group foo"),
    "aws:elasticache/getCluster:getCluster 1": Reason(
        ABSENT, "no matching ElastiCache Cluster", "the cluster my-cluster-id"
    ),
    "aws:elasticache/getSubnetGroup:getSubnetGroup 1": Reason(
        ABSENT, "no matching ElastiCache Subnet Group", "the subnet group my-subnet-group"
    ),
}

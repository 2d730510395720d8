"""What RDS, ElastiCache, DynamoDB, CloudFront, Secrets Manager, Cloud Map and Systems Manager refuse, each beside what
they take: data for test_refusals_beside.py. Sources: the tables of limits."""

import json
from typing import Any

Values = dict[str, Any]
J = json.dumps
A = "arn:aws:iam::123456789012:role/r"
FN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-4123-8123-123456789012"
CERT = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-4123-8123-123456789012"
ATT = [{"name": "id", "type": "S"}]
GSI = {"name": "g", "hashKey": "b", "projectionType": "ALL"}
DCB = {
    "targetOriginId": "o",
    "viewerProtocolPolicy": "redirect-to-https",
    "allowedMethods": ["GET", "HEAD"],
    "cachedMethods": ["GET", "HEAD"],
    "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
}
ORG = {"originId": "o", "domainName": "b.s3.amazonaws.com"}
CO = {"httpPort": 80, "httpsPort": 443, "originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"]}
FV = {"queryString": False, "cookies": {"forward": "none"}}


def att(*names: str) -> list[Values]:
    """Attributes that are texts."""
    return [{"name": name, "type": "S"} for name in names]


def dcb(**changed: Any) -> Values:
    """The behavior of a distribution."""
    return {"defaultCacheBehavior": {k: v for k, v in (DCB | changed).items() if v is not None}}


def org(**changed: Any) -> Values:
    """The origin of a distribution."""
    return {"origins": [ORG | changed]}


def vc(**found: Any) -> Values:
    """The certificate of a distribution."""
    return {"viewerCertificate": found}


CASES: list[Any] = [
    ("dynamodb/table:Table", {'name': 'tbl', 'hashKey': 'id', 'attributes': ATT, 'billingMode': 'PAY_PER_REQUEST'}, [
        ({'streamViewType': 'NEW'}, [('streamViewType', "'NEW' is not allowed; allowed are NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY")]),
        ({'ttl': {'enabled': True}}, [('ttl.attributeName', 'missing required property of a table whose items end')]),
        ({'name': 'ab'}, [('name', "'ab' is no name of 3 to 255 letters, digits and ._-")]),
        ({'name': 'a b'}, [('name', "'a b' is no name of 3 to 255 letters, digits and ._-")]),
        ({'pointInTimeRecovery': {'enabled': True, 'recoveryPeriodInDays': 36}}, [('pointInTimeRecovery.recoveryPeriodInDays', '36 is not within 1 to 35 days')]),
        ({'rangeKey': 'id'}, [('rangeKey', "'id' is the 'hashKey' already")]),
    ], [
        {'attributes': att('id', 'b'), 'globalSecondaryIndexes': [GSI | {'name': 'byb'}]}, {'attributes': att('id', 'r', 'b'), 'rangeKey': 'r', 'localSecondaryIndexes': [{'name': 'lll', 'rangeKey': 'b', 'projectionType': 'KEYS_ONLY'}]}, {'streamEnabled': True, 'streamViewType': 'NEW_AND_OLD_IMAGES'}, {'ttl': {'enabled': True, 'attributeName': 'x'}}, {'billingMode': 'PROVISIONED', 'readCapacity': 1, 'writeCapacity': 1}, {'attributes': att('id', 'b'), 'globalSecondaryIndexes': [GSI | {'name': 'ggg', 'projectionType': 'INCLUDE', 'nonKeyAttributes': ['x']}]},
    ]),
    ("dynamodb/tableItem:TableItem", {'tableName': 'tbl', 'hashKey': 'id', 'item': J({'id': {'S': 'a'}})}, [
        ({'item': J({'id': {'X': 'a'}})}, [('item', "its 'id' is of type X; allowed is one of S, N, B, SS, NS, BS, M, L, NULL, BOOL")]),
        ({'item': J({'id': {'S': ''}})}, [('item', "its key 'id' is empty")]),
    ], [
        {'item': J({'id': {'S': 'a'}, 'n': {'N': '1'}, 'l': {'L': [{'S': 'x'}]}, 'm': {'M': {'k': {'BOOL': True}}}})},
    ]),
    ("secretsmanager/secret:Secret", {'name': 's'}, [
        ({'name': 'a b'}, [('name', "'a b' has characters other than letters, digits and /_+=.@-")]),
        ({'policy': 'x'}, [('policy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'name': 's', 'namePrefix': 't'}, [('namePrefix', "conflicts with 'name': give one of them")]),
    ], [
        {'recoveryWindowInDays': 0}, {'recoveryWindowInDays': 7}, {'name': 'a/b_+=.@-c'},
    ]),
    ("secretsmanager/secretVersion:SecretVersion", {'secretId': 's', 'secretString': 'x'}, [
        ({'secretString': None}, [('secretString', "give one of 'secretString', 'secretBinary', 'secretStringWo'")]),
    ], [
        {'secretString': None, 'secretBinary': 'eA=='}, {'versionStages': ['a']},
    ]),
    ("servicediscovery/service:Service", {'name': 'web', 'dnsConfig': {'namespaceId': 'ns-1', 'dnsRecords': [{'ttl': 10, 'type': 'A'}]}}, [
        ({'healthCheckConfig': {'type': 'HTTP'}, 'healthCheckCustomConfig': {'failureThreshold': 1}}, [('healthCheckCustomConfig', "conflicts with 'healthCheckConfig': give one of them")]),
        ({'dnsConfig': None}, [('namespaceId', "missing required property: give it, or 'dnsConfig'")]),
        ({'dnsConfig': {'namespaceId': 'ns-1', 'dnsRecords': [{'ttl': 10, 'type': 'A'}, {'ttl': 10, 'type': 'CNAME'}]}}, [('dnsConfig.dnsRecords', 'has a CNAME beside other records, which stands alone'), ('dnsConfig.routingPolicy', "'MULTIVALUE' is not for a CNAME; allowed is WEIGHTED")]),
        ({'dnsConfig': {'namespaceId': 'ns-1', 'dnsRecords': [{'ttl': 10, 'type': 'CNAME'}], 'routingPolicy': 'MULTIVALUE'}}, [('dnsConfig.routingPolicy', "'MULTIVALUE' is not for a CNAME; allowed is WEIGHTED")]),
        ({'healthCheckConfig': {'type': 'TCP', 'resourcePath': '/'}}, [('healthCheckConfig.resourcePath', 'is not for a check by TCP')]),
    ], [
        {'dnsConfig': {'namespaceId': 'ns-1', 'dnsRecords': [{'ttl': 10, 'type': 'A'}, {'ttl': 10, 'type': 'AAAA'}], 'routingPolicy': 'MULTIVALUE'}}, {'healthCheckCustomConfig': {'failureThreshold': 1}}, {'dnsConfig': None, 'namespaceId': 'ns-1'},
    ]),
    ("ssm/parameter:Parameter", {'name': '/a/b', 'type': 'String', 'value': 'x'}, [
        ({'name': 'aws/x'}, [('name', "'aws/x' has levels and does not begin with a slash")]),
        ({'name': '/aws/x'}, [('name', "'/aws/x' begins with aws or ssm, which AWS keeps for itself")]),
        ({'name': 'ssmx'}, [('name', "'ssmx' begins with aws or ssm, which AWS keeps for itself")]),
        ({'dataType': 'number'}, [('dataType', "'number' is not allowed; allowed are text, aws:ec2:image, aws:ssm:integration")]),
        ({'name': '/'.join(['a'] * 17)}, [('name', "'a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a' has levels and does not begin with a slash"), ('name', '16 levels, allowed are 15')]),
        ({'value': ''}, [('value', 'is empty, which a parameter is not')]),
        ({'name': 'a/b'}, [('name', "'a/b' has levels and does not begin with a slash")]),
    ], [
        {'type': 'StringList', 'value': 'a,b'}, {'allowedPattern': '[a-z]+'}, {'type': 'SecureString', 'keyId': 'alias/x'}, {'name': 'plain'}, {'dataType': 'aws:ec2:image', 'value': 'ami-12345678'},
    ]),
    ("cloudfront/originAccessControl:OriginAccessControl", {'name': 'o', 'originAccessControlOriginType': 's3', 'signingBehavior': 'always', 'signingProtocol': 'sigv4'}, [
        ({'name': 'x' * 65}, [('name', '65 characters, allowed are 1 to 64')]),
        ({'description': 'x' * 257}, [('description', '257 characters, allowed are 256')]),
    ], [
        {'signingBehavior': 'no-override'},
    ]),
    ("cloudfront/function:Function", {'name': 'f', 'runtime': 'cloudfront-js-2.0', 'code': 'function handler(e){return e.request}'}, [
        ({'name': 'a b'}, [('name', "'a b' is no name of at most 64 letters, digits, hyphens and underscores")]),
        ({'code': 'x' * 10241}, [('code', '10241 characters, allowed are 1 to 10240')]),
        ({'name': 'x' * 65}, [('name', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is no name of at most 64 letters, digits, hyphens and underscores")]),
        ({'code': ''}, [('code', '0 characters, allowed are 1 to 10240')]),
    ], [
        {'runtime': 'cloudfront-js-1.0'},
    ]),
    ("cloudfront/cachePolicy:CachePolicy", {'name': 'c', 'parametersInCacheKeyAndForwardedToOrigin': {'cookiesConfig': {'cookieBehavior': 'none'}, 'headersConfig': {'headerBehavior': 'none'}, 'queryStringsConfig': {'queryStringBehavior': 'none'}}}, [
        ({'parametersInCacheKeyAndForwardedToOrigin': {'cookiesConfig': {'cookieBehavior': 'whitelist'}, 'headersConfig': {'headerBehavior': 'none'}, 'queryStringsConfig': {'queryStringBehavior': 'none'}}}, [('parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookies', "missing required property of 'cookieBehavior': 'whitelist'")]),
        ({'minTtl': 10, 'maxTtl': 5}, [('minTtl', '10 is above maxTtl 5')]),
        ({'minTtl': 10, 'defaultTtl': 5}, [('minTtl', '10 is above defaultTtl 5')]),
        ({'defaultTtl': 90, 'maxTtl': 60}, [('defaultTtl', '90 is above maxTtl 60')]),
        ({'minTtl': -1}, [('minTtl', '-1 is not within 0 to 2147483647 seconds')]),
        ({'name': 'x' * 129}, [('name', '129 characters, allowed are 1 to 128')]),
    ], [
        {'minTtl': 1, 'defaultTtl': 5, 'maxTtl': 5}, {'parametersInCacheKeyAndForwardedToOrigin': {'cookiesConfig': {'cookieBehavior': 'whitelist', 'cookies': {'items': ['a']}}, 'headersConfig': {'headerBehavior': 'none'}, 'queryStringsConfig': {'queryStringBehavior': 'all'}}},
    ]),
    ("cloudfront/originRequestPolicy:OriginRequestPolicy", {'name': 'c', 'cookiesConfig': {'cookieBehavior': 'none'}, 'headersConfig': {'headerBehavior': 'none'}, 'queryStringsConfig': {'queryStringBehavior': 'none'}}, [
        ({'headersConfig': {'headerBehavior': 'whitelist'}}, [('headersConfig.headers', "missing required property of 'headerBehavior': 'whitelist'")]),
    ], [
        {'headersConfig': {'headerBehavior': 'allViewer'}}, {'headersConfig': {'headerBehavior': 'whitelist', 'headers': {'items': ['a']}}},
    ]),
    ("cloudfront/distribution:Distribution", {'enabled': True, 'origins': [ORG], 'defaultCacheBehavior': DCB, 'restrictions': {'geoRestriction': {'restrictionType': 'none'}}, 'viewerCertificate': {'cloudfrontDefaultCertificate': True}}, [
        (dcb(allowedMethods=['GET']), [('defaultCacheBehavior.allowedMethods', 'GET are no set that CloudFront has; allowed are GET, HEAD; GET, HEAD, OPTIONS; DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT')]),
        (dcb(cachedMethods=['GET', 'POST']), [('defaultCacheBehavior.cachedMethods', 'GET, POST are no set that CloudFront has; allowed are GET, HEAD; GET, HEAD, OPTIONS')]),
        (dcb(cachePolicyId=None, forwardedValues=FV, minTtl=10, maxTtl=5), [('defaultCacheBehavior.minTtl', '10 is above maxTtl 5')]),
        (vc(cloudfrontDefaultCertificate=True, acmCertificateArn=CERT, sslSupportMethod='sni-only'), [('viewerCertificate.acmCertificateArn', "conflicts with 'cloudfrontDefaultCertificate': give one of them")]),
        ({'restrictions': {'geoRestriction': {'restrictionType': 'whitelist'}}}, [('restrictions.geoRestriction.locations', "missing required property of 'restrictionType': 'whitelist'")]),
        ({'restrictions': {'geoRestriction': {'restrictionType': 'whitelist', 'locations': ['Germany']}}}, [('restrictions.geoRestriction.locations[0]', "'Germany' is no country by ISO 3166-1, such as DE")]),
        (org(customOriginConfig=CO, s3OriginConfig={'originAccessIdentity': ''}), [('origins[0].s3OriginConfig', "conflicts with 'customOriginConfig': give one of them")]),
        (org(customOriginConfig=CO | {'originKeepaliveTimeout': 0}), [('origins[0].customOriginConfig.originKeepaliveTimeout', '0 is not within 1 to 180 seconds')]),
        ({'customErrorResponses': [{'errorCode': 200}]}, [('customErrorResponses[0].errorCode', '200 is not allowed; allowed are 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504')]),
        ({'customErrorResponses': [{'errorCode': 404, 'responseCode': 200}]}, [('customErrorResponses[0].responsePagePath', "missing required property beside 'responseCode'")]),
        ({'defaultRootObject': '/index.html'}, [('defaultRootObject', "'/index.html' begins with a slash: write the name alone, such as index.html")]),
        (org(domainName='https://a.example'), [('origins[0].domainName', "'https://a.example' is no host name: neither a scheme nor a path")]),
        (org(originPath='a'), [('origins[0].originPath', "'a' is no path that begins with a slash and ends without one")]),
        (org(originPath='/a/'), [('origins[0].originPath', "'/a/' is no path that begins with a slash and ends without one")]),
        (org(connectionAttempts=4), [('origins[0].connectionAttempts', '4 is not within 1 to 3')]),
        (org(connectionTimeout=11), [('origins[0].connectionTimeout', '11 is not within 1 to 10 seconds')]),
        (org(customOriginConfig=CO | {'httpPort': 70000}), [('origins[0].customOriginConfig.httpPort', '70000 is not within 1024 to 65535 or 80 or 443')]),
        ({'comment': 'x' * 129}, [('comment', '129 characters, allowed are 128')]),
        (dcb(functionAssociations=[{'eventType': 'origin-request', 'functionArn': 'arn:aws:cloudfront::123456789012:function/f'}]), [('defaultCacheBehavior.functionAssociations[0].eventType', "'origin-request' is not for a function of CloudFront; allowed are viewer-request, viewer-response")]),
        (dcb(functionAssociations=[{'eventType': 'viewer-request', 'functionArn': 'arn:aws:cloudfront::123456789012:function/f'}] * 2), [('defaultCacheBehavior.functionAssociations[1].eventType', "'viewer-request' has a function already")]),
        (dcb(lambdaFunctionAssociations=[{'eventType': 'viewer-request', 'lambdaArn': FN}]), [('defaultCacheBehavior.lambdaFunctionAssociations[0].lambdaArn', "'arn:aws:lambda:eu-west-1:123456789012:function:f' is not the ARN of a numbered version of a function")]),
    ], [
        dcb(cachePolicyId=None, forwardedValues=FV), vc(acmCertificateArn=CERT, sslSupportMethod='sni-only', minimumProtocolVersion='TLSv1.2_2021'), {'aliases': ['a.example']} | vc(acmCertificateArn=CERT, sslSupportMethod='sni-only'), {'customErrorResponses': [{'errorCode': 404, 'responseCode': 200, 'responsePagePath': '/index.html'}]}, {'restrictions': {'geoRestriction': {'restrictionType': 'whitelist', 'locations': ['DE']}}}, org(customOriginConfig=CO), {'defaultRootObject': 'index.html'}, org(originPath='/a'), dcb(allowedMethods=['GET', 'HEAD', 'OPTIONS']), dcb(allowedMethods=['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE']), {'orderedCacheBehaviors': [DCB | {'pathPattern': '/a/*'}]},
    ]),
    ("rds/instance:Instance", {'identifier': 'db', 'engine': 'postgres', 'instanceClass': 'db.t4g.micro', 'allocatedStorage': 20, 'username': 'app', 'password': 'longenough', 'skipFinalSnapshot': True}, [
        ({'engine': 'postgress'}, [('engine', "'postgress' is not allowed; allowed are aurora-mysql, aurora-postgresql, mariadb, mysql, postgres, db2-ae, db2-se, oracle-ee, oracle-ee-cdb, oracle-se2, oracle-se2-cdb, sqlserver-ee, sqlserver-ex, sqlserver-se, sqlserver-web, sqlserver-dev-ee, neptune, docdb")]),
        ({'allocatedStorage': 4}, [('allocatedStorage', '4 is not within 5 to 65536 GB')]),
        ({'backupWindow': '03:00-04:00', 'maintenanceWindow': 'sun:03:30-sun:04:30'}, [('backupWindow', "overlaps 'maintenanceWindow' 'sun:03:30-sun:04:30'")]),
        ({'username': 'admin'}, [('username', "'admin' is a name that the engine keeps for itself")]),
        ({'password': 'short'}, [('password', 'is shorter than 8 characters')]),
        ({'password': 'has/slash12'}, [('password', "has a character that RDS does not take: a space, a quote, '/', '@' or one beyond ASCII")]),
        ({'storageType': 'gp2', 'iops': 3000}, [('iops', "is not for 'storageType': 'gp2'")]),
        ({'storageType': 'gp2', 'storageThroughput': 500}, [('storageThroughput', "is not for 'storageType': 'gp2'")]),
        ({'monitoringInterval': 2}, [('monitoringInterval', '2 is not allowed; allowed are 0, 1, 5, 10, 15, 30, 60')]),
        ({'monitoringInterval': 60}, [('monitoringRoleArn', 'missing required property: monitoring writes by a role')]),
        ({'performanceInsightsRetentionPeriod': 8}, [('performanceInsightsRetentionPeriod', '8 is not allowed; allowed are 7, 731 and multiples of 31')]),
        ({'maxAllocatedStorage': 10}, [('maxAllocatedStorage', '10 is below allocatedStorage 20')]),
        ({'multiAz': True, 'availabilityZone': 'eu-west-1a'}, [('availabilityZone', "is not for 'multiAz': true")]),
        ({'enabledCloudwatchLogsExports': ['slowquery']}, [('enabledCloudwatchLogsExports[0]', "'slowquery' is not allowed; allowed are postgresql, upgrade, iam-db-auth-error")]),
        ({'storageType': 'gp4'}, [('storageType', "'gp4' is not allowed; allowed are standard, gp2, gp3, io1, io2")]),
        ({'storageType': 'io1'}, [('iops', "missing required property of 'storageType': 'io1'")]),
        ({'username': '1app'}, [('username', "'1app' does not begin with a letter")]),
        ({'backupWindow': '03:00-03:10'}, [('backupWindow', "'03:00-03:10' is 10 minutes, the least is 30")]),
        ({'maintenanceWindow': 'sun:03:00-sun:03:10'}, [('maintenanceWindow', "'sun:03:00-sun:03:10' is 10 minutes, the least is 30")]),
        ({'licenseModel': 'free'}, [('licenseModel', "'free' is not allowed; allowed are license-included, bring-your-own-license, general-public-license, postgresql-license, marketplace-license")]),
        ({'networkType': 'IPV6'}, [('networkType', "'IPV6' is not allowed; allowed are IPV4, DUAL")]),
        ({'username': 'rdsadmin'}, [('username', "'rdsadmin' is a name that the engine keeps for itself")]),
    ], [
        {'backupWindow': '03:00-04:00', 'maintenanceWindow': 'sun:05:00-sun:06:00'}, {'password': None, 'manageMasterUserPassword': True}, {'maxAllocatedStorage': 100}, {'storageType': 'gp3'}, {'monitoringInterval': 60, 'monitoringRoleArn': A}, {'performanceInsightsEnabled': True, 'performanceInsightsRetentionPeriod': 7}, {'kmsKeyId': KEY, 'storageEncrypted': True}, {'enabledCloudwatchLogsExports': ['postgresql']}, {'multiAz': True}, {'storageType': 'io1', 'iops': 1000, 'allocatedStorage': 100}, {'engine': 'mysql', 'username': 'admin'},
    ]),
    ("rds/cluster:Cluster", {'clusterIdentifier': 'c', 'engine': 'aurora-postgresql', 'masterUsername': 'app', 'masterPassword': 'longenough', 'skipFinalSnapshot': True}, [
        ({'engine': 'aurora-oracle'}, [('engine', "'aurora-oracle' is not allowed; allowed are aurora-mysql, aurora-postgresql, mysql, postgres, neptune, docdb")]),
        ({'serverlessv2ScalingConfiguration': {'minCapacity': 8, 'maxCapacity': 4}}, [('serverlessv2ScalingConfiguration.minCapacity', '8 is above maxCapacity 4')]),
        ({'serverlessv2ScalingConfiguration': {'minCapacity': 0.3, 'maxCapacity': 4}}, [('serverlessv2ScalingConfiguration.minCapacity', '0.3 is no multiple of 0.5')]),
        ({'backtrackWindow': 3600}, [('backtrackWindow', "is not for engine 'aurora-postgresql': aurora-mysql has it")]),
        ({'engineMode': 'fast'}, [('engineMode', "'fast' is not allowed; allowed are global, multimaster, parallelquery, provisioned, serverless")]),
        ({'databaseName': 'a-b'}, [('databaseName', "'a-b' is no name of a database: letters, digits and '_'")]),
        ({'engine': 'mysql'}, [('dbClusterInstanceClass', 'missing required property of a cluster of mysql')]),
        ({'storageType': 'gp9'}, [('storageType', "'gp9' is not allowed; allowed are aurora, aurora-iopt1, gp3, io1, io2")]),
        ({'enabledCloudwatchLogsExports': ['slow']}, [('enabledCloudwatchLogsExports[0]', "'slow' is not allowed; allowed are postgresql, iam-db-auth-error, instance")]),
    ], [
        {'serverlessv2ScalingConfiguration': {'minCapacity': 0.5, 'maxCapacity': 4}}, {'engine': 'aurora-mysql', 'backtrackWindow': 3600}, {'kmsKeyId': KEY, 'storageEncrypted': True}, {'serverlessv2ScalingConfiguration': {'minCapacity': 0, 'maxCapacity': 256}},
    ]),
    ("rds/clusterInstance:ClusterInstance", {'clusterIdentifier': 'c', 'engine': 'aurora-postgresql', 'instanceClass': 'db.r6g.large'}, [
        ({'engine': 'postgresx'}, [('engine', "'postgresx' is not allowed; allowed are aurora-mysql, aurora-postgresql, mysql, postgres, neptune, docdb")]),
        ({'monitoringInterval': 7}, [('monitoringInterval', '7 is not allowed; allowed are 0, 1, 5, 10, 15, 30, 60')]),
    ], [
        {'instanceClass': 'db.serverless'},
    ]),
    ("rds/parameterGroup:ParameterGroup", {'name': 'pg', 'family': 'postgres16'}, [
        ({'parameters': [{'name': 'a', 'value': 'b', 'applyMethod': 'now'}]}, [('parameters[0].applyMethod', "'now' is not allowed; allowed are immediate, pending-reboot")]),
        ({'family': 'x'}, [('family', "'x' is no family of parameters, such as postgres16")]),
    ], [
        {'parameters': [{'name': 'a', 'value': 'b', 'applyMethod': 'pending-reboot'}]},
    ]),
    ("rds/subnetGroup:SubnetGroup", {'name': 'g', 'subnetIds': ['subnet-1', 'subnet-2']}, [
        ({'subnetIds': []}, [('subnetIds', '0 subnets, allowed are 2 to 20')]),
        ({'subnetIds': ['subnet-1']}, [('subnetIds', '1 subnets, allowed are 2 to 20')]),
    ], []),
    ("elasticache/cluster:Cluster", {'clusterId': 'c', 'engine': 'redis', 'nodeType': 'cache.t4g.micro', 'numCacheNodes': 1}, [
        ({'nodeType': 't4g.micro'}, [('nodeType', "'t4g.micro' is no class of a node, such as 'cache.t4g.micro'")]),
        ({'port': 70000}, [('port', '70000 is not within 1 to 65535')]),
        ({'maintenanceWindow': 'sun'}, [('maintenanceWindow', "'sun' is no window such as 'sun:05:00-sun:05:30'")]),
        ({'snapshotWindow': '1'}, [('snapshotWindow', "'1' is no window such as '04:00-04:30'")]),
        ({'clusterId': 'x' * 51}, [('clusterId', '51 characters, allowed are 1 to 50')]),
    ], [
        {'maintenanceWindow': 'sun:05:00-sun:09:00'}, {'snapshotWindow': '05:00-09:00', 'snapshotRetentionLimit': 5},
    ]),
    ("elasticache/replicationGroup:ReplicationGroup", {'replicationGroupId': 'g', 'description': 'd', 'nodeType': 'cache.t4g.micro'}, [
        ({'nodeType': 't4g.micro'}, [('nodeType', "'t4g.micro' is no class of a node, such as 'cache.t4g.micro'")]),
        ({'maintenanceWindow': 'x'}, [('maintenanceWindow', "'x' is no window such as 'sun:05:00-sun:05:30'")]),
        ({'port': 0}, [('port', '0 is not within 1 to 65535')]),
        ({'numNodeGroups': 0}, [('numNodeGroups', '0 is not within 1 to 500')]),
    ], [
        {'replicasPerNodeGroup': 5, 'numNodeGroups': 2, 'automaticFailoverEnabled': True}, {'engine': 'valkey'},
    ]),
    ("elasticache/subnetGroup:SubnetGroup", {'name': 'g', 'subnetIds': ['subnet-1']}, [
        ({'name': 'default'}, [('name', "'default' is no name of a group: up to 255 lower-case letters, digits and '_.-', not 'default'")]),
        ({'subnetIds': []}, [('subnetIds', '0 subnets, allowed are 1 to 20')]),
        ({'name': 'a b'}, [('name', "'a b' is no name of a group: up to 255 lower-case letters, digits and '_.-', not 'default'")]),
    ], []),
]  # fmt: skip

"""What WAF, API Gateway and Cognito refuse, each beside what they take: data for test_refusals_beside.py. Sources: the
tables of limits."""

from typing import Any

Values = dict[str, Any]
FN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
INV = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"
CERT = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-4123-8123-123456789012"
LG = "arn:aws:logs:eu-west-1:123456789012:log-group:g"
POOL = "eu-west-1_abc"
VC = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": True}


def rule(**changed: Any) -> Values:
    """A rule that blocks whoever asks too often."""
    often = {"rateBasedStatement": {"limit": 1000, "aggregateKeyType": "IP"}}
    return {"name": "r", "priority": 1, "action": {"block": {}}, "statement": often, "visibilityConfig": VC} | changed


def st(**statement: Any) -> Values:
    """One rule of a statement."""
    return {"rules": [rule(statement=statement)]}


CASES: list[Any] = [
    ("wafv2/webAcl:WebAcl", {'name': 'w', 'scope': 'REGIONAL', 'defaultAction': {'allow': {}}, 'visibilityConfig': VC, 'rules': [rule()]}, [
        ({'defaultAction': {'allow': {}, 'block': {}}}, [('defaultAction', "give exactly one of 'allow', 'block'")]),
        ({'defaultAction': {}}, [('defaultAction', "give exactly one of 'allow', 'block'")]),
        ({'rules': [rule(), rule(name='s')]}, [('rules[1].priority', '1 is that of rules[0] already')]),
        ({'rules': [rule(), rule(priority=2)]}, [('rules[1].name', "'r' is that of rules[0] already")]),
        (st(), [('rules[0].statement', '0 statements, a rule has 1')]),
        ({'rules': [rule(overrideAction={'none': {}})]}, [('rules[0].overrideAction', "is not for a rule with 'rateBasedStatement': give 'action'")]),
        ({'rules': [rule(action=None, statement={'managedRuleGroupStatement': {'name': 'AWSManagedRulesCommonRuleSet', 'vendorName': 'AWS'}})]}, [('rules[0].overrideAction', "missing required property of a rule with 'managedRuleGroupStatement'")]),
        ({'rules': [rule(action=None)]}, [('rules[0].action', "missing required property of a rule with 'rateBasedStatement'")]),
        ({'rules': [rule(action={'block': {}, 'count': {}})]}, [('rules[0].action', '2 actions, a rule has 1')]),
    ], [
        {'rules': [rule(), rule(name='s', priority=2)]}, {'rules': [rule(action=None, overrideAction={'none': {}}, statement={'managedRuleGroupStatement': {'name': 'AWSManagedRulesCommonRuleSet', 'vendorName': 'AWS'}})]}, st(geoMatchStatement={'countryCodes': ['DE']}), {'rules': []},
    ]),
    ("apigatewayv2/api:Api", {'name': 'a', 'protocolType': 'HTTP'}, [
        ({'corsConfiguration': {'allowCredentials': True, 'allowOrigins': ['*']}}, [('corsConfiguration.allowCredentials', "is not for 'allowOrigins': ['*']: name the origins")]),
        ({'apiKeySelectionExpression': 'x'}, [('apiKeySelectionExpression', "'x' is not allowed; allowed are $context.authorizer.usageIdentifierKey, $request.header.x-api-key")]),
        ({'name': 'x' * 129}, [('name', '129 characters, allowed are 1 to 128')]),
    ], [
        {'protocolType': 'WEBSOCKET', 'routeSelectionExpression': '$request.body.action'}, {'corsConfiguration': {'allowOrigins': ['*'], 'maxAge': 300}},
    ]),
    ("apigatewayv2/route:Route", {'apiId': 'a', 'routeKey': 'GET /orders'}, [
        ({'routeKey': 'GET orders'}, [('routeKey', "'GET orders' is no key of a route such as 'GET /orders' or $default")]),
        ({'target': 'i1'}, [('target', "'i1' is no target such as integrations/abcdef")]),
        ({'routeKey': ''}, [('routeKey', "'' is no key of a route such as 'GET /orders' or $default")]),
    ], [
        {'routeKey': '$default'}, {'routeKey': 'ANY /{proxy+}'}, {'routeKey': 'sendmessage'}, {'authorizationType': 'JWT', 'authorizerId': 'a', 'authorizationScopes': ['x']}, {'target': 'integrations/abc'}, {'authorizationType': 'AWS_IAM'},
    ]),
    ("apigatewayv2/integration:Integration", {'apiId': 'a', 'integrationType': 'AWS_PROXY', 'integrationUri': FN}, [
        ({'payloadFormatVersion': '3.0'}, [('payloadFormatVersion', "'3.0' is not allowed; allowed are 1.0, 2.0")]),
        ({'integrationMethod': 'FETCH'}, [('integrationMethod', "'FETCH' is not allowed; allowed are ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")]),
        ({'credentialsArn': 'r'}, [('credentialsArn', "'r' is not an ARN of iam")]),
    ], [
        {'integrationType': 'HTTP_PROXY', 'integrationUri': 'https://a.example', 'integrationMethod': 'GET'}, {'payloadFormatVersion': '2.0'}, {'connectionType': 'VPC_LINK', 'connectionId': 'v', 'integrationType': 'HTTP_PROXY', 'integrationUri': 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/0123456789abcdef/0123456789abcdef', 'integrationMethod': 'ANY'},
    ]),
    ("apigatewayv2/authorizer:Authorizer", {'apiId': 'a', 'name': 'z', 'authorizerType': 'JWT', 'identitySources': ['$request.header.Authorization'], 'jwtConfiguration': {'audiences': ['x'], 'issuer': 'https://a.example'}}, [
        ({'authorizerType': 'REQUEST', 'jwtConfiguration': None}, [('authorizerUri', "missing required property of 'authorizerType': 'REQUEST'")]),
        ({'name': 'x' * 129}, [('name', '129 characters, allowed are 1 to 128')]),
        ({'jwtConfiguration': {'audiences': ['x'], 'issuer': 'a.example'}}, [('jwtConfiguration.issuer', "'a.example' does not begin with https://")]),
        ({'authorizerPayloadFormatVersion': '3.0', 'authorizerType': 'REQUEST', 'authorizerUri': INV, 'jwtConfiguration': None}, [('authorizerPayloadFormatVersion', "'3.0' is not allowed; allowed are 1.0, 2.0")]),
    ], [
        {'authorizerType': 'REQUEST', 'authorizerUri': INV, 'jwtConfiguration': None, 'authorizerPayloadFormatVersion': '2.0'},
    ]),
    ("apigatewayv2/stage:Stage", {'apiId': 'a', 'name': '$default'}, [
        ({'name': 'a b'}, [('name', "'a b' is no name of at most 128 letters, digits, hyphens and underscores, nor $default")]),
        ({'accessLogSettings': {'destinationArn': 'g', 'format': 'x'}}, [('accessLogSettings.destinationArn', "'g' is not an ARN of logs or firehose")]),
        ({'name': 'x' * 129}, [('name', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is no name of at most 128 letters, digits, hyphens and underscores, nor $default")]),
        ({'description': 'x' * 1025}, [('description', '1025 characters, allowed are 1024')]),
        ({'name': '$live'}, [('name', "'$live' is no name of at most 128 letters, digits, hyphens and underscores, nor $default")]),
    ], [
        {'accessLogSettings': {'destinationArn': LG, 'format': '$context.requestId'}}, {'name': 'v1', 'autoDeploy': True},
    ]),
    ("apigatewayv2/vpcLink:VpcLink", {'name': 'v', 'subnetIds': ['subnet-1'], 'securityGroupIds': ['sg-1']}, [
        ({'name': 'x' * 129}, [('name', '129 characters, allowed are 1 to 128')]),
        ({'subnetIds': []}, [('subnetIds', '0 subnets, allowed are 1 to 100')]),
    ], [
        {'securityGroupIds': []},
    ]),
    ("apigatewayv2/domainName:DomainName", {'domainName': 'a.example', 'domainNameConfiguration': {'certificateArn': CERT, 'endpointType': 'REGIONAL', 'securityPolicy': 'TLS_1_2'}}, [
        ({'domainName': 'a b'}, [('domainName', "'a b' is no name of a domain")]),
        ({'domainNameConfiguration': {'certificateArn': 'c', 'endpointType': 'REGIONAL', 'securityPolicy': 'TLS_1_2'}}, [('domainNameConfiguration.certificateArn', "'c' is not an ARN of acm")]),
        ({'mutualTlsAuthentication': {'truststoreUri': 'https://b/x'}}, [('mutualTlsAuthentication.truststoreUri', "'https://b/x' is no object such as s3://bucket/truststore.pem")]),
    ], [
        {'mutualTlsAuthentication': {'truststoreUri': 's3://b/x'}},
    ]),
    ("apigatewayv2/apiMapping:ApiMapping", {'apiId': 'a', 'domainName': 'a.example', 'stage': 's'}, [
        ({'apiMappingKey': '/v1'}, [('apiMappingKey', "'/v1' is no path without a slash at its ends")]),
        ({'apiMappingKey': 'v1/'}, [('apiMappingKey', "'v1/' is no path without a slash at its ends")]),
        ({'apiMappingKey': 'a b'}, [('apiMappingKey', "'a b' is no path without a slash at its ends")]),
    ], [
        {'apiMappingKey': 'v1/orders'},
    ]),
    ("apigateway/stage:Stage", {'restApi': 'a', 'deployment': 'd', 'stageName': 'prod'}, [
        ({'stageName': 'a b'}, [('stageName', "'a b' is no name of at most 128 letters, digits, hyphens and underscores")]),
        ({'accessLogSettings': {'destinationArn': 'g', 'format': 'x'}}, [('accessLogSettings.destinationArn', "'g' is not an ARN of logs or firehose")]),
        ({'stageName': 'x' * 129}, [('stageName', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is no name of at most 128 letters, digits, hyphens and underscores")]),
        ({'stageName': 'a-b.c'}, [('stageName', "'a-b.c' is no name of at most 128 letters, digits, hyphens and underscores")]),
    ], [
        {'cacheClusterEnabled': True, 'cacheClusterSize': '0.5'}, {'accessLogSettings': {'destinationArn': LG, 'format': '$context.requestId'}},
    ]),
    ("apigateway/usagePlan:UsagePlan", {'name': 'u'}, [
        ({'quotaSettings': {'limit': 0, 'period': 'DAY'}}, [('quotaSettings.limit', '0 is not within 1 to 2147483647')]),
        ({'quotaSettings': {'limit': 10, 'period': 'DAY', 'offset': 1}}, [('quotaSettings.offset', '1 is not within 0 to 0 for a quota of a DAY')]),
        ({'throttleSettings': {'rateLimit': -1}}, [('throttleSettings.rateLimit', '-1 is not within 0 to 2147483647')]),
        ({'quotaSettings': {'limit': 10, 'period': 'WEEK', 'offset': 7}}, [('quotaSettings.offset', '7 is not within 0 to 6 for a quota of a WEEK')]),
        ({'throttleSettings': {'burstLimit': -5}}, [('throttleSettings.burstLimit', '-5 is not within 0 to 2147483647')]),
    ], [
        {'quotaSettings': {'limit': 10, 'period': 'WEEK', 'offset': 6}}, {'throttleSettings': {'burstLimit': 5, 'rateLimit': 1.5}},
    ]),
    ("apigateway/methodResponse:MethodResponse", {'restApi': 'a', 'resourceId': 'r', 'httpMethod': 'GET', 'statusCode': '200'}, [
        ({'httpMethod': 'FETCH'}, [('httpMethod', "'FETCH' is not allowed; allowed are ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")]),
    ], []),
    ("apigateway/domainName:DomainName", {'domainName': 'a.example', 'regionalCertificateArn': CERT, 'endpointConfiguration': {'types': 'REGIONAL'}}, [
        ({'domainName': 'a b'}, [('domainName', "'a b' is no name of a domain")]),
        ({'regionalCertificateArn': 'c'}, [('regionalCertificateArn', "'c' is not an ARN of acm")]),
    ], [
        {'securityPolicy': 'TLS_1_2'},
    ]),
    ("apigateway/restApi:RestApi", {'name': 'a'}, [
        ({'policy': 'x'}, [('policy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'endpointConfiguration': {'types': 'REGIONAL', 'vpcEndpointIds': ['vpce-1']}}, [('endpointConfiguration.vpcEndpointIds', "is only for 'types': 'PRIVATE', not 'REGIONAL'")]),
    ], [
        {'minimumCompressionSize': '0'}, {'minimumCompressionSize': '-1'}, {'apiKeySource': 'AUTHORIZER'},
    ]),
    ("cognito/userPool:UserPool", {'name': 'p'}, [
        ({'mfaConfiguration': 'SOMETIMES'}, [('mfaConfiguration', "'SOMETIMES' is not allowed; allowed are ON, OFF, OPTIONAL")]),
        ({'emailVerificationMessage': 'no code'}, [('emailVerificationMessage', "'no code' has no place for the code: {####}")]),
        ({'emailConfiguration': {'emailSendingAccount': 'DEVELOPER'}}, [('emailConfiguration.sourceArn', "missing required property of 'emailSendingAccount': 'DEVELOPER'")]),
        ({'softwareTokenMfaConfiguration': {'enabled': True}, 'mfaConfiguration': 'OFF'}, [('softwareTokenMfaConfiguration.enabled', "is not for 'mfaConfiguration': 'OFF'")]),
    ], [
        {'emailVerificationMessage': 'code {####}'}, {'passwordPolicy': {'minimumLength': 8, 'requireNumbers': True, 'temporaryPasswordValidityDays': 7}}, {'mfaConfiguration': 'OPTIONAL', 'softwareTokenMfaConfiguration': {'enabled': True}}, {'autoVerifiedAttributes': ['email']},
    ]),
    ("cognito/userPoolClient:UserPoolClient", {'name': 'c', 'userPoolId': POOL}, [
        ({'accessTokenValidity': 25}, [('accessTokenValidity', '25 is not within 1 to 24 hours')]),
        ({'refreshTokenValidity': 3651}, [('refreshTokenValidity', '3651 is not within 1 to 3650 days')]),
        ({'idTokenValidity': 4, 'tokenValidityUnits': {'idToken': 'minutes'}}, [('idTokenValidity', '4 is not within 5 to 1440 minutes')]),
        ({'callbackUrls': ['http://a.example']}, [('callbackUrls[0]', "'http://a.example' is no https address, address of localhost or of an app, without '#'")]),
        ({'explicitAuthFlows': ['ALLOW_USER_SRP_AUTH', 'USER_PASSWORD_AUTH']}, [('explicitAuthFlows[1]', "'USER_PASSWORD_AUTH' does not stand beside 'ALLOW_USER_SRP_AUTH': use the names that begin with ALLOW_")]),
        ({'callbackUrls': ['https://a.example/#x']}, [('callbackUrls[0]', "'https://a.example/#x' is no https address, address of localhost or of an app, without '#'")]),
        ({'enablePropagateAdditionalUserContextData': True}, [('enablePropagateAdditionalUserContextData', "needs 'generateSecret' beside it")]),
        ({'allowedOauthFlows': ['code'], 'allowedOauthFlowsUserPoolClient': True, 'allowedOauthScopes': ['openid'], 'callbackUrls': ['a']}, [('callbackUrls[0]', "'a' is no https address, address of localhost or of an app, without '#'")]),
    ], [
        {'explicitAuthFlows': ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']}, {'accessTokenValidity': 24}, {'callbackUrls': ['http://localhost:3000']}, {'callbackUrls': ['myapp://cb']}, {'accessTokenValidity': 5, 'tokenValidityUnits': {'accessToken': 'minutes'}},
    ]),
]  # fmt: skip

"""What Route 53 and ACM refuse, each beside what they take: data for test_refusals_beside.py.
Sources: the tables of limits."""

from typing import Any

Values = dict[str, Any]
A = "arn:aws:iam::123456789012:role/r"


CASES: list[Any] = [
    ("route53/record:Record", {'zoneId': 'Z1', 'name': 'www', 'type': 'A', 'ttl': 60, 'records': ['10.0.0.1']}, [
        ({'records': None}, [('records', "missing required property: give 'records' with 'ttl', or 'aliases'")]),
        ({'records': []}, [('records', "missing required property: give 'records' with 'ttl', or 'aliases'")]),
        ({'ttl': None, 'records': None}, [('records', "missing required property: give 'records' with 'ttl', or 'aliases'")]),
        ({'setIdentifier': 'a'}, [('setIdentifier', 'is only for a record with a routing policy')]),
        ({'setIdentifier': 'a', 'weightedRoutingPolicies': [{'weight': 256}]}, [('weightedRoutingPolicies[0].weight', '256 is not within 0 to 255')]),
        ({'setIdentifier': 'a', 'weightedRoutingPolicies': [{'weight': 1}], 'latencyRoutingPolicies': [{'region': 'eu-west-1'}]}, [('latencyRoutingPolicies', "conflicts with 'weightedRoutingPolicies': give one of them")]),
        ({'setIdentifier': 'a', 'latencyRoutingPolicies': [{'region': 'eu-west-9'}]}, [('latencyRoutingPolicies[0].region', "'eu-west-9' is not allowed; allowed are us-east-1, us-east-2, us-west-1, us-west-2, ca-central-1, eu-west-1, eu-west-2, eu-west-3, eu-central-1, eu-central-2, ap-southeast-1, ap-southeast-2 and 27 more")]),
        ({'setIdentifier': 'a', 'failoverRoutingPolicies': [{'type': 'primary'}]}, [('failoverRoutingPolicies[0].type', "'primary' is not allowed; allowed are PRIMARY, SECONDARY")]),
        ({'setIdentifier': 'a', 'geolocationRoutingPolicies': [{'continent': 'EUR'}]}, [('geolocationRoutingPolicies[0].continent', "'EUR' is not allowed; allowed are AF, AN, AS, EU, NA, OC, SA")]),
        ({'setIdentifier': 'a', 'geolocationRoutingPolicies': [{'country': 'germany'}]}, [('geolocationRoutingPolicies[0].country', "'germany' is no country such as DE, nor '*'")]),
        ({'type': 'TXT', 'records': ['x' * 300]}, [('records[0]', '300 characters in one string, allowed are 255: part it by \'""\'')]),
        ({'type': 'CAA', 'records': ['letsencrypt.org']}, [('records[0]', '\'letsencrypt.org\' is not of the form \'0 issue "ca.example"\'')]),
        ({'type': 'NS', 'records': ['a b']}, [('records[0]', "'a b' is no name")]),
        ({'setIdentifier': 'a', 'multivalueAnswerRoutingPolicy': True, 'records': None, 'ttl': None, 'aliases': [{'name': 'a.example', 'zoneId': 'Z2', 'evaluateTargetHealth': True}]}, [('multivalueAnswerRoutingPolicy', 'is not for an alias')]),
        ({'ttl': -1}, [('ttl', '-1 is not within 0 to 2147483647 seconds')]),
        ({'ttl': 2147483648}, [('ttl', '2.14748e+09 is not within 0 to 2147483647 seconds')]),
        ({'name': 'x' * 64}, [('name', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' has a label that is empty or longer than 63 characters")]),
        ({'name': 'a..b'}, [('name', "'a..b' has a label that is empty or longer than 63 characters")]),
        ({'setIdentifier': 'a', 'geolocationRoutingPolicies': [{'continent': 'EU', 'country': 'DE'}]}, [('geolocationRoutingPolicies[0].country', "conflicts with 'continent': give one of them")]),
        ({'setIdentifier': 'a', 'geolocationRoutingPolicies': [{'country': 'DE', 'subdivision': 'CA'}]}, [('geolocationRoutingPolicies[0].subdivision', "is not for country 'DE'; allowed are US, UA, CA")]),
        ({'type': 'SRV', 'records': ['1 10 70000 a.example']}, [('records[0]', 'its 70000 is above 65535')]),
        ({'type': 'MX', 'records': ['70000 a.example']}, [('records[0]', 'its 70000 is above 65535')]),
        ({'records': ['10.0.0.1', '10.0.0.1']}, [('records[1]', "'10.0.0.1' is there already")]),
        ({'type': 'SPF', 'records': ['v' * 260]}, [('records[0]', '260 characters in one string, allowed are 255: part it by \'""\'')]),
        ({'healthCheckId': 'x' * 65}, [('healthCheckId', '65 characters, allowed are 64')]),
    ], [
        {'setIdentifier': 'a', 'weightedRoutingPolicies': [{'weight': 0}]}, {'ttl': None, 'records': None, 'aliases': [{'name': 'a.example', 'zoneId': 'Z2', 'evaluateTargetHealth': True}]}, {'type': 'TXT', 'records': ['v=spf1 -all']}, {'type': 'TXT', 'records': ['x' * 200 + '""' + 'y' * 200]}, {'type': 'CAA', 'records': ['0 issue "letsencrypt.org"']}, {'setIdentifier': 'a', 'geolocationRoutingPolicies': [{'country': '*'}]}, {'setIdentifier': 'a', 'geolocationRoutingPolicies': [{'country': 'US', 'subdivision': 'CA'}]}, {'name': '*.a'}, {'name': '_dmarc'}, {'setIdentifier': 'a', 'multivalueAnswerRoutingPolicy': True}, {'name': ''}, {'ttl': 0}, {'name': 'a.example.'},
    ]),
    ("route53/zone:Zone", {'name': 'a.example'}, [
        ({'name': 'a b'}, [('name', "'a b' is no name of a domain")]),
        ({'name': ''}, [('name', "'' is no name of a domain")]),
        ({'comment': 'x' * 257}, [('comment', '257 characters, allowed are 256')]),
        ({'delegationSetId': 'N1', 'vpcs': [{'vpcId': 'vpc-1'}]}, [('vpcs', "conflicts with 'delegationSetId': give one of them")]),
        ({'name': 'x' * 64 + '.example'}, [('name', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example' has a label that is empty or longer than 63 characters")]),
        ({'name': 'a..example'}, [('name', "'a..example' has a label that is empty or longer than 63 characters")]),
    ], [
        {'name': 'a.example.'}, {'vpcs': [{'vpcId': 'vpc-1'}]}, {'name': '10.in-addr.arpa'},
    ]),
    ("route53/healthCheck:HealthCheck", {'type': 'HTTP', 'fqdn': 'a.example', 'port': 80}, [
        ({'requestInterval': 15}, [('requestInterval', '15 is not allowed; allowed are 10 and 30 seconds')]),
        ({'searchString': 'x'}, [('searchString', 'is not for a health check of type HTTP')]),
        ({'type': 'TCP', 'resourcePath': '/'}, [('resourcePath', 'is not for a health check of type TCP')]),
    ], [
        {'requestInterval': 10}, {'type': 'HTTPS_STR_MATCH', 'searchString': 'ok'}, {'regions': ['eu-west-1', 'us-east-1', 'us-west-2']}, {'ipAddress': '1.2.3.4'}, {'type': 'CALCULATED', 'fqdn': None, 'port': None, 'childHealthchecks': ['a'], 'childHealthThreshold': 1}, {'type': 'CLOUDWATCH_METRIC', 'fqdn': None, 'port': None, 'cloudwatchAlarmName': 'a', 'cloudwatchAlarmRegion': 'eu-west-1'},
    ]),
    ("acm/certificate:Certificate", {'domainName': 'a.example', 'validationMethod': 'DNS'}, [
        ({'privateKey': 'x'}, [('domainName', "conflicts with 'privateKey': give one of them"), ('validationMethod', "conflicts with 'privateKey': give one of them")]),
        ({'certificateAuthorityArn': 'arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/12345678-1234-4123-8123-123456789012'}, [('validationMethod', "conflicts with 'certificateAuthorityArn': give one of them")]),
    ], [
        {'domainName': '*.a.example'}, {'keyAlgorithm': 'EC_prime256v1'}, {'subjectAlternativeNames': ['b.example', '*.b.example']}, {'validationMethod': 'EMAIL'},
    ]),
]  # fmt: skip

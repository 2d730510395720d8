"""What Lambda, Kinesis, EventBridge and Step Functions refuse, each beside what they take: data for
test_refusals_beside.py. Sources: the tables of limits."""

import json
from typing import Any

Values = dict[str, Any]
J = json.dumps
A = "arn:aws:iam::123456789012:role/r"
Q = "arn:aws:sqs:eu-west-1:123456789012:q"
FN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
KIN = "arn:aws:kinesis:eu-west-1:123456789012:stream/s"
S = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def sm(**changed: Any) -> Values:
    """A state machine of one state."""
    state = {"Type": "Pass", "End": True} | changed
    return {"definition": J({"StartAt": "A", "States": {"A": {k: v for k, v in state.items() if v is not None}}})}


CASES: list[Any] = [
    ("lambda/function:Function", {'name': 'f', 'role': A, 'runtime': 'python3.12', 'handler': 'a.b', 's3Bucket': 'bk1', 's3Key': 'k'}, [
        ({'memorySize': 10241}, [('memorySize', '10241 is above the 10240 MB that a function has')]),
        ({'layers': [f'arn:aws:lambda:eu-west-1:123456789012:layer:l{i}:1' for i in range(6)]}, [('layers', '6 layers, allowed are 5')]),
        ({'reservedConcurrentExecutions': -2}, [('reservedConcurrentExecutions', '-2 is below 0; -1 takes the limit away')]),
        ({'environment': {'variables': {'1A': 'x'}}}, [('environment.variables["1A"]', "its name '1A' does not match the pattern [a-zA-Z]([a-zA-Z0-9_])+")]),
        ({'environment': {'variables': {'AWS_REGION': 'x'}}}, [('environment.variables.AWS_REGION', 'is a name that Lambda keeps for itself')]),
        ({'environment': {'variables': {'a-b': 'x'}}}, [('environment.variables.a-b', "its name 'a-b' does not match the pattern [a-zA-Z]([a-zA-Z0-9_])+")]),
        ({'environment': {'variables': {'A': 'x' * 4097}}}, [('environment.variables', '4098 characters, allowed are 4096'), ('environment.variables.A', "its name 'A' does not match the pattern [a-zA-Z]([a-zA-Z0-9_])+")]),
        ({'deadLetterConfig': {'targetArn': FN}}, [('deadLetterConfig.targetArn', "'arn:aws:lambda:eu-west-1:123456789012:function:f' is not an ARN of sqs or sns")]),
        ({'name': 'x' * 65}, [('name', '65 characters, allowed are 64')]),
        ({'loggingConfig': {'logFormat': 'Text', 'applicationLogLevel': 'INFO'}}, [('loggingConfig.applicationLogLevel', "is only for 'logFormat': 'JSON'")]),
        ({'vpcConfig': {'subnetIds': ['subnet-1'], 'securityGroupIds': []}}, [('vpcConfig.securityGroupIds', 'is empty: give subnets and security groups, or neither')]),
        ({'snapStart': {'applyOn': 'PublishedVersions'}, 'runtime': 'nodejs20.x'}, [('snapStart.applyOn', "is not for runtime 'nodejs20.x': Java 11, Python 3.12, .NET 8 and later have it")]),
    ], [
        {'memorySize': 10240}, {'timeout': 900}, {'architectures': ['arm64']}, {'reservedConcurrentExecutions': -1}, {'reservedConcurrentExecutions': 0}, {'packageType': 'Image', 'imageUri': '123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:b', 'runtime': None, 'handler': None, 's3Bucket': None, 's3Key': None}, {'loggingConfig': {'logFormat': 'JSON', 'applicationLogLevel': 'INFO'}}, {'vpcConfig': {'subnetIds': ['subnet-1'], 'securityGroupIds': ['sg-1']}}, {'vpcConfig': {'subnetIds': [], 'securityGroupIds': []}}, {'snapStart': {'applyOn': 'PublishedVersions'}, 'runtime': 'java21'}, {'deadLetterConfig': {'targetArn': Q}}, {'environment': {'variables': {'A_b1': 'x'}}},
    ]),
    ("lambda/alias:Alias", {'name': 'live', 'functionName': 'f', 'functionVersion': '1'}, [
        ({'functionVersion': '$LATEST', 'routingConfig': {'additionalVersionWeights': {'2': 0.5}}}, [('functionVersion', "'$LATEST' is not for an alias of two versions: publish one")]),
        ({'routingConfig': {'additionalVersionWeights': {'2': 0.5, '3': 0.1}}}, [('routingConfig.additionalVersionWeights', '2 versions, allowed is 1')]),
    ], [
        {'functionVersion': '$LATEST'}, {'routingConfig': {'additionalVersionWeights': {'2': 0.5}}}, {'name': 'v1'},
    ]),
    ("lambda/permission:Permission", {'action': 'lambda:InvokeFunction', 'function': 'f', 'principal': 'events.amazonaws.com'}, [
        ({'principal': 'events'}, [('principal', "'events' is no service such as events.amazonaws.com, no account and no ARN")]),
        ({'statementId': 'x', 'statementIdPrefix': 'y'}, [('statementIdPrefix', "conflicts with 'statementId': give one of them")]),
    ], [
        {'action': 'lambda:*'}, {'principal': '*'}, {'principal': '123456789012'}, {'principal': A}, {'action': 'lambda:InvokeFunctionUrl', 'functionUrlAuthType': 'NONE', 'principal': '*'},
    ]),
    ("lambda/eventSourceMapping:EventSourceMapping", {'functionName': 'f', 'eventSourceArn': Q}, [
        ({'eventSourceArn': KIN, 'startingPosition': 'AT_TIMESTAMP'}, [('startingPositionTimestamp', "missing required property of 'startingPosition': 'AT_TIMESTAMP'")]),
        ({'eventSourceArn': KIN, 'startingPosition': 'LATEST', 'maximumRecordAgeInSeconds': 30}, [('maximumRecordAgeInSeconds', '30 is not within 60 to 604800 seconds or -1')]),
        ({'filterCriteria': {'filters': [{'pattern': 'x'}]}}, [('filterCriteria.filters[0].pattern', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'filterCriteria': {'filters': [{'pattern': '{}'}] * 11}}, [('filterCriteria.filters', '11 filters, allowed are 10')]),
        ({'eventSourceArn': 'arn:aws:s3:::b'}, [('eventSourceArn', "'arn:aws:s3:::b' is not an ARN of sqs or kinesis or dynamodb or kafka or mq or rds or docdb")]),
        ({'eventSourceArn': KIN, 'startingPosition': 'LATEST', 'startingPositionTimestamp': '2030-01-01T00:00:00Z'}, [('startingPositionTimestamp', "is only for 'startingPosition': 'AT_TIMESTAMP'")]),
    ], [
        {'batchSize': 11, 'maximumBatchingWindowInSeconds': 1}, {'eventSourceArn': KIN, 'startingPosition': 'LATEST', 'batchSize': 10000}, {'eventSourceArn': KIN, 'startingPosition': 'TRIM_HORIZON', 'maximumRetryAttempts': -1, 'maximumRecordAgeInSeconds': -1, 'bisectBatchOnFunctionError': True, 'parallelizationFactor': 10}, {'functionResponseTypes': ['ReportBatchItemFailures']}, {'scalingConfig': {'maximumConcurrency': 2}}, {'filterCriteria': {'filters': [{'pattern': J({'body': {'a': ['x']}})}]}},
    ]),
    ("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", {'functionName': 'f', 'maximumRetryAttempts': 1}, [
        ({'destinationConfig': {'onFailure': {'destination': Q + '.fifo'}}}, [('destinationConfig.onFailure.destination', "'arn:aws:sqs:eu-west-1:123456789012:q.fifo' is first in, first out, to which Lambda does not send")]),
    ], [
        {'maximumRetryAttempts': 0}, {'destinationConfig': {'onFailure': {'destination': Q}}},
    ]),
    ("lambda/layerVersion:LayerVersion", {'layerName': 'l', 's3Bucket': 'bk1', 's3Key': 'k'}, [
        ({'s3Bucket': None, 's3Key': None}, [('code', "missing required property: give 'code', or 's3Bucket' with 's3Key'")]),
        ({'s3Key': None}, [('s3Key', "missing required property beside 's3Bucket'")]),
    ], [
        {'compatibleRuntimes': ['python3.12']},
    ]),
    ("kinesis/stream:Stream", {'name': 's', 'shardCount': 1}, [
        ({'encryptionType': 'AES'}, [('encryptionType', "'AES' is not allowed; allowed are NONE, KMS")]),
        ({'shardLevelMetrics': ['Bytes']}, [('shardLevelMetrics[0]', "'Bytes' is not allowed; allowed are IncomingBytes, IncomingRecords, OutgoingBytes, OutgoingRecords, WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded, IteratorAgeMilliseconds, ALL")]),
    ], [
        {'streamModeDetails': {'streamMode': 'ON_DEMAND'}, 'shardCount': None}, {'retentionPeriod': 8760}, {'encryptionType': 'KMS', 'kmsKeyId': 'alias/aws/kinesis'}, {'shardLevelMetrics': ['IncomingBytes']}, {'encryptionType': 'NONE'},
    ]),
    ("cloudwatch/eventRule:EventRule", {'name': 'r', 'eventPattern': J({'source': ['aws.ec2']})}, [
        ({'eventPattern': 'x'}, [('eventPattern', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'eventPattern': J({'source': 'aws.ec2'})}, [('eventPattern', 'its \'source\' is neither a list nor an object: write ["aws.ec2"]')]),
        ({'eventPattern': J({'source': []})}, [('eventPattern', "its 'source' is an empty list, which matches nothing")]),
        ({'eventPattern': J({'detail': {'a': 1}})}, [('eventPattern', "its 'detail.a' is neither a list nor an object: write [1]")]),
        ({'roleArn': 'r'}, [('roleArn', "'r' is not an ARN of iam")]),
        ({'eventPattern': J({'source': [{'prefx': 'a'}]})}, [('eventPattern', "its 'source' has the operator 'prefx'; allowed are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr, exists")]),
        ({'eventPattern': '[]'}, [('eventPattern', 'expected an object in JSON')]),
        ({'eventPattern': '{}'}, [('eventPattern', 'it is empty, which matches nothing')]),
    ], [
        {'eventPattern': J({'source': [{'prefix': 'aws.'}], 'detail': {'a': [{'numeric': ['>', 1]}], 'b': [{'anything-but': 'x'}], 'c': [{'exists': True}]}})}, {'eventPattern': None, 'scheduleExpression': 'rate(5 minutes)'}, {'state': 'DISABLED'}, {'eventPattern': J({'$or': [{'source': ['a']}, {'detail-type': ['b']}]})}, {'eventPattern': J({'source': [{'wildcard': 'a*'}, {'suffix': 'z'}, {'equals-ignore-case': 'q'}, None, True]})},
    ]),
    ("cloudwatch/eventTarget:EventTarget", {'rule': 'r', 'arn': Q}, [
        ({'input': '{}', 'inputPath': '$.a'}, [('inputPath', "conflicts with 'input': give one of them")]),
        ({'arn': 'q'}, [('arn', "'q' is not an ARN")]),
        ({'arn': Q + '.fifo'}, [('sqsTarget', "missing required property: a FIFO queue needs a 'messageGroupId'")]),
        ({'input': 'x'}, [('input', 'is no JSON: Expecting value: line 1 column 1 (char 0); a text stands in quotes of its own')]),
        ({'inputTransformer': {'inputTemplate': 'x', 'inputPaths': {'AWS.a': '$.a'}}}, [('inputTransformer.inputPaths["AWS.a"]', 'begins with AWS, which AWS keeps for itself'), ('targets[0].inputTransformer.inputPaths["AWS.a"]', "its name 'AWS.a' does not match the pattern [A-Za-z0-9\\_\\-]+")]),
        ({'roleArn': 'r'}, [('roleArn', "'r' is not an ARN of iam")]),
        ({'inputPath': 'a'}, [('inputPath', "'a' is no path such as $.detail")]),
        ({'arn': 'arn:aws:ecs:eu-west-1:123456789012:cluster/c', 'roleArn': A}, [('ecsTarget', 'missing required property: a cluster needs a task definition to run')]),
        ({'deadLetterConfig': {'arn': 'q'}}, [('deadLetterConfig.arn', "'q' is not an ARN of sqs")]),
    ], [
        {'input': '{}'}, {'input': '"x"'}, {'retryPolicy': {'maximumRetryAttempts': 0}}, {'inputTransformer': {'inputTemplate': '"<a>"', 'inputPaths': {'a': '$.detail.a'}}}, {'arn': 'arn:aws:ecs:eu-west-1:123456789012:cluster/c', 'roleArn': A, 'ecsTarget': {'taskDefinitionArn': 'arn:aws:ecs:eu-west-1:123456789012:task-definition/a:1'}}, {'arn': KIN, 'roleArn': A}, {'arn': Q + '.fifo', 'sqsTarget': {'messageGroupId': 'a'}},
    ]),
    ("cloudwatch/eventBus:EventBus", {'name': 'b'}, [
        ({'name': 'a/b'}, [('name', "'a/b' has a slash, which only the bus of a partner's 'eventSourceName' has")]),
        ({'deadLetterConfig': {'arn': 'q'}}, [('deadLetterConfig.arn', "'q' is not an ARN of sqs")]),
    ], [
        {'name': 'a.b_c-1'},
    ]),
    ("scheduler/schedule:Schedule", {'name': 's', 'scheduleExpression': 'rate(1 hour)', 'flexibleTimeWindow': {'mode': 'OFF'}, 'target': {'arn': FN, 'roleArn': A}}, [
        ({'scheduleExpression': 'cron(0 0 * * *)'}, [('scheduleExpression', "'0 0 * * *' has 5 fields, wanted 6: minutes, hours, day of month, month, day of week, year")]),
        ({'scheduleExpressionTimezone': 'Mars/One'}, [('scheduleExpressionTimezone', "'Mars/One' is no time zone of the IANA database, such as Europe/Berlin")]),
        ({'startDate': '2030-02-01T00:00:00Z', 'endDate': '2030-01-01T00:00:00Z'}, [('endDate', '2030-01-01T00:00:00Z is not after the start 2030-02-01T00:00:00Z')]),
        ({'target': {'arn': 'x', 'roleArn': A}}, [('target.arn', "'x' is not an ARN")]),
        ({'scheduleExpression': 'at(2030-02-30T00:00:00)'}, [('scheduleExpression', 'at(2030-02-30T00:00:00) is no time of the calendar: day is out of range for month')]),
        ({'scheduleExpression': 'every hour'}, [('scheduleExpression', "'every hour' is not of the form cron(...), rate(...) or at(...)")]),
    ], [
        {'flexibleTimeWindow': {'mode': 'FLEXIBLE', 'maximumWindowInMinutes': 15}}, {'scheduleExpression': 'cron(0 8 * * ? *)', 'scheduleExpressionTimezone': 'Europe/Berlin'}, {'scheduleExpression': 'at(2030-02-20T00:00:00)'},
    ]),
    ("sfn/stateMachine:StateMachine", {'name': 'm', 'roleArn': A, 'definition': J(S)}, [
        ({'definition': 'x'}, [('definition', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'definition': J({'States': S['States']})}, [('definition', "it has no 'StartAt'"), ('definition', "its state 'A' is reached by none")]),
        ({'definition': J(S | {'StartAt': 'B'})}, [('definition', "it begins 'StartAt' 'B', which is none of its states"), ('definition', "its state 'A' is reached by none")]),
        (sm(End=None, Next='B'), [('definition', "its state 'A' leads to 'B', which is none of the states beside it")]),
        (sm(Type='Passs'), [('definition', "its state 'A' is of 'Type' 'Passs'; allowed are Task, Pass, Choice, Wait, Succeed, Fail, Parallel, Map")]),
        ({'name': 'a b'}, [('name', "'a b' is no name of at most 80 letters, digits, hyphens and underscores")]),
        (sm(Type='Choice', End=None, Choices=[]), [('definition', "its state 'A' is a Choice without 'Choices'")]),
        (sm(Type='Task'), [('definition', "its state 'A' is a Task without a 'Resource'")]),
        (sm(End=None), [('definition', "its state 'A' has neither 'Next' nor 'End': true")]),
        (sm(Next='A'), [('definition', "its state 'A' has both 'Next' and 'End': give one of them")]),
        ({'roleArn': 'r'}, [('roleArn', "'r' is not an ARN of iam")]),
        (sm(Type='Wait'), [('definition', "its state 'A' is a Wait and needs one of Seconds, Timestamp, SecondsPath, TimestampPath")]),
        (sm(Type='Map'), [('definition', "its state 'A' is a Map without an 'ItemProcessor'")]),
        (sm(Type='Parallel', Branches=[]), [('definition', "its state 'A' is a Parallel without 'Branches'")]),
        ({'definition': J(S | {'States': {}})}, [('definition', "it has no 'States'")]),
        (sm(Type='Wait', Seconds=1, Timestamp='2030-01-01T00:00:00Z'), [('definition', "its state 'A' is a Wait and needs one of Seconds, Timestamp, SecondsPath, TimestampPath")]),
        (sm(Type='Choice', Choices=[{'Variable': '$.a', 'NumericEquals': 1, 'Next': 'Z'}], End=None), [('definition', "its state 'A' leads to 'Z', which is none of the states beside it")]),
        ({'definition': J({'StartAt': 'A', 'States': {'A': {'Type': 'Pass', 'End': True}, 'B': {'Type': 'Pass', 'End': True}}})}, [('definition', "its state 'B' is reached by none")]),
        (sm(Type='Task', Resource=FN, TimeoutSeconds=0), [('definition', "its state 'A' has 'TimeoutSeconds' 0, which is not above 0")]),
        (sm(Type='Task', Resource=FN, Catch=[{'ErrorEquals': ['States.ALL'], 'Next': 'Q'}]), [('definition', "its state 'A' leads to 'Q', which is none of the states beside it")]),
        (sm(Type='Fail'), [('definition', "its state 'A' is a Fail, which has no 'End'")]),
        (sm(Type='Succeed'), [('definition', "its state 'A' is a Succeed, which has no 'End'")]),
    ], [
        sm(Type='Task', Resource=FN), sm(Type='Wait', Seconds=5), {'type': 'EXPRESS', 'loggingConfiguration': {'level': 'ALL', 'logDestination': 'arn:aws:logs:eu-west-1:123456789012:log-group:g:*'}}, sm(Type='Fail', End=None), sm(Type='Succeed', End=None), sm(Type='Choice', End=None, Choices=[{'Variable': '$.a', 'NumericEquals': 1, 'Next': 'A'}], Default='A'),
    ]),
]  # fmt: skip

"""What S3, SQS, SNS, ECR, KMS and CloudWatch Logs refuse, each beside what they take: data for
test_refusals_beside.py. Sources: the tables of limits."""

import json
from typing import Any

Values = dict[str, Any]
J = json.dumps
A = "arn:aws:iam::123456789012:role/r"
Q = "arn:aws:sqs:eu-west-1:123456789012:q"
FN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-4123-8123-123456789012"
KIN = "arn:aws:kinesis:eu-west-1:123456789012:stream/s"


def st(**changed: Any) -> str:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"} | changed
    return J({"Version": "2012-10-17", "Statement": [{k: v for k, v in statement.items() if v is not None}]})


def rules(**changed: Any) -> Values:
    """One rule of a lifecycle."""
    return {
        "rules": [{"id": "a", "status": "Enabled", "filter": {"prefix": "x/"}, "expiration": {"days": 30}} | changed]
    }


def xr(**changed: Any) -> Values:
    """One rule that expires nothing by itself."""
    return {"rules": [{"id": "a", "status": "Enabled", "filter": {"prefix": "x/"}} | changed]}


def lp(**changed: Any) -> Values:
    """A policy of a repository of one rule."""
    chosen = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 10} | changed.pop(
        "selection", {}
    )
    return {"policy": J({"rules": [{"rulePriority": 1, "selection": chosen, "action": {"type": "expire"}} | changed]})}


r1: Values = json.loads(lp()["policy"])["rules"][0]
CASES: list[Any] = [
    ("s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", {'bucket': 'bk1', 'rules': [{'applyServerSideEncryptionByDefault': {'sseAlgorithm': 'AES256'}}]}, [
        ({'rules': [{'applyServerSideEncryptionByDefault': {'sseAlgorithm': 'AES256', 'kmsMasterKeyId': KEY}}]}, [('rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId', "is only for 'sseAlgorithm': 'aws:kms' or 'aws:kms:dsse'")]),
        ({'rules': []}, [('rules', '0 rules, allowed are 1 to 1')]),
    ], [
        {'rules': [{'applyServerSideEncryptionByDefault': {'sseAlgorithm': 'aws:kms'}, 'bucketKeyEnabled': True}]}, {'rules': [{'applyServerSideEncryptionByDefault': {'sseAlgorithm': 'aws:kms:dsse', 'kmsMasterKeyId': KEY}}]},
    ]),
    ("s3/bucketCorsConfiguration:BucketCorsConfiguration", {'bucket': 'bk1', 'corsRules': [{'allowedMethods': ['GET'], 'allowedOrigins': ['*']}]}, [
        ({'corsRules': [{'allowedMethods': ['PATCH'], 'allowedOrigins': ['*']}]}, [('corsRules[0].allowedMethods[0]', "'PATCH' is not allowed; allowed are GET, PUT, POST, DELETE, HEAD")]),
        ({'corsRules': [{'allowedMethods': ['GET'], 'allowedOrigins': ['https://*.*.example.com']}]}, [('corsRules[0].allowedOrigins[0]', "'https://*.*.example.com' has more than one '*'")]),
        ({'corsRules': [{'allowedMethods': ['GET'], 'allowedOrigins': ['*'], 'allowedHeaders': ['x-*-*']}]}, [('corsRules[0].allowedHeaders[0]', "'x-*-*' has more than one '*'")]),
        ({'corsRules': [{'allowedMethods': ['GET'], 'allowedOrigins': ['*']}] * 101}, [('corsRules', '101 rules, allowed are 1 to 100')]),
        ({'corsRules': []}, [('corsRules', '0 rules, allowed are 1 to 100')]),
        ({'corsRules': [{'allowedMethods': ['get'], 'allowedOrigins': ['*']}]}, [('corsRules[0].allowedMethods[0]', "'get' is not allowed; allowed are GET, PUT, POST, DELETE, HEAD")]),
        ({'corsRules': [{'allowedMethods': ['GET'], 'allowedOrigins': ['*'], 'id': 'x' * 256}]}, [('corsRules[0].id', '256 characters, allowed are 255')]),
    ], [
        {'corsRules': [{'allowedMethods': ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'], 'allowedOrigins': ['https://*.example.com'], 'allowedHeaders': ['x-amz-*'], 'exposeHeaders': ['ETag'], 'maxAgeSeconds': 3000}]},
    ]),
    ("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", {'bucket': 'bk1'} | rules(), [
        (rules(expiration={'days': 0}), [('rules[0].expiration.days', '0 is below 1, the least that is allowed')]),
        (rules(expiration={'days': 3, 'date': '2030-01-01T00:00:00Z'}), [('rules[0].expiration.date', "conflicts with 'days': give one of them")]),
        (rules(expiration={'days': 3, 'expiredObjectDeleteMarker': True}), [('rules[0].expiration.expiredObjectDeleteMarker', "conflicts with 'days': give one of them")]),
        (rules(noncurrentVersionExpiration={'noncurrentDays': 0}), [('rules[0].noncurrentVersionExpiration.noncurrentDays', '0 is not within 1 to 2147483647 days')]),
        (rules(abortIncompleteMultipartUpload={'daysAfterInitiation': 0}), [('rules[0].abortIncompleteMultipartUpload.daysAfterInitiation', '0 is not within 1 to 2147483647 days')]),
        (rules(transitions=[{'days': 60, 'storageClass': 'GLACIER'}]), [('rules[0].expiration.days', '30 is not above the 60 days of transitions[0]')]),
        ({'rules': rules()['rules'] * 2}, [('rules[1].id', "'a' is that of rules[0] already")]),
        (rules(id='x' * 256), [('rules[0].id', '256 characters, allowed are 255')]),
        (rules(expiration={'date': '2030-01-01T10:00:00Z'}), [('rules[0].expiration.date', "'2030-01-01T10:00:00Z' is not at midnight UTC")]),
        (rules(filter={'objectSizeGreaterThan': -1}), [('rules[0].filter.objectSizeGreaterThan', '-1 is not within 0 to 1.125899907e+15 bytes')]),
        (rules(expiration={'date': '2030-13-01T00:00:00Z'}), [('rules[0].expiration.date', "'2030-13-01T00:00:00Z' is no date such as 2030-01-31T00:00:00Z")]),
        (rules(expiration={'date': 'tomorrow'}), [('rules[0].expiration.date', "'tomorrow' is no date such as 2030-01-31T00:00:00Z")]),
        (rules(transitions=[{'days': 40, 'storageClass': 'STANDARD_IA'}, {'days': 35, 'storageClass': 'GLACIER'}], expiration={'days': 400}), [('rules[0].transitions[1].days', '35 is less than 30 days after the move to STANDARD_IA at 40')]),
        (rules(noncurrentVersionTransitions=[{'noncurrentDays': 10, 'storageClass': 'STANDARD_IA'}]), [('rules[0].noncurrentVersionTransitions[0].noncurrentDays', '10 is below the 30 days before versions may move to STANDARD_IA')]),
        (rules(transitions=[{'days': 1, 'date': '2030-01-01T00:00:00Z', 'storageClass': 'GLACIER'}]), [('rules[0].transitions[0].date', "conflicts with 'days': give one of them")]),
        (rules(filter={'tag': {'key': 'k', 'value': 'v'}}, abortIncompleteMultipartUpload={'daysAfterInitiation': 3}), [('rules[0].abortIncompleteMultipartUpload', 'is not for a rule whose filter has tags: uploads have none')]),
        (rules(filter={'tag': {'key': 'k', 'value': 'v'}}, expiration={'expiredObjectDeleteMarker': True}), [('rules[0].expiration.expiredObjectDeleteMarker', 'is not for a rule whose filter has tags: markers have none')]),
        (rules(prefix='a'), [('rules[0].prefix', "conflicts with 'filter': give one of them")]),
        (rules(filter={'and': {'objectSizeGreaterThan': 500, 'objectSizeLessThan': 300}}), [('rules[0].filter.and.objectSizeLessThan', "300 is not above 'objectSizeGreaterThan' 500")]),
    ], [
        rules(expiration={'expiredObjectDeleteMarker': True}), rules(transitions=[{'days': 10, 'storageClass': 'GLACIER'}]), rules(expiration={'date': '2030-01-01T00:00:00Z'}), rules(filter={'and': {'prefix': 'a', 'tags': {'a': 'b'}}}), rules(filter={}), rules(transitions=[{'days': 0, 'storageClass': 'INTELLIGENT_TIERING'}]), xr(abortIncompleteMultipartUpload={'daysAfterInitiation': 7}), xr(noncurrentVersionExpiration={'noncurrentDays': 1, 'newerNoncurrentVersions': 3}), xr(noncurrentVersionTransitions=[{'noncurrentDays': 30, 'storageClass': 'GLACIER'}]), {'rules': [rules()['rules'][0], rules(id='b')['rules'][0]]}, rules(filter=None, prefix='a/'), rules(transitions=[{'storageClass': 'GLACIER', 'days': 0}]),
    ]),
    ("s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration", {'bucket': 'bk1', 'indexDocument': {'suffix': 'index.html'}}, [
        ({'indexDocument': {'suffix': 'a/index.html'}}, [('indexDocument.suffix', "'a/index.html' is no name of a file: not empty, without a slash")]),
        ({'indexDocument': {'suffix': ''}}, [('indexDocument.suffix', "'' is no name of a file: not empty, without a slash")]),
    ], [
        {'errorDocument': {'key': 'e.html'}}, {'indexDocument': None, 'redirectAllRequestsTo': {'hostName': 'a.example', 'protocol': 'https'}},
    ]),
    ("s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration", {'bucket': 'bk1', 'status': 'Enabled'}, [
        ({'bucket': 'my.bucket'}, [('bucket', "'my.bucket' has a dot, and transfer acceleration is not for such buckets")]),
    ], [
        {'status': 'Suspended'},
    ]),
    ("s3/bucketObjectv2:BucketObjectv2", {'bucket': 'bk1', 'key': 'k', 'content': 'x'}, [
        ({'acl': 'open'}, [('acl', "'open' is not allowed; allowed are private, public-read, public-read-write, authenticated-read, aws-exec-read, bucket-owner-read, bucket-owner-full-control")]),
        ({'key': 'x' * 1025}, [('key', '1025 characters, allowed are 1 to 1024')]),
    ], [
        {'storageClass': 'GLACIER_IR'}, {'content': None}, {'acl': 'public-read'},
    ]),
    ("s3/bucket:Bucket", {'bucket': 'bk1'}, [
        ({'bucket': 'a--x-s3'}, [('bucket', "'a--x-s3' begins or ends with what S3 keeps for itself")]),
        ({'bucket': 'sthree-a'}, [('bucket', "'sthree-a' begins or ends with what S3 keeps for itself")]),
        ({'bucket': 'amzn-s3-demo-a'}, [('bucket', "'amzn-s3-demo-a' begins or ends with what S3 keeps for itself")]),
        ({'bucket': 'b--ol-s3'}, [('bucket', "'b--ol-s3' begins or ends with what S3 keeps for itself")]),
        ({'bucket': 'b.mrap'}, [('bucket', "'b.mrap' begins or ends with what S3 keeps for itself")]),
        ({'bucket': 'b--table-s3'}, [('bucket', "'b--table-s3' begins or ends with what S3 keeps for itself")]),
    ], [
        {'bucket': None, 'bucketPrefix': 'my-'}, {'bucket': 'a.b-c'}, {'bucket': 'b..c'.replace('..', '.')},
    ]),
    ("s3/bucketNotification:BucketNotification", {'bucket': 'bk1', 'queues': [{'queueArn': Q, 'events': ['s3:ObjectCreated:*']}]}, [
        ({'queues': [{'queueArn': 'q', 'events': ['s3:ObjectCreated:*']}]}, [('queues[0].queueArn', "'q' is not an ARN of sqs")]),
        ({'queues': [{'queueArn': Q, 'events': []}]}, [('queues[0].events', 'is empty: name an event such as s3:ObjectCreated:*')]),
        ({'queues': [{'queueArn': Q + '.fifo', 'events': ['s3:ObjectCreated:*']}]}, [('queues[0].queueArn', "'arn:aws:sqs:eu-west-1:123456789012:q.fifo' is first in, first out, which a bucket does not tell")]),
        ({'queues': [{'queueArn': Q, 'events': ['s3:ObjectCreated:*']}, {'queueArn': Q, 'events': ['s3:ObjectCreated:Put']}]}, [('queues[1].events', "'s3:ObjectCreated:Put' is told by queues[0] too, for the same objects")]),
        ({'topics': [{'topicArn': Q, 'events': ['s3:ObjectCreated:*']}], 'queues': None}, [('topics[0].topicArn', "'arn:aws:sqs:eu-west-1:123456789012:q' is not an ARN of sns")]),
        ({'lambdaFunctions': [{'lambdaFunctionArn': Q, 'events': ['s3:ObjectRemoved:*']}]}, [('lambdaFunctions[0].lambdaFunctionArn', "'arn:aws:sqs:eu-west-1:123456789012:q' is not an ARN of lambda")]),
    ], [
        {'queues': [{'queueArn': Q, 'events': ['s3:ObjectCreated:*'], 'filterPrefix': 'a/'}, {'queueArn': Q, 'events': ['s3:ObjectCreated:*'], 'filterPrefix': 'b/'}]}, {'lambdaFunctions': [{'lambdaFunctionArn': FN, 'events': ['s3:ObjectRemoved:*']}]},
    ]),
    ("sqs/queue:Queue", {'name': 'q'}, [
        ({'name': 'q.fifo', 'fifoQueue': True, 'deduplicationScope': 'message'}, [('deduplicationScope', "'message' is not allowed; allowed are messageGroup, queue")]),
        ({'name': 'q.fifo', 'fifoQueue': True, 'fifoThroughputLimit': 'perMessageGroupId', 'deduplicationScope': 'queue'}, [('fifoThroughputLimit', "'perMessageGroupId' needs 'deduplicationScope': 'messageGroup'")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': 0})}, [('redrivePolicy', "its 'maxReceiveCount' 0 is not within 1 to 1000")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': 1001})}, [('redrivePolicy', "its 'maxReceiveCount' 1001 is not within 1 to 1000")]),
        ({'redrivePolicy': J({'maxReceiveCount': 3})}, [('redrivePolicy', "its 'deadLetterTargetArn' is missing")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': Q})}, [('redrivePolicy', "its 'maxReceiveCount' is missing")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': 'q', 'maxReceiveCount': 4})}, [('redrivePolicy', "its 'deadLetterTargetArn' 'q' is not an ARN of sqs")]),
        ({'redriveAllowPolicy': J({'redrivePermission': 'some'})}, [('redriveAllowPolicy', "its 'redrivePermission' 'some' is not allowed; allowed are allowAll, denyAll, byQueue")]),
        ({'redriveAllowPolicy': J({'redrivePermission': 'allowAll', 'sourceQueueArns': [Q]})}, [('redriveAllowPolicy', "its 'sourceQueueArns' is not for 'allowAll'")]),
        ({'redriveAllowPolicy': J({'redrivePermission': 'byQueue'})}, [('redriveAllowPolicy', "its 'sourceQueueArns' is missing, which 'byQueue' needs")]),
        ({'redriveAllowPolicy': J({'redrivePermission': 'byQueue', 'sourceQueueArns': [Q] * 11})}, [('redriveAllowPolicy', "its 'sourceQueueArns' has 11 queues, allowed are 10")]),
        ({'sqsManagedSseEnabled': True, 'kmsMasterKeyId': 'alias/aws/sqs'}, [('kmsMasterKeyId', "conflicts with 'sqsManagedSseEnabled': give one of them")]),
        ({'name': 'a b'}, [('name', "'a b' is not a name of at most 80 letters, digits, hyphens and underscores")]),
        ({'name': 'x' * 81}, [('name', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not a name of at most 80 letters, digits, hyphens and underscores")]),
        ({'namePrefix': 'a'}, [('namePrefix', "conflicts with 'name': give one of them")]),
        ({'deduplicationScope': 'queue'}, [('deduplicationScope', "is only for 'fifoQueue': true")]),
        ({'fifoThroughputLimit': 'perQueue'}, [('fifoThroughputLimit', "is only for 'fifoQueue': true")]),
        ({'name': 'a.b'}, [('name', "'a.b' is not a name of at most 80 letters, digits, hyphens and underscores")]),
        ({'name': 'q.fifo', 'fifoQueue': True, 'fifoThroughputLimit': 'perGroup'}, [('fifoThroughputLimit', "'perGroup' is not allowed; allowed are perQueue, perMessageGroupId")]),
        ({'name': 'q.fifo', 'fifoQueue': True, 'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': 4})}, [('redrivePolicy', "its 'deadLetterTargetArn' 'arn:aws:sqs:eu-west-1:123456789012:q' is no FIFO queue, unlike this one")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': Q + '.fifo', 'maxReceiveCount': 4})}, [('redrivePolicy', "its 'deadLetterTargetArn' 'arn:aws:sqs:eu-west-1:123456789012:q.fifo' is a FIFO queue, unlike this one")]),
    ], [
        {'visibilityTimeoutSeconds': 43200}, {'visibilityTimeoutSeconds': 0}, {'maxMessageSize': 1048576}, {'name': 'q.fifo', 'fifoQueue': True, 'contentBasedDeduplication': True, 'deduplicationScope': 'messageGroup', 'fifoThroughputLimit': 'perMessageGroupId'}, {'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': '4'})}, {'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': 1000})}, {'redriveAllowPolicy': J({'redrivePermission': 'byQueue', 'sourceQueueArns': [Q]})}, {'kmsMasterKeyId': 'alias/aws/sqs', 'kmsDataKeyReusePeriodSeconds': 300}, {'sqsManagedSseEnabled': True}, {'sqsManagedSseEnabled': False, 'kmsMasterKeyId': 'alias/a'},
    ]),
    ("sqs/redriveAllowPolicy:RedriveAllowPolicy", {'queueUrl': 'https://sqs.eu-west-1.amazonaws.com/123456789012/q', 'redriveAllowPolicy': J({'redrivePermission': 'allowAll'})}, [
        ({'redriveAllowPolicy': 'x'}, [('redriveAllowPolicy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'redriveAllowPolicy': J({'redrivePermission': 'some'})}, [('redriveAllowPolicy', "its 'redrivePermission' 'some' is not allowed; allowed are allowAll, denyAll, byQueue")]),
    ], [
        {'redriveAllowPolicy': J({'redrivePermission': 'denyAll'})},
    ]),
    ("sqs/redrivePolicy:RedrivePolicy", {'queueUrl': 'https://sqs.eu-west-1.amazonaws.com/123456789012/q', 'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': 4})}, [
        ({'redrivePolicy': J({'deadLetterTargetArn': Q, 'maxReceiveCount': 0})}, [('redrivePolicy', "its 'maxReceiveCount' 0 is not within 1 to 1000")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': Q})}, [('redrivePolicy', "its 'maxReceiveCount' is missing")]),
    ], []),
    ("sns/topic:Topic", {'name': 't'}, [
        ({'name': 'a b'}, [('name', "'a b' is not a name of at most 256 letters, digits, hyphens and underscores")]),
        ({'name': 'x' * 257}, [('name', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not a name of at most 256 letters, digits, hyphens and underscores")]),
        ({'tracingConfig': 'On'}, [('tracingConfig', "'On' is not allowed; allowed are Active, PassThrough")]),
        ({'signatureVersion': 3}, [('signatureVersion', '3 is not within 1 to 2')]),
        ({'httpSuccessFeedbackSampleRate': 101}, [('httpSuccessFeedbackSampleRate', '101 is not within 0 to 100 percent')]),
        ({'deliveryPolicy': 'x'}, [('deliveryPolicy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'displayName': 'x' * 101}, [('displayName', '101 characters, allowed are 100')]),
        ({'policy': 'x'}, [('policy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'archivePolicy': J({'MessageRetentionPeriod': 30})}, [('archivePolicy', "is only for 'fifoTopic': true")]),
        ({'fifoThroughputScope': 'Topic'}, [('fifoThroughputScope', "is only for 'fifoTopic': true")]),
        ({'name': 't.fifo', 'fifoTopic': True, 'fifoThroughputScope': 'Queue'}, [('fifoThroughputScope', "'Queue' is not allowed; allowed are Topic, MessageGroup")]),
        ({'name': 't.fifo', 'fifoTopic': True, 'archivePolicy': J({'MessageRetentionPeriod': 400})}, [('archivePolicy', "its 'MessageRetentionPeriod' is not within 1 to 365 days")]),
    ], [
        {'tracingConfig': 'Active'}, {'signatureVersion': 2}, {'name': 't.fifo', 'fifoTopic': True, 'contentBasedDeduplication': True}, {'httpSuccessFeedbackSampleRate': 100}, {'displayName': 'x' * 100},
    ]),
    ("sns/topicSubscription:TopicSubscription", {'topic': 'arn:aws:sns:eu-west-1:123456789012:t', 'protocol': 'sqs', 'endpoint': Q}, [
        ({'protocol': 'mail'}, [('protocol', "'mail' is not allowed; allowed are application, email, email-json, firehose, http, https, lambda, sms, sqs")]),
        ({'filterPolicy': 'x'}, [('filterPolicy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'filterPolicyScope': 'Body'}, [('filterPolicyScope', "'Body' is not allowed; allowed are MessageAttributes, MessageBody"), ('filterPolicyScope', "needs 'filterPolicy' beside it")]),
        ({'protocol': 'email', 'endpoint': 'a@b.example', 'rawMessageDelivery': True}, [('rawMessageDelivery', "is only for 'protocol': 'sqs' or 'http' or 'https' or 'firehose'")]),
        ({'redrivePolicy': 'x'}, [('redrivePolicy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'protocol': 'firehose', 'endpoint': 'arn:aws:firehose:eu-west-1:123456789012:deliverystream/d'}, [('subscriptionRoleArn', "missing required property: protocol 'firehose' needs it")]),
        ({'protocol': 'sms', 'endpoint': 'abc'}, [('endpoint', "'abc' is no phone number such as +15551234567")]),
        ({'topic': 't'}, [('topic', "'t' is not an ARN of sns")]),
        ({'filterPolicyScope': 'MessageBody'}, [('filterPolicyScope', "needs 'filterPolicy' beside it")]),
        ({'redrivePolicy': J({'deadLetterTargetArn': 'q'})}, [('redrivePolicy', "its 'deadLetterTargetArn' 'q' is not an ARN of sqs")]),
        ({'redrivePolicy': J({})}, [('redrivePolicy', "its 'deadLetterTargetArn' is missing")]),
        ({'deliveryPolicy': 'x'}, [('deliveryPolicy', 'is no JSON: Expecting value: line 1 column 1 (char 0)'), ('deliveryPolicy', "is only for 'protocol': 'http' or 'https'")]),
        ({'filterPolicy': J({'store': 'a'})}, [('filterPolicy', 'its \'store\' is neither a list nor an object: write ["a"]')]),
        ({'filterPolicy': J({f'k{i}': ['a'] for i in range(6)})}, [('filterPolicy', 'has 6 attributes, allowed are 5')]),
        ({'filterPolicy': J({'store': [{'prefx': 'a'}]})}, [('filterPolicy', "its 'store' has the operator 'prefx'; allowed are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr, exists")]),
    ], [
        {'filterPolicy': J({'store': ['a']}), 'filterPolicyScope': 'MessageBody'}, {'protocol': 'sms', 'endpoint': '+15551234567'}, {'rawMessageDelivery': True}, {'redrivePolicy': J({'deadLetterTargetArn': Q})}, {'filterPolicy': J({'store': [{'anything-but': ['a']}], 'price': [{'numeric': ['>', 1]}], 'x': [{'exists': False}]})}, {'protocol': 'firehose', 'endpoint': 'arn:aws:firehose:eu-west-1:123456789012:deliverystream/d', 'subscriptionRoleArn': A},
    ]),
    ("ecr/repository:Repository", {'name': 'web'}, [
        ({'encryptionConfigurations': [{'encryptionType': 'AES256', 'kmsKey': KEY}]}, [('encryptionConfigurations[0].kmsKey', "is only for 'encryptionType': 'KMS' or 'KMS_DSSE'")]),
        ({'imageTagMutabilityExclusionFilters': [{'filter': 'latest*', 'filterType': 'WILDCARD'}]}, [('imageTagMutabilityExclusionFilters', "is only for 'imageTagMutability': 'IMMUTABLE_WITH_EXCLUSION' or 'MUTABLE_WITH_EXCLUSION'")]),
    ], [
        {'name': 'team/web_1.a'}, {'imageTagMutability': 'IMMUTABLE_WITH_EXCLUSION', 'imageTagMutabilityExclusionFilters': [{'filter': 'latest*', 'filterType': 'WILDCARD'}]}, {'encryptionConfigurations': [{'encryptionType': 'KMS'}]},
    ]),
    ("ecr/lifecyclePolicy:LifecyclePolicy", {'repository': 'web'} | lp(), [
        ({'policy': J({'rules': [r1, r1]})}, [('policy', "2 of its rules have the 'rulePriority' 1")]),
        (lp(selection={'countType': 'countMore'}), [('policy', "its rule 1 has the 'countType' 'countMore'; allowed are imageCountMoreThan, sinceImagePushed, sinceImagePulled, sinceImageTransitioned")]),
        (lp(selection={'tagStatus': 'tagged'}), [('policy', "its rule 1 is of 'tagged' images and needs one of 'tagPrefixList', 'tagPatternList'")]),
        (lp(selection={'countType': 'sinceImagePushed'}), [('policy', "its rule 1 has 'countType' 'sinceImagePushed' without 'countUnit': 'days'")]),
        (lp(action={'type': 'delete'}), [('policy', "its rule 1 has the action 'delete'; allowed is expire")]),
        (lp(rulePriority=0), [('policy', "its rule has the 'rulePriority' 0, which is no whole number above 0")]),
        (lp(selection={'countNumber': 0}), [('policy', "its rule 1 has the 'countNumber' 0, which is no whole number above 0")]),
        (lp(selection={'tagStatus': 'latest'}), [('policy', "its rule 1 has the 'tagStatus' 'latest'; allowed are tagged, untagged, any")]),
        (lp(selection={'countUnit': 'days'}), [('policy', "its rule 1 has 'countType' 'imageCountMoreThan' with 'countUnit': 'days'")]),
        (lp(rulePriority='1x'), [('policy', "its rule has the 'rulePriority' '1x', which is no whole number above 0")]),
        (lp(selection={'tagPrefixList': ['v']}), [('policy', "its rule 1 has a 'tagPrefixList', which is for 'tagStatus': 'tagged'")]),
        ({'policy': J({'rules': [r1 | {'selection': r1['selection'] | {'tagStatus': 'any'}}, r1 | {'rulePriority': 2}]})}, [('policy', "its rule 1 is for any image and so must have the highest 'rulePriority'")]),
        (lp(selection={'tagStatus': 'tagged', 'tagPrefixList': ['v'], 'tagPatternList': ['v*']}), [('policy', "its rule 1 is of 'tagged' images and needs one of 'tagPrefixList', 'tagPatternList'")]),
        ({'policy': J({'rule': [r1]})}, [('policy', "has no list of 'rules'")]),
    ], [
        lp(selection={'countType': 'sinceImagePushed', 'countUnit': 'days'}), lp(selection={'tagStatus': 'tagged', 'tagPrefixList': ['v']}), lp(selection={'tagStatus': 'tagged', 'tagPatternList': ['v*']}), lp(description='d'), {'policy': J({'rules': [r1, r1 | {'rulePriority': 9, 'selection': r1['selection'] | {'tagStatus': 'any'}}]})},
    ]),
    ("kms/key:Key", {}, [
        ({'customerMasterKeySpec': 'RSA_2048', 'enableKeyRotation': True}, [('enableKeyRotation', 'is not for a key of RSA_2048')]),
        ({'keyUsage': 'SIGN_VERIFY'}, [('keyUsage', "'SIGN_VERIFY' is not for a key of SYMMETRIC_DEFAULT; allowed are ENCRYPT_DECRYPT")]),
        ({'keyUsage': 'GENERATE_VERIFY_MAC'}, [('keyUsage', "'GENERATE_VERIFY_MAC' is not for a key of SYMMETRIC_DEFAULT; allowed are ENCRYPT_DECRYPT")]),
        ({'customerMasterKeySpec': 'HMAC_256'}, [('keyUsage', "'ENCRYPT_DECRYPT' is not for a key of HMAC_256; allowed are GENERATE_VERIFY_MAC")]),
        ({'customerMasterKeySpec': 'ECC_NIST_P256', 'keyUsage': 'ENCRYPT_DECRYPT'}, [('keyUsage', "'ENCRYPT_DECRYPT' is not for a key of ECC_NIST_P256; allowed are SIGN_VERIFY, KEY_AGREEMENT")]),
    ], [
        {'customerMasterKeySpec': 'RSA_2048', 'keyUsage': 'SIGN_VERIFY'}, {'enableKeyRotation': True, 'rotationPeriodInDays': 90}, {'customerMasterKeySpec': 'HMAC_256', 'keyUsage': 'GENERATE_VERIFY_MAC'}, {'customerMasterKeySpec': 'RSA_2048'}, {'customerMasterKeySpec': 'ECC_NIST_P256', 'keyUsage': 'KEY_AGREEMENT'}, {'deletionWindowInDays': 7},
    ]),
    ("kms/alias:Alias", {'name': 'alias/a', 'targetKeyId': '12345678-1234-4123-8123-123456789012'}, [
        ({'name': 'alias/'}, [('name', "'alias/' is no name such as alias/key")]),
        ({'targetKeyId': 'alias/b'}, [('targetKeyId', "'alias/b' is an alias, which stands for a key and not for another alias")]),
    ], [
        {'name': 'alias/a/b_c-1'}, {'targetKeyId': KEY},
    ]),
    ("cloudwatch/logGroup:LogGroup", {'name': 'g'}, [
        ({'kmsKeyId': 'k'}, [('kmsKeyId', "'k' is not an ARN of kms")]),
        ({'name': 'aws/x'}, [('name', "'aws/x' begins with aws/, which AWS keeps for itself")]),
    ], [
        {'retentionInDays': 0}, {'retentionInDays': 3653}, {'name': '/ecs/a_b.c#d'}, {'logGroupClass': 'INFREQUENT_ACCESS'}, {'kmsKeyId': KEY},
    ]),
    ("cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", {'name': 's', 'logGroup': 'g', 'destinationArn': FN, 'filterPattern': ''}, [
        ({'destinationArn': 'f'}, [('destinationArn', "'f' is not an ARN of lambda or kinesis or firehose or logs")]),
        ({'destinationArn': KIN}, [('roleArn', 'missing required property: CloudWatch Logs needs a role to write to a stream')]),
        ({'filterPattern': '{ $.a = 1'}, [('filterPattern', "begins with '{' and does not end with '}'")]),
        ({'destinationArn': Q}, [('destinationArn', "'arn:aws:sqs:eu-west-1:123456789012:q' is not an ARN of lambda or kinesis or firehose or logs")]),
    ], [
        {'destinationArn': KIN, 'roleArn': A}, {'destinationArn': KIN, 'roleArn': A, 'distribution': 'Random'}, {'filterPattern': '{ $.a = 1 }'},
    ]),
    ("cloudwatch/logResourcePolicy:LogResourcePolicy", {'policyName': 'p', 'policyDocument': st(Principal={'Service': 'es.amazonaws.com'})}, [
        ({'policyDocument': 'x'}, [('policyDocument', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'policyDocument': st(Principal={'Service': 'es.amazonaws.com'}, Sid='x' * 5200)}, [('policyDocument', '5376 characters, allowed are 5120')]),
    ], []),
]  # fmt: skip

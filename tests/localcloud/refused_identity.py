"""What IAM refuses of policies and people, each beside what it takes: data for test_refusals_beside.py.
Sources: the tables of limits."""

import json
from typing import Any

Values = dict[str, Any]
J = json.dumps


def st(**changed: Any) -> str:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"} | changed
    return J({"Version": "2012-10-17", "Statement": [{k: v for k, v in statement.items() if v is not None}]})


def trust(**changed: Any) -> str:
    """A trust policy of one statement."""
    return st(
        **{"Action": "sts:AssumeRole", "Resource": None, "Principal": {"Service": "lambda.amazonaws.com"}} | changed
    )


CASES: list[Any] = [
    ("iam/role:Role", {'name': 'r', 'assumeRolePolicy': trust()}, [
        ({'assumeRolePolicy': trust(Action=None)}, [('assumeRolePolicy', "a statement has no 'Action'")]),
        ({'assumeRolePolicy': trust(Action='s3:GetObject')}, [('assumeRolePolicy', "its action 's3:GetObject' is none of sts, such as sts:AssumeRole")]),
        ({'managedPolicyArns': ['x']}, [('managedPolicyArns[0]', "'x' is not an ARN of iam")]),
        ({'inlinePolicies': [{'name': 'p', 'policy': 'x'}]}, [('inlinePolicies[0].policy', 'is no JSON: Expecting value: line 1 column 1 (char 0)')]),
        ({'assumeRolePolicy': trust(Principal={'AWS': 'bob'})}, [('assumeRolePolicy', "its principal 'bob' is neither an account nor an ARN")]),
        ({'assumeRolePolicy': trust(Principal='lambda.amazonaws.com')}, [('assumeRolePolicy', 'its principal \'lambda.amazonaws.com\' has no kind: write {"Service": ...} or {"AWS": ...}')]),
        ({'assumeRolePolicy': trust(Principal={'service': 'lambda.amazonaws.com'})}, [('assumeRolePolicy', "its principal is of kind 'service'; allowed are AWS, Service, Federated, CanonicalUser")]),
        ({'assumeRolePolicy': trust(Condition={'StringEqual': {'a': 'b'}})}, [('assumeRolePolicy', "its condition 'StringEqual' is no operator such as StringEquals")]),
        ({'assumeRolePolicy': trust(Sid='a b')}, [('assumeRolePolicy', "its 'Sid' 'a b' has characters other than letters and digits")]),
    ], [
        {'path': '/a/'}, {'maxSessionDuration': 43200}, {'assumeRolePolicy': trust(Principal={'AWS': '123456789012'})}, {'assumeRolePolicy': trust(Principal={'AWS': 'arn:aws:iam::123456789012:root'})}, {'assumeRolePolicy': trust(Principal='*')}, {'assumeRolePolicy': trust(Action=['sts:AssumeRole', 'sts:TagSession'])}, {'assumeRolePolicy': trust(Action='sts:AssumeRoleWithWebIdentity', Principal={'Federated': 'arn:aws:iam::123456789012:oidc-provider/x'}, Condition={'StringEquals': {'x:aud': 'sts'}})},
    ]),
    ("iam/policy:Policy", {'name': 'p', 'policy': st()}, [
        ({'policy': st(Resource=None)}, [('policy', "a statement has no 'Resource'")]),
        ({'policy': st(Action=None)}, [('policy', "a statement has no 'Action'")]),
        ({'policy': st(Sid='a b')}, [('policy', "its 'Sid' 'a b' has characters other than letters and digits")]),
        ({'policy': st(Condition={'StringEqual': {'a': 'b'}})}, [('policy', "its condition 'StringEqual' is no operator such as StringEquals")]),
        ({'policy': st(NotAction='s3:*')}, [('policy', "a statement has both 'Action' and 'NotAction': give one of them")]),
        ({'policy': st(Resource='bucket')}, [('policy', "its resource 'bucket' is neither an ARN nor '*'")]),
        ({'policy': st(Action='GetObject')}, [('policy', "its action 'GetObject' is not such as s3:GetObject: a service, a colon, a name")]),
        ({'policy': st(Action='s3.GetObject')}, [('policy', "its action 's3.GetObject' is not such as s3:GetObject: a service, a colon, a name")]),
        ({'policy': st(Sid='x' * 6200)}, [('policy', '6320 characters without white space, allowed are 6144')]),
        ({'policy': J({'Version': '2012-10-17', 'Statement': [json.loads(st(Sid='a'))['Statement'][0]] * 2})}, [('policy', "2 of its statements have the 'Sid' 'a'")]),
        ({'policy': st(Condition={'StringEquals': 'x'})}, [('policy', "its condition 'StringEquals' is no object of keys and values")]),
        ({'policy': st(NotResource='*')}, [('policy', "a statement has both 'Resource' and 'NotResource': give one of them")]),
        ({'policy': st(Resource=[])}, [('policy', "a statement has no 'Resource'")]),
        ({'policy': st(Actions='s3:*')}, [('policy', "a statement has an element 'Actions'; allowed are Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition")]),
        ({'policy': st(Action='s3:Get Object')}, [('policy', "its action 's3:Get Object' is not such as s3:GetObject: a service, a colon, a name")]),
        ({'policy': st(Resource='arn:aws:s3:::b/${aws:username}', Action=['s3:*', 1])}, [('policy', 'its action 1 is not such as s3:GetObject: a service, a colon, a name')]),
    ], [
        {'policy': st(Resource='*')}, {'policy': st(Sid='Ab1')}, {'policy': st(Action=None, NotAction='iam:*')}, {'policy': st(Condition={'StringEqualsIfExists': {'aws:PrincipalTag/a': ['b']}, 'ForAllValues:StringLike': {'aws:TagKeys': ['x']}, 'Bool': {'aws:SecureTransport': 'true'}, 'NumericLessThan': {'s3:max-keys': 10}, 'Null': {'a': 'true'}})}, {'policy': st(Action='*', Resource='*')}, {'policy': J({'Version': '2012-10-17', 'Statement': json.loads(st())['Statement'][0]})}, {'policy': st(Resource='arn:aws:s3:::b/${aws:username}')}, {'policy': J({'Statement': json.loads(st())['Statement']})},
    ]),
    ("iam/rolePolicy:RolePolicy", {'role': 'r', 'policy': st()}, [
        ({'policy': st(Resource=None)}, [('policy', "a statement has no 'Resource'")]),
    ], []),
    ("iam/accessKey:AccessKey", {'user': 'u'}, [
        ({'status': 'On'}, [('status', "'On' is not allowed; allowed are Active, Inactive, Expired")]),
    ], [
        {'status': 'Inactive'},
    ]),
    ("iam/serviceLinkedRole:ServiceLinkedRole", {'awsServiceName': 'ecs.amazonaws.com'}, [
        ({'awsServiceName': 'ecs'}, [('awsServiceName', "'ecs' is no whole name of a service such as ecs.amazonaws.com")]),
    ], []),
    ("iam/openIdConnectProvider:OpenIdConnectProvider", {'url': 'https://token.actions.githubusercontent.com', 'clientIdLists': ['sts.amazonaws.com']}, [
        ({'thumbprintLists': ['g' * 40]}, [('thumbprintLists[0]', "'gggggggggggggggggggggggggggggggggggggggg' is no fingerprint of 40 hexadecimal digits")]),
    ], [
        {'thumbprintLists': ['a' * 40]},
    ]),
    ("iam/rolePolicyAttachment:RolePolicyAttachment", {'role': 'r', 'policyArn': 'arn:aws:iam::aws:policy/ReadOnlyAccess'}, [
        ({'policyArn': 'arn:aws:s3:::bucket-of-mine'}, [('policyArn', "'arn:aws:s3:::bucket-of-mine' is not an ARN of iam")]),
    ], []),
]  # fmt: skip

"""The program of a new account on the local cloud. Cannot prove that AWS gives a role for a code host's token, nor that
the rights of the roles are all that the official provider needs: they hold what is written there, and reads are AWS's own policy."""

import dataclasses
import json
from urllib.parse import unquote

import pytest

from stacks.bootstrap.account import boundary_statements, deploy_statements
from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine
ACCOUNT, REGION = "123456789012", "eu-central-1"


def test_a_new_account_gets_states_a_key_and_a_role_for_each_environment_of_one_repository(checkout: Checkout) -> None:
    folder = checkout.state.parent / "account"
    repository = "your-organisation/your-repository"
    checkout("bootstrap", str(folder), "--account", ACCOUNT, "--region", REGION, "--repository", repository)
    own = dataclasses.replace(checkout, folder=folder, variables={"PYTHONPATH": str(checkout.folder)})
    try:
        assert set(summary(own.up("account"))) == {"created"}
        told = own.outputs("account")
        assert sorted(told) == [
            "AWS_DEPLOY_ROLE",
            "AWS_REGION",
            "PULUMI_SECRETS_PROVIDER",
            "PULUMI_STATE",
            "permissions_boundary",
        ]
        bucket = told["PULUMI_STATE"].removeprefix("s3://").partition("?")[0]
        s3 = own.client_of("s3", ACCOUNT, REGION)
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        key = rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
        kms = own.client_of("kms", ACCOUNT, REGION)
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        assert kms.describe_key(KeyId="alias/pulumi-states")["KeyMetadata"]["Arn"] == key
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())

        iam = own.client_of("iam", ACCOUNT, REGION)
        assert sorted(told["AWS_DEPLOY_ROLE"]) == ["preview", "prod", "staging"]
        for name in told["AWS_DEPLOY_ROLE"]:
            role = iam.get_role(RoleName=f"accordion-deploy-{name}")["Role"]
            trusted = role["AssumeRolePolicyDocument"]
            (statement,) = (json.loads(unquote(trusted)) if isinstance(trusted, str) else trusted)["Statement"]
            assert statement["Condition"]["StringEquals"] == {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": f"repo:{repository}:environment:{name}",
            }
            (policy,) = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
            document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)["PolicyDocument"]
            (issuer,) = [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
            arns = (f"arn:aws:s3:::{bucket}", key, issuer, told["permissions_boundary"])
            assert document["Statement"] == deploy_statements(ACCOUNT, *arns)
        (version,) = iam.list_policy_versions(PolicyArn=told["permissions_boundary"])["Versions"]
        boundary = iam.get_policy_version(PolicyArn=told["permissions_boundary"], VersionId=version["VersionId"])
        assert boundary["PolicyVersion"]["Document"]["Statement"] == boundary_statements(
            ACCOUNT, f"arn:aws:s3:::{bucket}", key
        )
        assert set(summary(own.up("account"))) == {"unchanged"}
        assert set(summary(own.destroy("account"))) == {"deleted"}
    finally:
        own("local", "stop")

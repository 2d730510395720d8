"""Cognito on the local cloud, as AWS has it; that AWS's own words are these is not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def pool(aws: Any, **members: Any) -> tuple[Any, str]:
    """A client, and the id of a new user pool."""
    client = aws.client("cognito-idp")
    return client, client.create_user_pool(PoolName=aws.name(), **members)["UserPool"]["Id"]


def described(client: Any, pool_id: str) -> Any:
    """The pool."""
    return client.describe_user_pool(UserPoolId=pool_id)["UserPool"]


@scenario
def an_update_keeps_what_it_cannot_change_and_resets_the_rest(aws: Any) -> tuple[Any, Any]:
    client, made = pool(
        aws, UsernameAttributes=["email"], UserPoolTags={"a": "1"}, AutoVerifiedAttributes=["email"],
        LambdaConfig={"PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:a"},
    )  # fmt: skip
    client.update_user_pool(UserPoolId=made, AutoVerifiedAttributes=["email"], MfaConfiguration="OFF")
    found = described(client, made)
    return (
        found["UsernameAttributes"], found["UserPoolTags"], found.get("LambdaConfig"), found["AutoVerifiedAttributes"],
        found["DeletionProtection"], found["UserPoolTier"],
    ), (["email"], {"a": "1"}, None, ["email"], "INACTIVE", "ESSENTIALS")  # fmt: skip


@scenario
def a_pool_has_the_standard_attributes_beside_its_own(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws, Schema=[{"Name": "tier", "AttributeDataType": "String"}])
    names = {one["Name"] for one in described(client, made)["SchemaAttributes"]}
    return {"custom:tier", "email", "sub", "phone_number"} <= names, True


@scenario
def the_second_factor_is_told_as_it_was_set(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws, MfaConfiguration="OFF")
    client.set_user_pool_mfa_config(
        UserPoolId=made, MfaConfiguration="ON", EmailMfaConfiguration={"Message": "{####}", "Subject": "code"}
    )
    found = client.get_user_pool_mfa_config(UserPoolId=made)
    return (described(client, made)["MfaConfiguration"], found["EmailMfaConfiguration"]), (
        "ON", {"Message": "{####}", "Subject": "code"},
    )  # fmt: skip


@scenario
def a_protected_pool_stays_and_one_with_a_domain(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws, DeletionProtection="ACTIVE")
    protected = aws.refusal(lambda: client.delete_user_pool(UserPoolId=made))
    client.update_user_pool(UserPoolId=made, DeletionProtection="INACTIVE")
    client.create_user_pool_domain(UserPoolId=made, Domain=aws.name())
    held = aws.refusal(lambda: client.delete_user_pool(UserPoolId=made))
    return (protected, held), (
        (
            "InvalidParameterException: The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        ),
        "InvalidParameterException: User pool cannot be deleted. It has a domain configured that should be deleted first.",
    )


@scenario
def a_pool_has_tags(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws, UserPoolTags={"a": "1", "b": "2"})
    arn = described(client, made)["Arn"]
    client.tag_resource(ResourceArn=arn, Tags={"c": "3"})
    client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    return client.list_tags_for_resource(ResourceArn=arn)["Tags"], {"b": "2", "c": "3"}


@scenario
def an_update_of_a_client_resets_what_is_left_out(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    asked = {"CallbackURLs": ["https://shop.example"], "RefreshTokenValidity": 7}
    one = client.create_user_pool_client(UserPoolId=made, ClientName="web", **asked)["UserPoolClient"]["ClientId"]
    found = client.update_user_pool_client(UserPoolId=made, ClientId=one, ClientName="web")["UserPoolClient"]
    return (found.get("CallbackURLs"), found["RefreshTokenValidity"], "CreationDate" in found), (None, 30, True)


@scenario
def a_client_has_scopes_and_providers_that_are_there(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)

    def asked(**members: Any) -> str:
        return str(aws.refusal(lambda: client.create_user_pool_client(UserPoolId=made, ClientName="a", **members)))

    flows = {"AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": True}
    return (
        asked(**flows, AllowedOAuthScopes=["orders/read"]), asked(SupportedIdentityProviders=["Google"]),
        asked(AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["openid"]),
    ), (
        "ScopeDoesNotExistException: Invalid scope requested: orders/read",
        f"InvalidParameterException: The provider Google does not exist for User Pool {made}",
        "InvalidOAuthFlowException: client_credentials flow can not be selected if client does not have a client secret.",
    )  # fmt: skip


@scenario
def a_domain_is_taken_once_and_is_of_the_account(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    _, other = pool(aws)
    name = aws.name()
    client.create_user_pool_domain(UserPoolId=made, Domain=name)
    again = aws.refusal(lambda: client.create_user_pool_domain(UserPoolId=other, Domain=name))
    second = aws.refusal(lambda: client.create_user_pool_domain(UserPoolId=made, Domain=f"{name}-b"))
    found = client.describe_user_pool_domain(Domain=name)["DomainDescription"]
    return (again, second, found["AWSAccountId"], found["CloudFrontDistribution"].endswith(".cloudfront.net")), (
        "InvalidParameterException: Domain already associated with another user pool.",
        "InvalidParameterException: User pool already has a domain configured.", "123456789012", True,
    )  # fmt: skip


@scenario
def a_domain_of_ones_own_is_told_apart_and_changes_its_pages(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    name = f"in.{aws.name()}.example"
    certificate = {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a"}
    client.create_user_pool_domain(UserPoolId=made, Domain=name, CustomDomainConfig=certificate)
    client.update_user_pool_domain(UserPoolId=made, Domain=name, ManagedLoginVersion=2)
    found = client.describe_user_pool_domain(Domain=name)["DomainDescription"]
    told = described(client, made)
    return (found["CustomDomainConfig"], found["ManagedLoginVersion"], told.get("Domain"), told["CustomDomain"]), (
        certificate, 2, None, name,
    )  # fmt: skip


@scenario
def a_resource_server_changes_and_goes(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    at = {"UserPoolId": made, "Identifier": "orders"}
    client.create_resource_server(**at, Name="a", Scopes=[{"ScopeName": "read", "ScopeDescription": "r"}])
    client.update_resource_server(**at, Name="b", Scopes=[])
    found = client.describe_resource_server(**at)["ResourceServer"]
    client.delete_resource_server(**at)
    gone = aws.refusal(lambda: client.describe_resource_server(**at)).split(":")[0]
    return (found["Name"], "Scopes" in found, gone), ("b", False, "ResourceNotFoundException")


@scenario
def a_provider_is_there_once(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    asked = {
        "UserPoolId": made,
        "ProviderName": "Google",
        "ProviderType": "Google",
        "ProviderDetails": {"client_id": "a"},
    }
    client.create_identity_provider(**asked)
    refused = aws.refusal(lambda: client.create_identity_provider(**asked))
    return refused, "DuplicateProviderException: A provider with the name Google already exists."


@scenario
def who_is_in_no_group_cannot_leave_it(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    client.create_group(UserPoolId=made, GroupName="g")
    client.admin_create_user(UserPoolId=made, Username="ada")
    left = {"UserPoolId": made, "GroupName": "g", "Username": "ada"}
    return aws.refusal(lambda: client.admin_remove_user_from_group(**left)).split(":")[0], "ResourceNotFoundException"


def identity_pool(aws: Any, **members: Any) -> tuple[Any, str]:
    """A client, and the id of a new identity pool."""
    client = aws.client("cognito-identity")
    asked = {"AllowUnauthenticatedIdentities": False} | members
    return client, client.create_identity_pool(IdentityPoolName=aws.name(), **asked)["IdentityPoolId"]


@scenario
def an_identity_pool_changes_as_a_whole(aws: Any) -> tuple[Any, Any]:
    client, made = identity_pool(aws, AllowClassicFlow=True, SupportedLoginProviders={"graph.facebook.com": "1"})
    first = client.describe_identity_pool(IdentityPoolId=made)["AllowClassicFlow"]
    client.update_identity_pool(IdentityPoolId=made, IdentityPoolName="renamed", AllowUnauthenticatedIdentities=True)
    found = client.describe_identity_pool(IdentityPoolId=made)
    return (first, found["IdentityPoolName"], found.get("SupportedLoginProviders"), found.get("AllowClassicFlow")), (
        True, "renamed", None, False,
    )  # fmt: skip


@scenario
def identities_have_roles_and_their_pool_tags(aws: Any) -> tuple[Any, Any]:
    client, made = identity_pool(aws, IdentityPoolTags={"a": "1"})
    roles = {"authenticated": "arn:aws:iam::123456789012:role/in"}
    client.set_identity_pool_roles(IdentityPoolId=made, Roles=roles)
    arn = f"arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/{made}"
    client.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    found = client.get_identity_pool_roles(IdentityPoolId=made)["Roles"]
    return (found, client.list_tags_for_resource(ResourceArn=arn)["Tags"]), (roles, {"b": "2"})


@scenario
def pages_need_a_domain_and_go_back_to_cognitos_own(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    look = {"UserPoolId": made, "CSS": ".x {}"}
    without = aws.refusal(lambda: client.set_ui_customization(**look))
    client.create_user_pool_domain(UserPoolId=made, Domain=aws.name().lower())
    client.set_ui_customization(**look)
    shown = client.get_ui_customization(UserPoolId=made)["UICustomization"]["CSS"]
    client.set_ui_customization(UserPoolId=made)
    own = client.get_ui_customization(UserPoolId=made)["UICustomization"]
    return (without, shown, own), (
        "InvalidParameterException: There has to be an existing domain associated with this user pool", ".x {}", {},
    )  # fmt: skip


@scenario
def risks_of_one_client_are_not_those_of_the_pool(aws: Any) -> tuple[Any, Any]:
    client, made = pool(aws)
    app = client.create_user_pool_client(UserPoolId=made, ClientName="a")["UserPoolClient"]["ClientId"]
    ranges = {"RiskExceptionConfiguration": {"BlockedIPRangeList": ["10.0.0.0/8"]}}
    client.set_risk_configuration(UserPoolId=made, ClientId=app, **ranges)
    of_pool = client.describe_risk_configuration(UserPoolId=made)["RiskConfiguration"]
    of_app = client.describe_risk_configuration(UserPoolId=made, ClientId=app)["RiskConfiguration"]
    other = aws.refusal(lambda: client.set_risk_configuration(UserPoolId=made, ClientId="x", **ranges)).split(":")[0]
    return (of_pool.keys(), of_app.get("RiskExceptionConfiguration"), other), (
        {"UserPoolId": 1}.keys(), ranges["RiskExceptionConfiguration"], "ResourceNotFoundException",
    )  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"

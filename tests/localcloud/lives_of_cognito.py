"""What is done to Cognito's pools and what they hold in the test of their lives."""

from tests.localcloud.lives import Life

COGNITO_LIVES: dict[str, Life] = {
    "cognito/riskConfiguration:RiskConfiguration": Life(
        {
            "riskExceptionConfiguration": {"skippedIpRangeLists": ["10.0.0.0/8"]},
            "compromisedCredentialsRiskConfiguration": {"actions": {"eventAction": "BLOCK"},
                                                        "eventFilters": ["SIGN_IN", "SIGN_UP"]},
            "accountTakeoverRiskConfiguration": {
                "notifyConfiguration": {"sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/shop.example",
                                        "blockEmail": {"htmlBody": "<p>b</p>", "subject": "s", "textBody": "a text"}},
                "actions": {"highAction": {"eventAction": "BLOCK", "notify": True}},
            },
        },
        {"userPoolId": "eu-west-1_other", "clientId": "other"},
        ("cognito-idp", "set_risk_configuration", {
            "UserPoolId": "{userPoolId}", "RiskExceptionConfiguration": {"SkippedIPRangeList": ["10.9.0.0/16"]},
        }, "riskExceptionConfiguration", {"skippedIpRangeLists": ["10.9.0.0/16"]}),
    ),
    "cognito/userPoolUICustomization:UserPoolUICustomization": Life(
        {"css": ".logo-customizable {}", "imageFile": "aW1hZ2U="}, {"userPoolId": "eu-west-1_other", "clientId": "other"},
        ("cognito-idp", "set_ui_customization", {"UserPoolId": "{userPoolId}", "ClientId": "ALL", "CSS": ".x {}"},
         "css", ".x {}"),
        unimported=frozenset({"imageFile"}),
    ),
    "cognito/logDeliveryConfiguration:LogDeliveryConfiguration": Life(
        {"logConfigurations": [{"eventSource": "userAuthEvents", "logLevel": "INFO", "s3Configuration": {
            "bucketArn": "arn:aws:s3:::logs"}}]},
        {"userPoolId": "eu-west-1_other"},
        ("cognito-idp", "set_log_delivery_configuration", {"UserPoolId": "{userPoolId}", "LogConfigurations": [
            {"EventSource": "userAuthEvents", "LogLevel": "INFO", "S3Configuration": {"BucketArn": "arn:aws:s3:::x"}}]},
         "logConfigurations", [{"eventSource": "userAuthEvents", "logLevel": "INFO",
                                "s3Configuration": {"bucketArn": "arn:aws:s3:::x"}}]),
    ),
    "cognito/managedUserPoolClient:ManagedUserPoolClient": Life(
        {"callbackUrls": ["https://shop.example/in"], "logoutUrls": ["https://shop.example/out"]},
        {"userPoolId": "eu-west-1_other", "namePrefix": "other"},
        ("cognito-idp", "update_user_pool_client", {"UserPoolId": "{userPoolId}", "ClientId": "{id}",
                                                    "LogoutURLs": ["https://x.example"]},
         "logoutUrls", ["https://x.example"]),
        import_id="{userPoolId}/{id}", unimported=frozenset({"namePrefix"}), kept=True,
        more=lambda w: {"logoutUrls": ["https://shop.example/bye"]},
    ),
    "cognito/userPool:UserPool": Life(
        {
            "passwordPolicy": {"minimumLength": 14}, "mfaConfiguration": "OPTIONAL",
            "softwareTokenMfaConfiguration": {"enabled": True}, "lambdaConfig": None, "tags": {"b": "2"},
            "accountRecoverySetting": {"recoveryMechanisms": [{"name": "verified_email", "priority": 1}]},
            "verificationMessageTemplate": {"emailSubject": "your code", "emailMessage": "it is {####}"},
            "schemas": [
                {"name": "email", "attributeDataType": "String", "mutable": True, "required": True},
                {"name": "tier", "attributeDataType": "String", "mutable": True,
                 "stringAttributeConstraints": {"maxLength": "16"}},
                {"name": "age", "attributeDataType": "Number"},
            ],
        },
        {"name": "other", "usernameAttributes": ["email"]},
        ("cognito-idp", "update_user_pool", {"UserPoolId": "{id}", "AutoVerifiedAttributes": ["phone_number"]},
         "autoVerifiedAttributes", ["phone_number"]),
        more=lambda w: {
            "tags": {"a": "1"}, "lambdaConfig": {"preSignUp": w.out("lambda/function:Function", "arn")},
            "schemas": [
                {"name": "email", "attributeDataType": "String", "mutable": True, "required": True},
                {"name": "tier", "attributeDataType": "String", "mutable": True,
                 "stringAttributeConstraints": {"maxLength": "16"}},
            ],
        },
    ),
    "cognito/userPoolClient:UserPoolClient": Life(
        {
            "name": "web", "callbackUrls": ["https://shop.example/in"], "allowedOauthFlows": ["code"],
            "allowedOauthFlowsUserPoolClient": True, "allowedOauthScopes": ["openid", "email"],
            "supportedIdentityProviders": ["COGNITO"], "explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            "accessTokenValidity": 15, "tokenValidityUnits": {"accessToken": "minutes"},
        },
        {"generateSecret": True, "userPoolId": "eu-west-1_other"},
        ("cognito-idp", "update_user_pool_client", {"UserPoolId": "{userPoolId}", "ClientId": "{id}", "ClientName": "x"},
         "name", "x"),
        import_id="{userPoolId}/{id}",
    ),
    "cognito/userPoolDomain:UserPoolDomain": Life(
        {"managedLoginVersion": 2}, {"domain": "other", "userPoolId": "eu-west-1_other"},
        ("cognito-idp", "update_user_pool_domain", {"UserPoolId": "{userPoolId}", "Domain": "{domain}",
                                                    "ManagedLoginVersion": 1}, "managedLoginVersion", 1),
    ),
    "cognito/userGroup:UserGroup": Life(
        {"description": "who buys", "precedence": 2}, {"name": "other", "userPoolId": "eu-west-1_other"},
        ("cognito-idp", "update_group", {"UserPoolId": "{userPoolId}", "GroupName": "{name}", "Description": "x"},
         "description", "x"),
        more=lambda w: {"precedence": 1},
    ),
    "cognito/user:User": Life(
        {"attributes": {"email": "lovelace@shop.example", "given_name": "Ada"}, "enabled": False,
         "password": "Of-Analytical-Engines-1"},
        {"username": "other", "userPoolId": "eu-west-1_other"},
        ("cognito-idp", "admin_enable_user", {"UserPoolId": "{userPoolId}", "Username": "{username}"}, "enabled", True),
        more=lambda w: {"attributes": {"email": "ada@shop.example", "family_name": "Lovelace"}},
        unimported=frozenset({"password"}),
    ),
    "cognito/userInGroup:UserInGroup": Life(
        None, {"groupName": "other", "username": "other", "userPoolId": "eu-west-1_other"},
    ),
    "cognito/resourceServer:ResourceServer": Life(
        {"name": "orders", "scopes": [{"scopeName": "write", "scopeDescription": "write orders"}]},
        {"identifier": "other", "userPoolId": "eu-west-1_other"},
        ("cognito-idp", "update_resource_server", {
            "UserPoolId": "{userPoolId}", "Identifier": "{identifier}", "Name": "x",
            "Scopes": [{"ScopeName": "write", "ScopeDescription": "write orders"}],
        }, "name", "x"),
    ),
    "cognito/identityProvider:IdentityProvider": Life(
        {"providerDetails": {"client_id": "a2", "client_secret": "b2", "authorize_scopes": "email openid"},
         "attributeMapping": {"email": "email"}, "idpIdentifiers": None},
        {"providerName": "other", "providerType": "Facebook", "userPoolId": "eu-west-1_other"},
        ("cognito-idp", "update_identity_provider", {"UserPoolId": "{userPoolId}", "ProviderName": "{providerName}",
                                                     "AttributeMapping": {"email": "mail"}},
         "attributeMapping", {"email": "mail"}),
        more=lambda w: {"idpIdentifiers": ["shop"]},
    ),
    "cognito/identityPool:IdentityPool": Life(
        {
            "identityPoolName": "renamed", "allowUnauthenticatedIdentities": True, "allowClassicFlow": True,
            "supportedLoginProviders": None, "tags": {"b": "2"},
            "cognitoIdentityProviders": [{"clientId": "c1", "providerName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a"}],
        },
        {"developerProviderName": "other"},
        ("cognito-identity", "update_identity_pool", {
            "IdentityPoolId": "{id}", "IdentityPoolName": "x", "AllowUnauthenticatedIdentities": True,
            "AllowClassicFlow": True,
        }, "identityPoolName", "x"),
        more=lambda w: {"tags": {"a": "1"}, "supportedLoginProviders": {"graph.facebook.com": "7346241598935552"}},
    ),
    "cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": Life(
        {
            "roleMappings": [{
                "identityProvider": "graph.facebook.com", "type": "Rules", "ambiguousRoleResolution": "Deny",
                "mappingRules": [{"claim": "team", "matchType": "Equals", "value": "shop",
                                  "roleArn": "arn:aws:iam::123456789012:role/shop"}],
            }],
        },
        {"identityPoolId": "eu-west-1:00000000-0000-4000-8000-000000000000"},
    ),
}  # fmt: skip

"""Why no refresh can tell of a property that a row lists as `write_only`: it is taken as it was asked for."""

_PROVIDER = "it says how the provider works: AWS holds nothing of it"
_HIDDEN = "AWS takes it and never gives it back"
_ONCE = "one call uses it up: AWS keeps what followed from it, in other properties"
_UNKEPT = "AWS tells it, the local cloud does not keep it"

WHY = {
    **dict.fromkeys((
        "allowOverwrite", "allowReassociation", "autoAccept", "blockPublicPolicy", "bypassPolicyLockoutSafetyCheck",
        "delayAfterPolicyCreationInMs", "deletionWindowInDays", "endpointAutoConfirms", "confirmationTimeoutInMinutes",
        "expectedBucketOwner", "forceDelete", "forceDeleteWarmPool", "forceDestroy", "forceDetachPolicies",
        "forceNewDeployment", "ignoreFailedScalingActivities", "instanceRefresh", "metricsGranularity",
        "minElbCapacity", "overrideProvider", "overwrite", "recoveryWindowInDays", "revokeRulesOnDelete",
        "finalSnapshot", "forceDetach",
        "skipDestroy", "sourceHash", "stopInstanceBeforeDetaching", "timeouts", "trackLatest", "triggers",
        "updateDefaultVersion",
        "userDataReplaceOnChange", "validationRecordFqdns", "waitForCapacityTimeout", "waitForElbCapacity",
        "waitForSteadyState",
    ), _PROVIDER),
    **dict.fromkeys((
        "certificateBody", "certificateChain", "certificatePrivateKey", "clientSecret", "mfa", "privateKey",
        "publicKey",
    ), _HIDDEN),
    **dict.fromkeys((
        "acl", "associatePublicIpAddress", "associateWithPrivateIp", "availabilityZoneAddresses", "content",
        "contentBase64", "delegationSetId",
        "initialLifecycleHooks", "objectLockEnabled", "securityGroups", "source", "trafficSources", "userDataBase64",
        "validationOptions", "volumeTags",
    ), _ONCE),
    **dict.fromkeys((
        "allocationId", "availabilityZone", "bucketKeyEnabled", "eventbridge", "instanceLifecyclePolicy",
        "interfaceType", "keyAlgorithm", "mutualAuthentication", "newerNoncurrentVersions", "objectSizeGreaterThan",
        "objectSizeLessThan", "permissionsBoundary", "placementGroup", "serviceLinkedRoleArn",
        "targetObjectKeyFormat", "tenancy",
        "cpuOptions", "disableApiStop", "ebsBlockDevices", "hibernation", "instanceMarketOptions", "launchTemplate",
        "metadataOptions", "mfaDelete", "ipv6AddressPreferredLeaseTime", "multiAttachEnabled",
        "volumeInitializationRate", "distribution",
        "networkBorderGroup", "objectLockRetainUntilDate", "placementTenancy",
        "publicIpv4Pool", "rootBlockDevice", "rotationPeriodInDays", "spotPrice",
        "transitionDefaultMinimumObjectSize", "userData",
    ), _UNKEPT),
    # managed services
    **dict.fromkeys((
        "allowMajorVersionUpgrade", "applyImmediately", "authTokenUpdateStrategy", "blueGreenUpdate",
        "clusterIdentifierPrefix", "enforceConsumerDeletion", "failOnWarnings", "putRestApiMode",
        "deleteAutomatedBackups", "finalSnapshotIdentifier", "identifierPrefix", "skipFinalSnapshot",
        "upgradeStorageConfig",
        "retainOnDelete", "waitForDeployment", "publish",
        "publishTo", "replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "sourceCodeHash",
        "statementIdPrefix", "useResourceTimeoutForPropagation",
    ), _PROVIDER),
    **dict.fromkeys(("credentialsArn", "eventSourceName", "routeKey", "target", "variables"), _ONCE),
    **dict.fromkeys((
        "clientMetadata", "desiredDeliveryMediums", "forceAliasCreation", "messageAction", "validationData",
        "body", "imageFile", "namePattern", "namePrefix", "snapshotArnsToRestores",
        "preferredCacheClusterAzs", "referenceName", "snapshotArns", "snapshotName",
    ), _ONCE),
    **dict.fromkeys(("authToken", "masterPassword", "password", "passwords", "temporaryPassword"), _HIDDEN),
    "passwordLength": _ONCE,
    **dict.fromkeys(
        ("enableGlobalWriteForwarding", "enableLocalWriteForwarding", "globalClusterIdentifier"), _UNKEPT
    ),
    **dict.fromkeys(("code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceKmsKeyArn"), _ONCE),
}  # fmt: skip
"""Last name of a path -> the reason. A test holds it equal to what the rows list as `write_only`."""

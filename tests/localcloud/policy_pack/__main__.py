"""A pack with one rule, to see that the engine starts it through our language host."""

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def _short(args, report):
    if args.resource_type == "aws:cloudwatch/logGroup:LogGroup" and args.props.get("retentionInDays", 0) < 90:
        report("retention is under 90 days")


PolicyPack(
    "demo", [ResourceValidationPolicy("retention", "Logs are kept for 90 days.", _short, EnforcementLevel.MANDATORY)]
)

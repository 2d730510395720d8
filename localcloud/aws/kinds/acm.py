"""Certificates, and waiting for their validation."""

import time

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation, answered

PATIENCE = 75 * 60.0
"""Seconds: how long the official provider waits for a certificate to be issued."""
FINAL = {"FAILED", "VALIDATION_TIMED_OUT", "REVOKED", "EXPIRED"}


def create(aws: Aws, props: Props) -> str:
    """Request a certificate, or import one."""
    if props.get("certificateBody"):
        members = {"certificateBody": "Certificate", "privateKey": "PrivateKey", "certificateChain": "CertificateChain"}
        material = {member: str(props[name]).encode() for name, member in members.items() if props.get(name)}
        tags = [{"Key": k, "Value": v} for k, v in (props.get("tags") or {}).items()]
        return str(aws("acm", "import_certificate", **material, **({"Tags": tags} if tags else {}))["CertificateArn"])
    request = ROWS[0].request("request_certificate", {k: v for k, v in props.items() if k not in MATERIAL})
    return str(aws("acm", "request_certificate", **request)["CertificateArn"])


def retag(aws: Aws, arn: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of a certificate."""
    if gone:
        aws("acm", "remove_tags_from_certificate", CertificateArn=arn, Tags=[{"Key": k} for k in gone])
    if tags:
        pairs = [{"Key": k, "Value": v} for k, v in tags.items()]
        aws("acm", "add_tags_to_certificate", CertificateArn=arn, Tags=pairs)


def tags(aws: Aws, arn: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of a certificate."""
    return {t["Key"]: t.get("Value", "") for t in aws("acm", "list_tags_for_certificate", CertificateArn=arn)["Tags"]}


def options(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """Transparency logging is the one thing that changes in place."""
    if new.get("options") != old.get("options"):
        wanted = (new.get("options") or {}).get("certificateTransparencyLoggingPreference", "ENABLED")
        body = {"CertificateTransparencyLoggingPreference": wanted}
        aws("acm", "update_certificate_options", CertificateArn=arn, Options=body)


def validation_records(aws: Aws, arn: str, live: Props, props: Props) -> list[Props]:
    """The DNS records that prove the domains."""
    names = {"Name": "resourceRecordName", "Type": "resourceRecordType", "Value": "resourceRecordValue"}
    in_order = [live["DomainName"], *sorted(live.get("SubjectAlternativeNames") or ())]
    records = sorted(live.get("DomainValidationOptions") or (), key=lambda one: in_order.index(one["DomainName"]))
    return [
        {"domainName": one["DomainName"]} | {ours: record[member] for member, ours in names.items()}
        for one in records
        for record in [one.get("ResourceRecord")]
        if record
    ]


def other_names(aws: Aws, arn: str, live: Props, props: Props) -> list[str]:
    """The further names; AWS lists the main one among them."""
    asked = props.get("subjectAlternativeNames") or []
    return [name for name in live.get("SubjectAlternativeNames") or () if name != live["DomainName"] or name in asked]


def named_or_given(props: Props) -> list[tuple[str, str]]:
    """A certificate is requested for a name, or imported with its key."""
    if not props.get("domainName") and not props.get("certificateBody"):
        return [("domainName", "missing required property: give 'domainName', or 'certificateBody' and 'privateKey'")]
    if props.get("domainName") and props.get("certificateBody"):
        return [("certificateBody", "conflicts with 'domainName': give one of them")]
    if props.get("domainName") and not props.get("validationMethod") and not props.get("certificateAuthorityArn"):
        return [("validationMethod", "missing required property for a requested certificate")]
    return []


def wait_until_issued(aws: Aws, props: Props) -> str:
    """Wait for the validation; raises Refused when it fails or does not come."""
    arn, pause, ends = str(props["certificateArn"]), 0.1, time.monotonic() + PATIENCE
    while True:
        status = aws("acm", "describe_certificate", CertificateArn=arn)["Certificate"]["Status"]
        if status == "ISSUED":
            return arn
        if status in FINAL or time.monotonic() > ends:
            raise Refused(f"certificateArn: the certificate was not issued, its status is {status}")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


def keep(aws: Aws, arn: str, props: Props) -> None:
    """A validation is no object in AWS: nothing is deleted."""


MATERIAL = ("certificateBody", "privateKey", "certificateChain")

ROWS: tuple[Kind, ...] = (
    Kind(
        "aws:acm/certificate:Certificate",
        Calls(
            "acm",
            "request_certificate",
            "CertificateArn",
            custom_create=create,
            update=options,
            read=("describe_certificate", {"CertificateArn": "{id}"}, "Certificate"),
            delete=("delete_certificate", {"CertificateArn": "{id}"}),
        ),
        tags=Tags(update=retag),
        translation=Translation(
            served=set(MATERIAL),
            rename=dict.fromkeys(MATERIAL) | {"validationOptions": "DomainValidationOptions"},
            unserved={"earlyRenewalDuration", "privateKeyWo", "privateKeyWoVersion"},
        ),
        properties=Properties(
            write_only={*MATERIAL, "validationOptions", "keyAlgorithm"},
            force_new={
                "domainName",
                "subjectAlternativeNames",
                "validationMethod",
                "keyAlgorithm",
                "certificateAuthorityArn",
                "validationOptions",
                *MATERIAL,
            },
            unordered={"subjectAlternativeNames"},
            computed={"subjectAlternativeNames", "options", "keyAlgorithm", "validationMethod", "validationOptions"},
        ),
        own_calls=OwnCalls(read={"tags": tags}),
        validate=named_or_given,
        outputs={
            "arn": "{id}",
            "domainValidationOptions": validation_records,
            "subjectAlternativeNames": other_names,
            "validationEmails": answered("DomainValidationOptions[].ValidationEmails[]"),
            "pendingRenewal": lambda aws, i, live, props: False,
            "validationMethod": answered("DomainValidationOptions[0].ValidationMethod"),
        },
    ),
    Kind(
        "aws:acm/certificateValidation:CertificateValidation",
        Calls(
            "acm",
            "describe_certificate",
            "",
            custom_create=wait_until_issued,
            read=("describe_certificate", {"CertificateArn": "{id}"}, "[Certificate][?Status=='ISSUED'] | [0]"),
            delete=keep,
            update=lambda aws, i, old, new: None,
        ),
        tags=Tags(None),
        translation=Translation(rename={"validationRecordFqdns": None}, served={"validationRecordFqdns"}),
        properties=Properties(
            force_new={"certificateArn", "validationRecordFqdns"},
            write_only={"validationRecordFqdns"},
            unordered={"validationRecordFqdns"},
        ),
    ),
)

"""Buckets, what is set of them, and repositories of images.

Sources: Amazon S3 API reference, PutBucketLifecycleConfiguration, PutBucketCors, PutBucketEncryption,
PutBucketNotificationConfiguration, PutBucketWebsite; S3 User Guide, lifecycle transitions, transfer acceleration;
Amazon ECR User Guide, lifecycle policy properties.
"""

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, number, one_of, within
from localcloud.aws.limits._conditions import arn_of, modelled, on, once, only_with, parsed, sized, told
from localcloud.provider.wire import unknowns

RARE, ARCHIVES, LEAST = ("STANDARD_IA", "ONEZONE_IA"), ("GLACIER", "DEEP_ARCHIVE"), 30
"""Classes in which an object stays for a month before a rule moves it to an archive."""
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
SIZES = [f"{inner}objectSize{side}Than" for inner in ("", "and.") for side in ("Greater", "Less")]
MOST_RULES, MOST_CORS, LONGEST_ID, MOST_TAGS = 1_000, 100, 255, 10
NOTIFIED = (
    ("queues", "queueArn", "sqs"),
    ("topics", "topicArn", "sns"),
    ("lambdaFunctions", "lambdaFunctionArn", "lambda"),
)


def _rules(props: Props) -> Iterator[tuple[str, Props]]:
    yield from ((place, rule) for place, rule in each(props, "rules[]") if isinstance(rule, dict))


def expirations(props: Props) -> Iterator[Fault]:
    """When objects end: after days, at a midnight, or their marker."""
    for place, rule in _rules(props):
        found = rule.get("expiration")
        if not isinstance(found, dict) or unknowns(found):
            continue
        days, marker = number(found.get("days")), on(found.get("expiredObjectDeleteMarker"))
        given = [
            name
            for name, there in (("days", days), ("date", found.get("date")), ("expiredObjectDeleteMarker", marker))
            if there
        ]
        if len(given) > 1:
            yield f"{place}.expiration.{given[1]}", f"conflicts with {given[0]!r}: give one of them"
        if days is not None and days < 1 and not given:
            yield f"{place}.expiration.days", f"{days:g} is below 1, the least that is allowed"
        for at, step in each(rule, "transitions[]"):
            moved = number(step.get("days")) if isinstance(step, dict) else None
            if days and moved is not None and days <= moved and told(step, "days"):
                yield f"{place}.expiration.days", f"{days:g} is not above the {moved:g} days of {at}"


def steps(props: Props) -> Iterator[Fault]:
    """A step to another class is at a day or a date; one out of a rare class comes a month after the one into it."""
    for place, rule in _rules(props):
        listed = [
            (at, step) for at, step in each(rule, "transitions[]") if isinstance(step, dict) and not unknowns(step)
        ]
        for at, step in listed:
            if number(step.get("days")) and step.get("date"):
                yield f"{place}.{at}.date", "conflicts with 'days': give one of them"
        by_class = {step.get("storageClass"): (at, number(step.get("days"))) for at, step in listed}
        for rare, archive in itertools.product(RARE, ARCHIVES):
            (_, into), (at, out) = by_class.get(rare, ("", None)), by_class.get(archive, ("", None))
            if into is not None and out is not None and out < into + LEAST:
                yield f"{place}.{at}.days", f"{out:g} is less than {LEAST} days after the move to {rare} at {into:g}"
        for at, step in each(rule, "noncurrentVersionTransitions[]"):
            days = number(step.get("noncurrentDays")) if isinstance(step, dict) else None
            if days is not None and step.get("storageClass") in RARE and days < LEAST:
                yield (
                    f"{place}.{at}.noncurrentDays",
                    f"{days:g} is below the {LEAST} days before versions may move to {step['storageClass']}",
                )


def filtered(props: Props) -> Iterator[Fault]:
    """What a rule is about, and what is not for objects chosen by their tags."""
    for place, rule in _rules(props):
        chosen = rule.get("filter")
        if rule.get("prefix") not in (None, "") and isinstance(chosen, dict) and chosen:
            yield f"{place}.prefix", "conflicts with 'filter': give one of them"
        for at, both in (("filter", chosen), ("filter.and", chosen.get("and") if isinstance(chosen, dict) else None)):
            low, high = (
                number(both.get(name)) if isinstance(both, dict) else None
                for name in ("objectSizeGreaterThan", "objectSizeLessThan")
            )
            if low is not None and high and low >= high:
                yield f"{place}.{at}.objectSizeLessThan", f"{high:g} is not above 'objectSizeGreaterThan' {low:g}"
        tagged = isinstance(chosen, dict) and (
            chosen.get("tag") or (isinstance(chosen.get("and"), dict) and chosen["and"].get("tags"))
        )
        if not tagged:
            continue
        if rule.get("abortIncompleteMultipartUpload"):
            yield (
                f"{place}.abortIncompleteMultipartUpload",
                "is not for a rule whose filter has tags: uploads have none",
            )
        if isinstance(rule.get("expiration"), dict) and on(rule["expiration"].get("expiredObjectDeleteMarker")):
            yield (
                f"{place}.expiration.expiredObjectDeleteMarker",
                "is not for a rule whose filter has tags: markers have none",
            )


def midnight(path: str) -> Check:
    """A day, at midnight UTC."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            try:
                moment = datetime.datetime.fromisoformat(str(value))
            except ValueError:
                yield place, f"{value!r} is no date such as 2030-01-31T00:00:00Z"
                continue
            if moment.time() != datetime.time(0):
                yield place, f"{value!r} is not at midnight UTC"

    return check


def stars(path: str) -> Check:
    """One asterisk at most."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str) and value.count("*") > 1:
                yield place, f"{value!r} has more than one '*'"

    return check


def encryption(props: Props) -> Iterator[Fault]:
    """A key is for encryption by KMS."""
    for place, found in each(props, "rules[].applyServerSideEncryptionByDefault"):
        if isinstance(found, dict) and found.get("sseAlgorithm") == "AES256" and found.get("kmsMasterKeyId"):
            yield f"{place}.kmsMasterKeyId", "is only for 'sseAlgorithm': 'aws:kms' or 'aws:kms:dsse'"


def notified(props: Props) -> Iterator[Fault]:
    """Whom a bucket tells of what: no FIFO queue, and one of each event under a prefix and a suffix."""
    told_of: list[tuple[str, list[Any], str, str]] = []
    for blocks, arn, service in NOTIFIED:
        yield from arn_of(f"{blocks}[].{arn}", service)(props)
        for place, block in each(props, f"{blocks}[]"):
            if not isinstance(block, dict) or unknowns(block):
                continue
            if isinstance(block.get(arn), str) and block[arn].endswith(".fifo"):
                yield f"{place}.{arn}", f"{block[arn]!r} is first in, first out, which a bucket does not tell"
            if not block.get("events"):
                yield f"{place}.events", "is empty: name an event such as s3:ObjectCreated:*"
            told_of.append(
                (place, block.get("events") or [], block.get("filterPrefix") or "", block.get("filterSuffix") or "")
            )
    for (place, events, prefix, suffix), (before, others, their_prefix, their_suffix) in itertools.combinations(
        told_of[::-1], 2
    ):
        one_way = prefix.startswith(their_prefix) or their_prefix.startswith(prefix)
        other_way = suffix.endswith(their_suffix) or their_suffix.endswith(suffix)
        both = [e for e in events if any(_alike(str(e), str(other)) for other in others)]
        if one_way and other_way and both:
            yield f"{place}.events", f"{both[0]!r} is told by {before} too, for the same objects"


def _alike(one: str, other: str) -> bool:
    wide, narrow = sorted((one, other), key=lambda event: not event.endswith("*"))
    return one == other or (wide.endswith("*") and narrow.startswith(wide[:-1]))


def plain(props: Props) -> Iterator[Fault]:
    """Acceleration is by a host name of its own, of which a bucket's name is one label."""
    name = props.get("bucket")
    if isinstance(name, str) and "." in name and told(props, "bucket"):
        yield "bucket", f"{name!r} has a dot, and transfer acceleration is not for such buckets"


def keyed(props: Props) -> Iterator[Fault]:
    """A key is for images that KMS encrypts."""
    for place, found in each(props, "encryptionConfigurations[]"):
        kind = found.get("encryptionType", "AES256") if isinstance(found, dict) else None
        if kind == "AES256" and found.get("kmsKey"):
            yield f"{place}.kmsKey", "is only for 'encryptionType': 'KMS' or 'KMS_DSSE'"


def _selection(rule: Props) -> Iterator[str]:
    found = rule.get("selection")
    if not isinstance(found, dict):
        yield "has no 'selection'"
        return
    state, kind = found.get("tagStatus"), found.get("countType")
    lists = [name for name in ("tagPrefixList", "tagPatternList") if found.get(name)]
    if state not in ("tagged", "untagged", "any"):
        yield f"has the 'tagStatus' {state!r}; allowed are tagged, untagged, any"
    elif state == "tagged" and len(lists) != 1:
        yield "is of 'tagged' images and needs one of 'tagPrefixList', 'tagPatternList'"
    elif state != "tagged" and lists:
        yield f"has a {lists[0]!r}, which is for 'tagStatus': 'tagged'"
    if kind not in COUNTED:
        yield f"has the 'countType' {kind!r}; allowed are {', '.join(COUNTED)}"
    elif (found.get("countUnit") == "days") != (kind in BY_DAYS):
        yield f"has 'countType' {kind!r} {'without' if kind in BY_DAYS else 'with'} 'countUnit': 'days'"
    count = found.get("countNumber")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        yield f"has the 'countNumber' {count!r}, which is no whole number above 0"


COUNTED = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
BY_DAYS = COUNTED[1:]


def lifecycle(props: Props) -> Iterator[Fault]:
    """Rules of a repository, each with a priority of its own; the one for any image comes last."""
    for place, found, wrong in parsed(props, "policy"):
        rules = None if wrong else found.get("rules")
        if wrong or not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
            yield place, wrong or "has no list of 'rules'"
            continue
        orders: list[Any] = [rule.get("rulePriority") for rule in rules]
        for order, rule in zip(orders, rules, strict=True):
            if not isinstance(order, int) or isinstance(order, bool) or order < 1:
                yield place, f"its rule has the 'rulePriority' {order!r}, which is no whole number above 0"
                continue
            if orders.count(order) > 1 and orders.index(order) == rules.index(rule):
                yield place, f"{orders.count(order)} of its rules have the 'rulePriority' {order}"
            yield from ((place, f"its rule {order} {why}") for why in _selection(rule))
            action = rule.get("action")
            kind = action.get("type") if isinstance(action, dict) else None
            if kind not in ("expire", "transition"):
                yield place, f"its rule {order} has the action {kind!r}; allowed is expire"
        yield from ((place, why) for why in _last(rules))


def _last(rules: list[Props]) -> Iterator[str]:
    """The rule for any image comes behind the others of its storage class."""
    chosen = [
        (rule.get("rulePriority"), rule["selection"]) for rule in rules if isinstance(rule.get("selection"), dict)
    ]
    for order, selection in chosen:
        kind = selection.get("storageClass", "standard")
        behind = [o for o, s in chosen if isinstance(o, int) and s.get("storageClass", "standard") == kind]
        if selection.get("tagStatus") == "any" and isinstance(order, int) and order != max(behind):
            yield f"its rule {order} is for any image and so must have the highest 'rulePriority'"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:s3/bucket:Bucket": (
        form("bucket", r"(?!sthree-|amzn-s3-demo-).*(?<!--ol-s3)(?<!--x-s3)(?<!\.mrap)(?<!--table-s3)",
             "begins or ends with what S3 keeps for itself"),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        expirations, steps, filtered, midnight("rules[].expiration.date"), midnight("rules[].transitions[].date"),
        once("rules", "id"), sized("rules[].id", 0, LONGEST_ID), sized("rules", 1, MOST_RULES, "rules"),
        within("rules[].noncurrentVersionExpiration.noncurrentDays", 1, 2**31 - 1, "days"),
        within("rules[].abortIncompleteMultipartUpload.daysAfterInitiation", 1, 2**31 - 1, "days"),
        *(within(f"rules[].filter.{size}", 0, 2**50, "bytes") for size in SIZES),
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": (
        one_of("corsRules[].allowedMethods[]", *METHODS), stars("corsRules[].allowedOrigins[]"),
        stars("corsRules[].allowedHeaders[]"), sized("corsRules", 1, MOST_CORS, "rules"),
        sized("corsRules[].id", 0, LONGEST_ID),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        encryption, sized("rules", 1, 1, "rules"),
    ),
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": (
        form("indexDocument.suffix", r"[^/]+", "is no name of a file: not empty, without a slash"),
    ),
    "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration": (plain,),
    "aws:s3/bucketNotification:BucketNotification": (notified,),
    **dict.fromkeys(
        ("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"),
        (modelled("acl", "s3", "ObjectCannedACL"), sized("key", 1, 1024), sized("tags", 0, MOST_TAGS, "tags")),
    ),
    "aws:ecr/repository:Repository": (
        only_with(
            "imageTagMutabilityExclusionFilters", "imageTagMutability",
            "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION",
        ),
        keyed,
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (lifecycle,),
}  # fmt: skip

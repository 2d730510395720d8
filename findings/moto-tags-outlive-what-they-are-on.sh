#!/usr/bin/env bash
# moto 5.2.5 (PyPI) with boto3 1.44.5.
#
# The tags of a log group and of a bucket are kept by its name or ARN and stay when it is deleted: one that is made
# anew under the name has the old one's tags, though it was made with none. On AWS it has none. A test of "what is
# made again is untagged", or of a guardrail for mandatory tags, passes for the wrong reason.
#
# Seen (2026-11-30): after delete and create without tags, the log group has {'stage': 'old'} and the bucket too.
#
# Fails when the new one has no tags. Needs python3 >= 3.10.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'moto[logs,s3]==5.2.5' boto3==1.44.5
cat > ask.py <<'PY'
import boto3
from moto import mock_aws

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "k", "aws_secret_access_key": "s"}
with mock_aws():
    logs = boto3.client("logs", **KEYS)
    logs.create_log_group(logGroupName="app", tags={"stage": "old"})
    logs.delete_log_group(logGroupName="app")
    logs.create_log_group(logGroupName="app")
    of_group = logs.list_tags_for_resource(resourceArn="arn:aws:logs:us-east-1:123456789012:log-group:app")["tags"]
    s3 = boto3.client("s3", **KEYS)
    s3.create_bucket(Bucket="app-logs")
    s3.put_bucket_tagging(Bucket="app-logs", Tagging={"TagSet": [{"Key": "stage", "Value": "old"}]})
    s3.delete_bucket(Bucket="app-logs")
    s3.create_bucket(Bucket="app-logs")
    of_bucket = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket="app-logs")["TagSet"]}
print(f"log group made without tags: {of_group}; bucket made without tags: {of_bucket}")
assert of_group == of_bucket == {"stage": "old"}
PY
venv/bin/python ask.py

"""The offline `aws` provider: the engine's protocol in front, boto3 against the local cloud behind."""

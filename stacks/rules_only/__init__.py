"""A file that holds rules and nothing else: what scales, without a stack, Pulumi or a cloud."""

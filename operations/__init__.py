"""What a person or CI runs: the `accordion` command."""

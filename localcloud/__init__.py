"""A cloud on this machine: the Pulumi engine, an offline `aws` provider, moto."""

"""What nobody may deploy: a policy pack for `pulumi preview --policy-pack guardrails` and its predicates."""

"""The state of this machine's stacks: a service on loopback that speaks the engine's published HTTP protocol.

The engine's file backend writes the whole state at every step. Its HTTP backend sends each step as a small entry of a
journal when the service asks for that (`journalVersion: 1`), so that the cost of a step does not grow with the state.
`server` answers the protocol, `store` keeps stacks, updates and journals in SQLite, `replay` makes the state of a
journal as the engine does. No other part of the project knows the protocol, and this part knows nothing of AWS.
"""

ORGANIZATION = "organization"
"""The owner of every stack: that of the engine's file backend, so that `organization/project/stack` means the same."""

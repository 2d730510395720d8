"""A program of its own: what an account needs before the first stack (decision 0040)."""

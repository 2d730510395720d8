"""What an environment is, and what is composed for it."""
